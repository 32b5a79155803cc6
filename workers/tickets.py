"""Marks the tickets of which something is due soon, or was due."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from console.domain import clock
from console.domain.errors import DomainError
from console.domain.ids import TicketId
from console.domain.intent import SYSTEM, Intent
from console.domain.tickets import dues, holds, settings

log = logging.getLogger(__name__)

BATCH = 100
"""Tickets that loyalty waits for, or no more, by one operation."""


async def mark_tickets(ctx: dict[str, Any]) -> None:
    """Every minute: what has come near or gone by, and what waits for tickets by what their categories say."""
    now = clock.now()
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
