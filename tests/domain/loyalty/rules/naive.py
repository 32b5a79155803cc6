"""A client's card by the text of the loyalty rules, read once more: sections 1, 2 and 4, and of 5 the new version.

Written from that text and not from the rules that it checks, of which it knows the parameters only: every night is
done, every window is added up, and nothing is clever. Visits come in the order of their dates. Of what is live only it
knows that a warning is told no earlier than it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import NamedTuple

from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.programme import Counter, Programme, Threshold, Tiers

DAY = timedelta(1)


class Line(NamedTuple):
    """A line of a visit: the price of one of them in minor units; `service` None: it is a product."""

    unit: int
    quantity: int = 1
    service: str | None = None


class Lot(NamedTuple):
    """A stamp or a free visit: the last date on which it is good (`date.max`: it is good for ever), and its place."""

    through: date
    place: int
    on: date


class Visit(NamedTuple):
    on: date
    counts: bool
    paid: int


@dataclass
class Naive:
    """`versions`: each from a date on, in order. `night`: the last one that is done. `issued`: free visits so far."""

    versions: Sequence[tuple[date, Programme]]
    night: date
    stamps: list[Lot] = field(default_factory=list)
    free_visits: list[Lot] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    stamped_on: list[date] = field(default_factory=list)
    issued: int = 0
    tier: int = 0
    drops_on: date | None = None

    def programme(self, on: date) -> Programme:
        return [Programme(), *(one for begins, one in self.versions if begins <= on)][-1]

    def nights(self, to: date, told: date = date.min) -> None:
        """The nights through a date, one by one; on `told` they are really done."""
        while self.night < to:
            self.night += DAY
            self._night(self.night, told)

    def _night(self, on: date, told: date) -> None:
        self.stamps = [one for one in self.stamps if on <= one.through]
        self.free_visits = [one for one in self.free_visits if on <= one.through]
        if any(begins == on for begins, _ in self.versions):
            self._take_over(on)
        tiers = self.programme(on).tiers
        if tiers is None:
            return
        if self.is_kept(tiers, self.tier, on):
            self.drops_on = None
        elif self.drops_on is None:
            made = max(on, told)
            self.drops_on = made + tiers.grace_days * DAY
            if self.drops_on == told > on:
                self.drops_on += DAY  # the night after the warning, which is made in the night of `told`
        elif on >= self.drops_on:
            lower = [one for one in range(self.tier) if tiers.step_down == "one" or self.is_kept(tiers, one, on)]
            self.tier, self.drops_on = lower[-1], None

    def _take_over(self, on: date) -> None:
        """Section 5, new version."""
        before, now = self.programme(on - DAY), self.programme(on)
        held = [tier.code for tier in before.tiers.ladder[: self.tier + 1]] if before.tiers else []
        codes = [tier.code for tier in now.tiers.ladder] if now.tiers else []
        self.tier = next((codes.index(code) for code in reversed(held) if code in codes), 0)
        if self.drops_on and now.tiers and self.tier:
            self.drops_on = max(self.drops_on, on + now.tiers.grace_days * DAY)
        else:
            self.drops_on = None
        if now.counter:
            self._issue(now.counter, on)

    def standing(self, tiers: Tiers, on: date) -> tuple[int, int]:
        """V and S."""
        since = on - tiers.window_days * DAY if tiers.window_days else date.min
        window = [one for one in self.visits if since < one.on <= on]
        return sum(one.counts for one in window), sum(one.paid for one in window)

    def attained(self, tiers: Tiers, on: date) -> int:
        return max(place for place, tier in enumerate(tiers.ladder) if not place or self._met(tiers, tier.enter, on))

    def is_kept(self, tiers: Tiers, tier: int, on: date) -> bool:
        return tier == 0 or self._met(tiers, tiers.ladder[tier].keep, on)

    def _met(self, tiers: Tiers, asks: Threshold, on: date) -> bool:
        visits, spend = self.standing(tiers, on)
        met = [there >= asked for there, asked in ((visits, asks.visits), (spend, asks.spend)) if asked > 0]
        return all(met) if tiers.match == "all" or not met else any(met)

    def price(self, on: date, lines: Sequence[Line], free: bool = False) -> list[int]:
        """What is due of each line."""
        programme = self.programme(on)
        due = [line.unit * line.quantity for line in lines]
        if free:
            place = self._free_line(on, lines)
            assert place is not None
            assert programme.counter is not None
            cap = programme.counter.reward_max_value or lines[place].unit
            due[place] -= min(lines[place].unit, cap)
        bp = programme.tiers.ladder[self.tier].discount_bp if programme.tiers else 0
        discountable = (line.service is not None or programme.discounts_products for line in lines)
        able = [one if takes else 0 for one, takes in zip(due, discountable, strict=True)]
        off = floor(Fraction(sum(able) * bp, 10_000) + Fraction(1, 2))
        exact = [Fraction(off * one, sum(able) or 1) for one in able]
        parts = [floor(one) for one in exact]
        by_remainder = sorted(range(len(lines)), key=lambda at: parts[at] - exact[at])
        for at in by_remainder[: off - sum(parts)]:
            parts[at] += 1
        return [one - part for one, part in zip(due, parts, strict=True)]

    def can_be_free(self, on: date, lines: Sequence[Line]) -> bool:
        good = [one for one in self.free_visits if on <= one.through]
        return bool(good) and self._free_line(on, lines) is not None

    def _free_line(self, on: date, lines: Sequence[Line]) -> int | None:
        """The dearest line that qualifies, of two the earlier."""
        counter = self.programme(on).counter
        able = [at for at, line in enumerate(lines) if counter and _qualifies(counter, line)]
        return max(able, key=lambda at: lines[at].unit, default=None)

    def visit(self, on: date, lines: Sequence[Line], free: bool = False, paid: int | None = None) -> list[int]:
        """A visit of a date whose night is done, and what is due of its lines; `paid` None: all of it."""
        due, programme = self.price(on, lines, free), self.programme(on)
        if free:
            self.free_visits.remove(min(self.free_visits))
        elif programme.counter and any(_qualifies(programme.counter, line) for line in lines):
            self._stamp(programme.counter, on)
        has_service, listed = any(line.service for line in lines), sum(line.unit * line.quantity for line in lines)
        self.visits.append(Visit(on, has_service and listed > 0 and not free, sum(due) if paid is None else paid))
        if programme.tiers:
            self._move_up(programme.tiers, on)
        return due

    def _stamp(self, counter: Counter, on: date) -> None:
        if self.stamped_on.count(on) < counter.max_stamps_per_day:
            self.stamped_on.append(on)
            self.stamps.append(_lot(on, counter.stamp_valid_days, len(self.stamped_on)))
            self._issue(counter, on)

    def _issue(self, counter: Counter, on: date) -> None:
        while len(self.stamps) >= counter.stamps_required:
            self.stamps = sorted(self.stamps)[counter.stamps_required :]
            self.issued += 1
            self.free_visits.append(_lot(on, counter.reward_valid_days, self.issued))

    def _move_up(self, tiers: Tiers, on: date) -> None:
        attained = self.attained(tiers, on)
        if attained > self.tier or self.is_kept(tiers, self.tier, on):
            self.drops_on = None
        self.tier = max(self.tier, attained)


def _lot(on: date, days: int, place: int) -> Lot:
    return Lot(on + days * DAY if days else date.max, place, on)


def _qualifies(counter: Counter, line: Line) -> bool:
    """A service in the list, at or over the least price; what costs nothing earns no stamp (section 5)."""
    listed = line.service is not None and ("*" in counter.services or line.service in counter.services)
    return listed and line.unit > 0 and line.unit >= counter.min_price


def is_as(card: Card, model: Naive) -> bool:
    """Whether the card of the rules is that of the model, lot by lot."""
    lots = [
        sorted((one.on, one.through or date.max) for one in many if not one.expired)
        for many in (card.stamps, card.free_visits)
    ]
    mine = [sorted((one.on, one.through) for one in many) for many in (model.stamps, model.free_visits)]
    return (card.tier, card.drops_on, card.owed, lots) == (model.tier, model.drops_on, 0, mine)
