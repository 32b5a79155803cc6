"""What clients are told of their tickets by mail: after every change of one, what is due is what stands there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.domain import db
from console.domain.errors import Refused
from console.domain.ids import DEMO_ACTOR, ClientId, TicketId
from console.domain.messages import steps
from console.domain.messages.rules import GRACE, OUT, MessageKind, MessageStatus
from console.domain.messages.tables import STATUS
from console.domain.running import Operation, watching

REPLY = MessageKind.TICKET_REPLY


class ReplyHasGone(Refused):
    """A reply that has gone to the client, or may have, is not taken back: they have read it."""

    key = "refused.reply_has_gone"


@dataclass(frozen=True)
class Said:
    """A message that was written of a ticket. `about`: the entry that it carries."""

    key: str
    client: ClientId
    about: int
    status: MessageStatus
    withdrawn: bool

    @property
    def is_due(self) -> bool:
        return self.status == MessageStatus.DUE and not self.withdrawn


_SAID = f"""
    SELECT dedupe_key, client, variables, {STATUS} AS status, retired_at IS NOT NULL AS withdrawn FROM message
    WHERE kind = 'ticket.reply' AND kind LIKE 'ticket.%' AND (variables ->> 'ticket')::bigint = ANY($1::bigint[])
    ORDER BY id FOR UPDATE
"""  # noqa: S608
_REPLIES = """
    SELECT e.id, e.ticket, e.client, e.retired_at IS NULL AND t.retired_at IS NULL AS stands,
        EXISTS (SELECT FROM change c WHERE c.operation = $2 AND c.entity = 'ticket_entry' AND c.entity_id = e.id
            AND (c.created OR 'retired_at' = ANY(c.fields))) AS written
    FROM ticket_entry e JOIN ticket t ON t.id = e.ticket JOIN client c ON c.id = e.client AND c.erased_at IS NULL
    WHERE e.ticket = ANY($1::bigint[]) AND e.kind = 'out' AND e.channel = 'email' ORDER BY e.id
"""


async def settle(op: Operation, tickets: Collection[int]) -> None:
    """Let the replies that an operation wrote go, those that it took back not, and each to whose the ticket is.

    The tickets and their clients are locked. Raises `ReplyHasGone`.
    """
    replies = await db.fetch(_REPLIES, sorted(tickets), op.id)
    if not replies:
        return
    said = await _said(tickets)
    for row in replies:
        await _settle_reply(op, row, [one for one in said if one.about == row["id"]])


async def _said(tickets: Collection[int]) -> list[Said]:
    """Under the lock each is either not claimed yet, or what a worker made of it is known."""
    return [
        Said(
            row["dedupe_key"],
            row["client"],
            json.loads(row["variables"])["entry"],
            MessageStatus(row["status"]),
            row["withdrawn"],
        )
        for row in await db.fetch(_SAID, sorted(tickets))
    ]


async def _settle_reply(op: Operation, row: Mapping[str, Any], said: Sequence[Said]) -> None:
    stands, waiting = row["stands"], [one for one in said if one.is_due]
    unread = [one for one in said if not one.withdrawn and one.status not in OUT]
    if row["written"] and not stands and any(one.status in OUT and not one.withdrawn for one in said):
        raise ReplyHasGone
    await steps.withdraw(op, *(one.key for one in unread if not stands or one.client != row["client"]))
    there = any(one.client == row["client"] and not one.withdrawn for one in said)
    if stands and not there and (row["written"] or waiting) and op.actor.id != DEMO_ACTOR:
        told = {"ticket": TicketId(row["ticket"]), "entry": row["id"]}
        await steps.due(op, REPLY, row["client"], op.now + GRACE, told, f"{REPLY}:{row['id']}:{row['client']}")


@watching("ticket", "ticket_entry")
class Telling:
    """Settles what is due of the tickets that an operation writes, whichever way."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.seen: set[int] = set()

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if table != "ticket":
            self.seen.add(values["ticket"])
        elif row_id is not None:
            self.seen.add(row_id)

    async def after(self) -> None:
        await settle(self.op, self.seen)
