"""When people and crews are at a location, and when what takes its members takes a crew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.booking.candidates import ALWAYS, Candidate
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


def by_list(crew: Candidate, by_day: CrewDays, people: Mapping[BookableId, Candidate]) -> dict[date, Candidate]:
    """A crew as it is with whoever is in it on each date: for all that begins on that date, however long it lasts.

    It is there in its own hours while all who are in it are as well, taken while anybody in it is, and away while
    somebody is; where nobody is in it, always.
    """
    lists = {members: _with(crew, [people[who] for who in sorted(members)]) for members in set(by_day.values())}
    return {day: lists[members] for day, members in by_day.items()}


def _common(first: Sequence[Interval], second: Sequence[Interval]) -> tuple[Interval, ...]:
    """What two lists of intervals share; both are in order, and nothing in one of them meets."""
    found: list[Interval] = []
    one, other = 0, 0
    while one < len(first) and other < len(second):
        start, end = max(first[one][0], second[other][0]), min(first[one][1], second[other][1])
        if start < end:
            found.append((start, end))
        if first[one][1] == end:
            one += 1
        else:
            other += 1
    return tuple(found)


def _with(crew: Candidate, members: Sequence[Candidate]) -> Candidate:
    """A crew of some people."""
    if not members:
        return replace(crew, away=(ALWAYS,))
    there = crew.open
    for who in members:
        there = _common(there, who.open)
    everybody = (crew, *members)
    return replace(
        crew,
        open=there,
        taken=tuple(span for one in everybody for span in one.taken),
        away=tuple(span for one in everybody for span in one.away),
    )


async def gone(bookables: Collection[BookableId]) -> list[BookableId]:
    """Those who are out of the plan."""
    sql = "SELECT id FROM bookable WHERE id = ANY($1::bigint[]) AND retired_at IS NOT NULL"
    return [row["id"] for row in await db.fetch(sql, sorted(bookables))]
