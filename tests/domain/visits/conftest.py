"""A till at which visits are finished."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from console.domain.loyalty.rules.programme import Programme
from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, VERA
from tests.till import Desk

Opening = Callable[..., Awaitable[Desk]]


@pytest.fixture
def opening(database: None) -> Opening:
    """What makes a till by some rules."""

    async def opening(rules: Programme | None = None) -> Desk:
        await factories.staff(ANNA)
        await factories.staff(VERA)
        return await till.desk(await yards.yard(), rules)

    return opening


@pytest.fixture
async def desk(opening: Opening) -> Desk:
    return await opening()
