"""The inverse of what was done with bookings: in the writers' order, and only to what a desk may do today."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg
from piccolo.table import Table

from console.domain import db
from console.domain.booking import former, meeting, occupancy, rearranging, steps
from console.domain.booking.arranging import Arrangement
from console.domain.booking.as_today import refuse_unlike_today
from console.domain.booking.former import Back
from console.domain.booking.occupancy import occupy
from console.domain.booking.rules import CALLED_OFF, Status
from console.domain.booking.tables import Assignment, Booking, BookingItem, Series, SeriesClash, StatusChange
from console.domain.clients.tables import Client
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookingId, OperationId
from console.domain.intent import Intent, Outcome
from console.domain.roster import steps as roster
from console.domain.running import Done, Operation
from console.domain.undo import Otherwise, restoring, standing_on, undo_otherwise
from console.domain.undo import restore as plainly

_BOOKINGS = """
    SELECT DISTINCT coalesce(i.booking, ai.booking, c.entity_id) AS id FROM change c
    LEFT JOIN booking_item i ON c.entity = 'booking_item' AND i.id = c.entity_id
    LEFT JOIN assignment a ON c.entity = 'assignment' AND a.id = c.entity_id
    LEFT JOIN booking_item ai ON ai.id = a.item
    WHERE c.operation = $1 AND c.entity IN ('booking', 'booking_item', 'assignment')
"""

_SERIES = """
    SELECT DISTINCT coalesce(k.series, s.series, c.entity_id) AS id FROM change c
    LEFT JOIN series_clash k ON c.entity = 'series_clash' AND k.id = c.entity_id
    LEFT JOIN series_skip s ON c.entity = 'series_skip' AND s.id = c.entity_id
    WHERE c.operation = $1 AND c.entity IN ('series', 'series_clash', 'series_skip')
"""

_OWNERS = """
    SELECT client FROM booking WHERE id = ANY($1::bigint[]) UNION SELECT client FROM series WHERE id = ANY($2::bigint[])
"""


async def _ids(sql: str, operation: int) -> list[int]:
    return [row["id"] for row in await db.fetch(sql, operation)]


async def _lock_as_writers(op: Operation, done: Done) -> None:
    """Lock what the use cases lock, in their order: of the day off first, then clients, series, bookings, doers."""
    await roster.lock_away(op, done)
    bookings, series = await _ids(_BOOKINGS, done.id), await _ids(_SERIES, done.id)
    owners = await db.fetch(_OWNERS, bookings, series)
    await op.lock(Client, {row["client"] for row in owners})
    await op.lock(Series, series)
    await op.lock(Booking, bookings)
    await steps.share_locations(bookings)
    await occupancy.lock_doers(bookings)


async def _occupy_written(op: Operation) -> None:
    """The occupancy follows what was brought back. Raises `PlaceTaken`."""
    if bookings := await _ids(_BOOKINGS, op.id):
        await occupy(bookings)


async def _erasures(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """The erasures of the clients whose bookings these operations called off: nothing of theirs is booked again."""
    return await db.fetch(
        "SELECT DISTINCT mine.operation AS mine, o.id, o.kind, o.at, o.undoes FROM change mine"
        " JOIN booking b ON mine.entity = 'booking' AND b.id = mine.entity_id AND b.status = ANY($2::text[])"
        " JOIN client k ON k.id = b.client AND k.erased_at IS NOT NULL"
        " JOIN change gone ON gone.entity = 'client' AND gone.entity_id = k.id AND 'erased_at' = ANY(gone.fields)"
        " JOIN operation o ON o.id = gone.operation"
        " WHERE mine.operation = ANY($1::bigint[]) AND NOT mine.created AND 'status' = ANY(mine.fields)"
        " ORDER BY o.id DESC",
        list(operations),
        [one.value for one in CALLED_OFF],
    )


restore = standing_on(_erasures)(restoring(refuse_unlike_today, _occupy_written, first=_lock_as_writers))
"""Undo: what was said of bookings comes back, and with it their places if those are still free."""

UNSAID = Problem("problem.choose")
"""Of what cannot be where it was: where it comes to instead is not said."""

SEVERAL = frozenset(
    {"series.book", "series.extend", "series.move", "series.cancel", "booking.reassign", "booking.stand_in"}
)
"""Kinds of operations that make or move several bookings, or call them off, each of which may come to another place.

