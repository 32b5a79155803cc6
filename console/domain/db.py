"""The database: one engine, one pool a process, and a transaction that cannot leak.

Piccolo's own transaction keeps its connection and its context when COMMIT fails, and is a silent
no-op inside another one. Ours closes in `finally` and refuses to nest.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Literal, TypeVar, cast

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

os.environ.setdefault("PICCOLO_CONF", "console.piccolo_conf")

T = TypeVar("T")

SESSION = {
    "application_name": "fifth-visit",
    "timezone": "UTC",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "60s",
}
REPEATING = {"synchronous_commit": "off", "plan_cache_mode": "force_generic_plan"}
PATIENCE = 30
"""Seconds that a statement may take."""
STATEMENTS = 1000
"""More than there are, so that none of them is prepared twice on a connection."""
PREVIEW_LOCK_TIMEOUT = "500ms"
CLOSE_SECONDS = 10
WAIT_SECONDS = 10.0
"""How long a request waits for a connection while others have them all; then it is answered that we are busy."""


class Pool(asyncpg.Pool):  # type: ignore[misc]  # asyncpg brings no types
    """asyncpg's pool, at which nobody waits for ever: after `wait` seconds `TimeoutError` is raised."""

    wait = WAIT_SECONDS

    def acquire(self, *, timeout: float | None = None) -> Any:
        return super().acquire(timeout=self.wait if timeout is None else timeout)


class Transaction(PostgresTransaction):
    """A database transaction; while it is open every query of this task runs in it.

    `known`: what was read in it once and is so until one of these tables is written.
    """

    def __init__(self, engine: PostgresEngine, allow_nested: bool = False) -> None:
        super().__init__(engine, allow_nested)
        self.known: dict[tuple[str, ...], Any] = {}

    async def __aenter__(self) -> Transaction:
        self.pool = self.engine.pool
        self.connection = await (self.pool.acquire() if self.pool else self.engine.get_new_connection())
        try:
            self.transaction = self.connection.transaction()
            await self.transaction.start()
        except BaseException:
            await self._release()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, kind: Any, error: BaseException | None, traceback: Any) -> Literal[False]:
        try:
            self.engine.current_transaction.reset(self.context)
            if error is None and not self._rolled_back:
                await self.transaction.commit()
            elif not self._rolled_back:
                # What went wrong first is what the caller must see; a dead connection rolls back by dying.
                with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await self.transaction.rollback()
        finally:
            await self._release()
        return False

    async def _release(self) -> None:
        if self.pool:
            try:
                await self.connection.reset(timeout=CLOSE_SECONDS)
            except BaseException as error:
                with contextlib.suppress(asyncpg.InterfaceError):  # it may be dead already
                    self.connection.terminate()
                if not isinstance(error, Exception):
                    raise
            finally:
                await self.pool.release(self.connection)
        else:
            await self.connection.close()


class Engine(PostgresEngine):
    """Piccolo's engine with our transaction. Its address is set by `open_pool`."""

    async def check_version(self) -> None:
        """Nothing: Piccolo would connect on import, before there is an address; `migrate` checks the version."""

    def transaction(self, allow_nested: bool = False) -> Transaction:
        return Transaction(engine=self, allow_nested=False)


ENGINE = Engine(config={})

logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)  # that the database is gone is said by whoever needs it


async def open_pool(url: str, *, size: int = 10, patience: int = PATIENCE, repeats: bool = False) -> None:
    """Open this process's connection pool on the current event loop; `patience` in seconds for one statement.

    `repeats`: whoever opens it does the same thousands of times, and would do again what a crash of the server lost:
    no commit waits for the disk, and every statement stays prepared and planned.
    """
    more: dict[str, Any] = {"statement_cache_size": STATEMENTS, "max_cached_statement_lifetime": 0} if repeats else {}
    session = {**SESSION, **(REPEATING if repeats else {})}
    ENGINE.config = {"dsn": url}
    ENGINE.pool = await Pool(
        url,
        min_size=min(2, size),
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300,
        reset=_nothing,
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
        server_settings={**session, "statement_timeout": f"{patience}s"},
        command_timeout=2 * patience,
        **more,
    )


async def _nothing(connection: asyncpg.Connection) -> None:
    """What a single statement leaves to be reset. A transaction resets its connection itself; a query costs no more."""


async def close_pool() -> None:
    """Close the pool; connections still busy after `CLOSE_SECONDS` are ended."""
    pool, ENGINE.pool = ENGINE.pool, None
    if pool is not None:
        try:
            await asyncio.wait_for(pool.close(), CLOSE_SECONDS)
        except TimeoutError:
            pool.terminate()


@contextlib.asynccontextmanager
async def pool(url: str, *, size: int = 2, patience: int = PATIENCE, repeats: bool = False) -> AsyncIterator[None]:
    """A pool for the length of a command."""
    await open_pool(url, size=size, patience=patience, repeats=repeats)
    try:
        yield
    finally:
        await close_pool()


def _current() -> Transaction | None:
    return cast("Transaction | None", ENGINE.current_transaction.get())


def connection() -> contextlib.AbstractAsyncContextManager[asyncpg.Connection]:
    """The connection of the open transaction, else one of the pool's."""
    current = _current()
    if current is not None:
        return contextlib.nullcontext(current.connection)
    if ENGINE.pool is None:
        raise RuntimeError("no pool is open: call `open_pool` first")
    return ENGINE.pool.acquire()  # type: ignore[no-any-return]


@contextlib.asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """A part of the open transaction: where it raises, what was written in it is taken back, and the rest stands."""
    current = _current()
    if current is None:
        raise RuntimeError("no transaction is open")
    part = current.connection.transaction()
    await part.start()
    try:
        yield
    except BaseException:
        # As of the whole transaction: what went wrong first is what the caller must see.
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await part.rollback()
        current.known = {}
        raise
    await part.commit()


async def once(read: Callable[[], Awaitable[T]], *tables: str) -> T:
    """What `read` answers of some tables; in a transaction that does not write them it is asked once."""
    current = _current()
    if current is None:
        return await read()
    if tables not in current.known:
        current.known[tables] = await read()
    return cast("T", current.known[tables])


def forget(table: str) -> None:
    """Let what was read of a table in the open transaction be read anew: it was written, maybe by others."""
    current = _current()
    if current is not None and current.known:
        current.known = {of: what for of, what in current.known.items() if table not in of}


def in_transaction() -> bool:
    """Whether this task has a transaction open."""
    return ENGINE.current_transaction.get() is not None


async def fetch(sql: str, *args: Any) -> Sequence[asyncpg.Record]:
    """The rows of a raw statement (`$1` placeholders), in the open transaction if there is one."""
    async with connection() as free:
        return list(await free.fetch(sql, *args))


async def fetchrow(sql: str, *args: Any) -> asyncpg.Record | None:
    """The first row of a raw statement, or None."""
    async with connection() as free:
        return await free.fetchrow(sql, *args)


async def fetchval(sql: str, *args: Any) -> Any:
    """The first column of the first row of a raw statement, or None."""
    async with connection() as free:
        return await free.fetchval(sql, *args)


async def execute(sql: str, *args: Any) -> str:
    """Run a raw statement; PostgreSQL's command tag, such as `UPDATE 1`."""
    async with connection() as free:
        return str(await free.execute(sql, *args))
