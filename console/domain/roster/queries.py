"""What pages and other concepts read of the roster."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.audit.naming import Name, named
from console.domain.business.queries import business, day_of, open_locations
from console.domain.business.rules import Interval, Names, Week
from console.domain.errors import NotFound
from console.domain.ids import BookableId, LocationId, StaffId
from console.domain.listed import Version, version
from console.domain.roster import rules
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.roster.tables import Schedule


@dataclass(frozen=True)
class BookableView:
    """A bookable as lists and forms show it."""

    id: BookableId
    version: int
    operation: int
    kind: BookableKind
    name: str
    staff: StaffId | None
    position: int
    retired_at: datetime | None


@dataclass(frozen=True)
class ScheduleView:
    """Weekly hours of a bookable at a location, in its zone, from a date on; None for those of the location."""

    id: int
    version: int
    location: LocationId
    location_name: str
    zone: str
    valid_from: date
    hours: Week | None

    def begun(self, now: datetime) -> bool:
        """Whether their first date has come at their location."""
        return self.valid_from <= clock.business_date(now, ZoneInfo(self.zone))


@dataclass(frozen=True)
class TimeOffView:
    """A time off as lists and forms show it."""

    id: int
    version: int
    operation: int
    bookable: BookableId
    kind: TimeOffKind
    first: date
    last: date
    hours: Interval | None
    note: str | None


_BOOKABLE = "SELECT id, version, operation, kind, name, staff, position, retired_at FROM bookable"


async def bookables(kind: BookableKind | None = None) -> list[BookableView]:
    """Everybody and everything of a kind (of all kinds for None) in their order, those that are off last."""
    rows = await db.fetch(
        f"{_BOOKABLE} WHERE $1::text IS NULL OR kind = $1 ORDER BY retired_at IS NOT NULL, position, id", kind
    )
    return [_bookable(row) for row in rows]


async def working(kind: BookableKind) -> list[tuple[BookableId, str]]:
    """Those of a kind who are in the plan, in their order, each with their name."""
    rows = await db.fetch(
        "SELECT id, name FROM bookable WHERE kind = $1 AND retired_at IS NULL ORDER BY position, id", kind
    )
    return [(row["id"], row["name"]) for row in rows]


async def today(bookable: int, now: datetime) -> date:
    """The earliest date that is not over yet at any open location where a bookable is or will be.

    Whoever is in two zones has two dates for some hours of each day: what is said of one of them is past once it is
    over in both. The date of the business where they are nowhere.
    """
    found: date | None = await db.fetchval(
        "SELECT min(($2::timestamptz AT TIME ZONE l.zone)::date) FROM schedule s JOIN location l ON l.id = s.location"
        " WHERE s.bookable = $1 AND s.retired_at IS NULL AND l.retired_at IS NULL",
        bookable,
        now,
    )
    return found or clock.business_date(now, (await business()).zone)


async def bookable(bookable_id: int) -> BookableView:
    """One bookable. Raises `NotFound`."""
    row = await db.fetchrow(f"{_BOOKABLE} WHERE id = $1", bookable_id)
    if row is None:
        raise NotFound
    return _bookable(row)


def _bookable(row: Mapping[str, Any]) -> BookableView:
    return BookableView(**{**row, "kind": BookableKind(row["kind"])})


async def schedules(bookable_id: int) -> list[ScheduleView]:
    """The weekly hours of a bookable, by location, the latest first, those to come included."""
    rows = await db.fetch(
        "SELECT s.id, s.version, s.location, l.name AS location_name, l.zone, s.valid_from, s.hours FROM schedule s"
        " JOIN location l ON l.id = s.location WHERE s.bookable = $1 AND s.retired_at IS NULL"
        " ORDER BY s.location, s.valid_from DESC",
        bookable_id,
    )
    return [ScheduleView(**{**row, "hours": week_of(row["hours"])}) for row in rows]


async def schedules_version(bookable_id: int) -> Version:
    """Which weekly hours a bookable has now."""
    return await version(Schedule, "bookable", bookable_id)


def week_of(stored: str | None) -> Week | None:
    """Weekly hours from their stored form."""
    return None if stored is None else tuple(map(day_of, json.loads(stored)))


_TIME_OFF = "SELECT id, version, operation, bookable, kind, first, last, from_minute, to_minute, note FROM time_off"


async def time_off(bookable_id: int, since: date) -> list[TimeOffView]:
    """The time off of a bookable that is on or to come on a date, the next first."""
    rows = await db.fetch(
        f"{_TIME_OFF} WHERE bookable = $1 AND retired_at IS NULL AND last >= $2 ORDER BY first, from_minute, id",
        bookable_id,
        since,
    )
    return [_time_off(row) for row in rows]


async def one_time_off(time_off_id: int) -> TimeOffView:
    """One time off. Raises `NotFound`, also for one that was removed."""
    row = await db.fetchrow(f"{_TIME_OFF} WHERE id = $1 AND retired_at IS NULL", time_off_id)
    if row is None:
        raise NotFound
    return _time_off(row)


def _time_off(row: Mapping[str, Any]) -> TimeOffView:
    values = {name: value for name, value in row.items() if name not in {"from_minute", "to_minute"}}
    return TimeOffView(**{**values, "kind": TimeOffKind(values["kind"]), "hours": span_of(row).hours})


def span_of(row: Mapping[str, Any]) -> rules.TimeOff:
    """When somebody is away, from the columns of a time off."""
    hours = None if row["from_minute"] is None else (row["from_minute"], row["to_minute"])
    return rules.TimeOff(row["first"], row["last"], hours)


@dataclass(frozen=True)
class DayPlan:
    """A bookable's date: where it is and when, what it is away for, and holidays' names by location, of its own."""

    day: date
    shifts: list[rules.Shift]
    off: list[TimeOffView]
    holidays: Mapping[LocationId, Names]


async def is_off(bookable: int, on: date) -> bool:
    """Whether somebody is away all day on a date."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM time_off WHERE bookable = $1 AND retired_at IS NULL"
            " AND $2 BETWEEN first AND last AND from_minute IS NULL)",
            bookable,
            on,
        )
    )


