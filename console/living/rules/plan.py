"""The plan of the demo's business: day by day who comes, for what, by whom, and what becomes of it.

What is planned of a day goes by the days before it alone: a plan that goes further begins like a shorter one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from console.living.rules.fates import Fate, Fated, Moment, fated
from console.living.rules.free import Day, Spot
from console.living.rules.habits import PAST, Codes, Habit, Member, member
from console.living.rules.team import Absence, absences

AHEAD = 21
"""Days that are planned beyond the day that is lived."""
FIRST_CALL, CALLS = 545, 480
"""The minute of the day from which on somebody calls for the first time, and in how many."""
ANEW = 3
"""Days after which somebody who called off wants to come instead."""
PAID = 4
"""Visits that bring a free one."""
SHARE = 5
"""Of so many visits of a date one is played as a free one, at most: who has one as well keeps it for another time."""

Busy = tuple[date, int, int, int]
"""A date, a person, and from which minute to which they have something else to do."""


@dataclass(frozen=True)
class Planned:
    """A visit that is planned: whose, which of theirs, when, for what, where it found its place, and its fate.

    `before`: the minute of the day for which it was booked first, where it was moved. `plays`: it is for nothing, where
    they have a free visit.
    """

    member: Member
    visit: int
    day: date
    codes: Codes
    spot: Spot
    fated: Fated
    before: int | None = None
    plays: bool = False

    @property
    def key(self) -> str:
        return f"{self.member.number} {self.visit}"

    @property
    def begins(self) -> Moment:
        return Moment(self.day, self.spot.minute)


@dataclass(frozen=True)
class Plan:
    """What happens from the first day on."""

    first: date
    planned: Sequence[Planned]
    joining: Sequence[tuple[Moment, Member]]
    absences: Sequence[Absence]


def first_day(made: date) -> date:
    """The Monday with which the history of a demo begins that is made on a date."""
    return made - timedelta(days=made.weekday() + PAST)


def plan(made: date, until: date, size: int, is_closed: Callable[[date], bool], busy: Collection[Busy] = ()) -> Plan:
    """What happens through a date, of a demo made on a date with so many clients; `busy`: what people do beside it."""
    first = first_day(made)
    planner = _Planner(first, size, busy)
    for week in range((until - first).days // 7 + 1):
        planner.absent += absences(week, first + timedelta(weeks=week))
    for ahead in range((until - first).days + 1):
        planner.welcome(ahead)
        if not is_closed(first + timedelta(days=ahead)):
            planner.fill(first + timedelta(days=ahead))
    return Plan(first, planner.planned, planner.joining, planner.absent)


class _Planner:
    def __init__(self, first: date, size: int, busy: Collection[Busy]) -> None:
        self.first = first
        self.planned: list[Planned] = []
        self.joining: list[tuple[Moment, Member]] = []
        self.absent: list[Absence] = []
        self._size = size
        self._busy: dict[date, list[tuple[int, int, int]]] = defaultdict(list)
        for day, *rest in busy:
            self._busy[day].append((rest[0], rest[1], rest[2]))
        self._due: dict[int, tuple[int, int]] = {}
        self._paid: dict[int, int] = defaultdict(int)
        self._comers = self._in_order()
        self._next = next(self._comers)

    def _in_order(self) -> Iterator[Member]:
        yield from sorted((member(n, self._size) for n in range(self._size)), key=lambda one: (one.joins, one.number))
        number = self._size
        while True:
            yield member(number, self._size)
            number += 1

    def welcome(self, ahead: int) -> None:
        """Those who join by a day want to come from then on."""
        while self._next.joins <= ahead:
            self.joining.append((self._joined(self._next), self._next))
            self._due[self._next.number] = (self._next.first_due, 0)
            self._next = next(self._comers)

    def _joined(self, who: Member) -> Moment:
        return Moment(self.first + timedelta(days=max(who.joins, 0)), FIRST_CALL + who.number * 7 % CALLS)

    def fill(self, day: date) -> None:
        """Find a place for everybody who is due; who finds none is due on the next day."""
        today = Day(day, [one.person for one in self.absent if one.covers(day)])
        for who, begin, end in self._busy[day]:
            today.take(who, begin, end)
        ahead = (day - self.first).days
        due = [(number, *of) for number, of in self._due.items() if of[0] <= ahead]
        before = len(self.planned)
        for number, wanted, visit in sorted(due, key=lambda one: (one[1] // 7, _turn(member(one[0], self._size)))):
            self._settle(today, member(number, self._size), wanted, visit)
        self._let_play(range(before, len(self.planned)))

    def _let_play(self, of_day: Iterable[int]) -> None:
        """Let some of those who come on a date play a free visit, who have waited for it longest first."""
        of_day = [at for at in of_day if self.planned[at].fated.fate is Fate.COMES]
        for at in of_day:
            self._paid[self.planned[at].member.number] += 1
        earned = sorted(of_day, key=lambda at: (-self._paid[self.planned[at].member.number], at))
        for at in earned[: (len(of_day) + 1) // SHARE]:
            one = self.planned[at]
            if self._paid[one.member.number] > PAID:
                self._paid[one.member.number] -= PAID + 1
                self.planned[at] = replace(one, plays=True)

    def _settle(self, today: Day, who: Member, wanted: int, visit: int) -> None:
        codes = who.codes(visit)
        spot = today.place(codes, who.minute, who.person, by_crew=who.by_crew and codes == ("OFF",))
        ahead = (today.on - self.first).days
        if spot is None:
            return
        fate = fated(who, visit, Moment(today.on, spot.minute), self._joined(who))
        before = today.place(codes, (spot.minute + 240) % 720 + 540, spot.people[0]) if fate.moved else None
        moves = before is not None and before.people == spot.people and before.minute != spot.minute
        self.planned.append(
            Planned(who, visit, today.on, codes, spot, fate, before.minute if before and moves else None)
        )
        pause = who.pause(visit)
        if fate.fate in (Fate.CALLS_OFF, Fate.WE_CANCEL, Fate.LATE) and pause is not None:
            pause = min(pause, ANEW)
        if pause is None:
            del self._due[who.number]
        else:
            base = wanted if who.habit in (Habit.WEEKLY, Habit.FORTNIGHTLY, Habit.BUSINESS) else ahead
            self._due[who.number] = (max(base + pause, ahead + 1), visit + 1)


def _turn(who: Member) -> tuple[int, int]:
    order = (Habit.BUSINESS, Habit.WEEKLY, Habit.FORTNIGHTLY)
    return (order.index(who.habit) if who.habit in order else len(order), who.number)
