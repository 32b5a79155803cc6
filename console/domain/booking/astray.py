"""Bookings to come that lie where nobody would be put any more: the plan changed after they were booked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.booking import cards, presence
from console.domain.booking.cards import BookingView
from console.domain.booking.lying import LONGEST_BOOKING
from console.domain.booking.places import minute
from console.domain.booking.rules import MOVABLE
from console.domain.business.rules import Interval
from console.domain.errors import Refused, constraint
from console.domain.ids import BookableId, BookingId, LocationId
from console.domain.roster import queries as roster
from console.domain.roster.queries import DayPlan

AHEAD = timedelta(days=400)
"""How far ahead it is looked."""
MOST = 5000
"""Bookings that are looked at, the next ones."""


class Why(StrEnum):
    """Why a booking cannot stay where it lies."""

    CLOSED = "closed"
    GONE = "gone"
    AWAY = "away"
    ABSENT = "absent"


class StillExpected(Refused):
    """A location to close where bookings are to come."""

    key = "refused.location_expected"


constraint("location_expected", StillExpected)


@dataclass(frozen=True)
class Astray:
    """A booking to move, and the first thing that is in its way. `who`: who of those who do it, nobody for `CLOSED`."""

    booking: BookingId
    why: Why
    who: str | None


_BOOKING = "b.id, b.location, b.starts_at, b.status, b.overbooked"
_AHEAD = "b.retired_at IS NULL AND b.starts_at > $2 AND b.starts_at < $2::timestamptz + $3::interval"

# Location by location, which is the order of the index of the days; what is called off counts as looked at.
_NEXT = f"""
    SELECT b.* FROM location l CROSS JOIN LATERAL (
        SELECT {_BOOKING} FROM booking b WHERE b.location = l.id AND {_AHEAD} ORDER BY b.starts_at LIMIT $5
    ) b WHERE $4::bigint IS NULL OR l.id = $4 ORDER BY b.starts_at, b.id LIMIT $5
"""  # noqa: S608

# What occupies somebody is theirs, also as one of a crew that day.
_OF = f"""
    SELECT {_BOOKING} FROM booking b JOIN occupancy o ON o.booking = b.id
    WHERE o.bookable = $4 AND o.during && tstzrange($2, $2::timestamptz + $3::interval) AND {_AHEAD}
    ORDER BY b.starts_at, b.id LIMIT $5
"""  # noqa: S608


def _to_come(found: str) -> str:
    """Each part of some bookings that stand, and who does it: of what a crew does all who are in it that day."""
    return f"""
        SELECT b.id, b.location, l.zone, l.retired_at IS NOT NULL AS closed, i.starts_at, i.ends_at,
            (i.starts_at AT TIME ZONE l.zone)::date AS day, k.id AS who, k.name, k.retired_at IS NOT NULL AS gone,
            b.overbooked IS NOT NULL AS overbooked
        FROM ({found}) b JOIN location l ON l.id = b.location
        JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
        JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL JOIN bookable d ON d.id = a.bookable
        CROSS JOIN LATERAL unnest(CASE WHEN d.kind = 'crew'
            THEN d.id || crew_on(d.id, (i.starts_at AT TIME ZONE l.zone)::date) ELSE ARRAY[d.id] END) AS o (bookable)
        JOIN bookable k ON k.id = o.bookable
        WHERE b.status = ANY($1::text[])
        ORDER BY b.starts_at, b.id, i.starts_at, k.position, k.id
    """  # noqa: S608


async def astray(now: datetime, where: LocationId | None = None, who: BookableId | None = None) -> list[Astray]:
    """The bookings to move that have not begun, in the order of time: everywhere, or at a location, or by somebody."""
    movable = [one.value for one in MOVABLE]
    found, asked = (_NEXT, where) if who is None else (_OF, who)
    rows = await db.fetch(_to_come(found), movable, now, AHEAD, asked, MOST)
    mine = [row for row in rows if (who is None or row["who"] == who) and (where is None or row["location"] == where)]
    there = await _there(mine) if mine else {}
    lost: dict[BookingId, Astray] = {}
    for row in mine:
        if row["id"] not in lost and (one := _why(row, there)):
            lost[row["id"]] = one
    return list(lost.values())


_There = Mapping[tuple[LocationId, BookableId], "_Hours"]


@dataclass(frozen=True)
class _Hours:
    """When somebody is at a location, and the dates on which they are away at least for a while."""

    open: Sequence[Interval]
    starts: Sequence[int]
    off: frozenset[date]

    def hold(self, start: int, end: int) -> bool:
        at = bisect_right(self.starts, start) - 1
        return at >= 0 and end <= self.open[at][1]


async def _there(rows: Iterable[Mapping[str, Any]]) -> _There:
    known = list(rows)
    first = min(row["day"] for row in known) - timedelta(days=1)
    days = (max(row["day"] for row in known) - first).days + 2
    plans = await roster.plan(sorted({row["who"] for row in known}), first, days)
    pairs = {(row["location"], row["who"]): ZoneInfo(row["zone"]) for row in known}
    return {(where, who): _hours(plans[who], where, zone) for (where, who), zone in pairs.items()}


def _hours(plans: Sequence[DayPlan], where: LocationId, zone: ZoneInfo) -> _Hours:
    spans = presence.hours_at(plans, where, zone)
    return _Hours(spans, [start for start, _ in spans], frozenset(plan.day for plan in plans if plan.off))


def _why(row: Mapping[str, Any], there: _There) -> Astray | None:
    booking = BookingId(row["id"])
    if row["closed"]:
        return Astray(booking, Why.CLOSED, None)
    if row["gone"]:
        return Astray(booking, Why.GONE, row["name"])
    own = there[row["location"], row["who"]]
    if row["overbooked"] or own.hold(minute(row["starts_at"]), minute(row["ends_at"])):
        return None
    return Astray(booking, Why.AWAY if row["day"] in own.off else Why.ABSENT, row["name"])


async def expected(where: LocationId, now: datetime) -> int:
    """How many bookings are to come at a location."""
    return int(
        await db.fetchval(
            "SELECT count(*) FROM booking WHERE location = $1 AND retired_at IS NULL AND status = ANY($2::text[])"
            " AND starts_at > $3::timestamptz - $4::interval AND ends_at > $3",
            where,
            [one.value for one in MOVABLE],
            now,
            LONGEST_BOOKING,
        )
    )


async def to_come(where: LocationId, now: datetime, most: int) -> list[BookingView]:
    """The bookings to come at a location, the next ones."""
    rows = await db.fetch(
        "SELECT id FROM booking WHERE location = $1 AND retired_at IS NULL AND status = ANY($2::text[])"
        " AND starts_at > $3::timestamptz - $4::interval AND ends_at > $3 ORDER BY starts_at, id LIMIT $5",
        where,
        [one.value for one in MOVABLE],
        now,
        LONGEST_BOOKING,
        most,
    )
    return await cards.those([row["id"] for row in rows])
