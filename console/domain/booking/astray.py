"""Bookings to come that lie where nobody would be put any more: the plan changed after they were booked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.booking import cards, presence
from console.domain.booking.cards import BookingView
from console.domain.booking.lying import LONGEST_BOOKING
from console.domain.booking.places import instant, minute
from console.domain.booking.rules import MOVABLE
from console.domain.business.queries import open_locations
from console.domain.business.rules import Interval
from console.domain.errors import Refused, constraint
from console.domain.ids import BookableId, BookingId, LocationId
from console.domain.roster import queries as roster
from console.domain.roster.queries import DayPlan

AHEAD = timedelta(days=400)
"""How far ahead the times at which nobody is there are made out; whatever lies later is looked at one by one."""


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


# Each part of some bookings, and who does it: of what a crew does all who are in it on its first day.
_PARTS = """
    SELECT b.id, b.location, l.zone, l.retired_at IS NOT NULL AS closed, i.starts_at, i.ends_at,
        (i.starts_at AT TIME ZONE l.zone)::date AS day, d.id AS doer, k.id AS who, k.name,
        k.retired_at IS NOT NULL AS gone, b.overbooked IS NOT NULL AS overbooked
    FROM booking b JOIN location l ON l.id = b.location
    JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
    JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL JOIN bookable d ON d.id = a.bookable
    CROSS JOIN LATERAL unnest(CASE WHEN d.kind = 'crew'
        THEN d.id || crew_on(d.id, (b.starts_at AT TIME ZONE l.zone)::date) ELSE ARRAY[d.id] END) AS o (bookable)
    JOIN bookable k ON k.id = o.bookable
    WHERE b.id = ANY($1::bigint[])
    ORDER BY b.starts_at, b.id, i.starts_at, k.position, k.id
"""

# Those that may be: far ahead, at a closed location, of somebody out of the plan, or where somebody is not there. For
# the last an index finds what occupies them at times at which they are not; buffers may, what is done may not.
_SUSPECTS = """
    SELECT b.id FROM location l JOIN booking b ON b.location = l.id AND b.retired_at IS NULL
        AND b.status = ANY($1::text[]) AND b.starts_at >= $3
    UNION
    SELECT b.id FROM location l JOIN booking b ON b.location = l.id AND b.retired_at IS NULL
        AND b.status = ANY($1::text[]) AND b.starts_at > $2
    WHERE l.retired_at IS NOT NULL
    UNION
    SELECT b.id FROM bookable k JOIN occupancy o ON o.bookable = k.id AND o.during && tstzrange($2, NULL)
    JOIN booking b ON b.id = o.booking AND b.status = ANY($1::text[]) AND b.starts_at > $2
    WHERE k.retired_at IS NOT NULL
    UNION
    SELECT b.id FROM unnest($4::bigint[], $5::bigint[], $6::text[]) AS p (bookable, location, times)
    CROSS JOIN LATERAL (SELECT p.times::tstzmultirange AS gone) t
    JOIN occupancy o ON o.bookable = p.bookable AND o.during && t.gone
    JOIN booking b ON b.id = o.booking AND b.location = p.location AND b.status = ANY($1::text[]) AND b.starts_at > $2
    WHERE b.overbooked IS NULL AND EXISTS (SELECT FROM booking_item i WHERE i.booking = b.id AND i.retired_at IS NULL
        AND tstzrange(i.starts_at, i.ends_at) && t.gone)
