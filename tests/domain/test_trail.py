"""What an undo is about is kept with it, so that the trail of a thing or of a person is found without reading all."""

from __future__ import annotations

import asyncpg
import pytest

from console.domain import db
from console.domain.audit import checks
from console.domain.audit.queries import Wanted, trail
from console.domain.undo import undo
from console.migrations import m0002_guarantees
from console.migrations import m0140_trail_by_thing_guarantees as migration
from tests.domain import deeds
from tests.domain.deeds import CLERK, intent
from tests.statements import counted

pytestmark = pytest.mark.usefixtures("kernel")

TOLD = "SELECT array_agg(deed ORDER BY id) FROM operation WHERE kind = 'operation.undo'"


async def undone_twice() -> str:
    """A location that was opened, undone and opened again: the kind of the deed."""
    opened = await deeds.open_location(intent(), "Centre")
    again = await undo(intent(), opened.operation_id)
    await undo(intent(), again.operation_id)
    return str(await db.fetchval("SELECT kind FROM operation WHERE id = $1", opened.operation_id))


async def many(count: int) -> None:
    await db.execute(
        "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, result) SELECT 'booking.book', 1,"
        " gen_random_uuid(), sha256('x'), now(), '{\"result\": null, \"effects\": []}' FROM generate_series(1, $1)",
        count,
    )


async def test_an_undo_and_its_undo_are_about_the_deed_whatever_the_application_says() -> None:
    kind = await undone_twice()
    assert await db.fetchval(TOLD) == [kind, kind]
    last = await db.fetchval("SELECT max(id) FROM operation")
    await db.execute(
        "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, undoes, deed, result) VALUES"
        " ('operation.undo', 1, gen_random_uuid(), sha256('x'), now(), $1, 'staff.link', '{}')",
        last,
    )
    assert await db.fetchval(TOLD) == [kind, kind, kind]
    assert await checks.undos_are_about_what_they_undo() == []


async def test_what_an_undo_is_about_stays_and_the_doctor_reads_it(as_owner: asyncpg.Connection) -> None:
    kind = await undone_twice()
    with pytest.raises(asyncpg.RestrictViolationError):
        await as_owner.execute("UPDATE operation SET deed = 'staff.link' WHERE undoes IS NOT NULL")
    assert await db.fetchval(TOLD) == [kind, kind]
    await as_owner.execute("ALTER TABLE operation DISABLE TRIGGER append_only")
    await as_owner.execute("UPDATE operation SET deed = 'staff.link' WHERE id = (SELECT max(id) FROM operation)")
    await as_owner.execute("ALTER TABLE operation ENABLE TRIGGER append_only")
    assert len(await checks.undos_are_about_what_they_undo()) == 1


async def test_undos_of_an_earlier_version_are_told_what_they_are_about(as_owner: asyncpg.Connection) -> None:
    kind = await undone_twice()
    before = next(one for one in m0002_guarantees.STATEMENTS if "append_only BEFORE UPDATE ON operation" in one)
    whole = as_owner.transaction()
    await whole.start()
    await as_owner.execute("ALTER TABLE operation DROP COLUMN deed CASCADE")
    for statement in ("DROP FUNCTION tell_deed CASCADE", "DROP INDEX operation_actor, operation_order", before):
        await as_owner.execute(statement)
    for statement in migration.STATEMENTS:
        await as_owner.execute(statement)
    assert await as_owner.fetchval(TOLD) == [kind, kind]
    await whole.rollback()


@pytest.mark.parametrize(
    ("wanted", "index"),
    [(Wanted(parts=("test",)), "operation_thing"), (Wanted(actor=CLERK.id), "operation_actor")],
    ids=["a thing", "a person"],
)
async def test_what_is_rare_among_thousands_is_found_by_an_index(
    as_owner: asyncpg.Connection, wanted: Wanted, index: str
) -> None:
    await undone_twice()
    await many(6000)
    await as_owner.execute("ANALYZE operation")
    with counted() as asked:
        found = await trail(wanted)
    assert len(found) == 3
    values = [2**63 - 1, 50, list(wanted.parts) if wanted.parts else wanted.actor]
    plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {asked[0]}", *values))
    assert index in plan
