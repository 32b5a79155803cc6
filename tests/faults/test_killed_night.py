"""A night that is killed half-way and repeated leaves what an undisturbed one leaves."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from console import embedded
from console.domain import db
from console.domain.business.queries import business
from console.domain.clock import bounds
from console.domain.ids import ClientId
from console.domain.loyalty import checks
from console.domain.tickets import actions
from console.domain.tickets.rules import TicketStatus
from tests import factories, loyal
from tests.cast import ANNA, NOW
from tests.domain.conftest import kernel
from tests.domain.loyalty.test_accounts import client, come, day
from tests.domain.tickets import desk
from tests.domain.tickets.test_holds import EVERY, about_stamps, all_is_well
from tests.patience import PATIENCE
from tests.server import Keeper
from workers.night import do_due

__all__ = ["client", "kernel"]

ROOT = Path(__file__).parents[2]
MANY = 6
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> ALL($1)"
LEFT = (
    'SELECT client, unit, verb, delta, "on", lot, through, source FROM loyalty_entry ORDER BY client, id',
    'SELECT client, event, "on", tier, before, drops_on, source FROM tier_entry ORDER BY client, id',
    "SELECT client, stamps, free_visits, tier, drops_on, night, next_night FROM loyalty_account ORDER BY client",
    "SELECT client, kind, due_at, variables, dedupe_key, status, retired_at FROM message ORDER BY client, dedupe_key",
    "SELECT ticket, client, first, last FROM loyalty_pause ORDER BY id",
    "SELECT intent_id FROM operation WHERE kind = 'loyalty.night' ORDER BY intent_id",
)


@pytest.fixture
async def clients(client: ClientId) -> list[ClientId]:
    """Clients of whom each is warned in one night."""
    all_ = [client, *[ClientId(await factories.client()) for _ in range(MANY - 1)]]
    for at, one in enumerate(all_):
        for visit in range(4):
            await come(one, 1 + 10 * at + visit, day(190 - visit))
    return all_


async def left() -> list[list[tuple[object, ...]]]:
    return [[tuple(row) for row in await db.fetch(sql)] for sql in LEFT]


async def killed(server: embedded.Postgres, now: datetime, after: int, place: str) -> None:
    """Do the night in a process, kill it at a place after some clients, and wait until the server has noticed."""
    mine = [row["pid"] for row in await db.fetch("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.dying_night", now.isoformat(), str(after), place),
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": server.app_url},
        stdout=PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.readline() == b"here\n"
        process.kill()
        await process.communicate()
        while await db.fetchval(CONNECTED, mine):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("place", ["inside", "between"])
async def test_a_night_killed_half_way_and_repeated_leaves_what_an_undisturbed_one_does(
    clients: list[ClientId], keeper: Keeper, postgres_server: embedded.Postgres, place: str
) -> None:
    now = bounds(day(9), (await business()).zone)[0] + timedelta(hours=4)
    await keeper.keep("before_the_night")
    await do_due(now)
    undisturbed = await left()
    await keeper.reset("before_the_night")
    warned = "SELECT count(*) FROM tier_entry WHERE event = 'warned'"
    for after, done in ((2, 2), (1, 3)):
        await killed(postgres_server, now, after, place)
        assert await db.fetchval(warned) == done
    for _ in range(2):
        await do_due(now)
        assert await left() == undisturbed
    assert await db.fetchval(warned) == MANY
    assert [await check() for check in checks.LEDGERS] == [[]] * len(checks.LEDGERS)


async def test_a_night_killed_half_way_expires_nothing_that_waits_for_a_ticket_and_all_of_it_once_that_is_solved(
    database: None, keeper: Keeper, postgres_server: embedded.Postgres
) -> None:
    await factories.staff(ANNA)
    await loyal.in_force(EVERY)
    clients = [ClientId(await factories.client()) for _ in range(3)]
    for at, one in enumerate(clients):
        await loyal.come(one, 1 + at, 10)
    waits = [await about_stamps(one) for one in clients[1:]]
    expired = "SELECT count(*) FROM loyalty_entry WHERE unit = 'free_visit' AND verb = 'expire'"

    async def solve() -> None:
        assert await db.fetchval(expired) == 1
        for ticket in waits:
            await actions.move(desk.intent(hours=25), ticket, TicketStatus.SOLVED)

    await keeper.keep("before_the_hold")
    first, second = NOW + timedelta(1), NOW + timedelta(2)
    await do_due(first)
    await solve()
    await do_due(second)
    undisturbed = await left()
    await keeper.reset("before_the_hold")
    await killed(postgres_server, first, 0, "inside")
    assert await db.fetchval(expired) == 0
    await do_due(first)
    await solve()
    await killed(postgres_server, second, 1, "inside")
    assert await db.fetchval(expired) == 2
    for _ in range(2):
        await do_due(second)
        assert await left() == undisturbed
    assert await all_is_well() == []
