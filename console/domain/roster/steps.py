"""Parts of the roster's use cases."""

from __future__ import annotations

from datetime import date

import asyncpg

from console.domain import db
from console.domain.business.queries import locations
from console.domain.business.tables import Location
from console.domain.errors import Invalid, NotFound, Problem, Refused
from console.domain.ids import BookableId, StaffId
from console.domain.roster import queries, rules
from console.domain.roster.tables import Bookable, TimeOff
from console.domain.running import Done, Operation, Undo


class ScheduleBegun(Refused):
    """Hours that have begun stay in the history; new ones take their place from a date on."""

    key = "refused.schedule_begun"


async def lock(op: Operation, bookable: int) -> asyncpg.Record:
    """Lock a bookable, so that its hours and time off change one after the other. Raises `NotFound`."""
    await op.lock(Bookable, [bookable])
    row = await db.fetchrow("SELECT kind, retired_at FROM bookable WHERE id = $1", bookable)
    if row is None:
        raise NotFound
    return row


async def position_of_new(kind: rules.BookableKind) -> int:
    """Where one more of a kind stands: behind the last of it, at the end of all where it is the first."""
    sql = (
        "SELECT coalesce(max(position) FILTER (WHERE kind = $1 AND retired_at IS NULL), max(position) + 1, 1)"
        " FROM bookable"
    )
    return int(await db.fetchval(sql, kind.value))


async def lock_time_off(op: Operation, time_off: int) -> int:
    """Lock a time off and whose it is, who is answered. Raises `NotFound` for one that was removed."""
    bookable = await db.fetchval("SELECT bookable FROM time_off WHERE id = $1", time_off)
    if bookable is None:
        raise NotFound
    await lock(op, bookable)
    await op.lock(TimeOff, [time_off])
    if not await db.fetchval("SELECT EXISTS (SELECT FROM time_off WHERE id = $1 AND retired_at IS NULL)", time_off):
        raise NotFound
    return int(bookable)


def locking_whose(entity: str) -> Undo:
    """The `first` of an undo: lock whose rows of an entity (its `bookable`) an operation wrote, as its use cases do."""

    async def first(op: Operation, done: Done) -> None:
        rows = await db.fetch(
            f"SELECT DISTINCT e.bookable FROM change c JOIN {entity} e ON e.id = c.entity_id"  # noqa: S608
            " WHERE c.operation = $1 AND c.entity = $2",
            done.id,
            entity,
        )
        await op.lock(Bookable, [row["bookable"] for row in rows])

    return first


async def lock_hours(op: Operation, done: Done) -> None:
    """Lock whose weekly hours an operation wrote, and where, as its use cases do."""
    rows = await db.fetch(
        "SELECT DISTINCT s.bookable, s.location FROM change c JOIN schedule s ON s.id = c.entity_id"
        " WHERE c.operation = $1 AND c.entity = 'schedule'",
        done.id,
    )
    if rows:
        await op.lock(Bookable, {row["bookable"] for row in rows})
        await op.lock(Location, {row["location"] for row in rows})


async def lock_away(op: Operation, done: Done) -> None:
    """Lock whose time off an operation wrote, and that time off, as its use cases do."""
    rows = await db.fetch(
        "SELECT DISTINCT t.id, t.bookable FROM change c JOIN time_off t ON t.id = c.entity_id"
        " WHERE c.operation = $1 AND c.entity = 'time_off'",
        done.id,
    )
    await op.lock(Bookable, {row["bookable"] for row in rows})
    await op.lock(TimeOff, {row["id"] for row in rows})


_NEAR = (
    "SELECT id, first, last, from_minute, to_minute FROM time_off WHERE bookable = $1 AND retired_at IS NULL"
    " AND first <= $3::date + 1 AND last >= $2::date - 1 ORDER BY first, from_minute, id"
)


