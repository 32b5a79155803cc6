"""What clients are told of their tickets by mail: after every change of one, what is due is what stands there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from console.domain import db
from console.domain.errors import Refused
from console.domain.ids import DEMO_ACTOR, ClientId, TicketId
from console.domain.messages import steps
from console.domain.messages.rules import GRACE, OUT, MessageKind, MessageStatus
from console.domain.messages.settings_queries import message_settings
from console.domain.messages.tables import STATUS
from console.domain.running import Operation, watching

REPLY = MessageKind.TICKET_REPLY
SATISFACTION = MessageKind.TICKET_SATISFACTION
WANTED = timedelta(days=7)
"""How long after it was due a client may still be asked what they think."""


class ReplyHasGone(Refused):
    """A reply that has gone to the client, or may have, is not taken back: they have read it."""

    key = "refused.reply_has_gone"


@dataclass(frozen=True)
class Said:
    """A message that was written of a ticket. `about`: the entry that it carries, or the solving that it asks about."""

    kind: MessageKind
    key: str
    client: ClientId
    ticket: int
    about: int
    due_at: datetime
    status: MessageStatus
    withdrawn: bool

    @property
    def is_due(self) -> bool:
        return self.status == MessageStatus.DUE and not self.withdrawn


_SAID = f"""
    SELECT kind, dedupe_key, client, variables, due_at, {STATUS} AS status, retired_at IS NOT NULL AS withdrawn
    FROM message WHERE kind LIKE 'ticket.%' AND (variables ->> 'ticket')::bigint = ANY($1::bigint[])
    ORDER BY id FOR UPDATE
"""  # noqa: S608
_REPLIES = """
    SELECT e.id, e.ticket, e.client, e.retired_at IS NULL AND t.retired_at IS NULL AS stands,
        EXISTS (SELECT FROM change c WHERE c.operation = $2 AND c.entity = 'ticket_entry' AND c.entity_id = e.id
            AND (c.created OR 'retired_at' = ANY(c.fields))) AS written
    FROM ticket_entry e JOIN ticket t ON t.id = e.ticket JOIN client c ON c.id = e.client AND c.erased_at IS NULL
    WHERE e.ticket = ANY($1::bigint[]) AND e.kind = 'out' AND e.channel = 'email' ORDER BY e.id
"""


_SOLVINGS = """
    SELECT t.id, t.client, t.status IN ('solved', 'closed') AND t.retired_at IS NULL AS solved, s.id AS solving,
        EXISTS (SELECT FROM change c WHERE c.operation = $2 AND c.entity = 'ticket_status' AND c.entity_id = s.id
            AND (c.created OR 'retired_at' = ANY(c.fields))) AS written
    FROM ticket t JOIN client c ON c.id = t.client AND c.erased_at IS NULL
        LEFT JOIN LATERAL (SELECT id FROM ticket_status s WHERE s.ticket = t.id AND s.status = 'solved'
            AND s.retired_at IS NULL ORDER BY s.id DESC LIMIT 1) s ON true
    WHERE t.id = ANY($1::bigint[]) ORDER BY t.id
"""


async def settle(op: Operation, tickets: Collection[int]) -> None:
    """Let the replies that an operation wrote go, those that it took back not, and each to whose the ticket is.

    Ask whoever's ticket was solved what they think of it, and nobody whose ticket is open again. The tickets and their
    clients are locked. Raises `ReplyHasGone`.
    """
    replies = await db.fetch(_REPLIES, sorted(tickets), op.id)
    solvings = await db.fetch(_SOLVINGS, sorted(tickets), op.id)
    said = await _said(tickets) if replies or solvings else []
    for row in replies:
        await _settle_reply(op, row, [one for one in said if one.kind is REPLY and one.about == row["id"]])
    for row in solvings:
        asked = [one for one in said if one.kind is SATISFACTION and one.ticket == row["id"]]
        await _settle_satisfaction(op, row, asked)


async def _said(tickets: Collection[int]) -> list[Said]:
    """Under the lock each is either not claimed yet, or what a worker made of it is known."""
    return [_read(row) for row in await db.fetch(_SAID, sorted(tickets))]


def _read(row: Mapping[str, Any]) -> Said:
    kind, told = MessageKind(row["kind"]), json.loads(row["variables"])
    about = told["entry" if kind is REPLY else "solving"]
    status = MessageStatus(row["status"])
    return Said(kind, row["dedupe_key"], row["client"], told["ticket"], about, row["due_at"], status, row["withdrawn"])


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


async def _settle_satisfaction(op: Operation, row: Mapping[str, Any], asked: Sequence[Said]) -> None:
    stands = row["solving"] if row["solved"] else None
    fits = [one for one in asked if one.about == stands and one.client == row["client"]]
    unread = [one for one in asked if not one.withdrawn and one.status not in OUT and one not in fits]
    await steps.withdraw(op, *(one.key for one in unread))
    if stands is None or not (row["written"] or unread or fits) or op.actor.id == DEMO_ACTOR:
        return
    if any(not one.withdrawn for one in fits):
        return
    settings = await message_settings()
    if SATISFACTION not in settings.off:
        at = max(op.now + timedelta(hours=settings.satisfaction) if not fits else fits[0].due_at, op.now + GRACE)
        told = {"ticket": TicketId(row["id"]), "solving": stands}
        key = f"{SATISFACTION}:{stands}:{row['client']}"
        await steps.due(op, SATISFACTION, row["client"], at, told, key, at + WANTED)


@watching("ticket", "ticket_entry", "ticket_status")
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
