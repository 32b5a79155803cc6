"""Valkey is a doorbell alone: without it people sign in, book and take money, and once it is back messages leave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from console import embedded
from console.domain import clock
from tests.faults.conftest import PATIENCE, House
from tests.faults.test_killed_delivery import FILL, HURRY, NEVER_QUIET, ask
from tests.page import Visitor
from tests.workers.gateway import SECRET, Gateway, gateway

TOLD = "SELECT count(*) AS many FROM message WHERE kind = 'booking.confirmation' AND status = 'due' AND client = $1"

EMAIL, PASSWORD = "rita@fifth.example", "she sweeps the stairs on Mondays"
RITA = ("--name", "Rita Manager", "--email", EMAIL, "--password", PASSWORD)


@pytest.fixture
def bell(house: House, tmp_path: Path) -> Iterator[embedded.Valkey]:
    server = embedded.start_valkey(tmp_path / "bell")
    yield server
    server.stop()


async def test_people_go_on_without_valkey_and_messages_leave_once_it_is_back(
    house: House, bell: embedded.Valkey
) -> None:
    with gateway(Gateway()) as provider:
        env = {"REDIS_URL": bell.url, "SMS_URL": provider.url, "SMS_SECRET": SECRET}
        await asyncio.to_thread(lambda: house.up(**env))
        added = await asyncio.to_thread(lambda: house.run("staff", "add", *RITA, "--role", "manager"))
        assert added.returncode == 0, added.stderr
        database = str(house.run_json()["database_owner_url"])
        await ask(database, NEVER_QUIET)
        assert bell.process is not None
        bell.process.kill()
        await asyncio.to_thread(bell.process.wait)
        await ask(database, FILL, 2)
        ((client,),) = await ask(database, "SELECT max(id) FROM client")
        await at_work(house, database, client)
        assert (await ask(database, TOLD, client))[0]["many"] == 1
        assert provider.sent == {}
        await asyncio.to_thread(bell.start)
        async with asyncio.timeout(PATIENCE):
            while len(provider.sent) < 2:
                await ask(database, HURRY)
                await asyncio.sleep(0.5)


async def at_work(house: House, database: str, client: int) -> None:
    """Somebody signs in by their password, books for a client, and finishes a visit of theirs."""
    async with httpx.AsyncClient(base_url=house.url, timeout=PATIENCE, headers={"accept-language": "en"}) as http:
        desk = Visitor(http)
        page = await desk.send(await desk.open("/sign-in"), "/sign-in", email=EMAIL, password=PASSWORD)
        assert page.has('a[href="/agenda"]')
        service = (await ask(database, "SELECT id, names->>'en' AS name FROM service WHERE retired_at IS NULL"))[0]
        day = clock.now().date() + timedelta(days=1)
        page = await desk.open(f"/bookings/new?client={client}&on={day}")
        page = await desk.send(page, "/bookings", press="find=places", services_1_service=service["id"])
        start = page.tree.css_first("input[name=start]").attributes["value"]
        page = await desk.send(page, "/bookings", start=start)
        assert page.status == 200
        page = await desk.open(f"/visits/new?client={client}")
        page = await desk.send(page, "/visits", press="find=add", add=service["name"])
        page = await desk.send(page, "/visits")
        ((visits,),) = await ask(database, "SELECT count(*) FROM visit WHERE client = $1", client)
        assert (page.status, visits) == (200, 1)
