"""How long a night of a hundred thousand loyalty accounts takes, and what the desk notices of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import _loyalty

from _harness import Figure, Times, pool, report, timed
from console.config import Settings
from console.domain import db
from console.domain.clock import WallTime
from console.domain.loyalty import nights
from workers.night import do_due

MANY = 100_000
ON = date(2026, 5, 12)
SHARES = {0.01: 30.0, 0.30: 600.0}
"""Of how many accounts the night changes something, and the most seconds that it may take."""
EVERY = 0.05
"""Seconds after which the desk wants another client meanwhile."""


def four(on: date) -> datetime:
    """An hour after the night of a date has begun."""
    return WallTime(on, 4 * 60).bound(ZoneInfo("Europe/Moscow"))


async def measured(settings: Settings, superuser: str, many: int = MANY) -> list[Figure]:
    """The figures of a night with few changes, with many, and of one in which another version changes nothing."""
    await _loyalty.begin(superuser, many)
    figures: list[Figure] = []
    for share, target in SHARES.items():
        await _loyalty.fill(superuser, ON, share)
        figures += await _night(settings, f"a night that changes {share:.0%}", target)
    await _loyalty.fill(superuser, ON, 0)
    await _loyalty.publish(superuser, ON)
    figures += await _night(settings, "a night of another version", 120.0)
    return figures


async def _night(settings: Settings, name: str, target: float) -> list[Figure]:
    async with pool(settings):
        due = len(await nights.due(ON, MANY))
        done = asyncio.Event()
        desk = asyncio.ensure_future(_desk(done))
        worked = time.process_time()
        took = await timed(lambda: do_due(four(ON))) / 1000
        worked = time.process_time() - worked
        done.set()
        if left := await nights.due(ON, 10):
            raise SystemExit(f"The night was not done of clients {left}.")
        return list(_figures(name, due, took, worked, Times(await desk), target))


async def _desk(done: asyncio.Event) -> list[float]:
    """How long the desk waits for one client after the other, in milliseconds."""
    times: list[float] = []
    client = 0
    while not done.is_set():
        client += 997
        times.append(await timed(lambda client=client: _lock(client % MANY + 1)))
        await asyncio.sleep(EVERY)
    return times


async def _lock(client: int) -> None:
    async with db.ENGINE.transaction():
        await db.execute("SELECT 1 FROM client WHERE id = $1 FOR NO KEY UPDATE", client)


def _figures(name: str, clients: int, took: float, worked: float, desk: Times, target: float) -> Iterator[Figure]:
    yield Figure(f"{name}, {clients} clients", took, "s", target)
    yield Figure(f"{name}, clients", clients / took, "/s")
    yield Figure(f"{name}, work of the worker", worked, "s")
    yield Figure(f"{name}, the desk waits p50", desk.p50, "ms")
    yield Figure(f"{name}, the desk waits p99", desk.p99, "ms")


if __name__ == "__main__":
    with _loyalty.server() as (settings, superuser):
        report(f"The night of {MANY:,} clients", asyncio.run(measured(settings, superuser)))
