"""How fast the agenda answers: twenty people with three hundred bookings a day, among a million."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from urllib.parse import urlencode

from _clients import SEED
from _harness import Figure, Times, Web, database, over_http, pool, report, signed_in, timed, web
from console.domain import clock, db
from console.domain.booking.agenda import agenda
from console.domain.booking.agenda_month import month as month_of
from console.domain.business.queries import LocationView, location
from console.domain.desk.agenda_marks import revision as revision_of

ASKED = 200
DAYS = 30
EMPTY = "/search"


async def read() -> list[Figure]:
    """What the agenda reads, in this process."""
    luck = random.Random(SEED + 4)
    rows = await db.fetch("SELECT id FROM location WHERE name LIKE 'Bench %' ORDER BY id")
    places: list[LocationView] = [await location(row["id"]) for row in rows]
    today = clock.now().date()

    def any_day() -> tuple[LocationView, object]:
        return luck.choice(places), today + timedelta(days=luck.randrange(-DAYS, DAYS))

    async def times(what: object) -> Times:
        return Times([await timed(lambda: what(*any_day())) for _ in range(ASKED + 20)][20:])  # type: ignore[operator]

    revision, day = await times(revision_of), await times(agenda)
    month = Times([await timed(lambda: month_of(*any_day())) for _ in range(20)])  # type: ignore[arg-type]
    return [
        Figure("revision of a day of 300 bookings p50", revision.p50, "ms", 10),
        Figure("revision of a day of 300 bookings p99", revision.p99, "ms"),
        Figure("reading a day of 20 people and 300 bookings p50", day.p50, "ms"),
        Figure("load of a month of 9000 bookings p50", month.p50, "ms"),
    ]


async def pages(process: Web, place: int) -> list[Figure]:
    """Whole pages over HTTP, beside an empty one."""
    luck = random.Random(SEED + 5)
    today = clock.now().date()

    def url(days: int, **more: object) -> str:
        return f"/agenda?{urlencode({'place': place, 'on': today + timedelta(days=days), **more})}"

    async with signed_in(process) as browser:
        empty = await browser.times_of([EMPTY] * ASKED)
        anew = await browser.times_of([url(days) for days in range(-DAYS, DAYS)], warm=0)
        kept = await browser.times_of([url(luck.randrange(-DAYS, DAYS)) for _ in range(ASKED)])
        size = len((await browser.get(url(1))).content)
    return [
        *over_http("agenda of a day made anew", anew, empty),
        *over_http("agenda of a day that was kept", kept, empty, 20),
        Figure("agenda of a day, size", size / 1024, "kB"),
    ]


async def inside() -> tuple[list[Figure], int]:
    async with pool(settings):
        return await read(), int(await db.fetchval("SELECT min(id) FROM location WHERE name LIKE 'Bench %'"))


if __name__ == "__main__":
    with database() as settings:
        figures, place = asyncio.run(inside())
        with web(settings) as process:
            figures += asyncio.run(pages(process, place))
        report("The agenda with a million bookings", figures)
