"""The first start is cut off while it fills the demo in; the next one makes the rest of it."""

from __future__ import annotations

import asyncio
import os
import sys

import asyncpg
import pytest

from console import demo
from console.config import Settings
from console.doctor import examine
from console.domain import clock, db
from console.domain.business.queries import demo_begun
from tests.server import TABLES, Keeper


async def migrating(settings: Settings) -> asyncio.subprocess.Process:
    urls = {
        "DATABASE_URL": settings.database_url or "",
        "DATABASE_OWNER_URL": settings.database_owner_url or "",
        "CONSOLE_DATA_DIR": str(settings.data_dir),
        "DEMO": "1",
    }
    command = (sys.executable, "-P", "-m", "console.cli", "migrate")
    return await asyncio.create_subprocess_exec(*command, env=os.environ | urls)


async def contents(connection: asyncpg.Connection) -> dict[str, int]:
    return {
        row[0]: await connection.fetchval(f"SELECT count(*) FROM {row[0]}")
        for row in await connection.fetch(TABLES)
        if row[0] != "migration"
    }


@pytest.mark.parametrize("after", [2, 12, 60])
async def test_a_demo_that_was_cut_off_is_made_whole_at_the_next_start(
    clean: None,
    keeper: Keeper,
    settings: Settings,
    as_owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    process = await migrating(settings)
    for _ in range(10_000):
        if await as_owner.fetchval("SELECT count(*) FROM operation") >= after or process.returncode is not None:
            break
    process.kill()
    await process.wait()
    assert not await as_owner.fetchval("SELECT count(*) FROM operation WHERE kind = 'business.demo_whole'")
    cut_off = await contents(as_owner)
    assert await (await migrating(settings)).wait() == 0
    resumed = await contents(as_owner)
    assert cut_off["operation"] < resumed["operation"]
    assert [one.broken for one in await examine(settings.database_url or "") if one.broken] == []
    assert await (await migrating(settings)).wait() == 0
    assert await contents(as_owner) == resumed, "it is whole"
    async with db.pool(settings.database_url or ""):
        begun = await demo_begun()
    assert begun is not None
    await keeper.reset()
    monkeypatch.setattr(clock, "now", lambda: begun.at)
    assert await asyncio.to_thread(demo.fill, settings)
    assert await contents(as_owner) == resumed, "as one of that moment that was never cut off"


async def test_a_demo_that_another_version_began_stays_as_far_as_that_one_came(
    clean: None,
    settings: Settings,
    as_owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as cut_off:
        cut_off.setattr(demo, "_plan", None)
        with pytest.raises(TypeError):
            await demo._fill(settings)
    monkeypatch.setattr(demo.offer, "CATEGORIES", demo.offer.CATEGORIES[::-1])
    before = await contents(as_owner)
    assert (await demo._fill(settings), await demo._fill(settings)) == (True, False)
    after = await contents(as_owner)
    assert {**before, "operation": before["operation"] + 1, "refusal": 1} == after
    [told] = [one for one in caplog.records if one.name == "console.demo"]
    assert "CONSOLE_DATA_DIR=" in told.getMessage(), "it says what to do"
    assert (told.exc_info, len(told.getMessage().splitlines())) == (None, 1)
