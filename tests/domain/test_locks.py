"""Operations that meet: locks taken in one order, deadlocks tried again, waiting that ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import asyncpg
import pytest

from console.domain import db
from console.domain.business.tables import Holiday, Location
from console.domain.errors import Busy
from console.domain.running import Operation
from tests import factories
from tests.domain import deeds
from tests.domain.deeds import columns, intent
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("kernel")


@pytest.fixture
async def locations() -> list[int]:
    return [await factories.location(name) for name in ("A", "B", "C", "D", "E", "F")]


async def locked(ids: Iterable[int], strength: str) -> set[int]:
    """Which of the locations somebody else's transaction could not lock now."""
    async with db.ENGINE.pool.acquire() as other, other.transaction():
        free = await other.fetch(f"SELECT id FROM location WHERE id = ANY($1) FOR {strength} SKIP LOCKED", list(ids))
    return set(ids) - {row["id"] for row in free}


async def test_locked_rows_can_still_be_referred_to_but_not_changed(locations: list[int]) -> None:
    held = asyncio.Event()
    done = asyncio.Event()

    async def hold(op: Operation) -> None:
        await op.lock(Location, locations[:2])
        held.set()
        await done.wait()

    task = asyncio.create_task(deeds.script(intent(), hold))
    await held.wait()
    assert await locked(locations, "NO KEY UPDATE") == set(locations[:2])
    assert await locked(locations, "KEY SHARE") == set()
    done.set()
    await task
    assert await locked(locations, "NO KEY UPDATE") == set()


async def test_rows_are_locked_in_the_order_of_their_ids_whoever_asks_how(locations: list[int]) -> None:
    """Every order at once, five rounds: no deadlock, nobody gives up."""

    async def body(op: Operation) -> None:
        ids = locations if op.intent.id.int % 2 else locations[::-1]
        await op.lock(Location, ids)
        for id_ in ids:
            row = await db.fetchval("SELECT notice_hours FROM location WHERE id = $1", id_)
            await op.update(Location, id_, None, {"notice_hours": row + 1})

    await asyncio.gather(*(deeds.script(intent(), body) for _ in range(30)))
    assert {(await columns(id_))["notice_hours"] for id_ in locations} == {24 + 30}
    assert await db.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


async def test_needing_more_rows_later_starts_the_operation_again_with_all_of_them(locations: list[int]) -> None:
    rounds: list[list[int]] = []

    async def body(op: Operation) -> None:
        rounds.append([])
        for id_ in reversed(locations[:3]):
            await op.lock(Location, [id_])
            rounds[-1].append(id_)
        op.effect("test.done")

    outcome = await deeds.script(intent(), body)
    c, b, a = reversed(locations[:3])
    assert rounds == [[c], [c, b], [c, b, a]]
    assert len(outcome.effects) == 1
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'test.script'") == 1


async def test_foreseen_rows_are_locked_by_the_first_call_already(locations: list[int]) -> None:
    rounds: list[set[int]] = []

    async def body(op: Operation) -> None:
        await op.lock(Location, locations[2:3])
        rounds.append(set(op._locked["location"]))
        await op.lock(Location, locations[:1])

    await deeds.script(intent(), body)
    assert rounds == [{locations[2]}, {locations[0], locations[2]}]


async def test_rows_of_two_tables_are_foreseen_apart(locations: list[int]) -> None:
    holiday = await factories.holiday()

    async def body(op: Operation) -> None:
        await op.lock(Location, locations[:1])
        await op.lock(Holiday, [holiday])
        await op.lock(Location, locations[:2])
        await op.lock(Holiday, [])

    assert (await deeds.script(intent(), body)).operation_id


@pytest.mark.parametrize(("more", "done"), [(3, True), (4, False)])
async def test_an_operation_starts_again_three_times_and_is_then_busy(
    locations: list[int], more: int, done: bool
) -> None:
    async def body(op: Operation) -> None:
        for id_ in locations[: more + 1]:
            await op.lock(Location, [id_])

    result = await asyncio.gather(deeds.script(intent(), body), return_exceptions=True)
    assert isinstance(result[0], Busy) is not done
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'test.script'") == int(done)


async def test_a_deadlock_is_tried_again_and_both_get_done(locations: list[int]) -> None:
    """Two operations that lock without `op.lock`, in opposite orders, and wait for each other once."""
    both = asyncio.Barrier(2)
    tries = 0

    async def body(op: Operation, first: int, second: int) -> None:
        nonlocal tries
        tries += 1
        await op.update(Location, first, None, {"phone": str(op.id)})
        if tries <= 2:
            await both.wait()
        await op.update(Location, second, None, {"phone": str(op.id)})

    a, b, *_ = locations
    async with asyncio.timeout(PATIENCE):
        outcomes = await asyncio.gather(
            deeds.script(intent(), lambda op: body(op, a, b)), deeds.script(intent(), lambda op: body(op, b, a))
        )
    assert tries == 3
    assert (await columns(a))["phone"] == (await columns(b))["phone"]
    assert (await columns(a))["phone"] in {str(outcome.operation_id) for outcome in outcomes}
    assert await db.fetchval("SELECT count(*) FROM change WHERE entity = 'location'") == 4


@pytest.mark.parametrize("error", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError])
async def test_after_the_third_deadlock_it_is_busy_and_nothing_is_done(
    error: type[Exception], locations: list[int]
) -> None:
    tries = 0

    async def body(op: Operation) -> None:
        nonlocal tries
        tries += 1
        await op.update(Location, locations[0], None, {"phone": "112"})
        raise error("made up")

    with pytest.raises(Busy):
        await deeds.script(intent(), body)
    assert tries == 3
    assert (await columns(locations[0]))["phone"] is None
    assert await db.fetchval("SELECT key FROM refusal") == "refused.busy"


async def test_a_lock_that_is_not_to_be_had_in_time_is_busy_and_nothing_is_done(
    locations: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(op: Operation) -> None:
        await db.execute("SET LOCAL lock_timeout = '50ms'")
        await op.update(Location, locations[1], None, {"phone": "112"})
        await op.update(Location, locations[0], None, {"phone": "112"})

    async with db.ENGINE.pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM location WHERE id = $1 FOR UPDATE", locations[0])
        with pytest.raises(Busy):
            await deeds.script(intent(), body)
    assert (await columns(locations[1]))["phone"] is None
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'test.script'") == 0


async def test_the_same_intent_in_flight_for_too_long_is_busy() -> None:
    asked = intent()
    inside, finish = asyncio.Event(), asyncio.Event()

    async def slow(op: Operation) -> str:
        inside.set()
        await finish.wait()
        return "done"

    first = asyncio.create_task(deeds.script(asked, slow))
    await inside.wait()
    with pytest.raises(Busy):
        await deeds.script(intent(id=asked.id, preview=True), slow)
    finish.set()
    assert (await first).result == "done"
    assert (await deeds.script(asked, slow)).replayed
