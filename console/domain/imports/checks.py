"""What must be true of what was brought in; `console doctor` runs these."""

from __future__ import annotations

from console.domain import db

ROWS_ARE_KEYS = {
    "products": "product",
    "bookings": "booking",
    "cancellations": "cancelled",
    "no_shows": "no_show",
}
"""Files of whose rows each that was imported has a key of its own, of which kind."""
BECAME = {
    "bookable": "bookable",
    "booking": "booking",
    "cancelled": "booking",
    "client": "client",
    "no_show": "booking",
    "product": "product",
    "reminded": "booking",
    "service": "service",
    "visit": "visit",
}
"""What each kind of key leads to."""

_FILES = """
    SELECT r.id, of.name, of.file ->> 'holds' AS holds, (of.file ->> 'read')::bigint AS read,
        (of.file ->> 'imported')::bigint AS imported, (of.file ->> 'merged')::bigint AS merged,
        (of.file ->> 'rejected')::bigint AS rejected
    FROM import_run r, LATERAL jsonb_each(r.report) AS of (name, file)
    WHERE r.finished_at IS NOT NULL AND r.retired_at IS NULL
"""


async def imports_add_up() -> list[str]:
    """Every row of a file that was brought in was imported, merged or rejected, and none of them twice."""
    rows = await db.fetch(
        f"SELECT id, name FROM ({_FILES}) f WHERE read IS DISTINCT FROM imported + merged + rejected"  # noqa: S608
        " ORDER BY id, name LIMIT 20"
    )
    return [f"the rows of {row['name']} in run {row['id']} do not add up" for row in rows]


async def imports_made_what_they_count() -> list[str]:
    """What a run says it imported has as many keys, by which it is not brought in again."""
    rows = await db.fetch(
        "WITH said AS (SELECT f.id, kind, sum(f.imported) AS rows"  # noqa: S608
        f"  FROM ({_FILES}) f JOIN unnest($1::text[], $2::text[]) AS of (holds, kind) USING (holds) GROUP BY 1, 2)"
        " SELECT id, kind FROM said WHERE rows <> (SELECT count(*) FROM import_key k"
        "  WHERE k.run = said.id AND k.kind = said.kind) ORDER BY id, kind LIMIT 20",
        list(ROWS_ARE_KEYS),
        list(ROWS_ARE_KEYS.values()),
    )
    return [f"run {row['id']} has other keys of the kind {row['kind']} than it counts rows" for row in rows]


async def import_keys_lead_somewhere() -> list[str]:
    """Every key of what was brought in leads to what it became."""
    found: list[str] = []
    for kind, table in BECAME.items():
        rows = await db.fetch(
            f'SELECT k.id FROM import_key k LEFT JOIN "{table}" e ON e.id = k.entity_id'  # noqa: S608
            " WHERE k.kind = $1 AND e.id IS NULL ORDER BY k.id LIMIT 20",
            kind,
        )
        found += [f"key {row['id']} leads to no {table}" for row in rows]
    return found


CHECKS = (imports_add_up, imports_made_what_they_count, import_keys_lead_somewhere)
