"""Whose a remedy would be: nobody puts right what is their own, was once, or is reached by their phone."""

from __future__ import annotations

from console.domain import db
from console.domain.clients.reached import is_ever_of
from console.domain.ids import ActorId, ClientId

_EMAILS = (
    "SELECT lower(email) AS email FROM staff WHERE id = $1"
    " UNION SELECT lower(f.values ->> 'email') FROM change c JOIN former f ON f.change = c.id"
    " WHERE c.entity = 'staff' AND c.entity_id = $1 AND f.values ->> 'email' IS NOT NULL"
)


async def is_own(actor: ActorId, client: ClientId) -> bool:
    """Whether a colleague is a client, or somebody to speak with there: an address of theirs says so, or a phone.

    Who changes either on the card, or their own address, changes nothing of that.
    """
    emails = {row["email"] for row in await db.fetch(_EMAILS, actor)}
    return bool(emails) and await is_ever_of(client, emails)
