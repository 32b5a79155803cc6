"""How long `console replay` takes as an operator runs it, its start-up included, on histories that are made for it."""

from __future__ import annotations

import csv
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from _clients import SEED
from _harness import Figure, report

AS_OF = date(2026, 5, 12)
DAYS = 548
"""A year and a half."""
PRICES = range(90_000, 600_000, 5_000)
RULES = """
[counter]

[tiers]
[[tiers.tier]]
[[tiers.tier]]
discount_bp = 500
enter_visits = 4
enter_spend = 800000
keep_visits = 3
keep_spend = 600000
[[tiers.tier]]
discount_bp = 1000
points_multiplier_bp = 15000
enter_visits = 10
enter_spend = 2000000
keep_visits = 8
keep_spend = 1600000

[points]
redeem_points = "max"
"""
"""Every mechanic."""


def history(path: Path, visits: int, clients: int) -> None:
    """Many clients of whom most come a few times, and some often; by date, as a till would write them."""
    luck = random.Random(SEED + 12)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("client", "date", "price"))
        for at in range(visits):
            new = at * clients // visits > (at - 1) * clients // visits
            who = at * clients // visits if new else int(clients * luck.random() ** 2)
            rows.writerow((f"C{who:06}", AS_OF - timedelta(DAYS - DAYS * at // visits), luck.choice(PRICES)))


def took(folder: Path) -> tuple[float, float]:
    """How many seconds of one core the command takes, and how many MB of memory the largest one so far took.

    That of this process counts, too: it must stay small.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ("visits.csv", "--rules", "rules.toml", "--as-of", str(AS_OF), "--out", "out.csv")
    command = [sys.executable, "-P", "-m", "console.cli", "replay", *words]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, after.ru_maxrss / 1024


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.toml").write_text(RULES)
        history(folder / "visits.csv", 70_000, 23_500)
        yield Figure("console replay, 70000 visits of 23500 clients", took(folder)[0], "s", 2)
        history(folder / "visits.csv", 1_000_000, 60_000)
        seconds, memory = took(folder)
        yield Figure("console replay, a million visits", seconds, "s", 20)
        yield Figure("console replay, a million visits, memory", memory, "MB", 400)


if __name__ == "__main__":
    report("Rules on trial, by the command", list(figures()))
