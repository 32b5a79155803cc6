"""How fast a hundred thousand tickets are listed, counted and searched: by the statements alone, and as pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

from _tickets import MANY

from _harness import Figure, Times, Web, database, over_http, pool, report, signed_in, timed, web
from console.domain import clock
from console.domain.ids import ActorId
from console.domain.team import queries as team
from console.domain.team.rules import Role
from console.domain.tickets import listing
from console.domain.tickets.listing import Edge, Wanted
from console.domain.tickets.rules import UNSOLVED, Priority, TicketStatus

TIMES = 60
WORD = "диван"
MOST = 50.0
"""Milliseconds that a list may take at the server."""
TO_DO = Wanted(statuses=UNSOLVED)
LISTS = {
    "to do": TO_DO,
    "all": Wanted(),
    "mine": replace(TO_DO, assignee=1),
    "nobody's": replace(TO_DO, unassigned=True),
    "waiting": Wanted(statuses=(TicketStatus.PENDING,)),
    "urgent": replace(TO_DO, priority=Priority.URGENT),
    "closed of a priority": Wanted(statuses=(TicketStatus.CLOSED,), priority=Priority.LOW),
}
SEARCHES = {
    "a common word": Wanted(text=WORD),
    "two words": Wanted(text="ковёр диван"),
    "a client": Wanted(text="Иванов"),
    "a number": Wanted(text=str(MANY // 2)),
}
PAGES = {
    "the queue": "/tickets",
    "all tickets": "/tickets?view=all",
    "the counts": "/tickets/counts",
    "a search": f"/tickets?view=all&q={quote(WORD)}",
    "a ticket": f"/tickets/{MANY // 2}",
}


async def _statements() -> list[Figure]:
    me = await team.demo_person(Role.SUPPORT)
    figures = []
    for name, wanted in LISTS.items():
        mine = replace(wanted, assignee=me) if wanted.assignee else wanted
        figures.append(await _figure(f"tickets: {name}", lambda mine=mine: listing.page(mine)))
    for name, wanted in SEARCHES.items():
        figures.append(await _figure(f"tickets: {name}", lambda wanted=wanted: listing.page(wanted), None))
    first = await listing.page(TO_DO)
    edge = Edge(first.rows[-1].id, first.rows[-1].due_at)
    figures.append(await _figure("tickets: the next page", lambda: listing.page(TO_DO, edge)))
    figures.append(await _figure("tickets: counts of the views", lambda: listing.counts(ActorId(me), clock.now())))
    figures.append(await _figure("tickets: count in the navigation", lambda: listing.waiting(ActorId(me))))
    return figures


async def _figure(name: str, call: Callable[[], Awaitable[object]], target: float | None = MOST) -> Figure:
    times = Times([await timed(call) for _ in range(TIMES)][5:])
    return Figure(f"{name} p50", times.p50, "ms", target)


async def _pages(here: Web) -> list[Figure]:
    async with signed_in(here, "support") as browser:
        empty = await browser.times_of(["/profile"] * TIMES)
        figures: list[Figure] = []
        for name, url in PAGES.items():
            figures.extend(_of(name, await browser.times_of([url] * TIMES), empty))
        return figures


def _of(name: str, times: Times, empty: Times) -> Iterator[Figure]:
    return over_http(f"tickets: {name} over HTTP", times, empty, None if name == "a search" else MOST)


if __name__ == "__main__":
    with database() as settings:

        async def run() -> list[Figure]:
            async with pool(settings):
                return await _statements()

        figures = asyncio.run(run())
        with web(settings) as here:
            figures += asyncio.run(_pages(here))
        report("100 000 tickets", figures)
