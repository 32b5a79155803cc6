"""A desk with Anna and Vera."""

from __future__ import annotations

import pytest

from tests import factories
from tests.cast import ANNA, VERA


@pytest.fixture
async def desk(database: None) -> None:
    await factories.staff(ANNA)
    await factories.staff(VERA)
