"""What pages and other concepts read of the business."""

from __future__ import annotations

from console.domain import db


async def begun() -> bool:
    """Whether the business row has been made."""
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM business)"))
