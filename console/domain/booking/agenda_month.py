"""How full each date of a month is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.booking.lying import here
from console.domain.booking.rules import STANDING
from console.domain.booking.working_days import windows
from console.domain.business.queries import LocationView
from console.domain.roster import queries as roster
from console.domain.roster import rules as hours
from console.domain.roster.rules import BookableKind

Loads = Mapping[date, tuple[int, int]]
"""Minutes of people's work that are booked on each date, and minutes that there are."""


_BOOKED = """
    WITH those AS (
        SELECT b.id, d.day, i.ends_at - i.starts_at AS long,
            a.bookable, w.kind = 'crew' AS crew
        FROM unnest($2::date[], $3::timestamptz[], $4::timestamptz[]) AS d (day, start, until)
        JOIN booking b ON b.starts_at >= d.start AND b.starts_at < d.until
        JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
        JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
        JOIN bookable w ON w.id = a.bookable AND w.kind IN ('person', 'crew')
        WHERE b.location = $1 AND b.retired_at IS NULL AND b.status = ANY($5::text[])
    )
    SELECT day, (sum(extract(epoch FROM long)) / 60)::int AS minutes FROM (
        SELECT day, long FROM those WHERE NOT crew UNION ALL
        SELECT day, long FROM those JOIN occupancy o ON o.booking = those.id AND o.bookable <> those.bookable
            JOIN bookable p ON p.id = o.bookable AND p.kind = 'person' WHERE crew
    ) AS all_of_them GROUP BY day
"""
"""What people do by themselves, and what they do as a crew."""


AT_ONCE = 200
"""Operations under way at a time, at most: one may end after others that began later."""


async def latest() -> str:
    """Another text after everything that anybody does: while it is the same one, so is every month's load.

    It has the time of the last thing, too: in a restored database other things may have the same numbers.
    """
    sql = (
        "SELECT concat_ws(' ', sum(id), extract(epoch FROM max(at)))"
        " FROM (SELECT id, at FROM operation ORDER BY id DESC LIMIT $1) AS last"
    )
    return str(await db.fetchval(sql, AT_ONCE))


async def month(location: LocationView, on: date) -> Loads:
    """How much of each date of a month is booked."""
    first = on.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    zone = ZoneInfo(location.zone)
    people = [one.id for one in await here(location.id) if one.kind is BookableKind.PERSON]
    days = (last - first).days + 1
    calendar = await roster.calendar(first - timedelta(days=1), last + timedelta(days=1))
    plans = await roster.plan(people, first, days, calendar)
    known = await windows(location, first, days, calendar)
    rows = await db.fetch(
        _BOOKED,
        location.id,
        list(known),
        [start for start, _ in known.values()],
        [end for _, end in known.values()],
        list(STANDING),
    )
    booked = {row["day"]: row["minutes"] for row in rows}
    there = {first + timedelta(days=offset): 0 for offset in range((last - first).days + 1)}
    for those in plans.values():
        for plan in those:
            there[plan.day] += sum(
                hours.worked(plan.day, shift.hours, zone) for shift in plan.shifts if shift.location == location.id
            )
    return {day: (booked.get(day, 0), available) for day, available in there.items()}
