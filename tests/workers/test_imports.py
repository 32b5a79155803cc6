"""What was uploaded is brought in by a worker, which goes on where another one was stopped."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from console import doctor
from console.domain import clock, db
from console.domain import undo as undoing
from console.domain.booking import retelling
from console.domain.clients import actions as clients
from console.domain.clients import queries
from console.domain.desk import actions as desk
from console.domain.desk.rules import Why
from console.domain.errors import Busy
from console.domain.ids import ClientId
from console.domain.imports import actions, jobs, uploads, views
from console.domain.imports.jobs import CUT_OFF, FAILED, LEASE, TRIES, UNREADABLE
from console.domain.imports.rules.arriving import Arrivals, Arrived
from console.domain.imports.rules.reading import parsed
from console.domain.imports.uploads import Wanted
from console.domain.intent import TERMINAL, Intent
from tests.domain.imports.books import FILES, REPORT, SALON
from workers import imports
from workers.imports import import_waiting
from workers.retelling import go_on as tell_anew

pytestmark = pytest.mark.usefixtures("database")

AHEAD = FILES | {
    "future-bookings.csv": FILES["future-bookings.csv"].replace("/2018", f"/{clock.now().year + 1}"),
    "receipt-transactions.csv": "",
}


def intent(**given: str) -> Intent:
    return Intent(uuid4(), TERMINAL, clock.now(), **given)


async def upload(files: dict[str, str] = FILES, *, reminders: bool = False) -> int:
    mapped = parsed(SALON)
    arrived = [Arrived(name, text.encode()) for name, text in files.items() if text]
    one = (await uploads.upload(intent(), Arrivals(arrived, []), mapped)).result["import_upload"]
    if reminders:
        await uploads.change(intent(), one, 1, Wanted(mapped, reminders=True))
    return int(one)


async def bring_in(one: int) -> int:
    return int((await uploads.bring_in(intent(), one)).result["import_run"])


async def report(run: int) -> dict[str, dict[str, int]]:
    return {
        name: {count: file[count] for count in ("read", "imported", "merged", "rejected")}
        for name, file in (await views.run(run)).report.items()
    }


async def sound() -> list[str]:
    found: list[str] = []
    for check in doctor.CHECKS:
        found += await check()
    return found


async def job(one: int) -> views.JobView:
    found = await views.job(one, clock.now())
    assert found is not None
    return found


async def test_an_upload_is_brought_in_as_by_the_command() -> None:
    run = await bring_in(await upload())
    assert await import_waiting({}) == 1
    assert await report(run) == REPORT
    assert await sound() == []


async def test_another_worker_goes_on_where_one_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    one = await upload()
    run = await bring_in(one)
    taken = asyncio.Event()
    take = actions.take

    async def take_one(*args: object) -> object:
        if taken.is_set():
            await asyncio.Event().wait()
        taken.set()
        return await take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "take", take_one)
    stopped = asyncio.create_task(import_waiting({}))
    while not (await job(one)).done:  # noqa: ASYNC110 - it says so when its first part is in
        await asyncio.sleep(0.02)
    monkeypatch.undo()
    assert await import_waiting({}) == 0, "somebody is at work"
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    assert await import_waiting({}) == 1
    assert await report(run) == REPORT
    parts = await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'import.take'")
    assert parts == len(FILES), "what was in is not taken in anew"
    assert await sound() == []


async def test_two_workers_that_look_at_once_do_not_take_two_uploads(as_owner: asyncpg.Connection) -> None:
    for files in (FILES, AHEAD):
        await uploads.try_out(intent(), await upload(files))
    now = clock.now()
    async with as_owner.transaction():
        first = await as_owner.fetchval("SELECT id FROM import_job ORDER BY id LIMIT 1 FOR UPDATE")
        other = asyncio.create_task(jobs.claim(now))
        waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
        while not (other.done() or await as_owner.fetchval(waits)):  # noqa: ASYNC110 - until it is behind us
            await asyncio.sleep(0.01)
        await as_owner.execute("UPDATE import_job SET claimed_until = $2, tries = 1 WHERE id = $1", first, now + LEASE)
    assert await other is None


async def test_a_worker_of_which_nothing_is_heard_is_followed_by_another() -> None:
    one, other = await upload(), await upload(AHEAD)
    await bring_in(one)
    await uploads.try_out(intent(), other)
    now = clock.now()
    assert await jobs.claim(now) is not None
    assert await jobs.claim(now + LEASE) is None, "nor the other one: one goes on at a time"
    later = await jobs.claim(now + LEASE + timedelta(seconds=1))
    assert later is not None
    assert later.upload == one


async def test_what_ends_its_worker_each_time_is_given_up_until_somebody_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = await upload()
    run = await bring_in(one)

    async def busy(*_: object) -> None:
        raise Busy

    monkeypatch.setattr(imports, "go_on", busy)
    assert await import_waiting({}) == TRIES
    assert (await job(one)).failed == CUT_OFF
    monkeypatch.undo()
    await uploads.go_on(intent(), run)
    assert await import_waiting({}) == 1
    assert await report(run) == REPORT


async def test_what_cannot_be_read_or_done_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = await upload({"receipts.csv": "A,B\n1,2\n"})
    await bring_in(broken)
    await import_waiting({})
    assert (await job(broken)).failed == UNREADABLE
    undone = await upload()
    run = await bring_in(undone)
    await undoing.undo(intent(), (await views.run(run)).operation)  # type: ignore[arg-type]
    await import_waiting({})
    assert (await job(undone)).failed == "refused.import_undone"
    assert await db.fetchval("SELECT count(*) FROM client WHERE retired_at IS NULL") == 0
    other = await upload()
    await bring_in(other)

    async def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(imports, "go_on", fail)
    await import_waiting({})
    assert (await job(other)).failed == FAILED


async def test_somebody_who_is_erased_while_it_goes_on_does_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    one = await upload()
    run = await bring_in(one)
    take = actions.take

    async def erase_first(asked: Intent, of: int, file: str, *args: object) -> object:
        if file.startswith("receipt"):
            anna = await db.fetchval("SELECT client FROM client_profile WHERE given_name = 'ANNA01'")
            await desk.erase(intent(reason=Why.ASKED.value), ClientId(anna))
        return await take(asked, of, file, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "take", erase_first)
    assert await import_waiting({}) == 1
    told = await report(run)
    assert all(file["read"] == file["imported"] + file["merged"] + file["rejected"] for file in told.values())
    assert told["receipt-transactions.csv"]["rejected"] > REPORT["receipt-transactions.csv"]["rejected"]
    assert await db.fetchval("SELECT count(*) FROM client_profile WHERE given_name = 'ANNA01'") == 0
    assert await sound() == []
    await uploads.forget_old(clock.now())
    assert await db.fetchval("SELECT count(*) FROM import_file") == 0, "they are named in it"


async def due() -> int:
    return int(
        await db.fetchval("SELECT count(DISTINCT client) FROM message WHERE status = 'due' AND retired_at IS NULL")
    )


async def test_clients_are_reminded_of_what_is_to_come_where_that_is_chosen_and_no_more_once_it_is_undone() -> None:
    run = await bring_in(await upload(AHEAD, reminders=True))
    await import_waiting({})
    booked = "SELECT count(DISTINCT client) FROM booking WHERE status = 'booked' AND retired_at IS NULL"
    assert await due() == await db.fetchval(booked) > 0
    assert await db.fetchval("SELECT count(*) FROM message WHERE kind = 'booking.confirmation'") == 0
    assert await sound() == []
    await undoing.undo(intent(), (await views.run(run)).operation)  # type: ignore[arg-type]
    assert await due() == 0
    assert await sound() == []


async def test_nobody_is_reminded_of_what_later_books_call_off_and_everybody_again_once_that_is_undone() -> None:
    await bring_in(await upload(AHEAD, reminders=True))
    await import_waiting({})
    reminded = await due()
    off = FILES["client-cancellations.csv"].replace("/2018", f"/{clock.now().year + 1}")
    later = await bring_in(await upload({"client-cancellations.csv": off}))
    assert await due() == reminded
    await import_waiting({})
    assert await due() == reminded - 1
    assert await sound() == []
    await undoing.undo(intent(), (await views.run(later)).operation)  # type: ignore[arg-type]
    assert await due() == reminded
    assert await sound() == []


async def test_nobody_is_reminded_later_of_what_nobody_was_to_be_reminded_of() -> None:
    await bring_in(await upload(AHEAD))
    await import_waiting({})
    assert await retelling.begun() is not None
    await tell_anew(clock.now())
    assert await due() == 0
    booked = "SELECT DISTINCT client FROM booking WHERE status = 'booked' AND retired_at IS NULL ORDER BY client"
    for row in await db.fetch(booked):
        one = await queries.client(row["client"])
        await clients.change(intent(), one.id, one.version, clients.About(one.names, zone="Asia/Vladivostok"))
    assert await due() == 0, "nor by another clock"
