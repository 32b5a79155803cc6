"""What the clients of the lived business were told: nothing leaves a demo, it is noted as if it had."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.domain import db
from console.domain.clients.rules import Channel
from console.domain.messages import outbox, outcomes
from console.domain.messages.outbox import Claimed

WAYS = {Channel.SMS: True, Channel.EMAIL: False}
SOON = timedelta(seconds=20)
"""After which a message that is due has left."""


async def deliver(until: datetime) -> None:
    """Let all that is due by an instant have left soon after it was, or be skipped for what stands against it."""
    while due := await _next(until):
        now = due + SOON
        one = await outbox.claim(now, WAYS)
        if isinstance(one, Claimed):
            await outcomes.sent(one, now)


async def _next(until: datetime) -> datetime | None:
    due: datetime | None = await db.fetchval(
        "SELECT min(try_at) FROM message WHERE retired_at IS NULL AND status = 'due' AND try_at <= $1", until
    )
    return due
