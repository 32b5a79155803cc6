"""Marks tickets of which something is due soon or was, and opens those again whose reply did not arrive."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from console.domain import clock
from console.domain.errors import DomainError
from console.domain.ids import MessageId, TicketId
from console.domain.intent import SYSTEM, Intent
from console.domain.tickets import dues, holds, settings, undelivered

log = logging.getLogger(__name__)

BATCH = 100
"""Tickets that loyalty waits for, or no more, by one operation."""


async def mark_tickets(ctx: dict[str, Any]) -> None:
    """Every minute: what has come near or gone by, what did not arrive, and what waits for tickets by categories."""
    now = clock.now()
    await reopen_undelivered(now)
    await mark_due(now)
    await hold_due(now)


async def mark_due(now: datetime) -> int:
    """Mark all that is to be marked by an instant; how many tickets. What open hours or targets changed comes first."""
    marked = 0
    while await dues.settle_anew(now):
        pass
    while more := await dues.mark(now):
        marked += more
    return marked


async def reopen_undelivered(now: datetime) -> int:
    """Open the tickets again in which the last reply has failed; how many."""
    opened = 0
    for one in await undelivered.found():
        try:
            await undelivered.reopen(Intent(uuid4(), SYSTEM, now), TicketId(one["ticket"]), MessageId(one["message"]))
            opened += 1
        except DomainError as refusal:
            log.warning("ticket %s is not open again though its reply failed: %s", one["ticket"], refusal.reason)
    return opened


async def hold_due(now: datetime) -> None:
    """Let loyalty wait for tickets, or no more, where their categories say otherwise by now."""
    after = 0
    while tickets := await holds.differing(BATCH, after):
        after = tickets[-1]
        if not await _held(tickets, now):
            for one in tickets:
                await _held([one], now)


async def _held(tickets: Sequence[TicketId], now: datetime) -> bool:
    """Whether loyalty waits for all of these as it should; where it does not for one, each is tried by itself."""
    try:
        await settings.hold(Intent(uuid4(), SYSTEM, now), tickets)
    except DomainError as refusal:
        log.warning("nothing waits for tickets %s as it should: %s", tickets, refusal.reason)
        return False
    return True
