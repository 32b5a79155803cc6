"""A programme run over a history, as if it had been in force all along (loyalty rules, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.events import Event, StampEarned
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.pricing import Asked, Price, can_be_free, price
from console.domain.loyalty.rules.programme import EVERY, Programme, Version, Versions
from console.domain.loyalty.rules.visits import Finished, finish, percentage


@dataclass(frozen=True, slots=True)
class Past:
    """A visit of the past with one service line: its business date and list price. No service: only `EVERY` fits."""

    on: date
    price: int
    service: str = EVERY


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one visit, or of the nights up to a date (`price` None)."""

    card: Card
    events: Sequence[Event]
    price: Price | None


def replay(programme: Programme, visits: Iterable[Past], as_of: date) -> Iterator[Step]:
    """One client's visits, by date, and last the nights through `as_of`; a free visit is always taken."""
    versions = Versions.of([Version(date.min, programme)])
    card: Card | None = None
    stamped = 0
    for visit in visits:
        card = card or Card(night=max(visit.on, date.min + DAY) - DAY)
        stamped = stamped if card.night == visit.on else 0
        card, slept = nights(versions, card, visit.on)
        asked = [Asked(visit.price, service=visit.service)]
        free = bool(card.good_free_visits(visit.on)) and can_be_free(programme, asked)
        priced = price(programme, asked, percentage(programme, card), free_visit=free)
        card, happened = finish(programme, card, Finished(visit.on, priced, priced.due, stamped))
        stamped += sum(isinstance(one, StampEarned) for one in happened)
        yield Step(card, [*slept, *happened], priced)
    if card is not None and as_of > card.night:
        card, slept = nights(versions, card, as_of)
        yield Step(card, slept, None)
