"""Replies by mail that the client never got, for no server took them: their tickets wait for nobody's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from console.domain import db
from console.domain.errors import NotFound
from console.domain.ids import MessageId, TicketId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.tickets import steps
from console.domain.tickets.rules import TicketStatus, Why

_UNDELIVERED = """
    SELECT m.id AS message, t.id AS ticket FROM message m
        JOIN ticket_entry e ON e.id = (m.variables ->> 'entry')::bigint AND e.retired_at IS NULL
        JOIN ticket t ON t.id = e.ticket AND t.status IN ('pending', 'solved') AND t.retired_at IS NULL
    WHERE m.status = 'failed' AND m.kind = 'ticket.reply' AND m.retired_at IS NULL
        AND e.id = (SELECT max(x.id) FROM ticket_entry x
            WHERE x.ticket = t.id AND x.kind = 'out' AND x.retired_at IS NULL)
        AND NOT EXISTS (SELECT FROM ticket_status s WHERE s.ticket = t.id AND s.retired_at IS NULL
            AND s.at >= (SELECT max(a.at) FROM message_attempt a WHERE a.message = m.id))
"""
"""The last replies in tickets that have waited since before these failed: whoever moved one later knew of it."""


async def found() -> Sequence[asyncpg.Record]:
    """Such replies, as `message` with `ticket`."""
    return await db.fetch(f"{_UNDELIVERED} ORDER BY m.id")


@operation("ticket.reopen", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def reopen(op: Operation, ticket: TicketId, message: MessageId) -> dict[str, int]:
    """Open a ticket again that waits for an answer to a reply which has failed. Raises `NotFound` where none does."""
    state = await steps.lock(op, ticket)
    if not await db.fetchval(f"SELECT EXISTS ({_UNDELIVERED} AND m.id = $1 AND t.id = $2)", message, ticket):
        raise NotFound
    values: dict[str, Any] = await steps.moving(op, state, TicketStatus.OPEN, Why.NOT_DELIVERED)
    await steps.write(op, ticket, None, values)
    return {"ticket": ticket}
