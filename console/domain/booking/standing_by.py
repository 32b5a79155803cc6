"""What people have on a date besides a crew: whoever may stand in for somebody of it, and what is in their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.clients.rules import Names
from console.domain.ids import BookableId


@dataclass(frozen=True)
class Engaged:
    """A booking of somebody on a date, in the zone of its location. `meets`: whether the crew is booked then, too."""

    who: BookableId
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    called: str
    meets: bool


_ENGAGED = """
    SELECT o.bookable, b.starts_at, b.ends_at, l.zone, p.given_name, p.middle_name, p.family_name, p.company,
        EXISTS (SELECT FROM occupancy x
            WHERE x.bookable = $2 AND x.booking IS NOT NULL AND x.during && o.during) AS meets
    FROM occupancy o JOIN booking b ON b.id = o.booking JOIN location l ON l.id = b.location
    JOIN client_profile p ON p.client = b.client
    WHERE o.bookable = ANY($1::bigint[]) AND o.during && tstzrange($3::date - 1, $3::date + 2)
        AND tstzrange(b.starts_at, b.ends_at)
            && tstzrange($3::date::timestamp AT TIME ZONE l.zone, ($3::date + 1)::timestamp AT TIME ZONE l.zone)
        AND NOT EXISTS (SELECT FROM occupancy x WHERE x.bookable = $2 AND x.booking = o.booking)
    ORDER BY b.starts_at, b.id
"""


async def engaged(people: Sequence[BookableId], crew: BookableId, on: date) -> dict[BookableId, list[Engaged]]:
    """What some people are booked for on a date in the order of time, but for what the crew is booked for."""
    found: dict[BookableId, list[Engaged]] = {}
    for row in await db.fetch(_ENGAGED, list(people), crew, on):
        called = Names(row["given_name"], row["middle_name"], row["family_name"], row["company"]).shown
        span = (row["starts_at"], row["ends_at"], ZoneInfo(row["zone"]))
        found.setdefault(row["bookable"], []).append(Engaged(row["bookable"], *span, called, row["meets"]))
    return found
