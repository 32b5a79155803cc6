"""What pages read of messages."""

from __future__ import annotations

from collections.abc import Sequence

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.clients.queries import client_names


@named("message")
async def message_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whom they are for."""
    rows = await db.fetch("SELECT id, client FROM message WHERE id = ANY($1::bigint[])", list(ids))
    called = await client_names([row["client"] for row in rows])
    return {row["id"]: called[row["client"]] for row in rows if row["client"] in called}
