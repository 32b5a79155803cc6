"""When people, rooms, vehicles and equipment can be booked: weekly hours by location, holidays, time off.

Hours are those of `business.rules`: minutes of a day, half-open, the last interval may run past midnight. What lies
between two intervals of a day is a break.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from console.domain.business.rules import DAY, Day, Interval, Week
from console.domain.clock import WallTime
from console.domain.errors import Problem
from console.domain.ids import LocationId


class BookableKind(StrEnum):
    """What can be occupied."""

    PERSON = "person"
    CREW = "crew"
    ROOM = "room"
    VEHICLE = "vehicle"
    EQUIPMENT = "equipment"


class TimeOffKind(StrEnum):
    """Why somebody or something is away."""

    VACATION = "vacation"
    SICK = "sick"
    TRAINING = "training"
    REPAIR = "repair"
    OTHER = "other"


LONGEST_TIME_OFF = 400
"""Days that one time off may last."""


@dataclass(frozen=True)
class Schedule:
    """Weekly hours at a location from a date on. `hours` None: those of the location, whatever they are."""

    location: LocationId
    valid_from: date
    hours: Week | None


@dataclass(frozen=True)
class TimeOff:
    """Whole days, first to last; with `hours` (minutes of the day) a part of one day."""

    first: date
    last: date
    hours: Interval | None = None


@dataclass(frozen=True)
class Place:
    """A location as the roster needs it: its weekly hours, and the dates that depart from them."""

    id: LocationId
    hours: Week
    specials: Mapping[date, Day]

    def on(self, day: date) -> Day:
        """The opening hours of a date."""
        return self.specials[day] if day in self.specials else self.hours[day.weekday()]


@dataclass(frozen=True)
class Shift:
    """Where somebody is on a date, and when; what lies between the intervals is a break."""

    location: LocationId
    hours: Day


def in_force(schedules: Iterable[Schedule], day: date) -> list[Schedule]:
    """The schedule of each location that holds on a date: the latest that has begun."""
    latest: dict[LocationId, Schedule] = {}
    for one in sorted(schedules, key=lambda schedule: schedule.valid_from):
        if one.valid_from <= day:
            latest[one.location] = one
    return [latest[location] for location in sorted(latest)]


def shifts(
    day: date, schedules: Iterable[Schedule], places: Mapping[LocationId, Place], off: Iterable[TimeOff] = ()
) -> list[Shift]:
    """Where and when somebody can be booked on a date.

    On a date that departs from a location's weekly hours nobody is there longer than it is open.
    """
    absent = list(off)
    found = []
    for one in in_force(schedules, day):
        place = places.get(one.location)
        if place is None:
            continue
        hours = place.on(day) if one.hours is None else one.hours[day.weekday()]
        if day in place.specials:
            hours = common(hours, place.specials[day])
        if remaining := without(hours, [away for time in absent for away in _away(time, day)]):
            found.append(Shift(one.location, remaining))
    return found


def _away(time: TimeOff, day: date) -> list[Interval]:
    """The minutes of a date that a time off takes, those past its midnight included."""
    away: list[Interval] = []
    for offset in (0, 1):
        on = day + timedelta(days=offset)
        if time.first <= on <= time.last:
            start, end = time.hours or (0, DAY)
            away.append((start + offset * DAY, end + offset * DAY))
    return away


def common(first: Day, second: Day) -> Day:
    """The minutes that two days' hours share."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a, b in itertools.product(first, second))
    return tuple(sorted(pair for pair in pairs if pair[0] < pair[1]))


def without(hours: Day, away: Sequence[Interval]) -> Day:
    """Hours with intervals taken out of them."""
    left = list(hours)
    for start, end in away:
        left = [
            part
            for begin, finish in left
            for part in ((begin, min(finish, start)), (max(begin, end), finish))
            if part[0] < part[1]
        ]
    return tuple(left)


def breaks(hours: Day) -> Day:
    """What lies between the intervals of a day."""
    return tuple((first[1], second[0]) for first, second in itertools.pairwise(hours))


@lru_cache(10_000)
def instants(day: date, interval: Interval, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """An interval of a date as instants in UTC, half-open; None where the clocks skip all of it.

    A time that the clocks show twice is the first for a beginning and the last for an end; one that they skip is the
    moment of the change. Hours through a change are so much longer or shorter than the wall says.
    """
    start, end = (
        _wall(day, minute).bound(zone, last=last) for minute, last in zip(interval, (False, True), strict=True)
    )
    return (start, end) if start < end else None


def _wall(day: date, minute: int) -> WallTime:
    return WallTime(day, minute) if minute <= DAY else WallTime(day + timedelta(days=minute // DAY), minute % DAY)


def spans(day: date, hours: Day, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """A day's hours as instants in UTC, in order and apart: a break that the clocks swallow is none."""
    apart: list[tuple[datetime, datetime]] = []
    for start, end in filter(None, (instants(day, interval, zone) for interval in sorted(hours))):
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart


def worked(day: date, hours: Day, zone: ZoneInfo) -> int:
    """How long a day's hours last, in minutes that pass: through a change of clocks more or fewer than on the wall."""
    return sum(int((end - start).total_seconds()) // 60 for start, end in spans(day, hours, zone))


def time_off_problems(time: TimeOff) -> dict[str, Problem]:
    """What is wrong with a time off, by field."""
    if time.last < time.first:
        return {"last": Problem("problem.ends_before_it_begins")}
    if (time.last - time.first).days >= LONGEST_TIME_OFF:
        return {"last": Problem("problem.time_off_long", {"most": LONGEST_TIME_OFF})}
    if time.hours is not None and time.first != time.last:
        return {"hours": Problem("problem.hours_of_one_day")}
    return {}


def overlap(one: TimeOff, other: TimeOff) -> bool:
    """Whether somebody would be away twice at once, by the wall."""
    (start, end), (begin, finish) = _span(one), _span(other)
    return start < finish and begin < end


def _span(time: TimeOff) -> Interval:
    """First and last minute, half-open, counted from the first day that there is."""
    start, end = time.hours or (0, DAY)
    return time.first.toordinal() * DAY + start, time.last.toordinal() * DAY + end


def hours_beside(time: TimeOff, day: date) -> Interval | None:
    """What is left of hours off, as minutes of their own day, once somebody is away all of another day; or of that."""
    start, end = time.hours or (0, DAY)
    whole = (day - time.first).days * DAY
    for left in ((start, min(end, whole)), (max(start, whole + DAY), end)):
        if left[0] < left[1]:
            return left
    return None


def clash(
    valid_from: date, schedules: Iterable[Schedule], places: Mapping[LocationId, Place], zones: Mapping[LocationId, str]
) -> tuple[LocationId, LocationId] | None:
    """Two locations at which somebody would be at once, in the first week of a date on; None if there are none."""
    known = list(schedules)
    for offset in range(7):
        day = valid_from + timedelta(days=offset)
        spans = [
            (instant, shift.location)
            for shift in shifts(day, known, places)
            for interval in shift.hours
            if (instant := instants(day, interval, ZoneInfo(zones[shift.location])))
        ]
        for (one, here), (other, there) in itertools.combinations(spans, 2):
            if here != there and one[0] < other[1] and other[0] < one[1]:
                return here, there
    return None
