"""What a reply says that goes to the client by mail: as it stands when it is sent, with what it answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from console.domain import db
from console.domain.errors import NotFound
from console.domain.ids import MessageId, TicketEntryId
from console.domain.messages.keys import key
from console.domain.messages.rules import MessageKind, Outgoing
from console.domain.tickets.files import Attachment


@dataclass(frozen=True)
class Reply:
    """A reply with its ticket's number and subject, who wrote it, and its files. Texts are None once erased.

    `answers`: whether the client had written before. `before`: the keys of the replies that were sent before it.
    """

    number: int
    subject: str | None
    body: str | None
    by: str | None
    answers: bool
    files: Sequence[Attachment]
    before: Sequence[str]


_REPLY = """
    SELECT e.id, e.ticket, t.number, t.subject, e.body, s.name AS by,
        EXISTS (SELECT FROM ticket_entry i WHERE i.ticket = e.ticket AND i.kind = 'in' AND i.channel = 'email'
            AND i.id < e.id AND i.retired_at IS NULL) AS answers
    FROM ticket_entry e JOIN ticket t ON t.id = e.ticket
        JOIN change c ON c.entity = 'ticket_entry' AND c.entity_id = e.id AND c.created
        JOIN operation o ON o.id = c.operation LEFT JOIN staff s ON s.id = o.actor
    WHERE e.id = $1
"""
_SENT = """
    SELECT id, client, variables FROM message WHERE kind = $2 AND kind LIKE 'ticket.%' AND status = 'sent'
        AND (variables ->> 'ticket')::bigint = $1 AND (variables ->> 'entry')::bigint < $3 ORDER BY sent_at, id
"""


async def reply(entry: TicketEntryId) -> Reply:
    """A reply to be sent. Raises `NotFound`."""
    row = await db.fetchrow(_REPLY, entry)
    if row is None:
        raise NotFound
    files = await db.fetch(
        "SELECT name, media_type, content FROM ticket_file"
        " WHERE entry = $1 AND retired_at IS NULL AND content IS NOT NULL ORDER BY id",
        entry,
    )
    return Reply(
        row["number"],
        row["subject"],
        row["body"],
        row["by"],
        row["answers"],
        [Attachment(**one) for one in files],
        await _sent_before(row["ticket"], entry),
    )


async def _sent_before(ticket: int, entry: int) -> list[str]:
    kind = MessageKind.TICKET_REPLY
    return [
        key(Outgoing(MessageId(row["id"]), kind, row["client"], "", json.loads(row["variables"])))
        for row in await db.fetch(_SENT, ticket, kind.value, entry)
    ]
