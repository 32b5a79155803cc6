"""What an undo brings back is nowhere that a desk could not put it today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from console.domain import db
from console.domain.booking import astray
from console.domain.booking.occupancy import PlaceTaken
from console.domain.booking.rules import CALLED_OFF, STANDING
from console.domain.errors import Forbidden, Invalid, Problem
from console.domain.ids import BookingId
from console.domain.running import Operation
from console.domain.team.rules import Permission


class NotToday(PlaceTaken):
    """Whoever would do a booking again does not do it there and then any more; `bookables` says who."""

    key = "refused.not_today"

    @property
    def reason(self) -> str:
        return self.key


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


async def refuse_unlike_today(op: Operation) -> None:
    """Look at what stands again, is moved back or given back by an operation that has written it.

    What is over by now is past mending, and whoever does a service already may go on with it. Time off is what the
    occupancy says of it. Raises `Invalid` (`starts`, `site`), `NotToday`, and where it lies over others `Forbidden`.
    """
    await _refuse_site(op)
    called_off = [one.value for one in CALLED_OFF]
    rows = await db.fetch(_BROUGHT, op.id, [one.value for one in STANDING], called_off, op.now)
    if any(row["overbooked"] for row in rows) and not op.actor.may(Permission.BOOKING_OVERBOOK):
        raise Forbidden(permission=Permission.BOOKING_OVERBOOK)
    coming = [row for row in rows if row["to_come"]]
    if any(row["closed"] for row in coming):
        raise Invalid({"starts": Problem("problem.closed_here")})
    if gone := {who for row in coming for who in row["gone"]}:
        raise NotToday(sorted(gone), Problem("problem.doer_gone"))
    if coming:
        await _refuse_unable(op, coming)
        await _refuse_absent([row["id"] for row in coming if not row["overbooked"]])


_SITE_GONE = """
    SELECT EXISTS (SELECT FROM change c JOIN booking b ON b.id = c.entity_id AND b.retired_at IS NULL
    JOIN client_site s ON s.id = b.site AND s.retired_at IS NOT NULL
    WHERE c.operation = $1 AND c.entity = 'booking' AND c.fields && ARRAY['site', 'retired_at'])
"""


async def _refuse_site(op: Operation) -> None:
    if await db.fetchval(_SITE_GONE, op.id):
        raise Invalid({"site": Problem("problem.site_gone")})


_OFF = """
    SELECT EXISTS (SELECT FROM change c JOIN booking_item i ON i.id = c.entity_id AND i.retired_at IS NULL
    JOIN service s ON s.id = i.service AND s.retired_at IS NOT NULL
    WHERE c.operation = $1 AND c.entity = 'booking_item' AND 'retired_at' = ANY (c.fields)
        AND i.booking = ANY($2::bigint[]))
"""

_UNABLE = """
    SELECT DISTINCT k.id, k.name FROM change c JOIN assignment a ON a.id = c.entity_id AND a.retired_at IS NULL
    JOIN booking_item i ON i.id = a.item JOIN bookable k ON k.id = a.bookable
    WHERE c.operation = $1 AND c.entity = 'assignment' AND i.booking = ANY($2::bigint[]) AND NOT EXISTS (SELECT
        FROM skill s WHERE s.bookable = a.bookable AND s.service = i.service AND s.retired_at IS NULL)
    ORDER BY k.id
"""


async def _refuse_unable(op: Operation, coming: Sequence[Mapping[str, Any]]) -> None:
    bookings = [row["id"] for row in coming]
    if await db.fetchval(_OFF, op.id, bookings):
        raise Invalid({"starts": Problem("problem.service_off")})
    if unable := await db.fetch(_UNABLE, op.id, bookings):
        why = Problem("problem.cannot_do_of", {"who": unable[0]["name"]})
        raise NotToday([row["id"] for row in unable], why)


async def _refuse_absent(bookings: Sequence[BookingId]) -> None:
    for who, name in await astray.absent(bookings):
        raise NotToday([who], Problem("problem.outside_hours_of", {"who": name}))
