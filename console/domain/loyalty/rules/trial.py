"""What a programme makes of a business's own history, client by client. Amounts in minor units.

All visits that there are go through it, so that cards and tiers are as they would be; those of a period are counted.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta

from console.domain.loyalty.rules.events import Dropped, FreeVisitExpired, FreeVisitIssued, Raised
from console.domain.loyalty.rules.pricing import free_line
from console.domain.loyalty.rules.programme import Programme
from console.domain.loyalty.rules.replaying import Past, Step, Trial

TOP = 20
"""So many of those who gain or lose most are told by name."""


@dataclass(frozen=True, slots=True)
class Period:
    """The year through a date, and the days on which it is looked who holds which tier: each month's last, and that."""

    as_of: date

    @property
    def since(self) -> date:
        """Its first day."""
        year, month, day = self.as_of.year - 1, self.as_of.month, self.as_of.day
        return date(year, month, min(day, monthrange(year, month)[1])) + timedelta(1)

    @property
    def looks(self) -> Sequence[date]:
        return [*_month_ends(self.since, self.as_of), self.as_of]

    def holds(self, on: date) -> bool:
        return self.since <= on <= self.as_of


def _month_ends(since: date, until: date) -> Iterator[date]:
    day = since
    while (last := day.replace(day=monthrange(day.year, day.month)[1])) < until:
        yield last
        day = last + timedelta(1)


@dataclass(slots=True)
class Sums:
    """Of visits of the period: what they cost by the list, what was taken off and what was paid.

    `spent`: what points paid. `lacking`: what of the price was given back or is owed. `issued`, `used`, `expired`: free
    visits of the period; `unused`: those still good after it, and `points` likewise. `worth`: of both together, a free
    visit as what one would have paid on average on that client's own visits, a point as what it pays.
    """

    visits: int = 0
    listed: int = 0
    discount: int = 0
    free: int = 0
    spent: int = 0
    lacking: int = 0
    paid: int = 0
    issued: int = 0
    used: int = 0
    expired: int = 0
    unused: int = 0
    points: int = 0
    worth: int = 0

    def add(self, other: Sums) -> None:
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_SUMS = [one.name for one in fields(Sums)]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one client: `tiers` by their places on the days looked at, None before the first visit."""

    sums: Sums
    tiers: Sequence[int | None]

    @property
    def tier(self) -> int:
        """The one held in the end."""
        return self.tiers[-1] or 0


def tried(trial: Trial, visits: Sequence[Past], period: Period) -> Tried:
    """What a programme makes of one client's visits, by date."""
    sums, held, programme = Sums(), [(visits[0].on, 0)], trial.programme
    for step in trial.replay(visits, period.as_of):
        _count(sums, step, period)
        held += [(event.on, event.tier) for event in step.events if isinstance(event, Raised | Dropped)]
        card = step.card
    sums.unused = len(card.good_free_visits(period.as_of))
    sums.points = card.points_on(period.as_of)
    value = programme.points.point_value if programme.points else 0
    sums.worth = sums.unused * _usual(programme, visits) + sums.points * value
    return Tried(sums, [_held(held, day) for day in period.looks])


def _count(sums: Sums, step: Step, period: Period) -> None:
    priced = step.price
    if priced is not None and period.holds(step.card.night):
        sums.visits += 1
        sums.listed += priced.listed
        sums.discount += priced.discount
        sums.free += priced.free
        sums.used += priced.free > 0
        sums.paid += step.paid
        sums.spent += sum(line.points for line in priced.lines)
        sums.lacking += priced.due - step.paid
    for event in step.events:
        if period.holds(event.on):
            sums.issued += isinstance(event, FreeVisitIssued)
            sums.expired += isinstance(event, FreeVisitExpired)


def _held(held: Sequence[tuple[date, int]], day: date) -> int | None:
    before = bisect_right(held, day, key=lambda one: one[0])
    return held[before - 1][1] if before else None


def _usual(programme: Programme, visits: Sequence[Past]) -> int:
    """What a free visit would have paid on average on the visits on which one could have been taken."""
    counter = programme.counter
    if counter is None:
        return 0
    lines = [(visit, free_line(counter, visit.lines)) for visit in visits]
    paid = [counter.covered(visit.lines[place].unit) for visit, place in lines if place is not None]
    return sum(paid) // len(paid) if paid else 0


@dataclass(slots=True)
class Side:
    """All clients by one programme; `population`: how many held which tier, by the days looked at."""

    sums: Sums
    population: list[list[int]]

    @classmethod
    def of(cls, programme: Programme, period: Period) -> Side:
        tiers = len(programme.tiers.ladder) if programme.tiers else 0
        return cls(Sums(), [[0] * tiers for _ in period.looks])

    def add(self, one: Tried) -> None:
        self.sums.add(one.sums)
        for counted, tier in zip(self.population, one.tiers, strict=True):
            if tier is not None and counted:
                counted[tier] += 1


@dataclass(frozen=True, slots=True)
class Difference:
    """What a client pays by the rules that stand and by the draft, with the tier held in the end and free visits used.

    `saves`: how much less by the draft, below 0 where it is more.
    """

    client: int
    paid: tuple[int, int]
    tiers: tuple[int, int]
    used: tuple[int, int]

    @property
    def saves(self) -> int:
        return self.paid[0] - self.paid[1]


@dataclass(slots=True)
class Few:
    """How many clients differ in one direction, by how much together, and those who do most."""

    many: int = 0
    minor: int = 0
    top: list[Difference] = field(default_factory=list)

    def add(self, one: Difference) -> None:
        self.many += 1
        self.minor += abs(one.saves)
        insort(self.top, one, key=lambda each: (-abs(each.saves), each.client))
        del self.top[TOP:]


@dataclass(slots=True)
class Comparison:
    """Two programmes over the same history: the rules that `stand` and the `draft`."""

    period: Period
    trials: tuple[Trial, Trial]
    stand: Side
    draft: Side
    clients: int = 0
    gain: Few = field(default_factory=Few)
    lose: Few = field(default_factory=Few)

    @classmethod
    def of(cls, stand: Programme, draft: Programme, as_of: date) -> Comparison:
        period = Period(as_of)
        return cls(period, (Trial(stand), Trial(draft)), Side.of(stand, period), Side.of(draft, period))

    def add(self, client: int, visits: Sequence[Past]) -> None:
        """Take in a client's visits, by date, through the last day of the period."""
        stand, draft = (tried(one, visits, self.period) for one in self.trials)
        self.clients += bool(stand.sums.visits)
        self.stand.add(stand)
        self.draft.add(draft)
        both = Difference(
            client,
            (stand.sums.paid, draft.sums.paid),
            (stand.tier, draft.tier),
            (stand.sums.used, draft.sums.used),
        )
        if both.saves:
            (self.gain if both.saves > 0 else self.lose).add(both)
