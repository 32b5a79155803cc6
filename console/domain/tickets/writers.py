"""Who wrote to us by mail and is no client: what is theirs, once they are to be erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from console.domain import db
from console.domain.clients.duplicates import alone
from console.domain.clients.rules import Email, Names
from console.domain.errors import NotFound
from console.domain.ids import ClientId, TicketId, TicketMailId
from console.domain.messages.tables import Message
from console.domain.running import Operation
from console.domain.tickets import aside, steps
from console.domain.tickets.tables import Ticket

_NOBODYS = "(m.ticket IS NULL OR EXISTS (SELECT FROM ticket t WHERE t.id = m.ticket AND t.client IS NULL))"
_OF_ADDRESS = f"SELECT m.key FROM ticket_mail m WHERE m.sender = $1 AND {_NOBODYS} ORDER BY m.id LIMIT 1"  # noqa: S608
_BY_PSEUDONYM = (
    "SELECT encode(substring(m.key FROM 1 FOR 16), 'hex')::uuid AS pseudonym, m.id FROM ticket_mail m"  # noqa: S608
    f" WHERE substring(m.key FROM 1 FOR 16) = ANY($1::bytea[]) AND m.sender IS NOT NULL AND {_NOBODYS}"
)
_TICKETS = (
    "SELECT id, coalesce(sender = ANY($1::text[]), false) AS theirs FROM ticket WHERE client IS NULL AND"
    " (sender = ANY($1::text[]) OR id IN (SELECT ticket FROM ticket_mail WHERE sender = ANY($1::text[]))) ORDER BY id"
)
_ENTRIES = (
    "SELECT e.id FROM ticket_entry e LEFT JOIN ticket_mail m ON m.entry = e.id WHERE e.ticket = ANY($2::bigint[])"
    " AND (e.address = ANY($1::text[]) OR m.sender = ANY($1::text[])) ORDER BY e.id"
)
_MAILS = "SELECT id FROM ticket_mail WHERE sender = ANY($1::text[]) AND ticket = ANY($2::bigint[]) ORDER BY id"
_FILES = "SELECT id FROM ticket_file WHERE entry = ANY($1::bigint[]) ORDER BY id"
_MESSAGES = (
    "SELECT id FROM message WHERE client IS NULL AND kind LIKE 'ticket.%'"
    " AND ((variables ->> 'ticket')::bigint = ANY($1::bigint[]) OR (variables ->> 'entry')::bigint = ANY($2::bigint[]))"
    " ORDER BY id FOR UPDATE"
)


async def mail_of(ticket: TicketId) -> TicketMailId | None:
    """The mail by which whoever is no client opened a ticket; None where there is none, or it is a client's."""
    found: TicketMailId | None = await db.fetchval(
        "SELECT m.id FROM ticket_mail m JOIN ticket t ON t.id = m.ticket"
        " WHERE t.id = $1 AND t.client IS NULL AND m.sender = t.sender ORDER BY m.id LIMIT 1",
        ticket,
    )
    return found


async def by_pseudonym(pseudonyms: Sequence[UUID]) -> dict[UUID, TicketMailId]:
    """Whoever of these is no client and is not erased: a mail of theirs. Others are left out."""
    rows = await db.fetch(_BY_PSEUDONYM, [one.bytes for one in pseudonyms])
    return {row["pseudonym"]: row["id"] for row in rows}


async def address_alone(mail: TicketMailId) -> str:
    """The address that a mail came from, from which nothing comes in until the operation ends. Raises `NotFound`."""
    sql = f"SELECT m.sender FROM ticket_mail m WHERE m.id = $1 AND {_NOBODYS}"  # noqa: S608
    if address := await db.fetchval(sql, mail):
        await alone(Names(), (), (Email(address),))
        if await db.fetchval(sql, mail) == address:
            return str(address)
    raise NotFound


async def pseudonym_of(address: str) -> UUID:
    """What tells whoever writes from an address apart across restored backups: a part of their first mail's hash.

    A backup that has any of their mails has that one. Raises `NotFound` for who wrote nothing.
    """
    if (key := await db.fetchval(_OF_ADDRESS, address)) is None:
        raise NotFound
    return UUID(bytes=key[:16])


async def hand_over(op: Operation, addresses: Collection[str], client: ClientId) -> dict[str, list[int]]:
    """Let the tickets that are no client's and came from these addresses be of a client, who is locked, with all in
    them; what was written from there or to there in tickets of others that are no client's, or is in none, is answered
    to be emptied: its ids by their tables.
    """
    await steps.lock_all(op, _ids(await db.fetch(_TICKETS, addresses)))
    rows = await db.fetch(_TICKETS, addresses)
    own, others = (_ids(row for row in rows if row["theirs"] is theirs) for theirs in (True, False))
    entries = _ids(await db.fetch(_ENTRIES, addresses, others))
    for row in await db.fetch(_MESSAGES, own, entries):
        await op.update(Message, row["id"], None, {"client": client})
    for ticket in own:
        await steps.move_parts(op, ticket, client)
        await op.update(Ticket, ticket, None, {"client": client, "stranger_since": None})
    mails = _ids(await db.fetch(_MAILS, addresses, others))
    return {
        "ticket_entry": entries,
        "ticket_file": _ids(await db.fetch(_FILES, entries)),
        "ticket_mail": [*mails, *await aside.put_away(op, addresses)],
    }


def _ids(rows: Iterable[Mapping[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]
