"""Whom the business lives on: how often each of its clients comes, what for, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from random import Random

from console.living.rules.team import SEED

PAST = 61 * 7
"""Days of history before the week in which the demo is made."""


class Habit(StrEnum):
    """How somebody comes."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    RARE = "rare"
    FADING = "fading"
    BUSINESS = "business"
    NEW = "new"


_CYCLE = "WFMRFDMRBMFRMDFRMNDRFMBRMDFRMDMRWMNDRFRN"
"""The habits of forty clients one after the other, by the letters of `_OF`."""
_OF = {
    "W": Habit.WEEKLY,
    "F": Habit.FORTNIGHTLY,
    "M": Habit.MONTHLY,
    "R": Habit.RARE,
    "D": Habit.FADING,
    "B": Habit.BUSINESS,
    "N": Habit.NEW,
}

Codes = tuple[str, ...]
_USUAL: Mapping[Habit, tuple[tuple[int, Codes], ...]] = {
    Habit.WEEKLY: ((88, ("REG",)), (12, ("REG", "IRON"))),
    Habit.FORTNIGHTLY: ((82, ("REG",)), (9, ("REG", "IRON")), (6, ("REG", "WIN")), (3, ("DEEP",))),
    Habit.MONTHLY: ((64, ("REG",)), (12, ("DEEP",)), (14, ("WIN",)), (10, ("SOFA",))),
    Habit.RARE: ((24, ("DEEP",)), (28, ("WIN",)), (18, ("SOFA",)), (12, ("RUG",)), (18, ("REG",))),
    Habit.FADING: ((86, ("REG",)), (14, ("DEEP",))),
    Habit.BUSINESS: ((94, ("OFF",)), (6, ("WIN",))),
    Habit.NEW: ((70, ("REG",)), (15, ("DEEP",)), (15, ("REG", "WIN"))),
}
"""What each comes for, and how often out of a hundred times."""
_FIRST: tuple[tuple[int, Codes], ...] = ((34, ("DEEP",)), (11, ("MOVE",)), (9, ("RENO",)), (46, ("REG",)))
"""What somebody who comes at home is cleaned for the first time."""
_EVERY = {
    Habit.WEEKLY: (7, 7),
    Habit.FORTNIGHTLY: (14, 14),
    Habit.MONTHLY: (28, 42),
    Habit.RARE: (60, 140),
    Habit.NEW: (14, 28),
}
"""The fewest and the most days between two visits."""
FADED = 150
"""Days between two visits after which whoever fades comes no more."""
LATEST = 5 * 7
"""For so many days before the end of history nobody but new clients joins."""


@dataclass(frozen=True)
class Member:
    """A client to be. `joins`: days after the first day, below 0: they came before; `minute`: when they like it.

    `person`: whom they like, `every`: days between visits at first, `by_crew`: a whole crew comes to them.
    """

    number: int
    habit: Habit
    joins: int
    minute: int
    person: int
    every: int
    by_crew: bool = False

    @property
    def first_due(self) -> int:
        """The day on which they want their first visit of this history."""
        return max(self.joins, 0) + _rng("due", self.number).randrange(1, max(3, min(self.every, 60)))

    def codes(self, visit: int) -> Codes:
        """What they want at a visit, counted from 0."""
        first = visit == 0 and self.joins >= 0 and self.habit is not Habit.BUSINESS
        choices = _FIRST if first else _USUAL[self.habit]
        rng = _rng("codes", self.number, visit)
        return rng.choices([codes for _, codes in choices], [weight for weight, _ in choices])[0]

    def pause(self, visit: int) -> int | None:
        """Days from a visit to the next one that they want; None: they come no more."""
        if self.habit is Habit.FADING:
            days = round(self.every * 1.22**visit)
            return days if days <= FADED else None
        if self.habit is Habit.NEW and _rng("again", self.number, visit).random() < 0.25:
            return None
        least, most = _EVERY.get(self.habit, (self.every, self.every))
        return _rng("pause", self.number, visit).randint(least, most)


@cache
def member(number: int, size: int) -> Member:
    """The client of a number among `size` that the demo is made with; those of a greater number come later on."""
    habit = _OF[_CYCLE[number % len(_CYCLE)]] if number < size else Habit.NEW
    rng = _rng("member", number)
    every = {
        Habit.FADING: rng.choice((10, 14, 14, 18)),
        Habit.BUSINESS: rng.choice((7, 14, 14)),
    }.get(habit, sum(_EVERY.get(habit, (0, 0))) // 2)
    likes = (1020, 1020, 960, 900) if habit is Habit.BUSINESS else (540, 540, 690, 690, 840, 840, 990)
    return Member(
        number,
        habit,
        _joins(rng, habit, number, size),
        rng.choice(likes),
        rng.randrange(8),
        every,
        by_crew=habit is Habit.BUSINESS and number % 9 == 0,
    )


def _joins(rng: Random, habit: Habit, number: int, size: int) -> int:
    if number >= size:
        return PAST + 7 + (number - size) * 3 + rng.randrange(3)
    if habit is Habit.NEW:
        return PAST - rng.randrange(2, LATEST)
    if rng.random() < 0.5:
        return -rng.randrange(30, 700)
    return rng.randrange(7, 260 if habit is Habit.FADING else PAST - LATEST)


def _rng(*about: object) -> Random:
    return Random(f"{SEED} {about}")  # noqa: S311
