"""Tries drafts of the programme on the visits of the last year."""

from __future__ import annotations

from typing import Any

from console.domain import clock
from console.domain.policies import trial_jobs
from console.domain.policies.trial_jobs import CUT_OFF, FAILED, QUEUE
from workers.attending import attend


async def try_waiting(ctx: dict[str, Any]) -> int:
    """Try what waits until nothing does; answers how many were taken."""
    await QUEUE.sweep(clock.now(), CUT_OFF)
    taken = 0
    while (job := await trial_jobs.claim(clock.now())) is not None:
        await attend(QUEUE, job, trial_jobs.run, cut=CUT_OFF, failed=FAILED)
        taken += 1
    return taken
