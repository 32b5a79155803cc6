"""Use cases that exist in tests only: what the kernel is proved with, on the real tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from console.domain import db
from console.domain.business.tables import Holiday, Location
from console.domain.errors import Refused
from console.domain.intent import Actor, Intent, Outcome
from console.domain.operation import operation, perform
from console.domain.running import FINAL, KINDS, Compensated, Done, Kind, Operation
from console.domain.secret import Secret
from console.domain.team.tables import Staff
from console.domain.undo import restore
from tests.cast import ANNA, NOW
from tests.factories import HOURS

CHANGE = "test:change"
CLERK = ANNA.and_may(CHANGE)


class ClosedForGood(Refused):
    key = "test.closed_for_good"


@operation("test.open", permission=CHANGE, undo=restore)
async def open_location(op: Operation, name: str, notice_hours: int = 24) -> dict[str, int]:
    """Creates."""
    row = await op.insert(Location, name=name, zone="Europe/Moscow", hours=HOURS, notice_hours=notice_hours)
    op.effect("test.opened", notice=notice_hours)
    op.ring("test")
    return {"location": row}


@operation("test.edit", permission=CHANGE, undo=restore)
async def edit(op: Operation, location: int, values: Mapping[str, Any], version: int | None = None) -> list[str]:
    """Changes."""
    changed = await op.update(Location, location, version, values)
    op.effect("test.edited", fields=changed)
    return list(changed)


@operation("test.open_all", permission=CHANGE, undo=restore)
async def open_all(op: Operation, names: list[str]) -> list[int]:
    """Creates many at once."""
    return await op.insert_many(
        Location,
        [{"name": name, "zone": "Europe/Moscow", "hours": HOURS, "notice_hours": at} for at, name in enumerate(names)],
    )


@operation("test.edit_all", permission=CHANGE, undo=restore)
async def edit_all(op: Operation, locations: list[int], values: Mapping[str, Any], *, quietly: bool = True) -> None:
    """Changes many at once."""
    if quietly:
        op.say_nothing()
    await op.lock(Location, locations)
    await op.update_many(Location, locations, values)


async def at_the_end() -> None:
    """Replaced by the process that wants to be killed there."""


@operation("test.open_and_edit", permission=CHANGE, undo=restore)
async def open_and_edit(op: Operation, name: str, other: int) -> dict[str, int]:
    """Creates one, changes it at once, and changes another one twice."""
    row = await op.insert(Location, name=name, zone="Europe/Moscow", hours=HOURS, notice_hours=1)
    await op.update(Location, row, None, {"notice_hours": 2})
    await op.update(Location, other, None, {"notice_hours": 3})
    await op.update(Location, other, None, {"notice_hours": 4, "phone": "112"})
    op.ring("test")
    await at_the_end()
    return {"location": row}


@operation("test.close_day", permission=CHANGE, undo=restore)
async def close_day(op: Operation, on: date, location: int | None) -> dict[str, int]:
    """Creates something that may refer to a location."""
    return {"holiday": await op.insert(Holiday, date=on, names={"en": "Closed"}, location=location, hours=[])}


@operation("test.move_day", permission=CHANGE, undo=restore)
async def move_day(op: Operation, holiday: int, location: int | None) -> None:
    """Changes what something refers to."""
    await op.update(Holiday, holiday, None, {"location": location})


@operation("test.password", permission=CHANGE, undo=restore)
async def set_password(op: Operation, staff: int, password: Secret) -> None:
    """Changes a secret column."""
    await op.update(Staff, staff, None, {"password_hash": password.value})


@operation("test.final", permission=CHANGE, undo=FINAL)
async def edit_for_good(op: Operation, location: int, notice_hours: int) -> None:
    """Changes, and cannot be undone."""
    await op.update(Location, location, None, {"notice_hours": notice_hours})


async def _correct(op: Operation, done: Done) -> None:
    op.effect("test.corrected", operation=done.id)


@operation("test.say", permission=CHANGE, undo=Compensated(_correct))
async def say(op: Operation) -> None:
    """Cannot be unsaid, only corrected."""
    op.effect("test.said")


@operation("test.refuse", permission=CHANGE, undo=FINAL)
async def refuse(op: Operation, location: int) -> None:
    """Writes, and is then refused."""
    await op.update(Location, location, None, {"notice_hours": 700})
    op.ring("test")
    raise ClosedForGood


@operation("test.script", permission=CHANGE, undo=restore)
async def _script(op: Operation) -> None: ...


def _taken() -> dict[str, Kind]:
    """These kinds, taken out of the register: other tests' applications must not know them."""
    return {name: KINDS.pop(name) for name in list(KINDS) if name.startswith("test.")}


MINE = _taken()


async def script(intent: Intent, body: Callable[[Operation], Awaitable[Any]], payload: str = "") -> Outcome[Any]:
    """Run a test's own coroutine as an operation."""
    return await perform(MINE["test.script"], intent, payload.encode(), body)


def intent(
    actor: Actor = CLERK,
    *,
    id: UUID | None = None,
    preview: bool = False,
    expected: str | None = None,
    reason: str | None = None,
) -> Intent:
    return Intent(id or uuid4(), actor, NOW, preview=preview, expected=expected, reason=reason)


async def columns(location: int) -> Mapping[str, Any]:
    """A location as the database has it."""
    row = await db.fetchrow("SELECT * FROM location WHERE id = $1", location)
    assert row is not None
    return dict(row)


async def contents() -> dict[str, list[str]]:
    """Every row of every table that the application may read, as text."""
    tables = await db.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    return {
        name: sorted(row["line"] for row in await db.fetch(f'SELECT t::text AS line FROM "{name}" t'))
        for (name,) in sorted(tables)
    }
