"""A fixed discount that a client holds instead of a tier (loyalty rules, section 2, fixed card)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from console.domain.loyalty.rules import visits
from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import Event, Postponed, Turn
from console.domain.loyalty.rules.pricing import Off, Percentage
from console.domain.loyalty.rules.programme import Programme, Tiers
from console.domain.money import BP


@dataclass(frozen=True, slots=True)
class Fixed:
    """A fixed card: its discount in basis points, on services (None: on all that is discountable).

    It holds from a business date on, until `end`, which is the first date without it; None: it is held still.
    """

    bp: int
    first: date
    end: date | None = None
    services: frozenset[str] | None = None

    def holds(self, on: date) -> bool:
        return self.first <= on and (self.end is None or on < self.end)


def held_on(cards: Iterable[Fixed], on: date) -> Fixed | None:
    """The card that a client held on a business date; of two the one that came last."""
    return max((one for one in cards if one.holds(on)), key=lambda one: (one.end is None, one.first), default=None)


def percentages(programme: Programme, card: Card, fixed: Fixed | None) -> Sequence[Percentage]:
    """What may be taken off a visit: what the fixed card gives, which stands instead of the tier; else the tier's."""
    if fixed is None:
        return visits.percentage(programme, card)
    return [Percentage(Off.FIXED, fixed.bp, fixed.services)]


def multiplier(programme: Programme, card: Card, fixed: Fixed | None) -> int:
    """By what the points of a visit are multiplied, in basis points: by nothing under a fixed card (section 2)."""
    return visits.multiplier(programme, card) if fixed is None else BP


def told(tiers: Tiers | None, card: Card, on: date) -> Turn:
    """A fixed card ends on a date: nobody was told of a warning that is open, so it gets full grace from then."""
    if tiers is None or card.drops_on is None:
        return card, []
    drops_on = max(card.drops_on, on + timedelta(tiers.grace_days))
    events: list[Event] = [] if drops_on == card.drops_on else [Postponed(on, drops_on)]
    return replace(card, drops_on=drops_on), events
