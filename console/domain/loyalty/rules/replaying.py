"""A programme run over a history, as if it had been in force all along (loyalty rules, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.events import Event, StampEarned
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.pricing import Asked, Price, can_be_free, pay_with_points, price, redeemable
from console.domain.loyalty.rules.programme import EVERY, Programme, Redeem, Version, Versions
from console.domain.loyalty.rules.visits import Finished, attend, finish, multiplier, percentage


@dataclass(frozen=True, slots=True)
class Past:
    """A visit of the past: its business date and its lines, at list prices or what somebody put instead.

    `kept` of each `of` minor units of its price is what we have: the rest was given back, or is owed.
    """

    on: date
    lines: Sequence[Asked]
    kept: int = 1
    of: int = 1

    @classmethod
    def single(cls, on: date, price: int, service: str = EVERY) -> Past:
        """One with one service line, paid in full. No service: only `EVERY` fits."""
        return cls(on, _single(price, service))

    def paid(self, due: int) -> int:
        """What we have of a price."""
        return due * self.kept // self.of


@lru_cache(4096)
def _single(price: int, service: str) -> Sequence[Asked]:
    """Shared by the visits of a long history that are alike."""
    return (Asked(price, service=service),)


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one visit, or of the nights up to a date (`price` None). `paid`: what we have of the price."""

    card: Card
    events: Sequence[Event]
    price: Price | None
    paid: int = 0


def replay(programme: Programme, visits: Iterable[Past], as_of: date) -> Iterator[Step]:
    """One client's visits, by date, and last the nights through `as_of`; a free visit is always taken."""
    versions = Versions.of([Version(date.min, programme)])
    card: Card | None = None
    stamped = 0
    for visit in visits:
        card = card or Card(night=max(visit.on, date.min + DAY) - DAY)
        stamped = stamped if card.night == visit.on else 0
        card, slept = nights(versions, card, visit.on)
        free = bool(visit.kept and card.good_free_visits(visit.on)) and can_be_free(programme, visit.lines)
        priced = price(programme, visit.lines, percentage(programme, card), free_visit=free)
        if visit.kept and programme.points is not None and programme.points.redeem_points is Redeem.MAX:
            priced = pay_with_points(programme, priced, redeemable(programme, priced, card.points_on(visit.on)))
        multiplied = multiplier(programme, card)
        finished = Finished(visit.on, priced, visit.paid(priced.due), stamped, multiplier_bp=multiplied)
        if visit.kept or not priced.due:
            card, happened = finish(programme, card, finished)
        else:  # all of it was given back, and its stamp went with it (section 5)
            card, happened = attend(programme.tiers, card, finished.attended)
        stamped += sum(isinstance(one, StampEarned) for one in happened)
        yield Step(card, [*slept, *happened], priced, finished.paid)
    if card is not None and as_of > card.night:
        card, slept = nights(versions, card, as_of)
        yield Step(card, slept, None)
