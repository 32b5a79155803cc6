"""A programme run over a history, as if it had been in force all along (loyalty rules, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.events import Event
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.pricing import Asked, Price, can_be_free, pay_with_points, price, redeemable
from console.domain.loyalty.rules.programme import EVERY, Programme, Redeem, Version, Versions
from console.domain.loyalty.rules.value import value
from console.domain.loyalty.rules.visits import Finished, attend, finish, multiplier, of_tier

LIKELY_PRICES = 2**16


@value
class Past:
    """A visit of the past: its business date and its lines, at list prices or what somebody put instead.

    `kept` of each `of` minor units of its price is what we have: the rest was given back, or is owed. `returned`: all
    of it was given back, and the stamp with it (section 5).
    """

    on: date
    lines: Sequence[Asked]
    kept: int = 1
    of: int = 1
    returned: bool = False

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


@value
class Step:
    """What came of one visit, or of the nights up to a date (`price` None). `paid`: what we have of the price."""

    card: Card
    events: Sequence[Event]
    price: Price | None
    paid: int = 0


class Trial:
    """A programme that histories are replayed by. Visits of the same lines cost the same by a tier: computed once."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.versions = Versions.of([Version(date.min, programme)])
        self._price = lru_cache(LIKELY_PRICES)(self._priced)

    def _priced(self, lines: tuple[Asked, ...], tier: int, free: bool) -> Price:
        return price(self.programme, lines, of_tier(self.programme, tier), free_visit=free)

    def replay(self, visits: Iterable[Past], as_of: date) -> Iterator[Step]:
        """One client's visits, by date, and last the nights through `as_of`; a free visit is always taken."""
        card: Card | None = None
        stamped = 0
        for visit in visits:
            if card is None:
                card = Card(night=max(visit.on, date.min + DAY) - DAY)
            if card.night != visit.on:
                stamped = 0
            card, slept = nights(self.versions, card, visit.on)
            if slept:
                card = card.without_expired()
            before = card.last_stamp
            card, happened, priced, paid = self._visit(card, visit, stamped)
            stamped += card.last_stamp - before
            yield Step(card, [*slept, *happened], priced, paid)
        if card is not None and as_of > card.night:
            card, slept = nights(self.versions, card, as_of)
            yield Step(card, slept, None)

    def _visit(self, card: Card, visit: Past, stamped: int) -> tuple[Card, list[Event], Price, int]:
        programme, on = self.programme, visit.on
        free = bool(not visit.returned and card.good_free_visits(on)) and can_be_free(programme, visit.lines)
        priced = self._price(tuple(visit.lines), card.tier, free)
        if not visit.returned and programme.points is not None and programme.points.redeem_points is Redeem.MAX:
            priced = pay_with_points(programme, priced, redeemable(programme, priced, card.points_on(on)))
        paid = visit.paid(priced.due)
        finished = Finished(on, priced, paid, stamped, multiplier_bp=multiplier(programme, card))
        if visit.returned:
            card, happened = attend(programme.tiers, card, finished.attended)
        else:
            card, happened = finish(programme, card, finished)
        return card, happened, priced, paid


def replay(programme: Programme, visits: Iterable[Past], as_of: date) -> Iterator[Step]:
    """One client's visits by a programme."""
    return Trial(programme).replay(visits, as_of)
