"""`console demo reset` takes a demo away and makes a new one; of anything else it takes nothing."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from console import demo, demo_reset, embedded
from console.config import Settings
from console.processes import ServiceError
from tests.server import TEMPLATE, Keeper, settings_for

OWN = "demo_taken_away"
SAID = "UPDATE business SET name = 'Played with'"


@pytest.fixture
async def own(keeper: Keeper, settings: Settings) -> AsyncIterator[Settings]:
    """A database of its own, which holds nothing yet."""
    await keeper.superuser(f"CREATE DATABASE {OWN} OWNER {embedded.OWNER} TEMPLATE {TEMPLATE}")
    yield settings_for(keeper.server, OWN)
    await keeper.superuser(f"DROP DATABASE {OWN} WITH (FORCE)")


async def console(settings: Settings, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    urls = {"DATABASE_URL": settings.database_url or "", "DATABASE_OWNER_URL": settings.database_owner_url or ""}
    command = [sys.executable, "-P", "-m", "console.cli", *words]
    return await asyncio.to_thread(
        subprocess.run,
        command,
        env={**os.environ, **urls, "DEMO": "1"},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
    )


async def owned(settings: Settings, statement: str) -> object:
    connection = await asyncpg.connect(settings.database_owner_url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_demo_is_taken_away_once_it_is_meant_and_nobody_is_at_work_and_a_business_never_is(
    own: Settings,
) -> None:
    with pytest.raises(ServiceError, match="no demo"):
        await asyncio.to_thread(demo_reset.reset, own)
    await asyncio.to_thread(demo.fill, own)
    await owned(own, SAID)
    kept = await console(own, "demo", "reset", typed="no\n")
    assert kept.returncode == 1
    assert "Nothing was taken away." in kept.stdout
    at_work = await asyncpg.connect(own.database_url)
    with pytest.raises(ServiceError, match="stop the console first"):
        await asyncio.to_thread(demo_reset.reset, own)
    await at_work.close()
    assert await owned(own, "SELECT name FROM business") == "Played with"
    done = await console(own, "demo", "reset", typed="yes\n")
    assert done.returncode == 0, done.stderr
    assert await owned(own, "SELECT name FROM business") == "Clean Home"
    assert await owned(own, "SELECT count(*) FROM client") == 40
