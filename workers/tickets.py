"""Marks the tickets of which something is due soon, or was due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.domain import clock
from console.domain.tickets import dues


async def mark_tickets(ctx: dict[str, Any]) -> None:
    """Every minute: what has come near or gone by since."""
    await mark_due(clock.now())


async def mark_due(now: datetime) -> int:
    """Mark all that is to be marked by an instant; how many tickets."""
    marked = 0
    while more := await dues.mark(now):
        marked += more
    return marked