So do those that come back where such an operation is undone, and those that it made where its undo is undone.
"""


async def undo_elsewhere(
    intent: Intent, operation: OperationId, elsewhere: tuple[tuple[BookingId, datetime | None], ...]
) -> Outcome[dict[str, list[int]]]:
    """Undo what moved bookings, all or nothing: some begin at other instants, the others come back to where they were.

    None: it stays where it is now, or called off, or of a series that was taken back its date stays without a place.
    Those whose service nobody of those of before does any more come there with whoever does it now. Raises as `undo`
    does, `NotUndoable` for an operation that is none of `SEVERAL`, `NotFound` for a booking that was not moved,
    `PlaceTaken`, `Invalid` (`starts`, for an instant that is over too, where nothing of a series comes back, and where
    nothing is said of what cannot be where it was: `by_entity`).
    """

    async def inverse(op: Operation, done: Done) -> dict[str, list[int]]:
        if any(at is not None and at < op.now for _, at in elsewhere):
            raise Invalid({"starts": Problem("problem.time_over")})
        await _lock_as_writers(op, done)
        known = await _known(operation, elsewhere)
        _refuse_unsaid(known, {booking for booking, _ in elsewhere})
        off = [booking for booking, at in elsewhere if at is None and known[booking].off]
        gone = [known[booking] for booking, at in elsewhere if at is None and known[booking].gone]
        if gone and len(gone) == len(known):
            raise Invalid({"starts": Problem("problem.series_nowhere")})
        still = {*off, *(one.former.booking for one in gone)}
        arrangements = [_to(known[booking], at) for booking, at in elsewhere if booking not in still]
        await plainly(op, done)
        await _call_off_again(op, done, off)
        await _take_back_again(op, gone)
        others = set(await _ids(_BOOKINGS, op.id)) - {one.booking for one in arrangements}
        await occupancy.vacate(one.booking for one in arrangements)
        await occupy(others)
        await rearranging.rearrange(op, arrangements)
        await refuse_unlike_today(op)
        return {"elsewhere": [one.booking for one in arrangements]}

    return await undo_otherwise(intent, operation, Otherwise(SEVERAL, inverse, elsewhere))


async def _known(operation: OperationId, asked: Sequence[tuple[BookingId, datetime | None]]) -> dict[BookingId, Back]:
    known = {one.former.booking: one for one in await former.places(operation)}
    if {booking for booking, _ in asked} - known.keys():
        raise NotFound
    return known


def _refuse_unsaid(known: Mapping[BookingId, Back], said: Collection[BookingId]) -> None:
    """Raise `Invalid` (`starts`) where something cannot be where it was, and nothing is said of it."""
    if unsaid := [booking for booking, one in known.items() if one.problem and booking not in said]:
        wrong = Invalid({"starts": UNSAID})
        wrong.by_entity = dict.fromkeys(unsaid, UNSAID)
        raise wrong


_WHY_OFF = """
    SELECT s.booking, s.reason, s.cancelled_by, s.late FROM change c JOIN status_change s ON s.id = c.entity_id
    WHERE c.operation = $1 AND c.entity = 'status_change' AND c.created AND s.booking = ANY($2::bigint[]) ORDER BY s.id
"""


async def _call_off_again(op: Operation, done: Done, bookings: Sequence[BookingId]) -> None:
    """Let those that shall not come back be called off as they were."""
    for row in await db.fetch(_WHY_OFF, done.id, list(bookings)):
        await op.update(Booking, row["booking"], None, {"status": Status.CANCELLED.value})
        said = {"cancelled_by": row["cancelled_by"], "late": row["late"]}
        await steps.note_status(op, row["booking"], Status.CANCELLED, row["reason"], **said)


_OF_BOOKING: Sequence[tuple[type[Table], str]] = (
    (Assignment, "item IN (SELECT id FROM booking_item WHERE booking = $1)"),
    (BookingItem, "booking = $1"),
    (StatusChange, "booking = $1"),
    (Booking, "id = $1"),
)
"""What there is of a booking, the parts first."""


async def _take_back_again(op: Operation, those: Sequence[Back]) -> None:
    """Let those that find no place be taken back as they were; their dates in the series are to be arranged."""
    for one in those:
        booking = one.former.booking
        of = await db.fetchrow("SELECT series, series_on FROM booking WHERE id = $1", booking)
        for table, where in _OF_BOOKING:
            sql = f"SELECT id FROM {table._meta.tablename} WHERE {where} AND retired_at IS NULL ORDER BY id"  # noqa: S608
            for row in await db.fetch(sql, booking):
                await op.update(table, row["id"], None, {"retired_at": op.now})
        if of and of["series"] is not None and one.problem:
            why = meeting.in_general(one.problem).key
            await op.insert(SeriesClash, series=of["series"], on=of["series_on"], problem=why)


def _to(one: Back, at: datetime | None) -> Arrangement:
    """From where it was to another time, or to where it is now."""
    if at is None:
        return one.now
    return replace(one.now, starts_at=at) if one.unable else Arrangement(one.former.booking, at)
