"""Published rules say sums without a currency: once there are any, the business stays with the one that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.domain import db
from console.domain.errors import Invalid, Problem
from console.domain.loyalty import queries
from console.domain.running import Operation, watching


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
