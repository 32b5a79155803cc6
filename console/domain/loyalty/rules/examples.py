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

    `lowest` and `highest`: the tiers held within a year. `visits`, `free_visits`, `saved`: of an average year, money in
    minor units rounded down to three digits. `reached_after`: days from the first visit until `highest` was held first.
    `lost_after`: how many days after their last visit it is lost at the earliest by somebody who stops coming; None
    where it never is.
    """

    lowest: int
    highest: int
    visits: int
    free_visits: int
    saved: int
    reached_after: int
    lost_after: int | None


def example(programme: Programme, habit: Habit) -> Example:
    """A habit is lived for a window and a year, and then as many whole stamp cards as a year takes tell how it ends up.

    Whole ones, since a year by itself may hold one free visit more or less than another.
    """
    tiers = programme.tiers
    counter = programme.counter
    years = 1 + -(-max(YEAR, tiers.window_days if tiers else 0) // YEAR)
    card = 1 + (counter.stamps_required if counter else 0)
    before, told = (-(-days // habit.every) for days in (years * YEAR, YEAR))
    told = -(-told // card) * card
    service = min(counter.services, default=EVERY) if counter else EVERY
    dates = [_FIRST + timedelta(n * habit.every) for n in range(before + told)]
    steps = list(replay(programme, [Past.single(day, habit.price, service) for day in dates], dates[-1]))
    settled = [step for step in steps if step.card.night >= dates[before]]
    held = [step.card.tier for step in settled]
    highest = max(held, default=0)
    reached = next(step.card.night for step in steps if step.card.tier >= highest)
    prices = [step.price for step in settled if step.price]
    lasted = told * habit.every
    lost = [_lost_after(programme, step.card) for step in [step for step in settled if step.price][-card:]]
    return Example(
        lowest=min(held, default=0),
        highest=highest,
        visits=_rounded(len(prices) * YEAR, lasted),
        free_visits=_rounded(sum(price.free > 0 for price in prices) * YEAR, lasted),
        saved=_about(sum(price.free + price.discount for price in prices) * YEAR // lasted),
        reached_after=(reached - _FIRST).days,
        lost_after=min((days for days in lost if days is not None), default=None),
    )


def _rounded(count: int, of: int) -> int:
    """A quotient to the nearest whole number, half up."""
    return (2 * count + of) // (2 * of)


def _about(minor: int) -> int:
    """An amount down to its first three digits."""
    unit = int(10 ** max(0, len(str(minor)) - 3))
    return minor // unit * unit


def _lost_after(programme: Programme, card: Card) -> int | None:
    tiers = programme.tiers
    if tiers is None:
        return None
    longest = timedelta(tiers.window_days + tiers.grace_days + 1)
    _, events = nights(Versions.of([Version(date.min, programme)]), card, card.night + longest)
    return next(((one.on - card.night).days for one in events if isinstance(one, Dropped)), None)
