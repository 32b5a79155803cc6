"""A worker at a long piece of work: it says that it is there, and whatever ends the work is said of that one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from console.domain import clock
from console.domain.errors import Busy, DomainError, Problem
from console.domain.leased import Claimed, Leased
from workers.patience import AWAY

log = logging.getLogger(__name__)

Job = TypeVar("Job", bound=Claimed)

BEAT = 10.0
"""Seconds after which a worker says again that it is at work."""


async def attend(queue: Leased, job: Job, work: Callable[[Job], Awaitable[None]], *, cut: str, failed: str) -> None:
    """Do what was claimed. `cut`, `failed`: the keys of what is said where it was cut off too often, or broke."""
    try:
        async with _beating(queue, job):
            await work(job)
    except (Busy, asyncio.CancelledError, *AWAY) as off:
        with contextlib.suppress(*AWAY):
            await asyncio.shield(queue.release(job, cut))
        if not isinstance(off, Busy):
            raise
    except DomainError as refusal:
        await queue.fail(job, refusal.problem)
    except Exception:
        log.exception("%s %s could not be done", queue.table, job.id)
        await queue.fail(job, Problem(failed))


@contextlib.asynccontextmanager
async def _beating(queue: Leased, job: Claimed) -> AsyncIterator[None]:
    """Nobody else takes over while this goes on."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT)
            with contextlib.suppress(*AWAY):
                await queue.beat(job, clock.now())

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
