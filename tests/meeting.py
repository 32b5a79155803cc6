"""Two who do something at once: the second begins while the first has done all of it and not yet committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any

import pytest

from console.domain import db
from console.domain.errors import DomainError
from tests.patience import PATIENCE

_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
_GATE: ContextVar[tuple[asyncio.Event, asyncio.Event] | None] = ContextVar("gate", default=None)


async def meet(monkeypatch: pytest.MonkeyPatch, first: Awaitable[Any], second: Awaitable[Any]) -> tuple[Any, Any]:
    """What both came to, an outcome or a refusal: `second` runs until it ends or waits for `first`, which then ends."""
    with monkeypatch.context() as patch:
        patch.setattr(db, "execute", _held_back(db.execute))
        done, go_on = asyncio.Event(), asyncio.Event()
        one = asyncio.create_task(_gated(first, (done, go_on)))
        await _either(asyncio.create_task(done.wait()), one)
        other = asyncio.create_task(_ended(second))
        await waits(other)
        go_on.set()
        return await one, await other


async def waits(deed: asyncio.Future[Any]) -> None:
    """Go on once a deed that was begun waits for somebody, or has ended."""
    async with asyncio.timeout(PATIENCE):
        while not deed.done() and not await db.fetchval(_WAITING):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def _held_back(execute: Any) -> Any:
    async def wait(sql: str, *args: Any) -> Any:
        gate = _GATE.get()
        if gate is not None and sql.startswith("UPDATE operation SET result"):
            gate[0].set()
            await gate[1].wait()
        return await execute(sql, *args)

    return wait


async def _gated(deed: Awaitable[Any], gate: tuple[asyncio.Event, asyncio.Event]) -> Any:
    _GATE.set(gate)
    return await _ended(deed)


async def _ended(deed: Awaitable[Any]) -> Any:
    try:
        return await deed
    except DomainError as refused:
        return refused


async def _either(*tasks: asyncio.Task[Any]) -> None:
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