@dataclass(frozen=True)
class Calendar:
    """The open locations with the dates of a period that depart from their weekly hours, and those dates' names."""

    places: Mapping[LocationId, rules.Place]
    names: Mapping[LocationId, Mapping[date, Names]]

    @cached_property
    def special(self) -> frozenset[date]:
        """The dates that depart somewhere."""
        return frozenset(on for place in self.places.values() for on in place.specials)


async def calendar(first: date, last: date) -> Calendar:
    """That of a period, in two statements. Of a date the holiday of a location counts more than one of everywhere."""
    rows = await db.fetch(
        "SELECT date, location, names, hours FROM holiday WHERE retired_at IS NULL AND date BETWEEN $1 AND $2"
        " ORDER BY location NULLS FIRST",
        first,
        last,
    )
    specials = [
        (row["location"], row["date"], json.loads(row["names"]), day_of(json.loads(row["hours"]))) for row in rows
    ]
    there = await open_locations()
    return Calendar(
        {
            one.id: rules.Place(
                one.id, one.hours, {on: hours for where, on, _, hours in specials if where in (None, one.id)}
            )
            for one in there
        },
        {one.id: {on: names for where, on, names, _ in specials if where in (None, one.id)} for one in there},
    )


async def plan(
    bookable_ids: Sequence[int], first: date, days: int, known: Calendar | None = None, *, away: bool = True
) -> dict[BookableId, list[DayPlan]]:
    """Every date of a period for several bookables, in two statements. `known`: from its first date to the day after.

    Two more where it has to be read. `away`: False where time off is not looked at.
    """
    dates = [first + timedelta(days=offset) for offset in range(days)]
    return await plan_on(dict.fromkeys(bookable_ids, dates), known, away=away)


