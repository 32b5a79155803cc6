"""Two machines side by side: web processes and workers that share a database, a queue and a key, and nothing else."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest
from aiosmtpd.controller import Controller

from console import embedded
from console.domain import db
from console.processes import alive, free_port
from tests import factories
from tests.cast import ANNA, PASSWORD
from tests.faults.conftest import CONSOLE, PATIENCE, House, Started, wait_until
from tests.faults.test_in_flight import _until_somebody_waits_for_a_lock
from tests.page import Visitor
from tests.server import postgres
from tests.workers.conftest import Postman
from tests.yard import DAY, HOUR, NOON, yard

EMAIL = "olga@fifth.example"


class Machine(House):
    """A machine of its own as far as processes can tell: its data directory, its home, its port."""

    def __init__(self, data_dir: Path, shared: dict[str, str]) -> None:
        super().__init__(data_dir)
        self.shared = shared
        (data_dir / "home").mkdir(parents=True)
        self.web: Started | None = None

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "DEMO": "0", "HOME": str(self.data_dir / "home"), **self.shared}

    def serve(self) -> Started:
        """Start a web process and wait until it is ready."""
        self.web = self.begin(*CONSOLE, "serve")
        wait_until(lambda: self.status("/readyz") == 200)
        return self.web


@dataclass
class Fleet:
    """Two machines, what they share, and the mail that they sent."""

    here: Machine
    there: Machine
    workers: list[Started]
    migrated: list[int]
    server: embedded.Postgres
    postman: Postman

    @property
    def both(self) -> tuple[Machine, Machine]:
        return self.here, self.there


@pytest.fixture(scope="module")
def fleet(valkey: str) -> Iterator[Fleet]:
    folder = Path(tempfile.mkdtemp(prefix="machines-"))
    folder.chmod(0o755)
    postman = Postman()
    mail = Controller(postman, hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE)
    mail.start()
    with postgres(folder / "database", durable=True) as server:
        shared = {
            "DATABASE_URL": server.app_url,
            "REDIS_URL": valkey,
            "SECRET_KEY": "the same on every machine " * 2,
            "PUBLIC_URL": "https://console.example",
            "SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
        }
        here, there = (Machine(folder / name, shared) for name in ("here", "there"))
        try:
            owner = {"DATABASE_OWNER_URL": server.owner_url}
            begun = [one.begin(*CONSOLE, "migrate", **owner) for one in (here, there, here)]
            migrated = [one.process.wait(PATIENCE) for one in begun]
            assert not any(one.said() for one in begun), [one.said() for one in begun]
            named = ("--name", "Olga Owner", "--email", EMAIL, "--password", PASSWORD)
            assert here.run("staff", "add", *named).returncode == 0
            workers = [one.begin(*CONSOLE, "worker") for one in (here, there)]
            for one in (here, there):
                one.serve()
            yield Fleet(here, there, workers, migrated, server, postman)
        finally:
            here.close()
            there.close()
            mail.stop()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def olga(fleet: Fleet) -> AsyncIterator[Visitor]:
    """The owner in a browser, signed in at one machine by a form that the other one showed."""
    async with httpx.AsyncClient(timeout=60, headers={"accept-language": "en"}) as http:
        made = Over(http)
        page = await made.open(f"{fleet.here.url}/sign-in")
        fields = {**page.fields("/sign-in"), "email": [EMAIL], "password": [PASSWORD]}
        assert (await made.post(f"{fleet.there.url}/sign-in", fields)).status == 200
        yield made


class Over(Visitor):
    """A browser whose cookies go to both machines, as those of one address do."""

    async def invite(self, form: Machine, sent: Machine, email: str) -> str:
        """Invite somebody by the form of one machine, sent to another; where that leads."""
        page = await self.open(f"{form.url}/settings/staff/new")
        fields = {**page.fields("/settings/staff"), "name": ["Nina"], "email": [email]}
        return (await self.post(f"{sent.url}/settings/staff", fields)).path


@pytest.fixture(autouse=True)
def secure_cookies_over_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy speaks TLS to browsers; here nothing is between, and the cookies are carried all the same."""
    monkeypatch.setattr("http.cookiejar.DefaultCookiePolicy.return_ok_secure", lambda *_: True)


async def test_three_migrations_at_once_make_one_database(fleet: Fleet) -> None:
    assert fleet.migrated == [0, 0, 0]
    doctor = await asyncio.to_thread(fleet.there.run, "doctor")
    assert doctor.returncode == 0, doctor.stdout


async def test_a_session_of_one_is_good_at_the_other_and_ends_at_both(fleet: Fleet, olga: Over) -> None:
    for machine in fleet.both:
        assert (await olga.open(f"{machine.url}/profile")).path == "/profile"
    kept = dict(olga.http.cookies)
    page = await olga.open(f"{fleet.here.url}/profile")
    await olga.post(f"{fleet.there.url}/sign-out", page.fields("/sign-out"))
    for machine in fleet.both:
        olga.http.cookies.update(kept)
        assert (await olga.open(f"{machine.url}/profile")).path == "/sign-in"


