"""When the demo's tickets came, and what was said in them: scattered over the hours in which somebody works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from random import Random

from console.domain.business.demo_hours import hours, open_through, worked_before
from console.domain.clock import WallTime

DAY = 24 * 60
SCATTER = 40
"""By up to so many minutes it is not at the minute that is told."""
LEAST = 20
"""Minutes after which something is said at the earliest that was told to be on a later day."""
MORNING = 240
"""The minutes after the opening in which what is told of an earlier day began."""


def times(seed: str, ago: Sequence[int], now: WallTime) -> list[WallTime]:
    """When everything of a ticket was said that is told to have been said so many minutes ago, the first of it first.

    The minutes of today are minutes of work, so that early in the morning they are those of the last day.
    """
    rng = Random(seed)  # noqa: S311
    if ago[0] < DAY:
        return [worked_before(now, one + rng.randrange(SCATTER)) for one in ago]
    said = [_began(rng, ago[0], now)]
    for before, one in pairwise(ago):
        last, passed = said[-1], before - one
        minute = last.minute + (passed if passed < DAY else LEAST) + rng.randrange(SCATTER)
        soon = WallTime(last.on, min(minute, hours(last.on)[1]))
        said.append(soon if passed < DAY else max(soon, _began(rng, one, now)))
    return said


def _began(rng: Random, ago: int, now: WallTime) -> WallTime:
    on = open_through(now.on - timedelta(days=ago // DAY))
    opens, _ = hours(on)
    return WallTime(on, opens + rng.randrange(MORNING))
