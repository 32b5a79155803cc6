"""What is due about bookings in tests, and the worker's part played by hand."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from console.domain import db
from tests.cast import NOW

KIND = "booking."


async def due() -> list[tuple[str, dict[str, Any]]]:
    """The messages about bookings that are due, each by what it tells and its variables."""
    rows = await db.fetch(
        "SELECT kind, variables FROM message WHERE kind LIKE 'booking.%' AND status = 'due' AND retired_at IS NULL"
        " ORDER BY kind, due_at, id"
    )
    return [(row["kind"].removeprefix(KIND), json.loads(row["variables"])) for row in rows]


async def kinds() -> list[str]:
    return [kind for kind, _ in await due()]


async def go_out(*kinds: str, at: datetime = NOW) -> None:
    """Everything that is due goes out, or what is of some kinds."""
    await db.execute(
        "UPDATE message SET status = 'sent', sent_at = $3, channel = 'sms' WHERE status = 'due'"
        " AND retired_at IS NULL AND ($1 OR kind = ANY($2::text[]))",
        not kinds,
        [KIND + kind for kind in kinds],
        at,
    )
