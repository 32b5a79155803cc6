"""What a desk begins its day with: who comes next, who has not confirmed, and how much each location has today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain import db
from console.domain.booking import cards
from console.domain.booking.cards import BookingView
from console.domain.booking.lying import LONGEST_BOOKING
from console.domain.booking.rules import MOVABLE, Status
from console.domain.ids import LocationId

UNCONFIRMED_AHEAD = timedelta(hours=48)
"""So long before it begins a booking should be confirmed."""


@dataclass(frozen=True)
class Ahead:
    """The `next` bookings of the day whose clients have not come, and later ones that nobody has confirmed."""

    next: Sequence[BookingView]
    to_confirm: Sequence[BookingView]


# Location by location, which is the order of the index of the days.
_AHEAD = """
    SELECT b.id, b.today FROM location l CROSS JOIN LATERAL (
        (SELECT id, starts_at, TRUE AS today FROM booking WHERE location = l.id AND retired_at IS NULL
            AND status = ANY($1::text[]) AND starts_at > $2::timestamptz - $3::interval AND ends_at > $2
            AND (starts_at AT TIME ZONE l.zone)::date <= ($2 AT TIME ZONE l.zone)::date ORDER BY starts_at, id LIMIT $6)
        UNION ALL
        (SELECT id, starts_at, FALSE FROM booking WHERE location = l.id AND retired_at IS NULL
            AND status = $4 AND starts_at > $2 AND starts_at < $2::timestamptz + $5::interval
            AND (starts_at AT TIME ZONE l.zone)::date > ($2 AT TIME ZONE l.zone)::date ORDER BY starts_at, id LIMIT $6)
    ) b WHERE l.retired_at IS NULL ORDER BY b.starts_at, b.id
"""


async def ahead(now: datetime, most: int) -> Ahead:
    """Both, the next ones first, `most` of each; three statements."""
    movable = [one.value for one in MOVABLE]
    rows = await db.fetch(_AHEAD, movable, now, LONGEST_BOOKING, Status.BOOKED.value, UNCONFIRMED_AHEAD, most)
    today = [row["id"] for row in rows if row["today"]][:most]
    later = [row["id"] for row in rows if not row["today"]][:most]
    known = {one.id: one for one in await cards.those([*today, *later])}
    return Ahead([known[one] for one in today if one in known], [known[one] for one in later if one in known])


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
