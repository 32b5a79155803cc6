"""Prints are rendered by a worker, once, and one that is cut off or cannot come out holds up no other."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from console import printing
from console.domain import clock, db
from console.domain.errors import Problem
from console.domain.loyalty import queries as versions
from console.domain.policies import jobs, queries
from console.domain.policies.jobs import LEASE
from console.domain.policies.rules import TRIES, Sheet
from console.printing import CutOff, Printer, Unprintable
from tests.cast import NOW
from tests.patience import PATIENCE
from tests.printers import printers
from workers import prints
from workers.prints import print_waiting

ENDLESS = "<table>" + "<tr><td>x</td></tr>" * 60_000 + "</table>"


@pytest.fixture
async def ctx(database: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Any]]:
    monkeypatch.setattr(prints, "LONGEST", PATIENCE)
    printer = Printer(seconds=PATIENCE)
    yield {"printer": printer}
    await printer.close()


async def wait_for(body: str = "<p>Rules", digest: bytes = b"1" * 32) -> bytes:
    draft = await versions.draft()
    assert draft is not None
    html = f"<!doctype html><html lang=en><title>A print</title><body>{body}"
    await jobs.ask(digest, Sheet("rules", "en", "a4", draft.id), html, clock.now())
    return digest


async def waits() -> int:
    return int(await db.fetchval("SELECT count(*) FROM print_job WHERE failed IS NULL"))


async def test_what_is_asked_for_is_printed_and_kept_once(ctx: dict[str, Any]) -> None:
    digest = await wait_for()
    await wait_for()
    assert await waits() == 1
    assert await print_waiting(ctx) == 1
    assert await waits() == 0
    assert (await queries.content(digest) or b"").startswith(b"%PDF-")
    assert await print_waiting(ctx) == 0


async def test_several_wait_their_turn_and_all_come_out(ctx: dict[str, Any]) -> None:
    asked = [await wait_for(f"<p>{n}", bytes([n]) * 32) for n in range(1, 5)]
    last = await queries.waiting(asked[-1], clock.now())
    assert last is not None
    assert (last.before, last.in_work) == (3, False)
    assert await print_waiting(ctx) == 4
    assert len({await queries.content(one) for one in asked} - {None}) == 4


async def test_a_print_whose_rendering_was_killed_is_made_again(ctx: dict[str, Any]) -> None:
    digest = await wait_for(ENDLESS)
    run = asyncio.create_task(print_waiting(ctx))
    while not ctx["printer"].apart.under_way:  # noqa: ASYNC110 - a process that is killed before is asked for again
        await asyncio.sleep(0.02)
    await db.execute("UPDATE print_job SET html = '<!doctype html><html lang=en><title>x</title><p>Short'")
    for working in printers(os.getpid())[1:]:
        os.kill(working, signal.SIGKILL)
    await run
    assert (await queries.content(digest) or b"").startswith(b"%PDF-")


async def test_a_print_that_ends_its_process_each_time_is_given_up_and_says_so(
    ctx: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cut(html: str) -> bytes:
        raise CutOff

    monkeypatch.setattr(ctx["printer"], "pdf", cut)
    digest = await wait_for()
    assert await print_waiting(ctx) == TRIES
    found = await queries.waiting(digest, clock.now())
    assert found is not None
    assert found.failed == CutOff.key


async def test_one_that_cannot_be_printed_says_so_and_holds_up_no_other(ctx: dict[str, Any]) -> None:
    endless = await wait_for(ENDLESS, b"1" * 32)
    ctx["printer"].apart.seconds = 0.5
    await print_waiting(ctx)
    ctx["printer"].apart.seconds = PATIENCE
    short = await wait_for("<p>Short", b"2" * 32)
    await print_waiting(ctx)
    found = await queries.waiting(endless, clock.now())
    assert found is not None
    assert found.failed == Unprintable.key
    assert await queries.content(short)


async def test_one_that_failed_is_tried_anew_when_it_is_asked_for_again(ctx: dict[str, Any]) -> None:
    digest = await wait_for()
    job = await jobs.claim(clock.now())
    assert job is not None
    await jobs.QUEUE.fail(job, Problem(Unprintable.key))
    assert await print_waiting(ctx) == 0
    await wait_for()
    assert await print_waiting(ctx) == 1
    assert await queries.content(digest)


async def test_what_a_dead_worker_had_is_taken_over_when_its_lease_is_over(database: None) -> None:
    await wait_for()
    assert await jobs.claim(NOW) is not None
    assert await jobs.claim(NOW + LEASE) is None
    again = await jobs.claim(NOW + LEASE + timedelta(seconds=1))
    assert again is not None
    assert again.tries == 2


async def test_what_ended_its_worker_each_time_is_given_up(database: None) -> None:
    digest = await wait_for()
    now = NOW
    for _ in range(TRIES):
        assert await jobs.claim(now) is not None
        now += LEASE + timedelta(seconds=1)
    assert await jobs.claim(now) is None
    await jobs.sweep(now, CutOff.key)
    found = await queries.waiting(digest, now)
    assert found is not None
    assert found.failed == CutOff.key


async def test_a_worker_that_stops_gives_back_what_it_had(ctx: dict[str, Any]) -> None:
    await wait_for(ENDLESS)
    run = asyncio.create_task(print_waiting(ctx))
    while not printers(os.getpid())[1:]:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    row = await db.fetchrow("SELECT claimed_until, failed FROM print_job")
    assert row is not None
    assert tuple(row) == (None, None)


async def test_as_many_are_in_work_as_there_are_processes(ctx: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    most, now = 0, 0

    async def slow(html: str) -> bytes:
        nonlocal most, now
        now += 1
        most = max(most, now)
        for _ in range(3):
            await asyncio.sleep(0)
            await db.fetchval("SELECT 1")
        now -= 1
        return b"%PDF-1.7 " + html.encode()

    monkeypatch.setattr(ctx["printer"], "pdf", slow)
    for n in range(1, 8):
        await wait_for(f"<p>{n}", bytes([n]) * 32)
    assert await print_waiting(ctx) == 7
    assert most <= printing.PROCESSES
