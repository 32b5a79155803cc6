"""A process that is killed with an operation under way leaves all of it or nothing, and nobody has to wait."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from console import embedded
from console.domain import db
from tests import factories
from tests.domain import deeds
from tests.domain.conftest import kernel  # noqa: F401
from tests.domain.deeds import columns, intent
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("kernel")

ROOT = Path(__file__).parents[2]
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> ALL($1)"


async def killed(server: embedded.Postgres, place: str, intent_id: UUID, location: int) -> None:
    """Run the operation in a process, kill it at that place, and wait until the server has noticed."""
    mine = [row["pid"] for row in await db.fetch("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.dying", place, str(intent_id), str(location)),
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": server.app_url},
        stdout=PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.readline() == b"here\n"
        assert await db.fetchval(CONNECTED, mine)
        process.kill()
        await process.communicate()
        while await db.fetchval(CONNECTED, mine):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_killed_inside_it_leaves_nothing_half_done(postgres_server: embedded.Postgres) -> None:
    location = await factories.location("Centre")
    before = await deeds.contents()
    asked = intent()
    await killed(postgres_server, "inside", asked.id, location)
    assert await deeds.contents() == before
    again = await deeds.open_and_edit(asked, "North", location)
    assert not again.replayed
    assert (await columns(location))["notice_hours"] == 4
    assert await db.fetchval("SELECT count(*) FROM location WHERE name = 'North'") == 1


async def test_killed_after_its_commit_it_is_done_and_the_same_intent_is_answered_from_the_record(
    postgres_server: embedded.Postgres,
) -> None:
    location = await factories.location("Centre")
    asked = intent(id=uuid4())
    await killed(postgres_server, "after", asked.id, location)
    assert (await columns(location))["notice_hours"] == 4
    again = await deeds.open_and_edit(asked, "North", location)
    assert again.replayed
    assert (await columns(again.result["location"]))["name"] == "North"
    assert await db.fetchval("SELECT count(*) FROM operation WHERE intent_id = $1", asked.id) == 1
