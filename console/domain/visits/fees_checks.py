"""What must be true of fees; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db


async def fees_are_for_what_was_called_off() -> list[str]:
    """A fee that is owed is for a booking that the client called off late, or did not come to."""
    rows = await db.fetch(
        "SELECT f.id FROM fee f JOIN booking b ON b.id = f.booking JOIN status_change s ON s.id = f.status_change"
        " WHERE f.retired_at IS NULL AND f.waived IS NULL AND (b.retired_at IS NOT NULL OR s.retired_at IS NOT NULL"
        "  OR b.status NOT IN ('cancelled', 'no_show')) ORDER BY f.id LIMIT 20"
    )
    return [f"fee {row['id']} is owed for a booking that was not called off" for row in rows]


CHECKS = (fees_are_for_what_was_called_off,)
