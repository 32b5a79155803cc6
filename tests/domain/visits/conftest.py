"""A till at which visits are finished."""

from __future__ import annotations

import pytest

from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, VERA
from tests.till import Desk


@pytest.fixture
async def desk(database: None) -> Desk:
    await factories.staff(ANNA)
    await factories.staff(VERA)
    return await till.desk(await yards.yard())
