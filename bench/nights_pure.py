"""How fast the rules of loyalty are by themselves, without a database: histories that are replayed on one core."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from _clients import SEED
from _harness import Figure, report
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.replaying import Past, Trial

USUAL = 200_000
AS_OF = date(2026, 5, 12)
CLIENTS, VISITS, DAYS = 23_500, 70_000, 548
"""A history of a year and a half."""
RETURNING = 12
"""Days between two visits of those who come for a year and a half, in the middle."""
YEARS = 10


def every(days: int, through: int) -> list[Past]:
    """The visits of somebody who came every so many days for so many days."""
    return [Past.single(AS_OF - timedelta(ago), USUAL) for ago in range(through, 0, -days)]


def history() -> list[list[Past]]:
    """Many clients of whom most come a few times, and some often."""
    luck = random.Random(SEED + 11)
    visits = [[luck.randrange(DAYS)] for _ in range(CLIENTS)]
    for _ in range(VISITS - CLIENTS):
        visits[int(CLIENTS * luck.random() ** 2)].append(luck.randrange(DAYS))
    return [[Past.single(AS_OF - timedelta(ago), USUAL) for ago in sorted(one, reverse=True)] for one in visits]


def took(clients: Sequence[Sequence[Past]]) -> float:
    """How many seconds of one core a replay of these clients' histories takes."""
    trial = Trial(both(USUAL))
    began = time.process_time()
    for visits in clients:
        for _ in trial.replay(visits, AS_OF):
            pass
    return time.process_time() - began


def figures() -> Iterator[Figure]:
    clients = history()
    many = took(clients)
    yield Figure(f"replay of {VISITS} visits of {CLIENTS} clients in 18 months", many, "s", 2)
    regular = [every(RETURNING, DAYS)] * (VISITS * RETURNING // DAYS)
    seconds = took(regular)
    yield Figure("replay of a million visits of regulars", seconds * 1_000_000 / sum(map(len, regular)), "s", 20)
    for name, days in (("day", 1), ("week", 7)):
        yield Figure(
            f"replay of {YEARS} years of somebody who comes every {name}", took([every(days, 365 * YEARS)]), "s"
        )


if __name__ == "__main__":
    report("The rules of loyalty by themselves", list(figures()))
