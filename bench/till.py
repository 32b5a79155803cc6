"""How long the till takes to work out a visit while one types: the price list, the client's account, and the rules."""

from __future__ import annotations

import asyncio
import random
from datetime import date, timedelta
from uuid import uuid4

from _clients import SEED
from _harness import Figure, Times, database, pool, report, timed
from console.domain import clock, db
from console.domain.business.queries import business, open_locations
from console.domain.ids import ClientId
from console.domain.intent import TERMINAL, Intent
from console.domain.loyalty import actions as programme
from console.domain.loyalty import queries
from console.domain.loyalty.presets import both
from console.domain.visits import actions, quoting
from console.domain.visits.actions import Till
from console.domain.visits.methods import methods
from console.domain.visits.rules import Entered, Paid

CLIENTS, VISITS, ASKED = 20, 12, 300
USUAL = 200_000


def means() -> Intent:
    return Intent(uuid4(), TERMINAL, clock.now())


async def in_force() -> None:
    """A programme, where there is none yet."""
    if (await queries.versions()).published:
        return
    if await queries.draft() is None:
        await programme.start_draft(means(), both(USUAL))
    one = await queries.draft()
    assert one is not None
    await programme.publish(means(), one.id, one.version, date(2020, 1, 1))


async def lines(currency: str, on: date) -> tuple[Entered, ...]:
    """A service and two products, or what there is of them, each with a price."""
    found = [one for one in (await quoting.goods(on, currency)).values() if one.is_on]
    return tuple(Entered(one.listed or USUAL, 1, one.service, one.product) for one in (*found[:1], *found[-2:]))


async def come(client: ClientId, ago: int) -> None:
    """A visit of a client that is done and paid."""
    [place, *_], [cash, *_], facts = await open_locations(), await methods(), await business()
    at = clock.now() - timedelta(days=ago)
    on = clock.business_date(at, facts.zone)
    sold = await lines(facts.currency, on)
    due = quoting.quote(await quoting.basis(client, on, clock.business_date(clock.now(), facts.zone)), sold).due
    await actions.finish(means(), Till(place.id, sold, due, (Paid(cash.id, due),), client=client, at=at))


async def main() -> list[Figure]:
    await in_force()
    luck, facts = random.Random(SEED + 7), await business()
    rows = await db.fetch(
        "SELECT id FROM client WHERE retired_at IS NULL AND erased_at IS NULL"
        " AND NOT EXISTS (SELECT FROM visit WHERE client = client.id) ORDER BY id LIMIT $1",
        CLIENTS,
    )
    clients = [ClientId(row["id"]) for row in rows]
    for client in clients:
        for ago in range(VISITS * 14, 0, -14):
            await come(client, ago)
    today = clock.business_date(clock.now(), facts.zone)

    async def work_out() -> None:
        sold = await lines(facts.currency, today)
        of = await quoting.basis(luck.choice(clients), today, today)
        quoting.quote(of, sold, free=bool(luck.randrange(2)))

    for _ in range(20):
        await work_out()
    took = Times([await timed(work_out) for _ in range(ASKED)])
    return [
        Figure("till worked out while one types p50", took.p50, "ms", 20),
        Figure("till worked out while one types p99", took.p99, "ms"),
    ]


async def run() -> list[Figure]:
    async with pool(settings):
        return await main()


if __name__ == "__main__":
    with database() as settings:
        report("The till", asyncio.run(run()))
