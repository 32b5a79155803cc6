"""Where the bookings of an operation were before it: what its undo would bring back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.booking import arranging, seeking
from console.domain.booking.arranging import Arrangement
from console.domain.booking.rules import MOVABLE
from console.domain.ids import BookableId, BookingId, LocationId

_MOVED = """
    SELECT DISTINCT ON (b.id) b.id, b.location,
        coalesce((f.values ->> 'starts_at')::timestamptz, b.starts_at) AS starts_at,
        coalesce((f.values ->> 'ends_at')::timestamptz, b.ends_at) AS ends_at
    FROM change c LEFT JOIN former f ON f.change = c.id
    LEFT JOIN assignment a ON c.entity = 'assignment' AND a.id = c.entity_id
    LEFT JOIN booking_item i ON i.id = a.item
    JOIN booking b ON b.id = CASE c.entity WHEN 'booking' THEN c.entity_id ELSE i.booking END
    WHERE c.operation = $1 AND c.entity IN ('booking', 'assignment')
        AND b.retired_at IS NULL AND b.status = ANY($2::text[])
    ORDER BY b.id, c.entity = 'booking' DESC, c.id
"""

_DOERS = """
    SELECT i.booking, a.bookable, a.retired_at IS NULL AS now
    FROM change c JOIN assignment a ON a.id = c.entity_id JOIN booking_item i ON i.id = a.item
    JOIN bookable k ON k.id = a.bookable AND k.kind IN ('person', 'crew')
    WHERE c.operation = $1 AND c.entity = 'assignment' ORDER BY i.starts_at, i.id, k.position, k.id
"""


async def places(operation: int) -> list[Arrangement]:
    """Of the bookings that an operation moved and that may still move: when they were, and who did them.

    The first is the one whose former place is taken by now.
    """
    moved = await db.fetch(_MOVED, operation, [one.value for one in MOVABLE])
    doers = await db.fetch(_DOERS, operation)
    found = {BookingId(row["id"]): _former(row, doers) for row in moved}
    taken = [one for row in moved if await _is_taken(row["location"], one := found[row["id"]], list(found))]
    return [*taken, *(one for one in found.values() if one not in taken)]


def _former(row: Mapping[str, Any], doers: Sequence[Mapping[str, Any]]) -> Arrangement:
    starts_at: datetime = row["starts_at"]
    minutes = int((row["ends_at"] - starts_at).total_seconds()) // 60
    mine = [one for one in doers if one["booking"] == row["id"]]
    now = list(dict.fromkeys(BookableId(one["bookable"]) for one in mine if one["now"]))
    before = list(dict.fromkeys(BookableId(one["bookable"]) for one in mine if not one["now"]))
    return Arrangement(BookingId(row["id"]), starts_at, tuple(zip(now, before, strict=False)), minutes)


async def _is_taken(where: LocationId, one: Arrangement, besides: Sequence[BookingId]) -> bool:
    question = await arranging.question(where, one)
    search, start = await seeking.at(seeking.beside(question, besides), one.starts_at)
    return search.at(start) is None
