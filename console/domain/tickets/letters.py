"""What a reply says that goes by mail: as it stands when it is sent, with what it answers; and where it goes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.errors import NotFound
from console.domain.ids import MessageId, TicketEntryId
from console.domain.messages.keys import key
from console.domain.messages.rules import MessageKind, Outgoing
from console.domain.messages.ways import WRITTEN_TO
from console.domain.tickets import addresses
from console.domain.tickets.files import Attachment


@dataclass(frozen=True)
class Earlier:
    """A mail of a ticket: one that came in by its own `message_id`, one that we sent by the `key` of its message."""

    at: datetime
    message_id: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Reply:
    """A reply with its ticket's number and subject, who wrote it, and its files. Texts are None once erased.

    `answers`: whether the client had written before. `before`: the mails of the ticket before it, the first one first.
    """

    number: int
    subject: str | None
    body: str | None
    by: str | None
    answers: bool
    files: Sequence[Attachment]
    before: Sequence[Earlier]


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
    SELECT id, client, variables, sent_at FROM message WHERE kind = $2 AND kind LIKE 'ticket.%' AND status = 'sent'
        AND (variables ->> 'ticket')::bigint = $1 AND (variables ->> 'entry')::bigint < $3 ORDER BY id
"""
_CAME = """
    SELECT m.at, m.message_id FROM ticket_mail m JOIN ticket_entry e ON e.id = m.entry AND e.retired_at IS NULL
    WHERE m.ticket = $1 AND m.entry < $2 AND m.retired_at IS NULL AND m.message_id ~ '^<[!-;=?-~]+>$'
        AND m.message_id NOT LIKE '%=?%' AND char_length(m.message_id) <= 500 ORDER BY m.id
"""
"""Only what can stand in a header as it is."""


async def _to(told: Mapping[str, Any], first: str | None) -> str | None:
    return await addresses.goes_to(TicketEntryId(told["entry"]), first)


WRITTEN_TO[MessageKind.TICKET_REPLY] = _to


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
        await _before(row["ticket"], entry),
    )


async def _before(ticket: int, entry: int) -> list[Earlier]:
    kind = MessageKind.TICKET_REPLY
    came = [Earlier(row["at"], message_id=row["message_id"]) for row in await db.fetch(_CAME, ticket, entry)]
    sent = [
        Earlier(
            row["sent_at"],
            key=key(Outgoing(MessageId(row["id"]), kind, row["client"], "", json.loads(row["variables"]))),
        )
        for row in await db.fetch(_SENT, ticket, kind.value, entry)
    ]
    return sorted(came + sent, key=lambda one: one.at)
