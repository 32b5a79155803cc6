"""How long a night of many loyalty accounts takes, and what a desk that works meanwhile notices of it.

`BENCH_CLIENTS`: of how many accounts. The worker is a process of its own; it is stopped once and goes on. The doctor
looks at the accounts before and after. The nights are those of the last three dates, done late: those to come may not
be done.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

import _loyalty

from _clients import SEED
from _harness import Figure, Times, pool, report, timed
from console import doctor
from console.config import Settings
from console.domain import clock, db
from console.domain.business.queries import business, open_locations
from console.domain.clock import WallTime
from console.domain.ids import ClientId
from console.domain.intent import TERMINAL, Intent
from console.domain.loyalty import actions as programme
from console.domain.loyalty import nights, queries
from console.domain.loyalty.nights_checks import nights_are_done
from console.domain.messages.checks import messages_are_taken_up
from console.domain.visits import actions, quoting
from console.domain.visits.actions import Till
from console.domain.visits.methods import methods
from console.domain.visits.rules import Entered, Paid
from console.reaching import database
from workers.night import do_due

MANY = int(os.environ.get("BENCH_CLIENTS", 20_000))
SHARES = (0.01, 0.30)
"""Of how many accounts the first night changes something, and the second."""
PER_SECOND = 50
"""The fewest accounts with changes that are to be done in a second."""
EVERY, ALONE = 0.1, 100
"""Seconds after which the desk finishes another visit, and how many of them by itself."""
DAY = timedelta(1)


@dataclass(frozen=True)
class Night:
    """How a night went: the accounts done, in how many seconds, those that the worker worked, and the desk's times."""

    accounts: int
    took: float
    worked: float
    desk: Times


async def four(on: date) -> datetime:
    """An hour after the night of a date has begun."""
    return WallTime(on, 4 * 60).bound((await business()).zone)


async def main(settings: Settings, superuser: str) -> list[Figure]:
    async with pool(settings):
        first = clock.business_date(clock.now(), (await business()).zone) - 3 * DAY
        tiers = (await queries.versions()).on(first).tiers
        assert tiers is not None
        keep = tiers.ladder[1].keep
    dates = [first, first + DAY]
    began = time.monotonic()
    await _loyalty.fill(superuser, MANY, dict(zip(dates, SHARES, strict=True)), keep.spend // keep.visits)
    print(f"{MANY} accounts made in {time.monotonic() - began:.0f} s", flush=True)
    await examine(settings, "before the night")
    figures: list[Figure] = []
    async with pool(settings):
        desk = Desk(await four(first))
        alone = Times([await desk.visit() for _ in range(ALONE)])
        figures += waits("the desk without a night", alone)
        for on, share in zip(dates, SHARES, strict=True):
            name = f"a night of {MANY} clients that changes {share:.0%}"
            figures += told(name, await done(settings, on), share * MANY / PER_SECOND, alone)
        await another_version(dates[-1])
        figures += told(
            f"a night of {MANY} clients with another version", await done(settings, dates[-1] + DAY), None, alone
        )
    await examine(settings, "after it")
    return figures


async def examine(settings: Settings, when: str) -> None:
    """Raises where the doctor finds anything, but that something waits: it does so on purpose."""
    checks = [one for one in doctor.CHECKS if one not in (nights_are_done, messages_are_taken_up)]
    async with database(settings.database_url or "", patience=doctor.PATIENCE):
        if found := [one for check in checks for one in await check()]:
            raise SystemExit(f"The data of the benchmark is wrong {when}:\n  " + "\n  ".join(found[:20]))


async def another_version(on: date) -> None:
    """The demo's draft comes into force on the date after one."""
    draft = await queries.draft()
    assert draft is not None
    await programme.publish(Intent(uuid4(), TERMINAL, await four(on)), draft.id, draft.version, on + DAY)


class Desk:
    """Finishes visits of one client after the other, each with a service, paid at once."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._luck = random.Random(SEED + 13)

    async def visit(self) -> float:
        """How long one takes, worked out and finished, in milliseconds."""
        client = await db.fetchval(
            "SELECT id FROM client WHERE id = (SELECT max(id) FROM client) - $1::bigint", self._luck.randrange(MANY)
        )
        [place, *_], [cash, *_], facts = await open_locations(), await methods(), await business()
        on = clock.business_date(self.now, facts.zone)
        good = next(one for one in (await quoting.goods(on, facts.currency)).values() if one.service and one.listed)
        lines = (Entered(good.listed or 0, 1, good.service, None),)

        async def finish() -> None:
            due = quoting.quote(await quoting.basis(ClientId(client), on, on), lines).due
            means = Intent(uuid4(), TERMINAL, self.now)
            await actions.finish(means, Till(place.id, lines, due, (Paid(cash.id, due),), client=ClientId(client)))

        return await timed(finish)

    async def work(self, done: asyncio.Event) -> list[float]:
        times = []
        while not done.is_set():
            times.append(await self.visit())
            await asyncio.sleep(EVERY)
        return times


async def done(settings: Settings, on: date) -> Night:
    """The night of a date by a worker, which is stopped half-way, while a desk works."""
    before = await changed()
    over = asyncio.Event()
    desk = asyncio.ensure_future(Desk(await four(on)).work(over))
    took = worked = 0.0
    for seconds in ("1", "3600"):
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            __file__,
            "worker",
            on.isoformat(),
            seconds,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "DATABASE_URL": settings.database_url or ""},
        )
        told, _ = await worker.communicate()
        took, worked = (sum(pair) for pair in zip((took, worked), map(float, told.split()), strict=True))
    over.set()
    if left := await nights.due(on, 10):
        raise SystemExit(f"The night was not done of clients {left}.")
    return Night(await changed() - before, took, worked, Times(await desk))


async def changed() -> int:
    return int(await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'loyalty.night'"))


def told(name: str, night: Night, target: float | None, alone: Times) -> Iterator[Figure]:
    yield Figure(f"{name}", night.took, "s", target)
    yield Figure(f"{name}, accounts with changes", night.accounts / night.took, "/s")
    yield Figure(f"{name}, work of the worker", night.worked, "s")
    yield from waits(f"{name}, the desk meanwhile", night.desk, alone)


def waits(name: str, desk: Times, alone: Times | None = None) -> Iterator[Figure]:
    yield Figure(f"{name}, a visit p50", desk.p50, "ms", None, alone and alone.p50)
    yield Figure(f"{name}, a visit p95", desk.percentile(95), "ms", None, alone and alone.percentile(95))


async def worker(on: date, seconds: float) -> None:
    """Do a night for so many seconds at most; say how long it took, and how long of that it worked."""
    async with db.pool(os.environ["DATABASE_URL"]):
        began, worked = time.monotonic(), time.process_time()
        await do_due(await four(on), lambda: time.monotonic() < began + seconds)
        print(time.monotonic() - began, time.process_time() - worked)


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        asyncio.run(worker(date.fromisoformat(sys.argv[2]), float(sys.argv[3])))
    else:
        with _loyalty.server() as (settings, superuser):
            report(f"The night of {MANY} clients", asyncio.run(main(settings, superuser)))