async def plan_on(
    dates: Mapping[int, Sequence[date]], known: Calendar | None = None, *, away: bool = True
) -> dict[BookableId, list[DayPlan]]:
    """Some dates of several bookables, of each its own in their order; what lies between them costs nothing.

    Statements and the rest as in `plan`.
    """
    days = [on for each in dates.values() for on in each]
    if not days:
        return {BookableId(one): [] for one in dates}
    first, last = min(days), max(days)
    known = known or await calendar(first, last + timedelta(days=1))
    weekly: dict[int, list[rules.Schedule]] = {one: [] for one in dates}
    for row in await db.fetch(
        "SELECT bookable, location, valid_from, hours FROM schedule"
        " WHERE bookable = ANY($1::bigint[]) AND retired_at IS NULL AND valid_from <= $2",
        list(dates),
        last,
    ):
        weekly[row["bookable"]].append(rules.Schedule(row["location"], row["valid_from"], week_of(row["hours"])))
    off: dict[int, list[TimeOffView]] = {one: [] for one in dates}
    for row in await db.fetch(
        f"{_TIME_OFF} WHERE $4 AND bookable = ANY($1::bigint[]) AND retired_at IS NULL AND first <= $3 AND last >= $2"
        " ORDER BY first, from_minute, id",
        list(dates),
        first,
        last + timedelta(days=1),
        away,
    ):
        off[row["bookable"]].append(_time_off(row))
    return {BookableId(one): _planned(each, weekly[one], off[one], known) for one, each in dates.items()}


def _planned(
    dates: Sequence[date], weekly: Sequence[rules.Schedule], away: Sequence[TimeOffView], known: Calendar
) -> list[DayPlan]:
    """Each date of somebody. Most are as the same weekday under the same hours is, and are not made out again."""
    begins = sorted(schedule.valid_from for schedule in weekly)
    usual: dict[tuple[int, int], list[rules.Shift]] = {}
    found = []
    for on in dates:
        near = [one for one in away if one.first - timedelta(days=1) <= on <= one.last]
        if near or on in known.special:
            off = [rules.TimeOff(one.first, one.last, one.hours) for one in near]
            shifts = rules.shifts(on, weekly, known.places, off)
        else:
            alike = bisect_right(begins, on), on.weekday()
            if alike not in usual:
                usual[alike] = rules.shifts(on, weekly, known.places)
            shifts = usual[alike]
        names = _holidays(on, weekly, known) if on in known.special else {}
        found.append(DayPlan(on, shifts, [one for one in near if one.first <= on <= one.last], names))
    return found


def _holidays(on: date, weekly: Sequence[rules.Schedule], known: Calendar) -> dict[LocationId, Names]:
    there = (schedule.location for schedule in rules.in_force(weekly, on))
    return {where: names for where in there if (names := known.names.get(where, {}).get(on))}


@named("bookable")
async def bookable_names(ids: Sequence[int]) -> dict[int, Name]:
    """What bookables are called."""
    rows = await db.fetch("SELECT id, name, kind = 'person' AS person FROM bookable WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(row["name"], person=row["person"]) for row in rows}


@named("schedule")
async def schedule_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose weekly hours, and from when."""
    rows = await db.fetch(
        "SELECT s.id, b.name, s.valid_from FROM schedule s JOIN bookable b ON b.id = s.bookable"
        " WHERE s.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: Name(row["name"], on=row["valid_from"], person=True) for row in rows}


@named("time_off")
async def time_off_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose time off, and its days."""
    rows = await db.fetch(
        "SELECT t.id, b.name, t.first, nullif(t.last, t.first) AS last"
        " FROM time_off t JOIN bookable b ON b.id = t.bookable WHERE t.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: Name(row["name"], on=row["first"], last=row["last"], person=True) for row in rows}
