"""How long `console doctor` takes with a million bookings, and that it finds nothing in the benchmarks' own data."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from _harness import Figure, database, report
from console import doctor
from console.config import Settings
from console.reaching import database as database_of

SLOWEST = 3


async def examined(settings: Settings) -> tuple[dict[str, float], list[str]]:
    """How long each check takes, in seconds, and what it finds."""
    times: dict[str, float] = {}
    broken: list[str] = []
    async with database_of(settings.database_url or "", patience=doctor.PATIENCE):
        for check in doctor.CHECKS:
            began = time.perf_counter()
            broken += await check()
            times[check.__name__] = time.perf_counter() - began
    return times, broken


def figures(times: dict[str, float]) -> Iterator[Figure]:
    yield Figure("console doctor", sum(times.values()), "s", 120)
    for check, took in sorted(times.items(), key=lambda one: -one[1])[:SLOWEST]:
        yield Figure(f"console doctor, {check.replace('_', ' ')}", took, "s")


if __name__ == "__main__":
    with database() as settings:
        times, broken = asyncio.run(examined(settings))
        if broken:
            raise SystemExit("The data of the benchmarks is wrong:\n  " + "\n  ".join(broken[:20]))
        report("console doctor with a million bookings", list(figures(times)))
