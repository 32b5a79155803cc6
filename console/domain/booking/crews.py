"""Use cases of crews: who is in them, from a date on or for one day. What they are booked for occupies all of them.

A booking is done to its end, past midnight too, by whoever is in the crew on the date at its location on which it
begins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from console.domain import db, listed
from console.domain.booking import occupancy
from console.domain.booking.occupancy import PlaceTaken, occupy
from console.domain.booking.rules import STANDING
from console.domain.booking.tables import Booking, CrewList
from console.domain.business.rules import format_minute
from console.domain.clients.rules import Names
from console.domain.clock import WallTime
from console.domain.errors import Invalid, Problem, at_field, constraint
from console.domain.ids import BookableId, BookingId
from console.domain.listed import Version
from console.domain.operation import operation
from console.domain.roster import steps as roster
from console.domain.roster.queries import today
from console.domain.roster.rules import BookableKind
from console.domain.roster.tables import Bookable
from console.domain.running import Done, Operation
from console.domain.team.rules import Permission
from console.domain.undo import restore

constraint("crew_list_key", at_field("valid_from", "problem.crew_that_day"))
constraint("crew_list_members_there", at_field("members", "problem.member_gone"))

MOST = 20


async def _restore(op: Operation, done: Done) -> None:
    """Undo: who was in the crew is in it again, and its bookings occupy them.

    Raises `Invalid` (`valid_from`) for days that are past, `PlaceTaken` (`members`).
    """
    touched = await db.fetch(
        "SELECT DISTINCT l.crew, l.valid_from, l.that_day FROM change c JOIN crew_list l ON l.id = c.entity_id"
        " WHERE c.operation = $1 AND c.entity = 'crew_list'",
        done.id,
    )
    members = await db.fetch(_COMING_BACK, done.id)
    await op.lock(Bookable, {*(row["crew"] for row in touched), *(row["id"] for row in members)})
    for row in touched:
        await _refuse_past(op, row["crew"], row["valid_from"])
    await _lock_booked(op, [_Days(**row) for row in touched])
    await restore(op, done)
    rows = await db.fetch("SELECT crew, valid_from, that_day FROM crew_list WHERE operation = $1", op.id)
    for row in rows:
        await _occupy_anew(op, _Days(**row))


_COMING_BACK = """
    SELECT unnest(l.members) AS id FROM change c JOIN crew_list l ON l.id = c.entity_id
        WHERE c.operation = $1 AND c.entity = 'crew_list'
    UNION SELECT jsonb_array_elements_text(f.values -> 'members')::bigint FROM change c JOIN former f ON f.change = c.id
        WHERE c.operation = $1 AND c.entity = 'crew_list' AND f.values ? 'members'
