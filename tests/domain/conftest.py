"""The kernel's own use cases and people, for the tests of the domain."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg
import pytest

from console.domain.doorbell import set_doorbell
from console.domain.running import KINDS
from tests import factories
from tests.cast import ANNA, BORIS
from tests.domain import deeds


@pytest.fixture
async def scripts(database: None, as_owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that knows the kinds of `deeds`."""
    for name, kind in deeds.MINE.items():
        monkeypatch.setitem(KINDS, name, kind)
    await as_owner.execute("INSERT INTO operation_kind (name) SELECT unnest($1::text[])", list(deeds.MINE))


@pytest.fixture
async def kernel(scripts: None) -> None:
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
