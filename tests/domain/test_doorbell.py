"""The workers are woken after the commit, and nothing depends on it."""

from __future__ import annotations

import asyncio

import pytest

from console.domain import db, doorbell
from console.domain.doorbell import ring, set_doorbell
from console.domain.running import Operation
from tests.domain import deeds
from tests.domain.deeds import intent
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("kernel")


@pytest.fixture(autouse=True)
def silence() -> object:
    yield
    set_doorbell(None)


async def test_the_doorbell_rings_when_others_can_see_what_was_done() -> None:
    seen: list[tuple[frozenset[str], bool, int]] = []

    async def look(bells: frozenset[str]) -> None:
        seen.append((bells, db.in_transaction(), await db.fetchval("SELECT count(*) FROM location")))

    set_doorbell(look)
    await deeds.open_location(intent(), "Centre")
    assert seen == [(frozenset({"test"}), False, 1)]


async def test_bells_rung_twice_ring_once_and_an_operation_without_bells_is_silent(
    rung: list[frozenset[str]],
) -> None:
    async def body(op: Operation) -> None:
        for bell in ("mail", "print", "mail"):
            op.ring(bell)

    await deeds.script(intent(), body)
    await deeds.say(intent())
    assert rung == [frozenset({"mail", "print"})]


async def test_only_the_try_that_is_committed_rings(rung: list[frozenset[str]]) -> None:
    tries = 0

    async def body(op: Operation) -> None:
        nonlocal tries
        tries += 1
        op.ring(f"try {tries}")
        if tries == 1:
            await db.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected'; END $$")

    await deeds.script(intent(), body)
    assert rung == [frozenset({"try 2"})]


@pytest.mark.parametrize("failure", [ConnectionRefusedError, TimeoutError, RuntimeError])
async def test_a_doorbell_that_fails_harms_nothing(failure: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    async def broken(bells: frozenset[str]) -> None:
        raise failure("no bell")

    set_doorbell(broken)
    asked = intent()
    done = await deeds.open_location(asked, "Centre")
    assert await db.fetchval("SELECT count(*) FROM operation WHERE id = $1", done.operation_id) == 1
    assert "the doorbell failed for" in caplog.text
    assert (await deeds.open_location(asked, "Centre")).replayed


async def test_a_doorbell_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "DOORBELL_SECONDS", 0.05)
    set_doorbell(lambda bells: asyncio.Event().wait())
    async with asyncio.timeout(PATIENCE):
        assert (await deeds.open_location(intent(), "Centre")).operation_id


async def test_without_a_doorbell_ringing_is_harmless() -> None:
    set_doorbell(None)
    await ring(frozenset({"mail"}))
    done = await deeds.open_location(intent(), "Centre")
    assert await db.fetchval("SELECT count(*) FROM operation WHERE id = $1", done.operation_id) == 1
