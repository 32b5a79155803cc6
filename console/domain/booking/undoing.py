"""The inverse of what was done with bookings: in the writers' order, and only to what a desk may do today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.booking import arranging, former, occupancy, steps
from console.domain.booking.arranging import Arrangement
from console.domain.booking.occupancy import PlaceTaken, occupy
from console.domain.booking.rules import CALLED_OFF, STANDING
from console.domain.booking.tables import Booking, Series
from console.domain.clients.tables import Client
from console.domain.errors import Forbidden, Invalid, NotFound, Problem
from console.domain.ids import BookableId, BookingId, OperationId
from console.domain.operation import Done, Intent, Operation, Outcome
from console.domain.roster import steps as roster
from console.domain.team.rules import Permission
from console.domain.undo import Otherwise, restoring, undo_otherwise
from console.domain.undo import restore as plainly


class DoerGone(PlaceTaken):
    """Whoever would do a booking again is out of the plan; `bookables` says who."""

    def __init__(self, bookables: list[BookableId]) -> None:
        super().__init__(bookables)
        self.problems = {"starts": Problem("problem.doer_gone")}


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


_BROUGHT = """
    SELECT DISTINCT b.id, b.ends_at > $4 AS to_come, b.overbooked IS NOT NULL AS overbooked,
        l.retired_at IS NOT NULL AS closed,
        ARRAY(SELECT DISTINCT k.id FROM booking_item x JOIN assignment y ON y.item = x.id AND y.retired_at IS NULL
            JOIN bookable k ON k.id = y.bookable AND k.retired_at IS NOT NULL
            WHERE x.booking = b.id AND x.retired_at IS NULL) AS gone
    FROM change c LEFT JOIN former f ON f.change = c.id
    LEFT JOIN assignment a ON c.entity = 'assignment' AND a.id = c.entity_id
    LEFT JOIN booking_item i ON i.id = a.item
    JOIN booking b ON b.id = CASE c.entity WHEN 'booking' THEN c.entity_id ELSE i.booking END
    JOIN location l ON l.id = b.location
    WHERE c.operation = $1 AND c.entity IN ('booking', 'assignment')
        AND b.retired_at IS NULL AND b.status = ANY($2::text[])
        AND (c.fields && ARRAY['retired_at', 'starts_at', 'ends_at', 'overbooked']
            OR f.values ->> 'status' = ANY($3::text[]))
"""


async def _as_today(op: Operation) -> None:
    """What stands again, is moved back or given back is nowhere that it could not be put by hand.

    Raises `Invalid` (`starts`), `DoerGone`, and where it lies over others `Forbidden`.
    """
    called_off = [one.value for one in CALLED_OFF]
    for row in await db.fetch(_BROUGHT, op.id, [one.value for one in STANDING], called_off, op.now):
        _refuse_unlike_today(op, row)


def _refuse_unlike_today(op: Operation, row: Any) -> None:
    if row["overbooked"] and not op.actor.may(Permission.BOOKING_OVERBOOK):
        raise Forbidden(permission=Permission.BOOKING_OVERBOOK)
    if row["to_come"] and row["closed"]:
        raise Invalid({"starts": Problem("problem.closed_here")})
    if row["to_come"] and row["gone"]:
        raise DoerGone(row["gone"])


restore = restoring(_as_today, _occupy_written, first=_lock_as_writers)
"""Undo: what was said of bookings comes back, and with it their places if those are still free."""

SEVERAL = frozenset({"series.move", "booking.reassign", "booking.stand_in"})
"""Kinds of operations that move several bookings, each of which may come back to another place."""


async def undo_elsewhere(
    intent: Intent, operation: OperationId, elsewhere: tuple[tuple[BookingId, datetime | None], ...]
) -> Outcome[None]:
    """Undo what moved bookings, all or nothing: some begin at other instants, the others come back to where they were.

    None: it stays where it is now. Raises as `undo` does, `NotUndoable` for an operation that is none of `SEVERAL`,
    `NotFound` for a booking that was not moved, `PlaceTaken`, `Invalid` (`starts`).
    """

    async def inverse(op: Operation, done: Done) -> None:
        await _lock_as_writers(op, done)
        arrangements = await _elsewhere(operation, elsewhere)
        await plainly(op, done)
        others = set(await _ids(_BOOKINGS, op.id)) - {one.booking for one in arrangements}
        await occupancy.vacate(one.booking for one in arrangements)
        await occupy(others)
        await arranging.rearrange(op, arrangements)
        await _as_today(op)

    return await undo_otherwise(intent, operation, Otherwise(SEVERAL, inverse, elsewhere))


async def _elsewhere(operation: OperationId, asked: Sequence[tuple[BookingId, datetime | None]]) -> list[Arrangement]:
    now = await former.now(operation)
    if {booking for booking, _ in asked} - now.keys():
        raise NotFound
    return [Arrangement(booking, at) if at else now[booking] for booking, at in asked]
