"""Mails in no ticket that are of somebody who is to be erased."""

from __future__ import annotations

from collections.abc import Collection

from console.domain import db
from console.domain.running import Operation
from console.domain.tickets.tables import TicketMail

_OF = "SELECT id FROM ticket_mail WHERE aside IS NOT NULL AND sender = ANY($1::text[]) ORDER BY id"


async def put_away(op: Operation, addresses: Collection[str]) -> list[int]:
    """Show the mails no more that came from these addresses and are in no ticket; which ones are to be emptied."""
    mails = [row["id"] for row in await db.fetch(_OF, list(addresses))]
    await op.lock(TicketMail, mails)
    for mail in mails:
        await op.update(TicketMail, mail, None, {"retired_at": op.now})
    return mails
