"""What stands on an operation: the later ones, still in effect, that an undo of it would take something from."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from console.domain import db
from console.domain.tables import Entity, Key, listing, referring

_RETIRES = "mine.created OR former.values ->> 'retired_at' IS NOT NULL"
"""Whether the inverse of a change retires its entity."""


async def later_edits(operations: Sequence[int]) -> dict[int, list[asyncpg.Record]]:
    """The later operations still in effect that touched the same fields, by the operation that they came after."""
    # Ids of changes, not of operations, follow the order of edits: they are given under the lock of the edited row.
    rows = await db.fetch(
        "SELECT mine.operation AS mine, o.id, o.kind, o.at, o.undoes FROM change mine"  # noqa: S608
        " LEFT JOIN former ON former.change = mine.id"
        " JOIN change later ON later.entity = mine.entity AND later.entity_id = mine.entity_id"
        f"  AND later.id > mine.id AND ({_RETIRES} OR later.fields && mine.fields)"
        " JOIN operation o ON o.id = later.operation"
        " WHERE mine.operation = ANY($1::bigint[]) AND o.id <> mine.operation"
        "  AND o.undoes IS DISTINCT FROM mine.operation AND mine.entity <> ALL($2::text[])"
        " GROUP BY mine.operation, o.id ORDER BY max(later.id) DESC",
        list(operations),
        sorted(Entity.follows),
    )
    return in_effect(rows)


def in_effect(rows: Sequence[asyncpg.Record]) -> dict[int, list[asyncpg.Record]]:
    """Later operations that are still in effect, by the operation (`mine`) that they came after."""
    later: dict[int, list[asyncpg.Record]] = {}
    for row in rows:
        later.setdefault(row["mine"], []).append(row)
    return {one: left for one, found in later.items() if (left := _standing(found))}


def _standing(later: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
    """Of operations (`id`, `undoes`), the latest first, those that none of them has undone, nor are such an undo."""
    ids = {row["id"] for row in later}
    undone: set[int] = set()
    left = []
    for row in later:
        if row["id"] in undone:
            continue
        if row["undoes"] in ids:
            undone.add(row["undoes"])
        else:
            left.append(row)
    return left


async def later_references(operations: Sequence[int]) -> dict[int, list[asyncpg.Record]]:
    """The later operations that made something refer to what an undo would retire, by the operation undone."""
    retired = await db.fetch(
        "SELECT mine.operation, mine.entity, mine.entity_id AS id,"  # noqa: S608
        " min(mine.id) OVER (PARTITION BY mine.operation, mine.entity) AS since FROM change mine"
        f" LEFT JOIN former ON former.change = mine.id WHERE mine.operation = ANY($1::bigint[]) AND ({_RETIRES})",
        list(operations),
    )
    made = [
        _made_to_refer(entity, name, column)
        for entity in sorted({row["entity"] for row in retired})
        for name, column in [*referring(entity), *listing(entity)]
    ]
    if not made:
        return {}
    rows = await db.fetch(
        "WITH mine AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])"  # noqa: S608
        f" AS mine (operation, entity, id, since)) {' UNION '.join(made)}",
        *([row[column] for row in retired] for column in ("operation", "entity", "id", "since")),
    )
    found: dict[int, list[asyncpg.Record]] = {}
    for row in rows:
        found.setdefault(row["mine"], []).append(row)
    return found


def _made_to_refer(entity: str, name: str, column: str) -> str:
    """Operations after those of `mine` that made rows of a table refer to, or list, what they would retire."""
    refers = f'mine.id = ANY (r."{column}")' if column in Entity.lists.get(name, ()) else f'r."{column}" = mine.id'
    return (
        "SELECT mine.operation AS mine, o.id, o.kind, o.at"  # noqa: S608
        f' FROM mine JOIN "{name}" r ON {refers} AND r.retired_at IS NULL'
        " CROSS JOIN LATERAL (SELECT max(c.id) AS id FROM change c"
        f"  WHERE c.entity = '{name}' AND c.entity_id = r.id AND (c.created OR '{column}' = ANY(c.fields))) last"
        " JOIN change ON change.id = last.id JOIN operation o ON o.id = change.operation"
        f" WHERE mine.entity = '{entity}' AND last.id > mine.since AND o.id <> mine.operation"
    )


async def taken(operations: Sequence[int]) -> dict[int, list[asyncpg.Record]]:
    """The later operations that gave to something else a key that an undo would bring back, by the operation undone."""
    changed = await db.fetch(
        "SELECT DISTINCT entity FROM change WHERE operation = ANY($1::bigint[]) AND NOT created", list(operations)
    )
    names = Entity.keys.keys() & {row["entity"] for row in changed}
    takers = " UNION ".join(_takers(name, key) for name in sorted(names) for key in Entity.keys[name])
    if not takers:
        return {}
    found: dict[int, list[asyncpg.Record]] = {}
    for row in await db.fetch(takers, list(operations)):
        found.setdefault(row["mine"], []).append(row)
    return found


def _takers(name: str, key: Key) -> str:
    """Operations that gave a key to another row of a table than the one that had it before those of $1."""
    columns = ", ".join(f"'{column}'" for column in (*key.columns, "retired_at"))
    return (
        "SELECT mine.operation AS mine, o.id, o.kind, o.at FROM change mine JOIN former f ON f.change = mine.id"  # noqa: S608
        f' JOIN "{name}" r ON r.id = mine.entity_id CROSS JOIN LATERAL jsonb_populate_record(r, f.values) back'
        f' JOIN "{name}" taker ON taker.id <> r.id AND {key.of("taker")} = {key.of("back")}'
        " CROSS JOIN LATERAL (SELECT max(c.id) AS id FROM change c"
        f"  WHERE c.entity = '{name}' AND c.entity_id = taker.id AND (c.created OR c.fields && ARRAY[{columns}])) last"
        " JOIN change ON change.id = last.id JOIN operation o ON o.id = change.operation"
        f" WHERE mine.entity = '{name}' AND mine.operation = ANY($1::bigint[]) AND NOT mine.created"
        " AND back.retired_at IS NULL AND taker.retired_at IS NULL AND o.id <> mine.operation"
    )


READINGS = (later_edits, later_references, taken)
"""Each says of operations the later ones that are in the way of their undo, by the operation undone."""
