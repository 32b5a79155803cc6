"""What wakes the workers after a commit. Nothing is lost without it: the sweep finds the rows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

DOORBELL_SECONDS = 2.0

Doorbell = Callable[[frozenset[str]], Awaitable[None]]


async def _silent(bells: frozenset[str]) -> None:
    log.debug("no doorbell for %s", sorted(bells))


_doorbell: Doorbell = _silent


def set_doorbell(doorbell: Doorbell | None) -> None:
    """Say what wakes the workers after a commit; None takes it away. Nothing is lost without one."""
    global _doorbell
    _doorbell = doorbell or _silent


async def ring(bells: frozenset[str]) -> None:
    """Wake the workers. One that fails or hangs is logged: the rows are in the database and the sweep finds them."""
    try:
        async with asyncio.timeout(DOORBELL_SECONDS):
            await _doorbell(bells)
    except Exception:
        log.warning("the doorbell failed for %s", sorted(bells), exc_info=True)