async def test_a_form_sent_to_both_at_once_has_one_effect(fleet: Fleet, olga: Over) -> None:
    page = await olga.open(f"{fleet.here.url}/settings/staff/new")
    fields = {**page.fields("/settings/staff"), "name": ["Once"], "email": ["once@fifth.example"]}
    answers = await asyncio.gather(*(olga.post(f"{machine.url}/settings/staff", fields) for machine in fleet.both * 5))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.path for answer in answers}) == 1
    listed = (await olga.open(f"{fleet.there.url}/settings/staff")).words("table")
    assert listed.count("once@fifth.example") == 1
    other = await olga.post(f"{fleet.there.url}/settings/staff", {**fields, "name": ["Another"]})
    assert other.status == 409


async def test_letters_leave_once_with_two_workers_and_lead_to_the_public_address(fleet: Fleet, olga: Over) -> None:
    addresses = [f"letter{number}@fifth.example" for number in range(8)]
    for number, address in enumerate(addresses):
        form, sent = fleet.both if number % 2 else reversed(fleet.both)
        assert re.fullmatch(r"/settings/staff/\d+", await olga.invite(form, sent, address))
    await asyncio.to_thread(wait_until, lambda: set(addresses) <= set(_reached(fleet)))
    assert sorted(one for one in _reached(fleet) if one in addresses) == addresses
    assert "https://console.example/links/" in fleet.postman.letters[-1].as_string().replace("=\n", "")


def _reached(fleet: Fleet) -> list[str]:
    return [letter["To"].addresses[0].addr_spec for letter in fleet.postman.letters]


@pytest.fixture
async def pool(fleet: Fleet) -> AsyncIterator[None]:
    """This process as one more machine."""
    async with db.pool(fleet.server.app_url):
        yield


async def test_an_agenda_that_was_kept_shows_what_was_booked_elsewhere(fleet: Fleet, olga: Over, pool: None) -> None:
    await factories.staff(ANNA)
    there = await yard()
    agenda = f"/agenda?place={there.location}&on={DAY}"
    for number in range(3):
        for machine in fleet.both * 2:  # the second time as it was kept
            assert len((await olga.open(machine.url + agenda)).tree.css("a.b")) == number
        await there.book(there.nina, NOON + number * HOUR)


async def test_one_that_is_stopped_answers_what_it_has_begun_while_the_other_serves(fleet: Fleet, olga: Over) -> None:
    owner, watcher = await asyncpg.connect(fleet.server.owner_url), await asyncpg.connect(fleet.server.owner_url)
    lock = owner.transaction()
    await lock.start()
    await owner.execute("LOCK TABLE holiday IN ACCESS EXCLUSIVE MODE")
    begun = asyncio.create_task(olga.open(f"{fleet.here.url}/settings/holidays"))
    await _until_somebody_waits_for_a_lock(watcher)
    assert fleet.here.web
    fleet.here.web.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(wait_until, lambda: fleet.here.status("/livez") == 0)
    assert (await olga.open(f"{fleet.there.url}/profile")).path == "/profile"
    assert not begun.done()
    await lock.rollback()
    assert (await begun).status == 200
    assert await asyncio.to_thread(fleet.here.web.process.wait, PATIENCE) in {0, -signal.SIGTERM}
    await watcher.close()
    await owner.close()
    await asyncio.to_thread(fleet.here.serve)


async def test_migrating_disturbs_nobody(fleet: Fleet, olga: Over) -> None:
    environment = {"DATABASE_OWNER_URL": fleet.server.owner_url}
    migrating: asyncio.Task[subprocess.CompletedProcess[str]] = asyncio.create_task(
        asyncio.to_thread(lambda: fleet.there.run("migrate", **environment))
    )
    statuses = set()
    while not migrating.done():
        statuses |= {(await olga.open(f"{machine.url}/settings/staff")).status for machine in fleet.both}
    assert (migrating.result().returncode, statuses) == (0, {200})


async def test_when_the_database_comes_back_all_of_them_go_on(fleet: Fleet, olga: Over) -> None:
    await asyncio.to_thread(fleet.server.stop)
    for machine in fleet.both:
        assert [machine.status("/livez"), machine.status("/readyz")] == [200, 503]
    await asyncio.to_thread(fleet.server.start)
    for machine in fleet.both:
        await asyncio.to_thread(wait_until, lambda machine=machine: machine.status("/readyz") == 200)
    assert (await olga.open(f"{fleet.here.url}/profile")).path == "/profile"
    assert all(alive(worker.process.pid) for worker in fleet.workers)
    await olga.invite(fleet.here, fleet.there, "after@fifth.example")
    await asyncio.to_thread(wait_until, lambda: "after@fifth.example" in _reached(fleet))
