"""SIGTERM lets a request that is being answered finish."""

from __future__ import annotations

import asyncio
import signal

import asyncpg

from tests.faults.conftest import House, wait_until
from tests.patience import PATIENCE


async def test_a_request_in_flight_is_answered_before_the_web_process_ends(house: House) -> None:
    up = house.up()
    url = str(house.run_json()["database_owner_url"])
    owner, watcher = await asyncpg.connect(url), await asyncpg.connect(url)
    lock = owner.transaction()
    await lock.start()
    await owner.execute("LOCK TABLE business IN ACCESS EXCLUSIVE MODE")
    answer = asyncio.create_task(asyncio.to_thread(house.status, "/readyz"))
    await _until_somebody_waits_for_a_lock(watcher)
    up.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(wait_until, lambda: "Stopping" in up.said())
    await asyncio.sleep(0.3)
    assert not answer.done()
    await lock.rollback()
    assert await answer == 200
    await watcher.close()
    await owner.close()
    assert await asyncio.to_thread(up.process.wait, PATIENCE) == 0


async def _until_somebody_waits_for_a_lock(watcher: asyncpg.Connection) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await watcher.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
