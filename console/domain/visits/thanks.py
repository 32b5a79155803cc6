"""Who came is thanked some hours later, once for a date, and not for what was taken back or refunded in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.clients.tables import Client
from console.domain.ids import DEMO_ACTOR
from console.domain.messages import steps
from console.domain.messages.rules import MessageKind
from console.domain.messages.settings_queries import message_settings
from console.domain.running import Operation, watching

THANKS = MessageKind.VISIT_THANKS
WANTED = timedelta(days=2)
"""How long after it was due a client may still be thanked."""

_WRITTEN = """
    SELECT v.id, v.client, v.location, v."on", l.zone, v.retired_at IS NOT NULL OR EXISTS (SELECT FROM refund r
            WHERE r.visit = v.id AND r."full" AND r.retired_at IS NULL) AS taken_back,
        EXISTS (SELECT FROM message m WHERE m.client = v.client AND m.kind = $2 AND m.retired_at IS NULL
            AND m.variables ->> 'on' = v."on"::text AND m.dedupe_key <> $2 || ':' || v.id) AS thanked
    FROM change c LEFT JOIN refund f ON c.entity = 'refund' AND f.id = c.entity_id AND f."full"
        JOIN visit v ON v.id = CASE c.entity WHEN 'visit' THEN c.entity_id ELSE f.visit END
        JOIN location l ON l.id = v.location JOIN client k ON k.id = v.client AND k.erased_at IS NULL
    WHERE c.operation = $1 AND (c.created OR 'retired_at' = ANY(c.fields))
    GROUP BY v.id, l.zone ORDER BY v.id
"""
_BESIDE = """
    SELECT v.id, v.client, v.location, v."on", l.zone FROM visit v JOIN location l ON l.id = v.location
    WHERE v.client = $1 AND v."on" = $2 AND v.retired_at IS NULL
        AND NOT EXISTS (SELECT FROM refund r WHERE r.visit = v.id AND r."full" AND r.retired_at IS NULL)
        AND NOT EXISTS (SELECT FROM message m
        WHERE m.client = v.client AND m.kind = $3 AND m.retired_at IS NULL AND m.variables ->> 'on' = v."on"::text)
    ORDER BY v.id LIMIT 1
"""
"""Another visit of the date that stands, where nobody is thanked for one of them any more."""


@watching("visit", "refund")
class Thanks:
    """Thanks for the visits that an operation finishes, and for none that it takes back or refunds in full."""

    def __init__(self, op: Operation) -> None:
        self.op = op

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        """Which visits are written is found in the trail once all is."""

    async def after(self) -> None:
        rows = await db.fetch(_WRITTEN, self.op.id, THANKS.value)
        await self.op.lock(Client, {row["client"] for row in rows})
        for row in rows:
            if row["taken_back"]:
                await steps.withdraw(self.op, f"{THANKS}:{row['id']}")
                for other in await db.fetch(_BESIDE, row["client"], row["on"], THANKS.value):
                    await self._thank(other)
            elif not row["thanked"]:
                await self._thank(row)

    async def _thank(self, row: Mapping[str, Any]) -> None:
        """Unless it is written down late: whoever came days ago is not thanked today."""
        settings = await message_settings()
        today = clock.business_date(self.op.now, ZoneInfo(row["zone"]))
        if THANKS in settings.off or self.op.actor.id == DEMO_ACTOR or row["on"] < today - timedelta(days=1):
            return
        at = self.op.now + timedelta(hours=settings.thanks)
        told = {"visit": row["id"], "location": row["location"], "on": row["on"]}
        await steps.due(self.op, THANKS, row["client"], at, told, f"{THANKS}:{row['id']}", at + WANTED)
