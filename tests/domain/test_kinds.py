"""The code and the database know the same kinds of operation, or nothing starts."""

from __future__ import annotations

import asyncpg
import pytest

from console.domain import db, kinds
from console.domain.kinds import UnknownKind
from console.domain.running import KINDS


async def test_a_migrated_database_knows_every_kind(database: None) -> None:
    await kinds.check()
    known = await db.fetch("SELECT name FROM operation_kind")
    assert {row["name"] for row in known} == KINDS.keys()


async def test_a_kind_that_only_the_database_knows_stops_the_start(
    database: None, as_owner: asyncpg.Connection
) -> None:
    await as_owner.execute("INSERT INTO operation_kind VALUES ('visit.of_tomorrow')")
    with pytest.raises(UnknownKind, match=r"newer version \(visit\.of_tomorrow\)"):
        await kinds.check()


async def test_a_kind_that_the_database_lacks_asks_for_a_migration(
    database: None, as_owner: asyncpg.Connection
) -> None:
    await as_owner.execute("DELETE FROM operation_kind WHERE name = 'operation.undo'")
    with pytest.raises(UnknownKind, match=r"console migrate.*operation\.undo"):
        await kinds.check()


def test_every_kind_has_a_name_of_two_words_and_a_permission() -> None:
    for name, kind in KINDS.items():
        concept, _, verb = name.partition(".")
        assert concept.isidentifier(), name
        assert verb.isidentifier(), name
        assert ":" in kind.permission, name
