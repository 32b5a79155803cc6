"""The kernel's own use cases and people, for the tests of the domain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.domain.doorbell import set_doorbell
from tests import factories
from tests.cast import ANNA, BORIS


@pytest.fixture
async def kernel(database: None, scripts: None) -> None:
    """A database with Anna and Boris that knows the kinds of `deeds`."""
    await factories.staff(ANNA)
    await factories.staff(BORIS)


@pytest.fixture
def rung() -> Iterator[list[frozenset[str]]]:
    """What the doorbell was rung for."""
    bells: list[frozenset[str]] = []

    async def ring(for_: frozenset[str]) -> None:
        bells.append(for_)

    set_doorbell(ring)
    yield bells
    set_doorbell(None)
