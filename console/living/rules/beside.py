"""What the people do beside the plan: the series of the demo's first clients, which begin two weeks on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from console.domain.catalogue.demo import SERVICES
from console.living.rules.plan import Busy
from console.living.rules.team import CREWS

LASTS = {code: minutes + after for code, _, _, minutes, after, _, _ in SERVICES}


def series(made: date, until: date) -> Iterator[Busy]:
    """Who is kept for series on which dates, from the week after next on."""
    monday = made + timedelta(days=14 - made.weekday())
    for ahead in range((until - monday).days + 1):
        day = monday + timedelta(days=ahead)
        for people, weekdays, minute, code in KEPT:
            if day.weekday() in weekdays:
                yield from ((day, who, minute, minute + LASTS[code]) for who in people)


KEPT = (
    ((0,), (1,), 600, "REG"),
    ((4,), (0, 3), 540, "REG"),
    (CREWS[1], (2,), 960, "OFF"),
    (CREWS[0], (4,), 840, "DEEP"),
    ((2,), (4,), 690, "WIN"),
    ((1,), (3,), 540, "REG"),
    ((2,), (3,), 660, "WIN"),
)
"""Who, on which weekdays, at which minute and for what; kept every week, though some come less often."""
