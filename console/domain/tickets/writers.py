"""Who wrote to us by mail and is no client: what is theirs, once they are to be erased."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from console.domain import db
from console.domain.clients.duplicates import alone
from console.domain.clients.rules import Email, Names
from console.domain.errors import NotFound
from console.domain.ids import ClientId, TicketId, TicketMailId
from console.domain.messages.tables import Message
from console.domain.running import Operation
from console.domain.tickets import steps
from console.domain.tickets.tables import Ticket

_NOBODYS = "(m.ticket IS NULL OR EXISTS (SELECT FROM ticket t WHERE t.id = m.ticket AND t.client IS NULL))"
_OF_ADDRESS = f"SELECT m.key FROM ticket_mail m WHERE m.sender = $1 AND {_NOBODYS} ORDER BY m.id LIMIT 1"  # noqa: S608
_BY_PSEUDONYM = (
    "SELECT encode(substring(m.key FROM 1 FOR 16), 'hex')::uuid AS pseudonym, m.id FROM ticket_mail m"  # noqa: S608
    f" WHERE substring(m.key FROM 1 FOR 16) = ANY($1::bytea[]) AND m.sender IS NOT NULL AND {_NOBODYS}"
)
_TICKETS = "SELECT id FROM ticket WHERE sender = $1 AND client IS NULL ORDER BY id"
_MESSAGES = (
    "SELECT id FROM message WHERE client IS NULL AND kind LIKE 'ticket.%'"
    " AND (variables ->> 'ticket')::bigint = ANY($1::bigint[]) ORDER BY id FOR UPDATE"
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


async def hand_over(op: Operation, address: str, client: ClientId) -> None:
    """Let the tickets that are no client's and came from an address be of a client, who is locked, with all in them."""
    await steps.lock_all(op, [row["id"] for row in await db.fetch(_TICKETS, address)])
    tickets = [row["id"] for row in await db.fetch(_TICKETS, address)]
    for row in await db.fetch(_MESSAGES, tickets):
        await op.update(Message, row["id"], None, {"client": client})
    for ticket in tickets:
        await steps.move_parts(op, ticket, client)
        await op.update(Ticket, ticket, None, {"client": client, "stranger_since": None})
