"""The sheet of an agenda: which hours it shows, and where things lie on it.

A sheet is measured in minutes from its top. That of one date counts minutes that pass, so that on the days on which
the clocks change an hour is missing or there twice; sheets side by side for a week count minutes on the wall.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from console.domain.business.rules import DAY, Day, Interval
from console.domain.clock import WallTime
from console.domain.roster.rules import instants

UNIT = 5
"""Minutes of the grid on which things are drawn."""
HOUR = 60
MOST_UNITS = 36 * HOUR // UNIT
"""How long a sheet may be; what goes on longer is cut off."""
CELL = 30
"""Minutes between two free places that are offered on a sheet."""
LEAST_CELL = 15
TENTHS = 10
USUAL: Interval = (9 * HOUR, 18 * HOUR)
"""Hours that are shown where nothing else says any."""

Span = tuple[datetime, datetime]
"""Two instants, half-open."""


@dataclass(frozen=True)
class Hour:
    """A line of a sheet: minutes from its top, and the minute of the day that the wall shows."""

    at: int
    wall: int


@dataclass(frozen=True)
class Axis:
    """The hours of one date. `walls`: from which minute on the wall shows what, minutes since the date's midnight."""

    day: date
    starts_at: datetime
    minutes: int
    walls: tuple[tuple[int, int], ...]

    def at(self, moment: datetime) -> int:
        """Where an instant lies, in minutes from the top; outside the sheet less than 0 or more than its length."""
        return int((moment - self.starts_at).total_seconds() // 60)

    def wall(self, at: int) -> int:
        """What the wall shows there, in minutes since the date's midnight."""
        start, shown = self.walls[max(bisect_right(self.walls, (at, 2**40)) - 1, 0)]
        return shown + at - start

    def turn(self, at: int) -> int | None:
        """Of what the wall shows twice on this sheet, whether it is the first (0) or the second time; else None."""
        index = max(bisect_right(self.walls, (at, 2**40)) - 1, 0)
        shown = self.wall(at)
        if self.walls[index + 1 :] and shown >= self.walls[index + 1][1]:
            return 0
        if index and shown < self.walls[index - 1][1] + self.walls[index][0] - self.walls[index - 1][0]:
            return 1
        return None

    @property
    def passing(self) -> Axis:
        return self

    @property
    def hours(self) -> list[Hour]:
        walls = ((at, self.wall(at)) for at in range(0, self.minutes, CELL))
        return [Hour(at, wall) for at, wall in walls if wall % HOUR == 0]


@dataclass(frozen=True)
class WallAxis:
    """The hours of one date of several, `first` to `last` minute on the wall."""

    day: date
    first: int
    last: int
    zone: ZoneInfo

    @property
    def minutes(self) -> int:
        return self.last - self.first

    def at(self, moment: datetime) -> int:
        """Where an instant lies, in minutes from the top."""
        shown = WallTime.of(moment, self.zone)
        return (shown.on - self.day).days * DAY + shown.minute - self.first

    def wall(self, at: int) -> int:
        """What the wall shows there, in minutes since the date's midnight."""
        return self.first + at

    def turn(self, at: int) -> None:
        """Hours that the wall shows twice lie over one another here."""

    @property
    def walls(self) -> tuple[tuple[int, int], ...]:
        return ((0, self.first),)

    @cached_property
    def passing(self) -> Axis:
        """The same hours in minutes that pass."""
        start = WallTime(self.day, self.first).bound(self.zone)
        end = WallTime(self.day + timedelta(days=self.last // DAY), self.last % DAY).bound(self.zone, last=True)
        minutes = int((end - start).total_seconds()) // 60
        return Axis(self.day, start, minutes, _walls(self.day, start, minutes, self.zone))

    @property
    def hours(self) -> list[Hour]:
        return [Hour(at, self.first + at) for at in range(0, self.minutes, HOUR)]


Either = Axis | WallAxis


def window(day: date, before: Day, hours: Day, zone: ZoneInfo) -> Span:
    """Which instants belong to a date: hours past midnight to the one on which they began.

    `before`: the hours of the date before it.
    """
    start = WallTime(day, 0).bound(zone)
    for span in filter(None, (instants(day - timedelta(days=1), one, zone) for one in before)):
        start = max(start, span[1])
    end = WallTime(day + timedelta(days=1), 0).bound(zone)
    for span in filter(None, (instants(day, one, zone) for one in hours)):
        end = max(end, span[1])
    return start, end


def axis(day: date, spans: Iterable[Span], zone: ZoneInfo) -> Axis:
    """The sheet of a date on which all spans lie, from a whole hour on the wall to another one."""
    known = list(spans) or [span for span in (instants(day, USUAL, zone),) if span]
    first = min((span[0] for span in known), default=WallTime(day, 0).bound(zone))
    last = max((span[1] for span in known), default=first)
    start = first - timedelta(minutes=WallTime.of(first, zone).minute % HOUR)
    end = last + timedelta(minutes=-WallTime.of(last, zone).minute % HOUR)
    minutes = min(max(int((end - start).total_seconds()) // 60, HOUR), MOST_UNITS * UNIT)
    return Axis(day, start, minutes, _walls(day, start, minutes, zone))


def _walls(day: date, start: datetime, minutes: int, zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """The first minute, and every one at which the wall does not show what it would."""
    found: list[tuple[int, int]] = []
    for at in range(0, minutes + 1, CELL):
        shown = WallTime.of(start + timedelta(minutes=at), zone)
        wall = (shown.on - day).days * DAY + shown.minute
        if not found or wall != found[-1][1] + at - found[-1][0]:
            found.append((at, wall))
    return tuple(found)


def wall_axes(days: Sequence[date], spans: Iterable[tuple[date, Span]], zone: ZoneInfo) -> list[WallAxis]:
    """Sheets side by side with the same hours, on which all spans lie; each span with the date that it belongs to."""
    starts, ends = [], []
    for day, span in spans:
        one = WallAxis(day, 0, DAY, zone)
        starts.append(one.at(span[0]))
        ends.append(one.at(span[1]))
    first = max(min(starts, default=USUAL[0]) // HOUR * HOUR, 0)
    last = -(-max(ends, default=USUAL[1]) // HOUR) * HOUR
    last = min(max(last, first + HOUR), first + MOST_UNITS * UNIT)
    return [WallAxis(day, first, last, zone) for day in days]


@dataclass(frozen=True)
class Spot:
    """Where something is drawn, in units from the top; at least one unit high."""

    top: int
    height: int


def spot(start: int, end: int, length: int) -> Spot | None:
    """The units that an interval of a sheet touches; None where nothing of it lies on a sheet of that length."""
    start, end = max(start, 0), min(end, length)
    if start >= end:
        return None
    top = start // UNIT
    return Spot(top, max(-(-end // UNIT) - top, 1))


def lanes(intervals: Sequence[Interval]) -> list[tuple[int, int]]:
    """For each interval its lane and how many lanes there are beside it: what overlaps stands side by side."""
    order = sorted(range(len(intervals)), key=lambda one: (intervals[one][0], -intervals[one][1], one))
    found = [(0, 1)] * len(intervals)
    cluster: list[int] = []
    ends: list[int] = []
    for one in order:
        start, end = intervals[one]
        if ends and start >= max(ends):
            _close(found, cluster, len(ends))
            cluster, ends = [], []
        free = next((lane for lane, until in enumerate(ends) if until <= start), len(ends))
        if free == len(ends):
            ends.append(end)
        else:
            ends[free] = end
        found[one] = (free, 1)
        cluster.append(one)
    _close(found, cluster, len(ends))
    return found


def _close(found: list[tuple[int, int]], cluster: Sequence[int], count: int) -> None:
    for one in cluster:
        found[one] = found[one][0], count


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Intervals in order and apart."""
    apart: list[Interval] = []
    for start, end in sorted(intervals):
        if apart and start <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        elif start < end:
            apart.append((start, end))
    return apart


def covered(spans: Iterable[tuple[Span, str]]) -> list[tuple[Span, tuple[str, ...]]]:
    """Spans with names cut where anything begins or ends: for each piece the names that lie there, in their order."""
    known = list(dict.fromkeys(spans))
    cuts = sorted({moment for span, _ in known for moment in span})
    found: list[tuple[Span, tuple[str, ...]]] = []
    for start, end in pairwise(cuts):
        names = tuple(dict.fromkeys(name for span, name in known if span[0] <= start and end <= span[1]))
        if names and found and found[-1][0][1] == start and found[-1][1] == names:
            found[-1] = (found[-1][0][0], end), names
        elif names:
            found.append(((start, end), names))
    return found


def gaps(intervals: Iterable[Interval], length: int) -> list[Interval]:
    """What intervals leave of a sheet of that length."""
    left: list[Interval] = []
    at = 0
    for start, end in joined(intervals):
        if start > at:
            left.append((at, min(start, length)))
        at = max(at, end)
    if at < length:
        left.append((at, length))
    return [(start, end) for start, end in left if start < end]


def cells(hours: Iterable[Interval], taken: Iterable[Interval], length: int) -> list[Interval]:
    """The free places of a sheet: what is left of the hours, cut at every half hour, none under 15 minutes."""
    closed = gaps(hours, length)
    found = []
    for start, end in gaps([*closed, *taken], length):
        at = -(-start // UNIT) * UNIT
        while at < end:
            then = min((at // CELL + 1) * CELL, end)
            if then - at >= LEAST_CELL:
                found.append((at, then))
            at = then
    return found


def fullness(booked: int, available: int) -> int:
    """How full a day is in tenths, rounded up: 0 for nothing booked, 11 for more than there is."""
    if booked <= 0:
        return 0
    if booked > available:
        return TENTHS + 1
    return -(-booked * TENTHS // available)
