"""Who writes to the mailbox, what is answered, and what became of the mails in it."""

from __future__ import annotations

import json
from typing import Any

from console.domain import db
from console.domain.ids import ClientId, TicketId
from console.domain.tickets import actions
from console.domain.tickets.rules import TicketChannel, TicketStatus
from tests import factories
from tests.domain.tickets.desk import intent
from tests.workers.letters import ZOE
from workers.messages import deliver_messages


async def client(mail: str = ZOE, **named: Any) -> ClientId:
    return ClientId(await factories.client(**named, emails=json.dumps([{"address": mail, "label": ""}])))


async def tickets() -> list[dict[str, Any]]:
    return [dict(one) for one in await db.fetch("SELECT * FROM ticket ORDER BY id")]


async def mails() -> list[tuple[str, str | None]]:
    return [tuple(one) for one in await db.fetch("SELECT kind, aside FROM ticket_mail ORDER BY id")]


async def replied(context: dict[str, Any], ticket: TicketId) -> str:
    """A reply of ours that left by mail; its Message-ID is only in the letter."""
    done = await actions.reply(intent(), ticket, None, "It is there now.", TicketStatus.PENDING, TicketChannel.EMAIL)
    await db.execute("UPDATE message SET try_at = now() - interval '1 hour', due_at = now() - interval '1 hour'")
    assert await deliver_messages(context) == 1
    return str(done.operation_id)
