"""Which visits somebody calls or writes about, when they are answered, and whether it is put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from console.living.rules.fates import CLOSES, OPENS, Fate, Moment
from console.living.rules.plan import Planned
from console.living.rules.team import SEED

SHARE = 0.017
"""How many visits out of one are spoken about."""
MANY = 1000
"""More than there are things to say."""


@dataclass(frozen=True)
class Complaint:
    """What somebody says about a visit. `said`: which of the things that are said, counted on beyond their number.

    `solved` None: it waits for them; `amends`: it is put right, where it is about how the work was done.
    """

    said: int
    opened: Moment
    answered: Moment
    solved: Moment | None
    amends: bool


def complaint(one: Planned) -> Complaint | None:
    """What somebody says about a visit that is planned, None where they are content."""
    rng = Random(f"{SEED} complaint {one.key}")  # noqa: S311
    if one.fated.fate is not Fate.COMES or rng.random() >= SHARE:
        return None
    opened = Moment(one.day + timedelta(days=rng.choice((1, 1, 1, 2))), rng.randrange(OPENS, CLOSES - 240))
    soon = Moment(opened.day, opened.minute + rng.choice((12, 25, 40, 75, 130, 220)))
    next_day = Moment(opened.day + timedelta(days=1), rng.randrange(OPENS, CLOSES))
    answered = soon if rng.random() < 0.85 else next_day
    solved = Moment(answered.day + timedelta(days=rng.choice((1, 1, 2, 3))), rng.randrange(OPENS, CLOSES))
    return Complaint(
        rng.randrange(MANY), opened, answered, solved if rng.random() < 0.96 else None, amends=rng.random() < 0.6
    )
