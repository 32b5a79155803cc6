"""The visits of a client as tiers see them, with running sums: what a window holds is found without adding it up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import overload

from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.programme import Standing
from console.domain.loyalty.rules.value import value


@value
class Attended:
    """A visit as tiers see it: its business date, whether it counts as one, what was paid for it, and which it is."""

    on: date
    counts: bool
    paid: int
    visit: int = 0


@dataclass(slots=True)
class _Sums:
    """Visits by date, and how many counted and what was paid before each, and in the end. Only ever added to.

    `days`: their dates as ordinal numbers.
    """

    visits: list[Attended] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    counted: list[int] = field(default_factory=lambda: [0])
    paid: list[int] = field(default_factory=lambda: [0])

    def add(self, visit: Attended) -> None:
        self.visits.append(visit)
        self.days.append(visit.on.toordinal())
        self.counted.append(self.counted[-1] + visit.counts)
        self.paid.append(self.paid[-1] + visit.paid)


class Attendance(Sequence[Attended]):
    """Visits by date, those of one date in the order in which they came. A value: a visit more makes another one.

    It is the first `many` of its sums, which it shares with those that it was made of and those made of it.
    """

    __slots__ = ("_many", "_sums")

    def __init__(self, sums: _Sums, many: int) -> None:
        self._sums, self._many = sums, many

    @classmethod
    def of(cls, visits: Iterable[Attended]) -> Attendance:
        if isinstance(visits, Attendance):
            return visits
        sums = _Sums()
        for one in sorted(visits, key=lambda one: one.on):
            sums.add(one)
        return cls(sums, len(sums.visits))

    def adding(self, visit: Attended) -> Attendance:
        """A visit more, after the others of its date."""
        sums, many = self._sums, self._many
        if many != len(sums.visits) or (many and visit.on < sums.visits[many - 1].on):
            return Attendance.of((*self, visit))
        sums.add(visit)
        return Attendance(sums, many + 1)

    def standing(self, on: date, days: int, live: Live) -> Standing:
        """What counts on a date of a window of so many days (section 2); 0: of a lifetime."""
        sums, first = self._sums, self.left(on, days, live)
        end = bisect_right(sums.days, on.toordinal(), 0, self._many)
        return Standing(sums.counted[end] - sums.counted[first], sums.paid[end] - sums.paid[first])

    def between(self, first: int, end: int) -> Standing:
        """What the visits from a place on count, those from another one on left out."""
        counted, paid = self._sums.counted, self._sums.paid
        return Standing(counted[end] - counted[first], paid[end] - paid[first])

    def left(self, on: date, days: int, live: Live) -> int:
        """How many visits, the first ones, the window of a date holds no more."""
        if not days:
            return 0
        if not live.paused:
            return bisect_right(self._sums.days, on.toordinal() - days, 0, self._many)
        # The later a visit, the later it leaves: a pause that stretches the window of one stretches that of the next.
        return bisect_right(self._sums.visits, on, 0, self._many, key=lambda one: live.leaves(one.on, days))

    def through(self, on: date) -> int:
        """How many visits were up to a date."""
        return bisect_right(self._sums.days, on.toordinal(), 0, self._many)

    def __len__(self) -> int:
        return self._many

    @overload
    def __getitem__(self, at: int) -> Attended: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Attended]: ...

    def __getitem__(self, at: int | slice) -> Attended | Sequence[Attended]:
        if isinstance(at, slice):
            first, end, step = at.indices(self._many)
            return Attendance(self._sums, max(0, end)) if (first, step) == (0, 1) else self._sums.visits[first:end:step]
        return self._sums.visits[range(self._many)[at]]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Attendance):
            return NotImplemented
        shared = self._sums is other._sums and self._many == other._many
        return shared or list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(list(self))
