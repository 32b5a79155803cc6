"""What must be true of the business; `console doctor` runs these."""

from __future__ import annotations

from zoneinfo import available_timezones

from console.domain import db


async def there_is_one_business() -> list[str]:
    """The business row is there."""
    count = await db.fetchval("SELECT count(*) FROM business")
    return [] if count == 1 else [f"there are {count} business rows"]


async def zones_are_known() -> list[str]:
    """Every location's zone is one that this machine knows."""
    rows = await db.fetch("SELECT id, zone FROM location ORDER BY id")
    return [f"location {row['id']}: no zone {row['zone']}" for row in rows if row["zone"] not in available_timezones()]


CHECKS = (there_is_one_business, zones_are_known)
