"""Opening hours: reading and writing them, what they must be, and whether a place is open at a moment.

Hours of a day are intervals (from, to) in minutes since its midnight, in order, apart from each other; the last
may run past midnight (20:00–2:00 is 1200 to 1560). A week is seven days, Monday first; no intervals is closed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from console.domain.clock import WallTime
from console.domain.errors import Problem

Names = Mapping[str, str]
"""Language to name."""
Interval = tuple[int, int]
Day = tuple[Interval, ...]
Week = tuple[Day, ...]

DAY = 24 * 60
CLOSED: Day = ()
ROUND_THE_CLOCK: Day = ((0, DAY),)
USUAL_HOURS: Week = (((9 * 60, 18 * 60),),) * 5 + (CLOSED,) * 2
"""Of a new location."""
USUAL_NOTICE = 24
"""Hours before a booking until when it is cancelled freely at a new location."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MOST_INTERVALS = 5
LATEST_END = 8 * 60
"""An end before its beginning is of the next day up to this minute; later ones are taken for a slip."""
LONGEST_NIGHT = 16 * 60
"""As long may hours that run past midnight be: `9-5` is a slip, `10-2` is a restaurant."""
HORIZON = 60
"""Days in which the next opening or closing is looked for."""

_CLOSED_WORDS = {"", "-", "x", "closed", "off", "day off", "закрыто", "закрыт", "выходной", "не работаем"}
_ALWAYS_WORDS = {"24/7", "24h", "24 h", "24 hours", "all day", "round the clock", "круглосуточно", "24 ч", "24 часа"}
_DASHES = re.compile(r"[‐-―−~]|\.{2,3}|…")
_TIME = r"([0-9]{1,4})(?:[:.h]([0-9]{2}))?\s*(am|pm|a\.m\.|p\.m\.|h|ч)?"
_INTERVAL = re.compile(rf"(?<![0-9:.]){_TIME}\s*(?:-|to|till|until|до)\s*{_TIME}(?![0-9:])")
_BETWEEN = re.compile(r"(?:[\s,;/+&.]|\band\b|\bfrom\b|\bи\b|\bс\b)*")


class Unusable(ValueError):
    """Hours that cannot be used; `problem` says why."""

    def __init__(self, key: str, **params: str | int) -> None:
        super().__init__(key)
        self.problem = Problem(key, params)


def parse_day(typed: str) -> Day:
    """Hours as people write them: `9-18`, `9:00–13:00, 14-20`, `closed`, `закрыто`. Raises `Unusable`."""
    text = _DASHES.sub("-", " ".join(typed.casefold().split()))
    if text in _CLOSED_WORDS:
        return CLOSED
    if text in _ALWAYS_WORDS:
        return ROUND_THE_CLOCK
    if not _BETWEEN.fullmatch(_INTERVAL.sub(" ", text)):
        raise Unusable("problem.hours")
    day = tuple(sorted(_interval(*found.groups()) for found in _INTERVAL.finditer(text)))
    if not day:
        raise Unusable("problem.hours")
    if len(day) > MOST_INTERVALS:
        raise Unusable("problem.hours_many", most=MOST_INTERVALS)
    for first, second in itertools.pairwise(day):
        _apart(first, second)
    return day


def _interval(*parts: str | None) -> Interval:
    start, end = _minute(*parts[:3]), _minute(*parts[3:])
    shown = format_interval((start, end))
    if start in (end, DAY):
        raise Unusable("problem.hours_empty", range=shown)
    if end < start:
        end += DAY
        if end > DAY + LATEST_END or end - start > LONGEST_NIGHT:
            raise Unusable("problem.hours_reversed", range=shown)
    return start, end


def _minute(hours: str | None, minutes: str | None = None, half: str | None = None) -> int:
    digits = hours or ""
    if len(digits) > 2 and minutes is None:
        digits, minutes = digits[:-2], digits[-2:]
    hour, minute = int(digits), int(minutes or 0)
    named = f"{digits}:{minute:02}"
    if half and half[0] in "ap":
        if not 1 <= hour <= 12:
            raise Unusable("problem.hours_time", time=named)
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    if hour > 24 or minute > 59 or hour * 60 + minute > DAY:
        raise Unusable("problem.hours_time", time=named)
    return hour * 60 + minute


def _apart(first: Interval, second: Interval) -> None:
    shown = {"first": format_interval(first), "second": format_interval(second)}
    if second[0] < first[1]:
        raise Unusable("problem.hours_overlap", **shown)
    if second[0] == first[1]:
        whole = format_interval((first[0], second[1]))
        raise Unusable("problem.hours_touch", **shown, whole=whole)


