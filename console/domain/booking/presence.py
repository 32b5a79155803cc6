"""When people and crews are at a location, and when what takes its members takes a crew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking.places import minute
from console.domain.business.rules import Interval
from console.domain.ids import BookableId, LocationId
from console.domain.roster import queries as roster
from console.domain.roster import rules as hours

Spans = dict[BookableId, list[Interval]]
"""When somebody is taken, or away."""
CrewDays = Mapping[date, frozenset[BookableId]]
"""Who is in a crew on each date."""


def hours_at(plans: Iterable[roster.DayPlan], where: LocationId, zone: ZoneInfo) -> tuple[Interval, ...]:
    """When somebody is at a location, as instants."""
    spans = [
        (minute(span[0]), minute(span[1]))
        for plan in plans
        for shift in plan.shifts
        if shift.location == where
        for interval in shift.hours
        if (span := hours.instants(plan.day, interval, zone))
    ]
    return _joined(spans)


def _joined(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    """Intervals in order; what meets is one."""
    joined: list[Interval] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


async def crew_lists(crews: Sequence[BookableId], days: Sequence[date]) -> dict[BookableId, CrewDays]:
    """Who is in some crews on some dates."""
    rows = await db.fetch(
        "SELECT c.id AS crew, d.day, crew_on(c.id, d.day) AS members"
        " FROM unnest($1::bigint[]) AS c (id) CROSS JOIN unnest($2::date[]) AS d (day)",
        list(crews),
        list(days),
    )
    found: dict[BookableId, dict[date, frozenset[BookableId]]] = {crew: {} for crew in crews}
    for row in rows:
        found[row["crew"]][row["day"]] = frozenset(row["members"])
    return dict(found)


def crew_open(
    crew: BookableId, by_day: CrewDays, there: Mapping[BookableId, Sequence[Interval]], zone: ZoneInfo
) -> tuple[Interval, ...]:
    """When a crew is at a location: in its own hours, while all who are in it that date are there as well."""
    found: list[Interval] = []
    for day, members in by_day.items():
        start, end = map(minute, clock.bounds(day, zone))
        shared = hours.common(tuple(there[crew]), ((start, end),))
        for who in members:
            shared = hours.common(shared, tuple(there[who]))
        found += shared
    return _joined(found)


def occupy_crew(crew: BookableId, by_day: CrewDays, taken: Spans, away: Spans, zone: ZoneInfo) -> None:
    """A crew is taken while anybody in it is, and away while somebody is; where nobody is in it, all day."""
    for day, members in by_day.items():
        start, end = map(minute, clock.bounds(day, zone))
        if not members:
            away.setdefault(crew, []).append((start, end))
        for spans in (taken, away):
            spans.setdefault(crew, []).extend(
                span for who in members for span in spans.get(who, ()) if span[0] < end and start < span[1]
            )


async def gone(bookables: Collection[BookableId]) -> list[BookableId]:
    """Those who are out of the plan."""
    sql = "SELECT id FROM bookable WHERE id = ANY($1::bigint[]) AND retired_at IS NOT NULL"
    return [row["id"] for row in await db.fetch(sql, sorted(bookables))]