"""
"""Whom an undo may bring back into a list: the database locks those whom it lets in."""


@dataclass(frozen=True)
class _Days:
    """The days of a crew that a list is about: one alone, or all from it on."""

    crew: int
    valid_from: date
    that_day: bool


@dataclass(frozen=True)
class CrewView:
    """Who is in a crew since when, or on that day alone."""

    id: int
    valid_from: date
    that_day: bool
    members: tuple[BookableId, ...]


async def lists(crew: BookableId, since: date) -> list[CrewView]:
    """The lists of a crew that hold on a date or later: the one in force first, then those to come in their order."""
    rows = await db.fetch(
        "SELECT id, valid_from, that_day, members FROM crew_list WHERE crew = $1 AND retired_at IS NULL"
        " AND (valid_from >= $2 OR id = (SELECT id FROM crew_list WHERE crew = $1 AND retired_at IS NULL"
        "  AND NOT that_day AND valid_from < $2 ORDER BY valid_from DESC LIMIT 1)) ORDER BY valid_from, that_day",
        crew,
        since,
    )
    return [CrewView(row["id"], row["valid_from"], row["that_day"], tuple(row["members"])) for row in rows]


async def version(crew: BookableId) -> Version:
    """Which lists a crew has now."""
    return await listed.version(CrewList, "crew", crew)


@operation("crew.set", permission=Permission.ROSTER_CHANGE, undo=_restore)
async def set_members(
    op: Operation, crew: BookableId, valid_from: date, members: tuple[BookableId, ...], known: int | None = None
) -> dict[str, int]:
    """Say who is in a crew from a date on, that is not over at all of its locations (`roster.queries.today`).

    `known`: the `version` that somebody saw, None for whatever it is.

    Raises `Invalid` (`members`, `valid_from`), `PlaceTaken` (`members`), `Stale`.
    """
    return await _put(op, crew, valid_from, members, known, that_day=False)


@operation("crew.substitute", permission=Permission.TIME_OFF_CHANGE, undo=_restore)
async def substitute(
    op: Operation, crew: BookableId, on: date, members: tuple[BookableId, ...], known: int | None = None
) -> dict[str, int]:
    """Say who is in a crew on one date alone. Takes and raises what `set_members` does."""
    return await _put(op, crew, on, members, known, that_day=True)


async def _put(
    op: Operation, crew: BookableId, day: date, members: Collection[BookableId], known: int | None, *, that_day: bool
) -> dict[str, int]:
    await op.lock(Bookable, {crew, *members})
    row = await roster.lock(op, crew)
    if row["kind"] != BookableKind.CREW:
        raise Invalid({"members": Problem("problem.choice")})
    await listed.refuse_stale(CrewList, "crew", crew, known)
    await _refuse_past(op, crew, day)
    await _people(members)
    days = _Days(crew, day, that_day)
    await _lock_booked(op, [days], members)
    there = await db.fetchval(
        "SELECT id FROM crew_list WHERE crew = $1 AND valid_from = $2 AND that_day = $3 AND retired_at IS NULL",
        crew,
        day,
        that_day,
    )
    those = sorted(set(members))
    if there is None:
        await op.insert(CrewList, crew=crew, valid_from=day, that_day=that_day, members=those)
    else:
        await op.update(CrewList, there, None, {"members": those})
    await _occupy_anew(op, days)
    return {"bookable": crew}


async def _refuse_past(op: Operation, crew: int, day: date) -> None:
    """Raise `Invalid` (`valid_from`) for a date that is over for a crew: who was in it then stays as it was."""
    if day < await today(crew, op.now):
        raise Invalid({"valid_from": Problem("problem.crew_past")})


async def _people(members: Collection[BookableId]) -> None:
    """Raise `Invalid` (`members`) for none, too many, or anybody who is not in the plan."""
    if not members or len(members) > MOST:
        raise Invalid({"members": Problem("problem.crew_members", {"most": MOST})})
    sql = "SELECT count(*) FROM bookable WHERE id = ANY($1::bigint[]) AND kind = 'person' AND retired_at IS NULL"
    if await db.fetchval(sql, list(members)) != len(set(members)):
        raise Invalid({"members": Problem("problem.choice")})


async def _lock_booked(op: Operation, lists: Iterable[_Days], others: Iterable[int] = ()) -> None:
    """Lock what crews, which must be locked, are booked for in those days, and then all who are or were in them.

    It is done as by who books, before a list is written: whoever books a crew waits for its list, or is waited for.
    """
    known = list(lists)
    bookings = [booking for days in known for booking in await _booked(days)]
    await op.lock(Booking, bookings)
    crews = {days.crew for days in known}
    people = await db.fetch(
        "SELECT unnest(members) AS id FROM crew_list WHERE crew = ANY($1::bigint[])"
        " UNION SELECT jsonb_array_elements_text(f.values -> 'members')::bigint FROM crew_list l"
        "  JOIN change c ON c.entity = 'crew_list' AND c.entity_id = l.id JOIN former f ON f.change = c.id"
        "  WHERE l.crew = ANY($1::bigint[]) AND f.values ? 'members'",
        list(crews),
    )
    await occupancy.lock_with(bookings, {*crews, *others, *(row["id"] for row in people)})
    await op.lock(Booking, [booking for days in known for booking in await _booked(days)])


async def _booked(days: _Days) -> list[BookingId]:
    """What a crew is booked for that begins in those days, whenever it ends."""
    rows = await db.fetch(
        "SELECT DISTINCT b.id FROM assignment a JOIN booking_item i ON i.id = a.item AND i.retired_at IS NULL"
        " JOIN booking b ON b.id = i.booking AND b.retired_at IS NULL JOIN location l ON l.id = b.location"
        " WHERE a.bookable = $1 AND a.retired_at IS NULL AND b.status = ANY($2::text[])"
        " AND (b.starts_at AT TIME ZONE l.zone)::date BETWEEN $3 AND CASE WHEN $4 THEN $3 ELSE 'infinity' END",
        days.crew,
        list(STANDING),
        days.valid_from,
        days.that_day,
    )
    return [row["id"] for row in rows]


async def _occupy_anew(op: Operation, days: _Days) -> None:
    """Let the bookings of a crew occupy whoever is in it now. Raises `PlaceTaken` (`members`)."""
    bookings = await _booked(days)
    await op.lock(Booking, bookings)
    try:
        await occupy(bookings)
    except PlaceTaken as taken:
        raise MemberTaken(taken.bookables, await _in_the_way(bookings)) from taken


_IN_THE_WAY = """
    SELECT w.name, b.starts_at, b.ends_at, l.zone, p.given_name, p.middle_name, p.family_name, p.company
    FROM booked($1) x JOIN occupancy o ON o.bookable = x.bookable AND o.during && x.during
    JOIN booking b ON b.id = o.booking AND b.id <> ALL ($1::bigint[]) JOIN location l ON l.id = b.location
    JOIN bookable w ON w.id = o.bookable JOIN client_profile p ON p.client = b.client
    ORDER BY b.starts_at, b.id LIMIT 1
"""


async def _in_the_way(bookings: Collection[BookingId]) -> Problem:
    """Who has which other booking meanwhile, the first of them."""
    row = await db.fetchrow(_IN_THE_WAY, sorted(bookings))
    if row is None:
        return MEMBER_TAKEN
    begins, ends = (WallTime.of(row[edge], ZoneInfo(row["zone"])) for edge in ("starts_at", "ends_at"))
    said = {
        "who": row["name"],
        "client": Names(row["given_name"], row["middle_name"], row["family_name"], row["company"]).shown,
        "day": begins.on,
        "begins": format_minute(begins.minute),
        "ends": format_minute(ends.minute),
    }
    return Problem("problem.member_meets", said)


MEMBER_TAKEN = Problem("problem.member_taken")


class MemberTaken(PlaceTaken):
    """Somebody who shall be in a crew is taken while the crew has a booking; `bookables` says who, `why` by what."""

    def __init__(self, bookables: Collection[BookableId], why: Problem = MEMBER_TAKEN) -> None:
        super().__init__(bookables)
        self.problems = {"members": why}