"""

_LAST = "SELECT max(starts_at) FROM location l CROSS JOIN LATERAL ({}) b"
_LATEST = (
    "SELECT b.starts_at FROM booking b WHERE b.location = l.id AND b.starts_at < $1 ORDER BY b.starts_at DESC LIMIT 1"
)


async def astray(now: datetime, where: LocationId | None = None, who: BookableId | None = None) -> list[Astray]:
    """The bookings to move that have not begun, in the order of time: everywhere, or at a location, or by somebody.

    What a crew does is by the crew and by all who are in it. Statements: as many whatever is booked; four more where
    something is booked further ahead than `AHEAD`.
    """
    far = now + AHEAD
    last = await db.fetchval(_LAST.format(_LATEST), far)
    there = await _everybody(now, last) if last and last > now else {}
    movable = [one.value for one in MOVABLE]
    pairs = list(there)
    away = [_away(there[pair], now, far) for pair in pairs]
    found = await db.fetch(_SUSPECTS, movable, now, far, [one for _, one in pairs], [place for place, _ in pairs], away)
    rows = await db.fetch(_PARTS, [row["id"] for row in found])
    mine = [row for row in rows if who in (None, row["who"], row["doer"]) and where in (None, row["location"])]
    late = [row for row in mine if row["starts_at"] >= far]
    then = await _there(late) if late else {}
    return _lost((row, then if row["starts_at"] >= far else there) for row in mine)


async def among(bookings: Collection[BookingId]) -> list[Astray]:
    """Those of some bookings that are to be moved; as many statements however many there are."""
    rows = await db.fetch(_PARTS, list(bookings))
    there = await _there(rows) if rows else {}
    return _lost((row, there) for row in rows)


async def absent(bookings: Collection[BookingId]) -> list[tuple[BookableId, str]]:
    """Whoever does some bookings, with their name, at times that are not in their hours, time off aside.

    Of a crew it is all who are in it that day; whoever is out of the plan is nowhere.
    """
    rows = await db.fetch(_PARTS, list(bookings))
    there = await _there(rows, away=False) if rows else {}
    found = (row for row in rows if row["gone"] or not there[row["location"], row["who"]].hold(*_minutes(row)))
    return [(row["who"], row["name"]) for row in found]


def _minutes(row: Mapping[str, Any]) -> Interval:
    return minute(row["starts_at"]), minute(row["ends_at"])


def _lost(parts: Iterable[tuple[Mapping[str, Any], _There]]) -> list[Astray]:
    """Each booking once that has a part where somebody is not, in the order of the parts."""
    lost: dict[BookingId, Astray] = {}
    for row, there in parts:
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


async def _everybody(now: datetime, last: datetime) -> _There:
    """When everybody and everything is at each location, until the last booking."""
    places = await open_locations()
    known = [one.id for one in await roster.bookables() if one.retired_at is None]
    first = now.date() - timedelta(days=1)
    plans = await roster.plan(known, first, (last.date() - first).days + 3)
    return {(one.id, who): _hours(plans[who], one.id, ZoneInfo(one.zone)) for one in places for who in known}


def _away(there: _Hours, start: datetime, until: datetime) -> str:
    """When somebody is not at a location, as a multirange."""
    edges = [minute(start), *(at for span in there.open for at in span), minute(until)]
    times = [f"[{_text(a)},{_text(b)})" for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
    return f"{{{','.join(times)}}}"


@lru_cache(10_000)
def _text(at: int) -> str:
    return instant(at).isoformat()


async def _there(rows: Sequence[Mapping[str, Any]], *, away: bool = True) -> _There:
    """When those who do some parts are there around them, each on the dates of their own."""
    near: dict[int, set[date]] = {}
    for row in rows:
        first = row["day"] - timedelta(days=1)
        days = (row["ends_at"] - row["starts_at"]).days + 4
        near.setdefault(row["who"], set()).update(first + timedelta(days=offset) for offset in range(days))
    plans = await roster.plan_on({who: sorted(near[who]) for who in sorted(near)}, away=away)
    pairs = {(row["location"], row["who"]): ZoneInfo(row["zone"]) for row in rows}
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
    if row["overbooked"] or own.hold(*_minutes(row)):
        return None
    return Astray(booking, Why.AWAY if row["day"] in own.off else Why.ABSENT, row["name"])


_EXPECTED = (
    "FROM booking WHERE location = $1 AND retired_at IS NULL AND status = ANY($2::text[])"
    " AND starts_at > $3::timestamptz - $4::interval AND ends_at > $3"
)


def _expected(where: LocationId, now: datetime) -> tuple[object, ...]:
    return where, [one.value for one in MOVABLE], now, LONGEST_BOOKING


async def expected(where: LocationId, now: datetime) -> int:
    """How many bookings are to come at a location."""
    return int(await db.fetchval(f"SELECT count(*) {_EXPECTED}", *_expected(where, now)))


async def to_come(where: LocationId, now: datetime, most: int) -> list[BookingView]:
    """The bookings to come at a location, the next ones."""
    sql = f"SELECT id {_EXPECTED} ORDER BY starts_at, id LIMIT $5"
    rows = await db.fetch(sql, *_expected(where, now), most)
    return await cards.those([row["id"] for row in rows])
