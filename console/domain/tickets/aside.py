"""Mails in no ticket that are of somebody who is to be erased."""

from __future__ import annotations

from console.domain import db
from console.domain.clients.queries import client as known
from console.domain.ids import ClientId
from console.domain.running import Operation
from console.domain.tickets.tables import TicketMail

_OF = "SELECT id FROM ticket_mail WHERE aside IS NOT NULL AND sender = ANY($1::text[]) ORDER BY id"


async def put_away(op: Operation, client: ClientId) -> list[int]:
    """Show the mails no more that came from a client's addresses and are in no ticket; which ones are to be emptied."""
    addresses = [one.address for one in (await known(client)).emails]
    mails = [row["id"] for row in await db.fetch(_OF, addresses)]
    await op.lock(TicketMail, mails)
    for mail in mails:
        await op.update(TicketMail, mail, None, {"retired_at": op.now})
    return mails
