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


async def closed_locations_rest() -> list[str]:
    """Nothing was added to the calendar of a location after it closed."""
    rows = await db.fetch(
        "SELECT h.id, l.id AS location FROM holiday h JOIN location l ON l.id = h.location"
        " WHERE h.retired_at IS NULL AND l.retired_at IS NOT NULL AND"
        "  (SELECT max(c.id) FROM change c WHERE c.entity = 'holiday' AND c.entity_id = h.id"
        "   AND (c.created OR c.fields && ARRAY['location', 'retired_at'])) >"
        "  (SELECT max(c.id) FROM change c WHERE c.entity = 'location' AND c.entity_id = l.id"
        "   AND 'retired_at' = ANY (c.fields)) ORDER BY h.id"
    )
    return [f"holiday {row['id']} came to location {row['location']} after it had closed" for row in rows]


CHECKS = (there_is_one_business, zones_are_known, closed_locations_rest)
