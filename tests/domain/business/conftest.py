"""Somebody who may change the business, and what they mean to do."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from console.domain.intent import Intent
from tests import factories
from tests.cast import NOW, VERA

Mean = Callable[[], Intent]


@pytest.fixture
async def mean(database: None) -> Mean:
    """A new intent of Vera, a manager, at `NOW`."""
    await factories.staff(VERA)
    return lambda: Intent(uuid4(), VERA.actor, NOW)
