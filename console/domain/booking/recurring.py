"""On which dates a recurring booking falls."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from console.domain.errors import Invalid, Problem

MOST_EVERY = 52
MOST_COUNT = 260
LONGEST = timedelta(days=5 * 366)
SHIFTED_AT_MOST = 31
"""Days by which the dates of a rule by months may lie beside its weekdays."""
LAST_WEEK = 4
"""The last week of a month, by number from 0, whether it is the fifth or the fourth."""
MOVED_AT_MOST = 13
"""Days that an occurrence moves on from a closed one; then it is skipped."""


class Unit(StrEnum):
    """What is counted between two rounds of a recurring booking."""

    WEEK = "week"
    MONTH = "month"


class OnHoliday(StrEnum):
    """What becomes of an occurrence on a day that a holiday closes."""

    SKIP = "skip"
    MOVE = "move"


@dataclass(frozen=True)
class Recurrence:
    """Every so many weeks on some weekdays (0 is Monday), or every so many months on those of one week of the month.

    The week of the month is kept: the second Tuesday stays the second; from the fifth on it is the last. `nth` says
    which, from 0, for a rule that begins elsewhere; None: that of `starts_on`. It ends with `until` (included) or after
    `count` occurrences that take place; else it goes on. `shifted`: days by which it was moved as a whole: weeks begin
    so much after Monday, and each date of a month is so many days later than the weekday of the week that is counted.
    """

    starts_on: date
    every: int
    unit: Unit
    weekdays: tuple[int, ...]
    until: date | None = None
    count: int | None = None
    on_holiday: OnHoliday = OnHoliday.SKIP
    shifted: int = 0
    nth: int | None = None

    @property
    def week(self) -> int | None:
        """Which week of the month is counted, from 0, of which `LAST_WEEK` is the last; None for a rule by weeks."""
        if self.unit is Unit.WEEK:
            return None
        return min((self.counted[0].day - 1) // 7, LAST_WEEK) if self.nth is None else self.nth

    @property
    def counted(self) -> tuple[date, list[int]]:
        """The beginning and the weekdays, in their order, by which weeks and months are counted."""
        begins = self.starts_on - timedelta(days=self.shifted)
        return begins, sorted({(one - self.shifted) % 7 for one in self.weekdays})


@dataclass(frozen=True)
class Made:
    """What was made of a rule: all dates through `until`, but those that were `skipped`."""

    until: date
    skipped: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Occurrence:
    """A date by the rule, and the one on which it takes place: another one where that is closed, None: skipped."""

    on: date
    held: date | None


@dataclass(frozen=True)
class Plan:
    """How often from one date on, and until when: as in a `Recurrence`; `count` is counted from there."""

    every: int
    unit: Unit
    weekdays: tuple[int, ...]
    until: date | None = None
    count: int | None = None
    on_holiday: OnHoliday = OnHoliday.SKIP

    @property
    def rhythm(self) -> tuple[int, Unit, tuple[int, ...]]:
        """On which dates, as long as it goes on."""
        return self.every, self.unit, tuple(sorted(set(self.weekdays)))


def plan_of(rule: Recurrence, taken: int = 0) -> Plan:
    """What a rule says of its dates after so many that took place."""
    left = None if rule.count is None else rule.count - taken
    return Plan(rule.every, rule.unit, tuple(sorted(set(rule.weekdays))), rule.until, left, rule.on_holiday)


def going_on(rule: Recurrence, plan: Plan, first: date, earliest: date) -> Recurrence:
    """The rule that a plan makes of another one from one of its dates on.

    Where the rhythm is another one, all of the first week or month counts, but nothing before `earliest`: what lay on
    a Wednesday may go to the Monday before. The week of the month is kept as it was said.
    """
    same = plan.rhythm == plan_of(rule).rhythm
    by = rule.shifted if same else 0
    week = rule.week if rule.week is not None else min((first.day - 1) // 7, LAST_WEEK)
    begins = first - timedelta(days=by)
    begins -= timedelta(days=begins.weekday() if plan.unit is Unit.WEEK else begins.day - 1)
    return Recurrence(
        first if same else min(first, max(begins, earliest)),
        plan.every,
        plan.unit,
        plan.rhythm[2],
        plan.until,
        plan.count,
        plan.on_holiday,
        by,
        week if plan.unit is Unit.MONTH else None,
    )


def paired(before: Iterable[date], after: Iterable[date], unit: Unit) -> dict[date, date]:
    """Which date of another rule each date of one goes to: to itself, else to the nearest of its week or month.

    None goes to two, no two go to one; what has nothing to go to is left out.
    """
    old, new = set(before), set(after)
    pairs = {on: on for on in old & new}
    near = sorted(
        (abs((to - on).days), on, to)
        for on in old - pairs.keys()
        for to in new - pairs.keys()
        if _round(on, unit) == _round(to, unit)
    )
    for _, on, to in near:
        if on not in pairs and to not in pairs.values():
            pairs[on] = to
    return pairs


def _round(on: date, unit: Unit) -> tuple[int, int]:
    return on.isocalendar()[:2] if unit is Unit.WEEK else (on.year, on.month)


def problems(rule: Recurrence) -> dict[str, Problem]:
    """What is wrong with a recurrence, by field."""
    found: dict[str, Problem] = {}
    if not 1 <= rule.every <= MOST_EVERY:
        found["every"] = Problem("problem.range", {"low": 1, "high": MOST_EVERY})
    if not rule.weekdays or not set(rule.weekdays) <= set(range(7)):
        found["weekdays"] = Problem("problem.required")
    if rule.until is not None and rule.count is not None:
        found["count"] = Problem("problem.until_or_count")
    if rule.until is not None and not rule.starts_on <= rule.until <= rule.starts_on + LONGEST:
        found["until"] = Problem("problem.until")
    if rule.count is not None and not 1 <= rule.count <= MOST_COUNT:
        found["count"] = Problem("problem.range", {"low": 1, "high": MOST_COUNT})
    return found


def shifted(rule: Recurrence, days: int) -> Recurrence:
    """The rule each of whose dates is so many days later, or earlier. Raises `Invalid` (`days`)."""
    later, by = timedelta(days=days), rule.shifted + days
    if rule.unit is Unit.WEEK:
        by %= 7
    elif abs(by) > SHIFTED_AT_MOST:
        low, high = -SHIFTED_AT_MOST - rule.shifted, SHIFTED_AT_MOST - rule.shifted
        raise Invalid({"days": Problem("problem.range", {"low": max(low, -6), "high": min(high, 6)})})
    return replace(
        rule,
        starts_on=rule.starts_on + later,
        weekdays=tuple(sorted({(one + days) % 7 for one in rule.weekdays})),
        until=rule.until and rule.until + later,
        shifted=by,
    )


def dates(rule: Recurrence, last: date) -> list[date]:
    """The dates by the rule through a last one, in order, however many take place."""
    end = min(last, rule.until) if rule.until else last
    return [on for on in _endless(rule, end) if rule.starts_on <= on <= end]


def _endless(rule: Recurrence, end: date) -> Iterator[date]:
    (begins, weekdays), later = rule.counted, timedelta(days=rule.shifted)
    if rule.unit is Unit.WEEK:
        monday = begins - timedelta(days=begins.weekday())
        while monday + later <= end:
            yield from (monday + timedelta(days=one) + later for one in weekdays)
            monday += timedelta(weeks=rule.every)
        return
    nth = rule.week or 0
    year, month = begins.year, begins.month
    while date(year, month, 1) + later <= end:
        yield from sorted(_nth(year, month, nth, one) + later for one in weekdays)
        month += rule.every
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1


def _nth(year: int, month: int, nth: int, weekday: int) -> date:
    """The weekday of a week of the month; the fifth is the last one."""
    first = date(year, month, 1)
    on = first + timedelta(days=(weekday - first.weekday()) % 7)
    if nth < LAST_WEEK:
        return on + timedelta(weeks=nth)
    last = calendar.monthrange(year, month)[1]
    return on + timedelta(weeks=(last - on.day) // 7)


def occurrences(
    rule: Recurrence,
    last: date,
    is_closed: Callable[[date], bool],
    is_open: Callable[[date], bool],
    before: Made | None = None,
) -> list[Occurrence]:
    """The dates by the rule through a last one, and those on which they take place; no two on one day.

    `is_closed`: by a holiday. Such a one moves on to the next day that is open and that is no date of the rule, nor of
    its going on after its end: so what a date moves to does not hang on how far one looks. What is skipped counts not.
    Dates that were made `before` are as they were made, whatever is closed by now.
    """
    taken = set(_endless(rule, last + timedelta(days=MOVED_AT_MOST)))
    left = rule.count
    found: list[Occurrence] = []
    for on in dates(rule, last):
        if left == 0:
            break
        held: date | None = on
        if before and on <= before.until:
            held = None if on in before.skipped else on
        elif is_closed(on):
            held = _moved(on, taken, is_open) if rule.on_holiday is OnHoliday.MOVE else None
        if held:
            taken.add(held)
            left = None if left is None else left - 1
        found.append(Occurrence(on, held))
    return found


def _moved(on: date, taken: set[date], is_open: Callable[[date], bool]) -> date | None:
    later = (on + timedelta(days=days) for days in range(1, MOVED_AT_MOST + 1))
    return next((one for one in later if one not in taken and is_open(one)), None)
