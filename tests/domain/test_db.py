"""The transaction that cannot leak: whatever happens inside or at its end, its connection comes back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import asyncpg
import pytest
from piccolo.engine.exceptions import TransactionError

from console import embedded
from console.domain import db
from console.domain.tables import ActorRow
from tests.patience import PATIENCE

TIMES = 10
"""More often than there are connections in the pool of these tests."""


@pytest.fixture
async def pool_of_three(clean: None, postgres_server: embedded.Postgres) -> AsyncIterator[None]:
    async with db.pool(postgres_server.app_url, size=3):
        yield


@pytest.fixture
async def scratch(clean: None, as_superuser: asyncpg.Connection) -> AsyncIterator[None]:
    """A table that says no only at COMMIT."""
    await as_superuser.execute("""
        CREATE TABLE scratch (n int);
        CREATE FUNCTION scratch_fails() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'not this' USING ERRCODE = 'check_violation'; END $$;
        CREATE CONSTRAINT TRIGGER scratch_fails AFTER INSERT ON scratch DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.n < 0) EXECUTE FUNCTION scratch_fails();
        GRANT SELECT, INSERT ON scratch TO fifth_visit;
    """)
    yield
    await as_superuser.execute("DROP TABLE scratch; DROP FUNCTION scratch_fails")


async def commit_fails() -> None:
    async with db.ENGINE.transaction():
        await db.execute("INSERT INTO scratch VALUES (-1)")


async def use_fails() -> None:
    async with db.ENGINE.transaction():
        await db.execute("INSERT INTO scratch VALUES (1)")
        raise ZeroDivisionError


async def statement_fails() -> None:
    async with db.ENGINE.transaction():
        await db.execute("INSERT INTO scratch VALUES (1)")
        await db.execute("SELECT 1 / 0")


async def is_cancelled() -> None:
    await cancelled_within(db.execute("SELECT pg_sleep(600)"), times=1)


async def is_cancelled_twice() -> None:
    """The second time while it rolls back."""
    await cancelled_within(asyncio.sleep(600), times=2)


async def cancelled_within(rest: Coroutine[Any, Any, object], times: int) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with db.ENGINE.transaction():
            await db.execute("INSERT INTO scratch VALUES (1)")
            inside.set()
            await rest

    task = asyncio.create_task(work())
    await inside.wait()
    await asyncio.sleep(0.01)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    await task


async def connection_dies() -> None:
    async with db.ENGINE.transaction():
        await db.execute("INSERT INTO scratch VALUES (1)")
        await db.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def connection_dies_unseen() -> None:
    """The use case fails for a reason of its own over a dead connection: its reason is what is told."""
    async with db.ENGINE.transaction():
        await db.execute("INSERT INTO scratch VALUES (1)")
        with contextlib.suppress(*DEAD):
            await db.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        raise ZeroDivisionError


DEAD = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
FAILURES = [
    (commit_fails, asyncpg.CheckViolationError),
    (use_fails, ZeroDivisionError),
    (statement_fails, asyncpg.DivisionByZeroError),
    (is_cancelled, asyncio.CancelledError),
    (is_cancelled_twice, asyncio.CancelledError),
    (connection_dies, DEAD),
    (connection_dies_unseen, ZeroDivisionError),
]


async def all_idle() -> bool:
    """Whether every connection is idle again; a cancelled one is reset in the background, which may take a while."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while db.ENGINE.pool.get_size() != db.ENGINE.pool.get_idle_size():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    return db.ENGINE.pool.get_size() == db.ENGINE.pool.get_idle_size()


@pytest.mark.parametrize(("failure", "error"), FAILURES, ids=[failure.__name__ for failure, _ in FAILURES])
async def test_a_transaction_that_fails_leaves_no_row_no_context_and_no_connection(
    failure: Callable[[], Awaitable[None]], error: type[BaseException], scratch: None, pool_of_three: None
) -> None:
    for _ in range(TIMES):
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(error):
                await failure()
        assert not db.in_transaction()
    assert await all_idle()
    assert await db.fetchval("SELECT count(*) FROM scratch") == 0


