"""Whose cards somebody opened last."""

from __future__ import annotations

from datetime import datetime

from console.domain import db
from console.domain.ids import ActorId, ClientId

KEPT = 30
"""How many clients of each actor's are remembered."""


async def opened(actor: ActorId, client: int, now: datetime) -> None:
    """Remember that somebody opened a client's card; the latest few of theirs are kept."""
    await db.execute(
        "INSERT INTO client_opened (actor, client, at)"
        " SELECT $1, id, $3 FROM client WHERE id = $2 AND erased_at IS NULL"
        " ON CONFLICT (actor, client) DO UPDATE SET at = greatest(client_opened.at, excluded.at)",
        actor,
        client,
        now,
    )
    await db.execute(
        "DELETE FROM client_opened WHERE actor = $1 AND id NOT IN"
        " (SELECT id FROM client_opened WHERE actor = $1 ORDER BY at DESC, id DESC LIMIT $2)",
        actor,
        KEPT,
    )


async def recent(actor: ActorId, *, limit: int = 8) -> list[ClientId]:
    """The clients whose cards somebody opened last."""
    rows = await db.fetch(
        "SELECT o.client FROM client_opened o JOIN client c ON c.id = o.client"
        " WHERE o.actor = $1 AND c.erased_at IS NULL ORDER BY o.at DESC, o.id DESC LIMIT $2",
        actor,
        limit,
    )
    return [ClientId(row["client"]) for row in rows]
