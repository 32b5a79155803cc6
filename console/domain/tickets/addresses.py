"""Where a reply goes by mail: to whoever wrote last, to its client, or to another one who wrote in the ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.domain import db
from console.domain.clients import reached
from console.domain.ids import ClientId, TicketEntryId, TicketId
from console.domain.tickets.mail_rules import OF_PEOPLE

_WROTE = (
    "SELECT sender FROM (SELECT sender, id AS latest FROM ticket_mail"
    "  WHERE ticket = $1 AND kind = ANY($2::text[]) AND retired_at IS NULL"
    "  UNION ALL SELECT sender, 0 FROM ticket WHERE id = $1) wrote WHERE sender <> '' ORDER BY latest DESC"
)
_OF_CLIENT = (
    "SELECT lower(e.one ->> 'address') AS address FROM client_profile p,"
    "  jsonb_array_elements(p.emails) WITH ORDINALITY AS e (one, place) WHERE p.client = $1"
    " UNION ALL SELECT lower(email) FROM client_contact"
    "  WHERE client = $1 AND retired_at IS NULL AND email IS NOT NULL"
)


@dataclass(frozen=True)
class Address:
    """One that a reply may go to; `known`: it is one of the client's, or of whom one speaks with there."""

    address: str
    known: bool


async def choices(ticket: TicketId, client: ClientId | None) -> Sequence[Address]:
    """The addresses that a reply may go to: that of the last mail first, then those of the client, then who else wrote.

    What a machine wrote is nobody's mail.
    """
    wrote = [row["sender"] for row in await db.fetch(_WROTE, ticket, [one.value for one in OF_PEOPLE])]
    own = [row["address"] for row in await db.fetch(_OF_CLIENT, client)] if client else []
    return [Address(one, one in own) for one in dict.fromkeys([*wrote[:1], *own, *wrote])]


async def goes_to(entry: TicketEntryId, first: str | None = None) -> str | None:
    """The address that a reply is to; None where it is nobody's any more.

    Instead of one that its client had once, as before a slip on the card was put right, it is to their `first` one.
    """
    row = await db.fetchrow("SELECT ticket, client, address FROM ticket_entry WHERE id = $1", entry)
    if row is None or row["address"] is None:
        return first
    if row["address"] in {one.address for one in await choices(row["ticket"], row["client"])}:
        return str(row["address"])
    return first if row["client"] and await reached.was_own(row["client"], row["address"]) else None


@dataclass(frozen=True)
class Written:
    """To which address a reply to somebody who is no client is, in which ticket by its number; None once erased."""

    number: int
    address: str | None


async def of_entries(entries: Sequence[int]) -> Mapping[int, Written]:
    """Where replies were written to, by their ids."""
    rows = await db.fetch(
        "SELECT e.id, t.number, e.address FROM ticket_entry e JOIN ticket t ON t.id = e.ticket"
        " WHERE e.id = ANY($1::bigint[])",
        list(entries),
    )
    return {row["id"]: Written(row["number"], row["address"]) for row in rows}