async def test_a_pool_of_three_survives_ten_of_each_at_once(scratch: None, pool_of_three: None) -> None:
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(failure() for failure, _ in FAILURES * TIMES), return_exceptions=True)
    assert await all_idle()
    async with db.ENGINE.transaction():
        await db.execute("INSERT INTO scratch VALUES (7)")
    assert [row["n"] for row in await db.fetch("SELECT n FROM scratch")] == [7]


async def test_a_transaction_that_cannot_begin_gives_its_connection_back(
    pool_of_three: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start(self: object) -> None:
        raise OSError("no more")

    with monkeypatch.context() as patched:
        patched.setattr("asyncpg.transaction.Transaction.start", start)
        for _ in range(TIMES):
            with pytest.raises(OSError, match="no more"):
                async with asyncio.timeout(PATIENCE), db.ENGINE.transaction():
                    pass
            assert not db.in_transaction()
    assert await all_idle()


async def test_a_transaction_rolled_back_by_its_own_use_case_does_not_commit(
    scratch: None, pool_of_three: None
) -> None:
    async with db.ENGINE.transaction() as transaction:
        await db.execute("INSERT INTO scratch VALUES (1)")
        await transaction.rollback()
    assert await db.fetchval("SELECT count(*) FROM scratch") == 0


async def test_a_transaction_closed_by_another_task_still_gives_its_connection_back(pool_of_three: None) -> None:
    """As generators do that are finished elsewhere; the context cannot be reset there, the connection can be freed."""
    for _ in range(TIMES):
        transaction = db.ENGINE.transaction()
        async with asyncio.timeout(PATIENCE):
            await asyncio.create_task(transaction.__aenter__())
            with pytest.raises(ValueError, match="different Context"):
                await transaction.__aexit__(None, None, None)
    assert await all_idle()


async def test_being_cancelled_while_waiting_for_a_connection_takes_none(pool_of_three: None) -> None:
    async def hold(event: asyncio.Event) -> None:
        async with db.ENGINE.transaction():
            await event.wait()

    async with asyncio.timeout(PATIENCE):
        done = asyncio.Event()
        holders = [asyncio.create_task(hold(done)) for _ in range(3)]
        await asyncio.sleep(0.05)
        waiting = [asyncio.create_task(hold(done)) for _ in range(TIMES)]
        await asyncio.sleep(0.05)
        for task in waiting:
            task.cancel()
        assert all(
            isinstance(e, asyncio.CancelledError) for e in await asyncio.gather(*waiting, return_exceptions=True)
        )
        done.set()
        await asyncio.gather(*holders)
        assert await all_idle()
        assert await db.fetchval("SELECT 1") == 1


async def test_nobody_waits_for_ever_for_a_connection(pool_of_three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.ENGINE.pool, "wait", 0.01)
    async with contextlib.AsyncExitStack() as held:
        for _ in range(3):
            await held.enter_async_context(db.ENGINE.pool.acquire(timeout=PATIENCE))
        for waits in (db.fetchval("SELECT 1"), begin(), ActorRow.count().run()):
            with pytest.raises(TimeoutError):
                await waits
    assert await db.fetchval("SELECT 1") == 1


async def begin() -> None:
    async with db.ENGINE.transaction():
        pass


async def test_a_transaction_inside_another_is_refused_and_the_outer_one_goes_on(
    scratch: None, pool_of_three: None
) -> None:
    async with db.ENGINE.transaction():
        for allow_nested in (False, True):
            with pytest.raises(TransactionError):
                db.ENGINE.transaction(allow_nested=allow_nested)
        assert db.in_transaction()
        await db.execute("INSERT INTO scratch VALUES (1)")
    assert await db.fetchval("SELECT count(*) FROM scratch") == 1


async def test_statements_of_both_kinds_run_in_the_open_transaction(scratch: None, pool_of_three: None) -> None:
    async with db.ENGINE.transaction() as transaction:
        backend = await db.fetchval("SELECT pg_backend_pid()")
        assert backend == await transaction.connection.fetchval("SELECT pg_backend_pid()")
        (piccolo,) = await ActorRow.raw("SELECT pg_backend_pid() AS pid")
        assert piccolo["pid"] == backend


async def test_tasks_side_by_side_have_transactions_of_their_own(scratch: None, pool_of_three: None) -> None:
    async def add(n: int) -> int:
        async with db.ENGINE.transaction():
            await db.execute("INSERT INTO scratch VALUES ($1)", n)
            await asyncio.sleep(0.01)
            seen = int(await db.fetchval("SELECT count(*) FROM scratch WHERE n = $1", n))
            if n % 2:
                raise ZeroDivisionError
            return seen

    answers = await asyncio.gather(*(add(n) for n in range(TIMES)), return_exceptions=True)
    assert [answer for answer in answers if answer == 1] == [1] * 5
    rows = await db.fetch("SELECT n FROM scratch ORDER BY n")
    assert [row["n"] for row in rows] == [0, 2, 4, 6, 8]


async def test_what_one_transaction_sets_does_not_reach_the_next(agreed: None, pool_of_three: None) -> None:
    for _ in range(3):
        async with db.ENGINE.transaction():
            await db.execute("SET LOCAL lock_timeout = '1ms'")
            await db.execute("SET statement_timeout = '1ms'")
    settings = {"lock_timeout": "3s", "statement_timeout": "30s", "timezone": "UTC"}
    for name, value in settings.items():
        assert await db.fetchval("SELECT current_setting($1)", name) == value


async def test_whoever_repeats_waits_for_no_disk_and_prepares_nothing_twice(
    clean: None, postgres_server: embedded.Postgres
) -> None:
    waits = "SELECT source <> 'client' OR setting <> 'off' FROM pg_settings WHERE name = 'synchronous_commit'"
    async with db.pool(postgres_server.app_url, size=1, repeats=True):
        for n in range(150):
            async with db.ENGINE.transaction():
                assert await db.fetchval(f"SELECT {n}") == n
        assert not await db.fetchval(waits)
        assert await db.fetchval("SELECT count(*) FROM pg_prepared_statements") > 150
    async with db.pool(postgres_server.app_url, size=1):
        assert await db.fetchval(waits)


async def test_what_is_read_once_in_a_transaction_is_read_anew_when_it_is_written_or_taken_back(
    pool_of_three: None,
) -> None:
    asked = 0

    async def read() -> int:
        nonlocal asked
        asked += 1
        return asked

    assert [await db.once(read, "one", "other") for _ in range(2)] == [1, 2]
    async with db.ENGINE.transaction():
        assert [await db.once(read, "one", "other") for _ in range(2)] == [3, 3]
        db.forget("another")
        assert await db.once(read, "one", "other") == 3
        db.forget("other")
        assert [await db.once(read, "one", "other") for _ in range(2)] == [4, 4]
        with pytest.raises(ZeroDivisionError):
            async with db.savepoint():
                raise ZeroDivisionError
        assert await db.once(read, "one", "other") == 5
    assert await db.once(read, "one", "other") == 6


async def test_a_closed_pool_says_so(clean: None) -> None:
    with pytest.raises(RuntimeError, match="open_pool"):
        await db.fetchval("SELECT 1")


async def test_closing_the_pool_does_not_wait_for_ever_for_a_busy_connection(
    clean: None, postgres_server: embedded.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "CLOSE_SECONDS", 0.2)
    await db.open_pool(postgres_server.app_url, size=2)
    busy = asyncio.create_task(db.execute("SELECT pg_sleep(600)"))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(PATIENCE):
        await db.close_pool()
        with pytest.raises(DEAD):
            await busy
