"""What must be true of who was erased; `console doctor` runs these."""

from __future__ import annotations

import json

from console.domain import db
from console.domain.desk.steps import personal
from console.domain.tables import Entity


async def erased_clients_left_nothing() -> list[str]:
    """Nothing says who an erased client was: no column of theirs, and no former value."""
    found: list[str] = []
    for table, column in personal():
        name = table._meta.tablename
        empty = Entity.personal[name]
        rows = await db.fetch(
            f'SELECT t.id FROM "{name}" t JOIN client c ON c.id = t."{column}" WHERE c.erased_at IS NOT NULL'  # noqa: S608
            "  AND (EXISTS (SELECT FROM jsonb_each($1::jsonb) e WHERE to_jsonb(t) -> e.key IS DISTINCT FROM e.value)"
            "   OR EXISTS (SELECT FROM change h JOIN former f ON f.change = h.id WHERE h.entity = $2"
            "    AND h.entity_id = t.id AND f.values ?| $3::text[])) ORDER BY t.id LIMIT 20",
            json.dumps(empty),
            name,
            sorted(empty),
        )
        found += [f"{name} {row['id']} still says who an erased client was" for row in rows]
    return found


async def erasures_are_listed() -> list[str]:
    """Every erased client stands in the list that is replayed after a backup was restored, and is erased."""
    rows = await db.fetch(
        "SELECT c.id, c.erased_at FROM client c LEFT JOIN erasure e ON e.pseudonym = c.pseudonym"
        " WHERE (c.erased_at IS NULL) <> (e.id IS NULL) ORDER BY c.id LIMIT 20"
    )
    return [
        f"client {row['id']} was erased and is not in the list of erasures"
        if row["erased_at"]
        else f"client {row['id']} is in the list of erasures and was not erased"
        for row in rows
    ]


CHECKS = (erased_clients_left_nothing, erasures_are_listed)
