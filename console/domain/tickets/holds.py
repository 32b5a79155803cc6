"""Letting what would expire of a client's loyalty wait while a ticket about it is open (loyalty rules, section 2).

A ticket is about it by its category, which says so: whoever opens it chooses that anyway, and needs to know neither the
stamp nor the free visit. It is open until it is solved.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.ids import TicketId
from console.domain.loyalty import pauses
from console.domain.running import Operation, watching

_HOLDS = "CASE WHEN k.holds AND t.solved_at IS NULL AND t.retired_at IS NULL AND c.erased_at IS NULL THEN t.client END"
_FROM = "ticket t LEFT JOIN ticket_category k ON k.id = t.category LEFT JOIN client c ON c.id = t.client"
_DIFFERING = f"""
    SELECT id FROM (
        SELECT t.id FROM {_FROM} JOIN loyalty_pause p ON p.ticket = t.number AND p.last IS NULL AND p.retired_at IS NULL
        WHERE p.client IS DISTINCT FROM {_HOLDS}
        UNION SELECT t.id FROM {_FROM} WHERE t.solved_at IS NULL AND {_HOLDS} IS NOT NULL AND NOT EXISTS (SELECT FROM
            loyalty_pause p WHERE p.ticket = t.number AND p.last IS NULL AND p.retired_at IS NULL)
    ) differing WHERE id > $2 ORDER BY id LIMIT $1
"""  # noqa: S608


async def keep(op: Operation, tickets: Collection[int]) -> None:
    """Let loyalty wait for tickets as they stand, which are locked, as are their clients."""
    rows = await db.fetch(
        f"SELECT t.number, {_HOLDS} AS client FROM {_FROM} WHERE t.id = ANY($1::bigint[])",  # noqa: S608
        sorted(tickets),
    )
    today = clock.business_date(op.now, (await business()).zone)
    await pauses.keep(op, {row["number"]: row["client"] for row in rows}, today)


async def differing(most: int, after: int = 0) -> Sequence[TicketId]:
    """Tickets behind one for which loyalty does not wait as they stand: their category says otherwise by now."""
    return [row["id"] for row in await db.fetch(_DIFFERING, most, after)]


@watching("ticket", "ticket_status")
class Holding:
    """Lets loyalty wait, or go on, as the tickets stand of which an operation writes anything."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.seen: set[int] = set()

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if table != "ticket":
            self.seen.add(values["ticket"])
        elif row_id is not None:
            self.seen.add(row_id)

    async def after(self) -> None:
        await keep(self.op, self.seen)
