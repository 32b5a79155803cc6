"""The worker as it runs: a process of its own that is woken over the queue."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from console.config import Settings
from console.domain import clock, db
from console.domain.doorbell import set_doorbell
from console.domain.intent import Intent
from console.domain.team import accounts
from console.domain.team.rules import Role
from console.queue import Doorbell
from tests import factories
from tests.cast import OLEG
from tests.patience import PATIENCE
from tests.workers.conftest import Postman
from workers.mail import sweep_mail


@contextmanager
def working(settings: Settings, smtp: str, said: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is starting, and writes into a file."""
    urls = {"DATABASE_URL": settings.database_url or "", "REDIS_URL": settings.redis_url or "", "SMTP_URL": smtp}
    with said.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "console.cli", "worker"],
            env={**os.environ, **urls, "PUBLIC_URL": "https://console.example"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


@pytest.fixture
def worker(database: None, settings: Settings, smtp: str, tmp_path: Path) -> Iterator[Path]:
    """A worker that is starting; what it says."""
    said = tmp_path / "worker.txt"
    with working(settings, smtp, said) as process:
        yield said
        process.terminate()
        assert process.wait(PATIENCE) == 0


@dataclass
class Slow(Postman):
    """Takes its time with a letter: a second, or until it is let go."""

    seconds: float = 1.0
    arrived: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.arrived.set()
        await asyncio.to_thread(self.go.wait, self.seconds)
        return await super().handle_DATA(server, session, envelope)


async def until(what: Callable[[], Awaitable[bool]], told: Callable[[], str]) -> None:
    """Wait for it, far longer than it takes."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await what():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"waited in vain; the worker said:\n{told()}") from None


async def test_an_operation_rings_and_the_worker_sends_the_mail(
    worker: Path, settings: Settings, postman: Postman
) -> None:
    await factories.staff(OLEG)
    bell = Doorbell(settings.redis_url or "")
    set_doorbell(bell.ring)
    try:
        for address in ("nina@fifth.example", "boris2@fifth.example"):
            await accounts.invite(Intent(uuid4(), OLEG.actor, clock.now()), "Nina", address, Role.SUPPORT, "ru")

            async def sent() -> bool:
                return bool(await db.fetchval("SELECT bool_and(status = 'sent') FROM staff_mail"))

            await until(sent, worker.read_text)
    finally:
        set_doorbell(None)
        await bell.close()
    assert [message["To"].addresses[0].addr_spec for message in postman.letters] == [
        "nina@fifth.example",
        "boris2@fifth.example",
    ]


async def test_a_ring_sends_what_is_due_to_a_client(
    worker: Path, settings: Settings, postman: Postman, never_quiet: None
) -> None:
    told = {"kind": "free_visit.issued", "variables": '{"last": "2026-06-01"}', "dedupe_key": "1", "status": "due"}
    emails = '[{"address": "anna@mail.example", "label": ""}]'
    client = await factories.client(emails=emails)
    given = {"channel": "email", "purpose": "offers", "given": True, "at": clock.now(), "source": "in_person"}
    await factories._insert("client_consent", client=client, **given)
    await factories._insert("message", client=client, due_at=clock.now(), **told)
    bell = Doorbell(settings.redis_url or "")
    await bell.ring(frozenset({"message"}))
    await bell.close()

    async def sent() -> bool:
        return bool(await db.fetchval("SELECT status = 'sent' FROM message"))

    await until(sent, worker.read_text)
    assert len(postman.letters) == 1


class TestInTheMiddleOfALetter:
    """What becomes of a letter whose worker ends while the mail server looks into it."""

    @pytest.fixture
    def postman(self) -> Slow:
        return Slow()

    async def begun(self, postman: Slow, settings: Settings) -> None:
        """Invite somebody, and wait until the server has the letter."""
        await factories.staff(OLEG)
        await accounts.invite(
            Intent(uuid4(), OLEG.actor, clock.now()), "Nina", "nina@fifth.example", Role.SUPPORT, "ru"
        )
        bell = Doorbell(settings.redis_url or "")
        await bell.ring(frozenset({"mail"}))
        await bell.close()
        assert await asyncio.to_thread(postman.arrived.wait, PATIENCE)

    async def test_a_worker_that_is_stopped_hands_it_over_first(
        self, database: None, settings: Settings, smtp: str, postman: Slow, tmp_path: Path
    ) -> None:
        with working(settings, smtp, tmp_path / "worker.txt") as process:
            await self.begun(postman, settings)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, PATIENCE) == 0
        assert await db.fetchval("SELECT status FROM staff_mail") == "sent"
        assert len(postman.letters) == 1

    async def test_one_that_is_killed_leaves_it_in_doubt_and_nobody_sends_it_again(
        self, database: None, settings: Settings, smtp: str, postman: Slow, tmp_path: Path, context: dict[str, Any]
    ) -> None:
        postman.seconds = PATIENCE
        with working(settings, smtp, tmp_path / "worker.txt") as process:
            await self.begun(postman, settings)
            process.kill()
            await asyncio.to_thread(process.wait, PATIENCE)
        postman.go.set()
        await sweep_mail(context)
        assert await db.fetchval("SELECT status FROM staff_mail") == "claimed"
        await db.execute("UPDATE staff_mail SET claimed_until = now() - interval '1 second'")
        await sweep_mail(context)
        assert await db.fetchval("SELECT status FROM staff_mail") == "unknown"
        assert len(postman.letters) <= 1
