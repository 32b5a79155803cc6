"""Renders the documents that somebody waits for, a few at a time, and keeps them as they came out."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from console import prints
from console.domain import clock
from console.domain.errors import Busy, Problem
from console.domain.intent import SYSTEM
from console.domain.policies import jobs, queries
from console.domain.policies.jobs import Job
from console.printing import PROCESSES, CutOff, Printer, Unprintable

log = logging.getLogger(__name__)

LONGEST = 25.0
"""Seconds after which a run takes up no other document: arq ends a job after a minute, and the next run goes on."""


async def print_waiting(ctx: dict[str, Any]) -> int:
    """Print what waits, as many at a time as there are processes, until nothing does; answers how many were taken."""
    await jobs.sweep(clock.now(), CutOff.key)
    until = time.monotonic() + LONGEST
    return sum(await asyncio.gather(*(_some(ctx["printer"], until) for _ in range(PROCESSES))))


async def _some(printer: Printer, until: float) -> int:
    taken = 0
    while time.monotonic() < until and (job := await jobs.claim(clock.now())) is not None:
        await _print(printer, job)
        taken += 1
    return taken


async def _print(printer: Printer, job: Job) -> None:
    """Whatever ends one document is said of that one: it is tried again, or never will come out."""
    try:
        if await queries.content(job.hash) is None:
            await prints.keep(job.sheet, job.hash, await printer.pdf(job.html), SYSTEM, clock.now())
        await jobs.end(job)
    except Unprintable as refusal:
        await jobs.QUEUE.fail(job, Problem(refusal.key))
    except (Busy, asyncio.CancelledError) as cut:
        await asyncio.shield(jobs.QUEUE.release(job, CutOff.key))
        if isinstance(cut, asyncio.CancelledError):
            raise
