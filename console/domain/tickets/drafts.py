"""What somebody is about to say in a ticket, kept while they type. It is nobody's deed, and gone once it is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain import db
from console.domain.ids import ActorId, TicketId
from console.domain.tickets.rules import LONGEST_BODY, EntryKind


@dataclass(frozen=True)
class Draft:
    """What somebody typed, a reply or a note, and when last."""

    kind: EntryKind
    body: str
    at: datetime


async def keep(ticket: TicketId, actor: ActorId, kind: EntryKind, body: str, now: datetime) -> None:
    """Keep what somebody typed instead of what they typed before; nothing of it where it is empty.

    Nothing is kept of a ticket that is closed or gone, nor while somebody writes it.
    """
    if not body.strip():
        await drop(ticket, actor)
        return
    await db.execute(
        "INSERT INTO ticket_draft (ticket, staff, kind, body, at) SELECT t.id, $2, $3, $4, $5 FROM ticket t"
        " WHERE t.id = $1 AND t.retired_at IS NULL AND t.status <> 'closed' FOR SHARE SKIP LOCKED"
        " ON CONFLICT (ticket, staff) DO UPDATE SET kind = excluded.kind, body = excluded.body, at = excluded.at",
        ticket,
        actor,
        kind.value,
        body[:LONGEST_BODY],
        now,
    )


async def drop(ticket: TicketId, actor: ActorId) -> None:
    """Keep nothing of what somebody typed."""
    await db.execute("DELETE FROM ticket_draft WHERE ticket = $1 AND staff = $2", ticket, actor)


async def drop_of(tickets: list[int]) -> None:
    """Keep nothing of what anybody typed in some tickets."""
    await db.execute("DELETE FROM ticket_draft WHERE ticket = ANY($1::bigint[])", tickets)


async def of(ticket: TicketId, actor: ActorId) -> Draft | None:
    """What somebody typed and did not say yet."""
    row = await db.fetchrow("SELECT kind, body, at FROM ticket_draft WHERE ticket = $1 AND staff = $2", ticket, actor)
    return Draft(EntryKind(row["kind"]), row["body"], row["at"]) if row else None
