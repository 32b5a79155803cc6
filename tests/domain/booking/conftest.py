"""A yard that can be booked, and why one overbooks."""

from __future__ import annotations

import pytest

from console.domain.ids import ReasonId
from tests import factories
from tests import yard as yards
from tests.cast import ANNA, VERA
from tests.yard import Yard


@pytest.fixture
async def yard(database: None) -> Yard:
    await factories.staff(ANNA)
    await factories.staff(VERA)
    return await yards.yard()


@pytest.fixture
async def over(yard: Yard) -> ReasonId:
    """A reason for overbooking."""
    return ReasonId(await factories.reason("overbooking"))