async def refuse_away_twice(bookable: int, away: rules.TimeOff, time_off: int | None = None) -> None:
    """Raise `Invalid` where somebody, locked by `lock`, is away then already by another time off than this one.

    The problem stands at `hours` of a part of a day, else at `first`. A time off that keeps its time is let be.
    """
    near = {row["id"]: queries.span_of(row) for row in await db.fetch(_NEAR, bookable, away.first, away.last)}
    if near.pop(time_off or 0, None) == away:
        return
    clashing = [one for one in near.values() if rules.overlap(one, away)]
    if clashing and away.hours is not None:
        raise Invalid({"hours": Problem("problem.hours_off_already")})
    if clashing:
        whole = any(one.hours is None for one in clashing)
        raise Invalid({"first": Problem("problem.off_already" if whole else "problem.off_in_part")})


async def be_away(op: Operation, bookable: int, kind: rules.TimeOffKind, on: date) -> None:
    """Note that somebody is away all day; nothing is noted twice, and hours off of that day become part of it.

    Raises `NotFound`.
    """
    await lock(op, bookable)
    if not await queries.is_off(bookable, on):
        await _take_in_hours(op, bookable, on)
        values = {"from_minute": None, "to_minute": None, "note": None}
        await op.insert(TimeOff, bookable=bookable, kind=kind.value, first=on, last=on, **values)


async def _take_in_hours(op: Operation, bookable: int, on: date) -> None:
    """Leave of hours off only what lies beside a date on which somebody is away all day."""
    whole = rules.TimeOff(on, on)
    for row in await db.fetch(_NEAR, bookable, on, on):
        hours = queries.span_of(row)
        if not rules.overlap(hours, whole):
            continue
        left = rules.hours_beside(hours, on)
        values = {"retired_at": op.now} if left is None else {"from_minute": left[0], "to_minute": left[1]}
        await op.update(TimeOff, row["id"], None, values)


async def staff_is_here(staff: StaffId | None) -> None:
    """Raise `Invalid` (`staff`) for an account that is closed or none."""
    sql = "SELECT EXISTS (SELECT FROM staff WHERE id = $1 AND retired_at IS NULL)"
    if staff is not None and not await db.fetchval(sql, staff):
        raise Invalid({"staff": Problem("problem.choice")})


async def refuse_closed_accounts(op: Operation) -> None:
    """Raise `Invalid` (`staff`) if this operation gave a bookable an account that is closed."""
    rows = await db.fetch(
        "SELECT b.staff FROM change c JOIN bookable b ON b.id = c.entity_id"
        " WHERE c.operation = $1 AND c.entity = 'bookable' AND 'staff' = ANY (c.fields) AND b.retired_at IS NULL",
        op.id,
    )
    for row in rows:
        await staff_is_here(row["staff"])


async def refuse_begun_hours(op: Operation) -> None:
    """Raise `ScheduleBegun` if this operation wrote weekly hours of days that are past at their location."""
    sql = (
        "SELECT EXISTS (SELECT FROM schedule s JOIN location l ON l.id = s.location WHERE s.operation = $1"
        " AND s.valid_from < ($2::timestamptz AT TIME ZONE l.zone)::date)"
    )
    if await db.fetchval(sql, op.id, op.now):
        raise ScheduleBegun


async def refuse_two_places_at_once(op: Operation) -> None:
    """Raise `Invalid` (`location`) if by the hours that this operation wrote somebody is in two places at once."""
    for row in await db.fetch("SELECT DISTINCT bookable FROM schedule WHERE operation = $1", op.id):
        await refuse_two_places(row["bookable"], await queries.today(row["bookable"], op.now))


async def refuse_two_places(bookable: BookableId | int, since: date) -> None:
    """Raise `Invalid` (`location`) if a bookable would be in two places at once from some date on."""
    weekly = [rules.Schedule(one.location, one.valid_from, one.hours) for one in await queries.schedules(bookable)]
    known = await locations()
    zones = {one.id: one.zone for one in known}
    names = {one.id: one.name for one in known}
    places = {one.id: rules.Place(one.id, one.hours, {}) for one in known if one.retired_at is None}
    starts = {since, *(one.valid_from for one in weekly if one.valid_from > since)}
    for start in sorted(starts):
        if both := rules.clash(max(start, since), weekly, places, zones):
            here, there = (names[one] for one in both)
            raise Invalid({"location": Problem("problem.two_places", {"first": here, "second": there})})