def format_day(day: Day, closed: str = "") -> str:
    """Hours in writing, `9:00–13:00, 14:00–20:00`; `parse_day` reads them back."""
    return ", ".join(map(format_interval, day)) or closed


def format_interval(interval: Interval) -> str:
    start, end = interval
    return f"{format_minute(start)}–{format_minute(end if end <= DAY else end - DAY)}"


def format_minute(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def week_problems(week: Week) -> dict[str, Problem]:
    """What is wrong between the days: weekday to the problem of hours that run into those of the next day."""
    return {
        WEEKDAYS[at]: Problem("problem.hours_next_day", {"range": format_interval(day[-1])})
        for at, day in enumerate(week)
        if day and (following := week[(at + 1) % 7]) and day[-1][1] - DAY > following[0][0]
    }


def alike(week: Week) -> list[tuple[int, int, Day]]:
    """Neighbouring weekdays with the same hours, as (first, last, hours); closed days are left out."""
    found: list[tuple[int, int, Day]] = []
    for at, day in enumerate(week):
        if found and found[-1][1] == at - 1 and found[-1][2] == day:
            found[-1] = found[-1][0], at, day
        elif day:
            found.append((at, at, day))
    return found


@dataclass(frozen=True)
class Special:
    """A date that departs from the weekly hours."""

    names: Names
    hours: Day


@dataclass(frozen=True)
class Opening:
    """How a place stands at a moment. `today`: the hours of its date; `special`: the names of a day that departs.

    Open: `until` it closes, None for round the clock. Closed: `opens` next, None where that is not to be seen.
    """

    open: bool
    today: Day
    special: Names | None
    until: WallTime | None = None
    opens: WallTime | None = None


def opening(week: Week, specials: Mapping[date, Special], now: datetime) -> Opening:
    """Whether a place is open at a moment, and until or from when.

    `now` is aware, in the place's zone. A boundary that the clocks show twice counts the first time; one that they
    skip counts when they have passed it. Hours past midnight belong to the day on which they began.
    """
    today = now.date()
    special = specials.get(today)
    hours = special.hours if special else week[today.weekday()]
    names = special.names if special else None
    horizon = _absolute(today + timedelta(days=HORIZON))
    for start, end in _spans(week, specials, today):
        if _reached(end, now):
            continue
        if _reached(start, now):
            return Opening(True, hours, names, until=None if end >= horizon else _ending(end))
        return Opening(False, hours, names, opens=_beginning(start))
    return Opening(False, hours, names)


def _spans(week: Week, specials: Mapping[date, Special], today: date) -> list[Interval]:
    """From yesterday to the horizon in minutes since the first of all days; what meets is one span."""
    spans: list[Interval] = []
    for offset in range(-1, HORIZON):
        on = today + timedelta(days=offset)
        special = specials.get(on)
        for start, end in special.hours if special else week[on.weekday()]:
            start, end = _absolute(on) + start, _absolute(on) + end
            if spans and start <= spans[-1][1]:
                spans[-1] = spans[-1][0], max(end, spans[-1][1])
            else:
                spans.append((start, end))
    return spans


def _absolute(on: date) -> int:
    return on.toordinal() * DAY


def _beginning(minute: int) -> WallTime:
    return WallTime(date.fromordinal(minute // DAY), minute % DAY)


def _ending(minute: int) -> WallTime:
    return WallTime(date.fromordinal((minute - 1) // DAY), (minute - 1) % DAY + 1)


def _reached(minute: int, now: datetime) -> bool:
    """Whether the clocks have shown this minute, also if they were set back since."""
    wall = datetime.combine(date.fromordinal(minute // DAY), datetime.min.time()) + timedelta(minutes=minute % DAY)
    if now.replace(tzinfo=None, fold=0) >= wall:
        return True
    return wall.replace(tzinfo=now.tzinfo).astimezone(UTC) <= now.astimezone(UTC)


@dataclass(frozen=True)
class Off:
    """Days in a row that depart from the weekly hours for one reason. `place`: None for everywhere."""

    first: date
    last: date
    names: Names
    place: str | None
    hours: Day

    def holds(self, day: Off) -> bool:
        """Whether a single day is one of these."""
        return self.first <= day.first <= self.last and replace(day, first=self.first, last=self.last) == self


def in_a_row(days: Sequence[Off]) -> list[Off]:
    """Single days, ordered by date, with neighbours of the same names, place and hours joined."""
    joined: list[Off] = []
    for day in days:
        for at, known in enumerate(joined):
            if replace(known, first=day.first, last=day.last) == day and known.last + timedelta(days=1) == day.first:
                joined[at] = replace(known, last=day.last)
                break
        else:
            joined.append(day)
    return joined
