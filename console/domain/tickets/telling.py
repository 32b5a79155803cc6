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
from console.domain.tickets import addresses

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
    client: ClientId | None
    ticket: int
    about: int
    due_at: datetime
    status: MessageStatus
    withdrawn: bool

    @property
    def is_out(self) -> bool:
        return self.status in OUT and not self.withdrawn

    @property
    def may_leave(self) -> bool:
        return self.status != MessageStatus.SENT and not self.withdrawn


_SAID = f"""
    SELECT kind, dedupe_key, client, variables, due_at, {STATUS} AS status, retired_at IS NOT NULL AS withdrawn
    FROM message WHERE kind LIKE 'ticket.%' AND (variables ->> 'ticket')::bigint = ANY($1::bigint[])
    ORDER BY id FOR UPDATE
"""  # noqa: S608
_REPLIES = """
    SELECT e.id, e.ticket, e.client, e.address, e.retired_at IS NULL AND t.retired_at IS NULL AS stands,
        EXISTS (SELECT FROM change c WHERE c.operation = $2 AND c.entity = 'ticket_entry' AND c.entity_id = e.id
            AND (c.created OR 'retired_at' = ANY(c.fields))) AS written
    FROM ticket_entry e JOIN ticket t ON t.id = e.ticket LEFT JOIN client c ON c.id = e.client
    WHERE e.ticket = ANY($1::bigint[]) AND e.kind = 'out' AND e.channel = 'email' AND c.erased_at IS NULL ORDER BY e.id
"""


_SOLVINGS = """
    SELECT t.id, t.client, t.status IN ('solved', 'closed') AND t.retired_at IS NULL AS solved, s.id AS solving,
        EXISTS (SELECT FROM change c WHERE c.operation = $2 AND c.entity = 'ticket_status' AND c.entity_id = s.id
            AND (c.created OR 'retired_at' = ANY(c.fields))) AS written,
        EXISTS (SELECT FROM ticket_rating r WHERE r.solving = s.id AND r.retired_at IS NULL) AS rated
    FROM ticket t LEFT JOIN client c ON c.id = t.client
        LEFT JOIN LATERAL (SELECT id FROM ticket_status s WHERE s.ticket = t.id AND s.status = 'solved'
            AND s.retired_at IS NULL ORDER BY s.id DESC LIMIT 1) s ON true
    WHERE t.id = ANY($1::bigint[]) AND c.erased_at IS NULL ORDER BY t.id
"""


async def settle(op: Operation, tickets: Collection[int]) -> None:
    """Let the replies that an operation wrote go, those that it took back not, and none to whom its ticket is not of.

    One that waits for a former client goes on only where it was written to an address that is the new one's, or that
    somebody wrote from in the ticket; else it is withdrawn, which is told, and comes back with the ticket.

    Ask whoever's ticket was solved what they think of it, and nobody who said so, nor whose ticket is open again or is
    another's. The tickets and their clients are locked. Raises `ReplyHasGone`.
    """
    replies = await db.fetch(_REPLIES, sorted(tickets), op.id)
    solvings = await db.fetch(_SOLVINGS, sorted(tickets), op.id)
    said = await _said(tickets) if replies or solvings else []
    withdrawn = 0
    for row in replies:
        withdrawn += await _settle_reply(op, row, [one for one in said if one.kind is REPLY and one.about == row["id"]])
    if withdrawn:
        op.effect("effect.ticket_replies_withdrawn", count=withdrawn)
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


async def _settle_reply(op: Operation, row: Mapping[str, Any], said: Sequence[Said]) -> bool:
    """Whether it is withdrawn because its ticket is not of whom it was written to any more."""
    theirs = [one for one in said if one.client == row["client"]]
    others = [one for one in said if one.client != row["client"]]
    if not row["stands"]:
        if row["written"] and any(one.is_out for one in said):
            raise ReplyHasGone
        await steps.withdraw(op, *(one.key for one in said if one.may_leave and not one.is_out))
        return False
    misled = [one for one in others if one.may_leave]
    await steps.withdraw(op, *(one.key for one in misled))
    if any(one.is_out for one in others) or op.actor.id == DEMO_ACTOR:
        return False
    if theirs:
        await _let_go(op, row, theirs[-1])
    elif row["written"] or (misled and await addresses.goes_to(row["id"])):
        await _write(op, row)
    else:
        return bool(misled)
    return False


async def _let_go(op: Operation, row: Mapping[str, Any], one: Said) -> None:
    """Let what was withdrawn go after all: it stands again, or its ticket is theirs again."""
    if one.withdrawn and one.status == MessageStatus.DUE:
        await _write(op, row)
    elif one.withdrawn:
        await steps.hold(op, one.key, _told(row))


async def _write(op: Operation, row: Mapping[str, Any]) -> None:
    key = f"{REPLY}:{row['id']}:{row['client'] or ''}"
    await steps.due(op, REPLY, row["client"], op.now + GRACE, _told(row), key)


def _told(row: Mapping[str, Any]) -> dict[str, int]:
    return {"ticket": TicketId(row["ticket"]), "entry": row["id"]}


async def _settle_satisfaction(op: Operation, row: Mapping[str, Any], asked: Sequence[Said]) -> None:
    stands = row["solving"] if row["solved"] and row["client"] and not row["rated"] else None
    fits = [one for one in asked if one.about == stands and one.client == row["client"]]
    wrong = [one for one in asked if one.may_leave and one not in fits]
    await steps.withdraw(op, *(one.key for one in wrong))
    if stands is None or not (row["written"] or wrong or fits) or op.actor.id == DEMO_ACTOR:
        return
    if any(not one.withdrawn for one in fits):
        return
    told = {"ticket": TicketId(row["id"]), "solving": stands}
    if fits and fits[0].status != MessageStatus.DUE:
        await steps.hold(op, fits[0].key, told)
        return
    settings = await message_settings()
    if SATISFACTION not in settings.off:
        at = max(op.now + timedelta(hours=settings.satisfaction) if not fits else fits[0].due_at, op.now + GRACE)
        key = f"{SATISFACTION}:{stands}:{row['client']}"
        await steps.due(op, SATISFACTION, row["client"], at, told, key, at + WANTED)


@watching("ticket", "ticket_entry", "ticket_rating", "ticket_status")
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
