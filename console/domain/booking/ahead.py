"""What a desk begins its day with: who comes next, what was left open, who has not confirmed, how much there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import cards
from console.domain.booking.cards import BookingView
from console.domain.booking.lying import LONGEST_BOOKING
from console.domain.booking.rules import MOVABLE, Status
from console.domain.booking.unsaid import UNSAID
from console.domain.ids import CLIENT_ACTOR, BookingId, LocationId

UNCONFIRMED_AHEAD = timedelta(hours=48)
"""So long before it begins a booking should be confirmed."""
NEXT_AHEAD = timedelta(days=14)
"""So far the next date that has bookings is looked for: over weekends and holidays on which nobody comes."""
LEFT_OPEN = timedelta(days=14)
"""So long a booking of which nobody said what became of it is looked after."""
CALLED_OFF = timedelta(hours=48)
"""So long the desk is told of a booking that its client called off by the link, while it is to come."""


@dataclass(frozen=True)
class Ahead:
    """The `next` bookings of the day whose clients have not come, or where there are none `then` those of the next date
    that has some; later ones that nobody has confirmed, and those whose time is over while nobody said what became of
    them: of what came from the books of before, what was over already is what those say of it. `called_off`: by clients
    lately, without a word to the desk.
    """

    next: Sequence[BookingView]
    then: Sequence[BookingView]
    to_confirm: Sequence[BookingView]
    to_finish: Sequence[BookingView]
    called_off: Sequence[BookingView]


PARTS = tuple(one.name for one in fields(Ahead))
# Location by location, which is the order of the index of the days.
_AHEAD = f"""
    SELECT b.id, b.part, (b.starts_at AT TIME ZONE l.zone)::date AS on FROM location l CROSS JOIN LATERAL (
        (SELECT id, starts_at, 'next' AS part FROM booking WHERE location = l.id AND retired_at IS NULL
            AND status = ANY($1::text[]) AND starts_at > $2::timestamptz - $3::interval AND ends_at > $2
            AND (starts_at AT TIME ZONE l.zone)::date <= ($2 AT TIME ZONE l.zone)::date ORDER BY starts_at, id LIMIT $6)
        UNION ALL
        (SELECT id, starts_at, 'then' FROM booking WHERE location = l.id AND retired_at IS NULL
            AND status = ANY($1::text[]) AND starts_at > $2 AND starts_at < $2::timestamptz + $9::interval
            AND (starts_at AT TIME ZONE l.zone)::date > ($2 AT TIME ZONE l.zone)::date ORDER BY starts_at, id LIMIT $6)
        UNION ALL
        (SELECT id, starts_at, 'to_confirm' FROM booking WHERE location = l.id AND retired_at IS NULL
            AND status = $4 AND starts_at > $2 AND starts_at < $2::timestamptz + $5::interval
            AND (starts_at AT TIME ZONE l.zone)::date > ($2 AT TIME ZONE l.zone)::date ORDER BY starts_at, id LIMIT $6)
        UNION ALL
        (SELECT id, starts_at, 'to_finish' FROM booking b WHERE location = l.id AND retired_at IS NULL
            AND status = ANY($8::text[]) AND ends_at <= $2 AND NOT {UNSAID}
            AND starts_at > $2::timestamptz - $7::interval AND starts_at < $2 ORDER BY starts_at, id LIMIT $6)
    ) b WHERE l.retired_at IS NULL ORDER BY b.starts_at, b.id
"""  # noqa: S608
_CALLED_OFF = """
    SELECT b.id, 'called_off' AS part FROM booking b WHERE b.id IN (
        SELECT c.entity_id FROM operation o JOIN change c ON c.operation = o.id AND c.entity = 'booking'
        WHERE o.actor = $1 AND o.at > $2::timestamptz - $3::interval AND o.kind IN ('booking.cancel', 'series.cancel'))
    AND b.status = $4 AND b.starts_at > $2 AND b.retired_at IS NULL ORDER BY b.starts_at, b.id LIMIT $5
"""


async def ahead(now: datetime, most: int) -> Ahead:
    """All of them, the earliest first, `most` of each; four statements."""
    to_come = [one.value for one in MOVABLE]
    unsettled = [*to_come, Status.ARRIVED.value]
    booked, spans = Status.BOOKED.value, (UNCONFIRMED_AHEAD, most, LEFT_OPEN)
    rows = await db.fetch(_AHEAD, to_come, now, LONGEST_BOOKING, booked, *spans, unsettled, NEXT_AHEAD)
    over = all(row["part"] != "next" for row in rows)
    then = min((row["on"] for row in rows if row["part"] == "then"), default=None) if over else None
    rows = [row for row in rows if row["part"] != "then" or row["on"] == then]
    rows += await db.fetch(_CALLED_OFF, CLIENT_ACTOR, now, CALLED_OFF, Status.CANCELLED.value, most)
    parts = {part: [row["id"] for row in rows if row["part"] == part][:most] for part in PARTS}
    known = {one.id: one for one in await cards.those([one for ids in parts.values() for one in ids])}
    return Ahead(**{part: [known[one] for one in ids if one in known] for part, ids in parts.items()})


_UNFINISHED = f"""
    SELECT id FROM booking b WHERE location = $1 AND starts_at >= $2 AND starts_at < $3 AND retired_at IS NULL
        AND (status = $4 OR status = ANY($5::text[]) AND ends_at <= $6 AND NOT {UNSAID}) ORDER BY starts_at, id
"""  # noqa: S608


async def unfinished(location: LocationId, on: date, zone: ZoneInfo, now: datetime) -> list[BookingId]:
    """The bookings of a location's date whose clients are there, or whose time is over, in their order: nothing is
    paid for them, and nobody said what became of them. What was over when it came from the books of before is none.
    """
    rows = await db.fetch(
        _UNFINISHED,
        location,
        *clock.bounds(on, zone),
        Status.ARRIVED.value,
        [one.value for one in MOVABLE],
        now,
    )
    return [BookingId(row["id"]) for row in rows]


async def counted(now: datetime) -> Mapping[LocationId, int]:
    """How many bookings each open location has on its date of today; what was called off is left out."""
    rows = await db.fetch(
        "SELECT l.id, (SELECT count(*) FROM booking b WHERE b.location = l.id AND b.retired_at IS NULL"
        "  AND b.status <> 'cancelled' AND b.starts_at > $1::timestamptz - interval '26 hours'"
        "  AND b.starts_at < $1::timestamptz + interval '26 hours'"
        "  AND (b.starts_at AT TIME ZONE l.zone)::date = ($1 AT TIME ZONE l.zone)::date) AS count"
        " FROM location l WHERE l.retired_at IS NULL",
        now,
    )
    return {LocationId(row["id"]): row["count"] for row in rows}
