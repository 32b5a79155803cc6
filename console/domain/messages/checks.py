"""What must be true of messages; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db


async def nobody_erased_is_told_anything() -> list[str]:
    """Nothing is due to a client who was erased."""
    rows = await db.fetch(
        "SELECT m.id FROM message m JOIN client c ON c.id = m.client WHERE c.erased_at IS NOT NULL"
        " AND m.retired_at IS NULL AND m.status IN ('due', 'claimed') ORDER BY m.id LIMIT 20"
    )
    return [f"message {row['id']} is due to a client who was erased" for row in rows]


CHECKS = (nobody_erased_is_told_anything,)
