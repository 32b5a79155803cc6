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
ANSWERED = 0.8
"""How often what is written to somebody settles it; else it waits for them, and is settled when nothing comes."""
WAITS = (9, 14)
"""For so many days."""
ASKED, RATES = timedelta(days=2), 0.75
"""So long after it was settled somebody who was asked says what they think, and how often."""
CLOSED = timedelta(days=8)
"""So long after it was settled it is closed."""


@dataclass(frozen=True)
class Complaint:
    """What somebody says about a visit. `said`: which of the things that are said, counted on beyond their number.

    `amends`: it is put right, where it is about how the work was done. `rated`: when they say what they think, if they
    were asked, and do at all; `content`: whether it is well.
    """

    said: int
    opened: Moment
    answered: Moment
    solved: Moment
    amends: bool
    rated: Moment | None
    content: bool
    closed: Moment


def complaint(one: Planned) -> Complaint | None:
    """What somebody says about a visit that is planned, None where they are content."""
    rng = Random(f"{SEED} complaint {one.key}")  # noqa: S311
    if one.fated.fate is not Fate.COMES or rng.random() >= SHARE:
        return None
    opened = Moment(one.day + timedelta(days=rng.choice((1, 1, 1, 2))), rng.randrange(OPENS, CLOSES - 240))
    soon = Moment(opened.day, opened.minute + rng.choice((12, 25, 40, 75, 130, 220)))
    next_day = Moment(opened.day + timedelta(days=1), rng.randrange(OPENS, CLOSES))
    answered = soon if rng.random() < 0.85 else next_day
    after = rng.choice((1, 1, 2, 3)) if rng.random() < ANSWERED else rng.randint(*WAITS)
    solved = Moment(answered.day + timedelta(days=after), rng.randrange(OPENS, CLOSES))
    rated = Moment(solved.day + ASKED, rng.randrange(OPENS, CLOSES))
    return Complaint(
        rng.randrange(MANY),
        opened,
        answered,
        solved,
        amends=rng.random() < 0.6,
        rated=rated if rng.random() < RATES else None,
        content=rng.random() < 0.8,
        closed=Moment(solved.day + CLOSED, solved.minute),
    )
