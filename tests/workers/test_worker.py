"""The worker as it runs: a process of its own that is woken over the queue."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from console.config import Settings
from console.domain import clock, db, operation
from console.domain.operation import Intent
from console.domain.team import accounts
from console.domain.team.rules import Role
from console.queue import Doorbell
from tests import factories
from tests.cast import OLEG
from tests.workers.conftest import Postman

PATIENCE = 30.0


@pytest.fixture
def worker(database: None, settings: Settings, smtp: str, tmp_path: Path) -> Iterator[Path]:
    """A worker that is starting; what it says."""
    urls = {"DATABASE_URL": settings.database_url or "", "REDIS_URL": settings.redis_url or "", "SMTP_URL": smtp}
    said = tmp_path / "worker.txt"
    with said.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "console.cli", "worker"],
            env={**os.environ, **urls, "PUBLIC_URL": "https://console.example"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    yield said
    process.terminate()
    process.wait(PATIENCE)


async def until(what: Callable[[], Awaitable[bool]], told: Callable[[], str]) -> None:
    """Wait for it, far longer than it takes."""
    for _ in range(int(PATIENCE / 0.05)):
        if await what():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited in vain; the worker said:\n{told()}")


async def test_an_operation_rings_and_the_worker_sends_the_mail(
    worker: Path, settings: Settings, postman: Postman
) -> None:
    await factories.staff(OLEG)
    bell = Doorbell(settings.redis_url or "")
    operation.set_doorbell(bell.ring)
    try:
        for address in ("nina@fifth.example", "boris2@fifth.example"):
            await accounts.invite(Intent(uuid4(), OLEG.actor, clock.now()), "Nina", address, Role.SUPPORT, "ru")

            async def sent() -> bool:
                return bool(await db.fetchval("SELECT bool_and(status = 'sent') FROM staff_mail"))

            await until(sent, worker.read_text)
    finally:
        operation.set_doorbell(None)
        await bell.close()
    assert [message["To"].addresses[0].addr_spec for message in postman.letters] == [
        "nina@fifth.example",
        "boris2@fifth.example",
    ]
