"""What a programme means for somebody who comes so often and spends so much, computed by the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import Dropped
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.programme import EVERY, Programme, Version, Versions
from console.domain.loyalty.rules.replaying import Past, replay

_FIRST = date(2001, 1, 1)
YEAR = 365


@dataclass(frozen=True, slots=True)
class Habit:
    """Somebody who comes every so many days, and the list price of each visit in minor units."""

    every: int
    price: int


@dataclass(frozen=True, slots=True)
class Example:
    """How a habit ends up, once it lasted.

    `lowest` and `highest`: the tiers held within a year. `visits`, `free_visits`, `saved` of that year, money in minor
    units. `reached_after`: days from the first visit until `highest` was held first. `lost_after`: days from the last
    visit until it is lost, by somebody who stops coming; None where it never is.
    """

    lowest: int
    highest: int
    visits: int
    free_visits: int
    saved: int
    reached_after: int
    lost_after: int | None


def example(programme: Programme, habit: Habit) -> Example:
    """A habit is lived for a window and a year, and one more year tells how it ends up."""
    tiers = programme.tiers
    years = 1 + -(-max(YEAR, tiers.window_days if tiers else 0) // YEAR)
    service = min(programme.counter.services, default=EVERY) if programme.counter else EVERY
    dates = [_FIRST + timedelta(day) for day in range(0, (years + 1) * YEAR, habit.every)]
    steps = list(replay(programme, [Past(day, habit.price, service) for day in dates], dates[-1]))
    settled = [step for step in steps if step.card.night >= _FIRST + timedelta(years * YEAR)]
    held = [step.card.tier for step in settled]
    highest = max(held, default=0)
    reached = next(step.card.night for step in steps if step.card.tier >= highest)
    prices = [step.price for step in settled if step.price]
    return Example(
        lowest=min(held, default=0),
        highest=highest,
        visits=len(prices),
        free_visits=sum(price.free > 0 for price in prices),
        saved=sum(price.free + price.discount for price in prices),
        reached_after=(reached - _FIRST).days,
        lost_after=_lost_after(programme, steps[-1].card),
    )


def _lost_after(programme: Programme, card: Card) -> int | None:
    tiers = programme.tiers
    if tiers is None:
        return None
    longest = timedelta(tiers.window_days + tiers.grace_days + 1)
    _, events = nights(Versions.of([Version(date.min, programme)]), card, card.night + longest)
    return next(((one.on - card.night).days for one in events if isinstance(one, Dropped)), None)
