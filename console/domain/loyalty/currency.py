"""Published rules say sums without a currency: once there are any, the business stays with the one that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from console.domain import db
from console.domain.business import steps
from console.domain.errors import Invalid, Problem
from console.domain.loyalty import queries
from console.domain.running import Operation, watching
from console.domain.undo import standing_on


@watching("business")
class OneCurrency:
    """Refuses another currency where published rules would mean other sums by it (`Invalid`, `currency`)."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.was = ""

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        """The currency before the first write."""
        self.was = self.was or str(values["currency"])

    async def after(self) -> None:
        if await db.fetchval("SELECT currency FROM business") != self.was and await queries.published():
            raise Invalid({"currency": Problem("problem.currency_of_rules", {"currency": self.was})})


async def _published_since(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """Since the business had another currency, what put the rules in force that count in the one it has now."""
    return await db.fetch(
        "SELECT DISTINCT mine.operation AS mine, o.id, o.kind, o.at, o.undoes FROM change mine"
        " JOIN change c ON c.id > mine.id AND c.entity = 'programme_version' AND 'published_at' = ANY(c.fields)"
        " JOIN programme_version v ON v.id = c.entity_id AND v.retired_at IS NULL"
        " JOIN operation o ON o.id = c.operation"
        " WHERE mine.operation = ANY($1::bigint[]) AND mine.entity = 'business' AND 'currency' = ANY(mine.fields)"
        " ORDER BY o.id DESC",
        list(operations),
    )


standing_on(_published_since)(steps.restore_business)
