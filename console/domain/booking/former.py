"""Where the bookings of an operation were before it: what its undo would bring back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import arranging, meeting, seeking
from console.domain.booking.arranging import Arrangement
from console.domain.booking.places import Place
from console.domain.booking.rules import MOVABLE
from console.domain.booking.seeking import Question
from console.domain.business.queries import location
from console.domain.errors import Problem
from console.domain.ids import BookableId, BookingId, LocationId

_MOVED = """
    SELECT DISTINCT ON (b.id) b.id, b.location,
        coalesce((f.values ->> 'starts_at')::timestamptz, b.starts_at) AS starts_at,
        coalesce((f.values ->> 'ends_at')::timestamptz, b.ends_at) AS ends_at,
        b.starts_at AS starts_now, b.ends_at AS ends_now
    FROM change c LEFT JOIN former f ON f.change = c.id
    LEFT JOIN assignment a ON c.entity = 'assignment' AND a.id = c.entity_id
    LEFT JOIN booking_item i ON i.id = a.item
    JOIN booking b ON b.id = CASE c.entity WHEN 'booking' THEN c.entity_id ELSE i.booking END
    WHERE c.operation = $1 AND (c.entity = 'assignment'
            OR c.entity = 'booking' AND c.fields && ARRAY['starts_at', 'ends_at'])
        AND b.retired_at IS NULL AND b.status = ANY($2::text[])
    ORDER BY b.id, c.entity = 'booking' DESC, c.id
"""

_DOERS = """
    SELECT i.booking, a.bookable, a.retired_at IS NULL AS now
    FROM change c JOIN assignment a ON a.id = c.entity_id JOIN booking_item i ON i.id = a.item
    JOIN bookable k ON k.id = a.bookable AND k.kind IN ('person', 'crew')
    WHERE c.operation = $1 AND c.entity = 'assignment' ORDER BY i.starts_at, i.id, k.position, k.id
"""


@dataclass(frozen=True)
class Back:
    """A booking that an undo would bring back: how it comes to where it was, and from there to where it is `now`.

    `problem`: why it cannot be there any more, with the `places` that are nearest to it.
    """

    former: Arrangement
    now: Arrangement
    problem: Problem | None = None
    places: Sequence[Place] = ()


async def places(operation: int) -> list[Arrangement]:
    """Of the bookings that an operation moved and that may still move: when they were, and who did them.

    The first is the one whose former place is taken by now.
    """
    found = await _moved(operation)
    taken = [
        one.former for where, one in found if await _in_the_way(await _question(where, one.former, found), one.former)
    ]
    return [*taken, *(one.former for _, one in found if one.former not in taken)]


async def backs(operation: int, now: datetime, most: int) -> list[Back]:
    """The same with why each cannot be where it was, and the places nearest to that, in the order of time."""
    found = await _moved(operation)
    return [await _looked(where, one, found, now, most) for where, one in found]


async def moved(operation: int) -> list[Back]:
    """The same as it happened: where each was and is, the earliest first."""
    return [one for _, one in await _moved(operation)]


async def now(operation: int) -> dict[BookingId, Arrangement]:
    """How each of them comes back from where it was to where it is now."""
    return {one.now.booking: one.now for _, one in await _moved(operation)}


_Found = Sequence[tuple[LocationId, Back]]


async def _moved(operation: int) -> _Found:
    moved = await db.fetch(_MOVED, operation, [one.value for one in MOVABLE])
    doers = await db.fetch(_DOERS, operation)
    return sorted(((row["location"], _back(row, doers)) for row in moved), key=lambda one: one[1].former.starts_at)


def _back(row: Mapping[str, Any], doers: Sequence[Mapping[str, Any]]) -> Back:
    starts_at: datetime = row["starts_at"]
    minutes = int((row["ends_at"] - starts_at).total_seconds()) // 60
    mine = [one for one in doers if one["booking"] == row["id"]]
    now = list(dict.fromkeys(BookableId(one["bookable"]) for one in mine if one["now"]))
    before = list(dict.fromkeys(BookableId(one["bookable"]) for one in mine if not one["now"]))
    lasts = int((row["ends_now"] - row["starts_now"]).total_seconds()) // 60
    booking = BookingId(row["id"])
    return Back(
        Arrangement(booking, starts_at, tuple(zip(now, before, strict=False)), minutes),
        Arrangement(booking, row["starts_now"], tuple(zip(before, now, strict=False)), lasts),
    )


async def _question(where: LocationId, one: Arrangement, found: _Found) -> Question:
    """What a place is looked for: one of some bookings, none of which lies where it does now."""
    return seeking.beside(await arranging.question(where, one), [each.former.booking for _, each in found])


async def _in_the_way(question: Question, one: Arrangement) -> Problem | None:
    search, start = await seeking.at(question, one.starts_at)
    return None if search.at(start) else await meeting.problem(question, search, start)


async def _looked(where: LocationId, one: Back, found: _Found, now: datetime, most: int) -> Back:
    question = await _question(where, one.former, found)
    problem = await _in_the_way(question, one.former)
    if problem is None:
        return one
    zone = ZoneInfo((await location(where)).zone)
    around = one.former.starts_at
    places = await seeking.nearest(question, clock.business_date(around, zone), now=now, around=around, most=most)
    return replace(one, problem=problem, places=places)
