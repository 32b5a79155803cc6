"""How clients hear of what an operation did, by the messages that it wrote."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from console.domain import db
from console.domain.ids import ClientId, MessageId
from console.domain.messages.outbox import Adapters, Foreseen, foreseen
from console.domain.messages.rules import MessageKind, Reason

_TOLD = (
    "SELECT m.client, max(m.id) AS id FROM message m WHERE m.retired_at IS NULL AND m.kind = ANY($2::text[])"
    " AND m.id IN (SELECT entity_id FROM change WHERE operation = $1 AND entity = 'message')"
    " GROUP BY m.client ORDER BY m.client"
)


async def heard(
    operation: int, kinds: Iterable[MessageKind], now: datetime, adapters: Adapters
) -> dict[ClientId | None, Foreseen | Reason]:
    """By client (None: of who is none) how the last message of some kinds of an operation goes, or why it does not."""
    told = await db.fetch(_TOLD, operation, [one.value for one in kinds])
    return {row["client"]: await foreseen(MessageId(row["id"]), now, adapters) for row in told}
