"""Reading the trail: who did what, when, and which fields it touched. Nothing here writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.errors import NotFound
from console.domain.ids import OperationId


@dataclass(frozen=True)
class By:
    """Who did an operation, and when."""

    actor: int
    at: datetime
    kind: str


@dataclass(frozen=True)
class Entry:
    """One operation in the trail. `fields`: (entity, names of the fields it touched)."""

    id: OperationId
    kind: str
    actor: int
    at: datetime
    reason: str | None
    undoes_kind: str | None
    undone: bool
    fields: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class RefusedAttempt:
    """An attempt that was refused."""

    id: int
    at: datetime
    actor: int
    kind: str
    key: str


async def by(operation_id: int) -> By:
    """Who did an operation. Raises `NotFound`."""
    row = await db.fetchrow("SELECT actor, at, kind FROM operation WHERE id = $1", operation_id)
    if row is None:
        raise NotFound
    return By(**row)


async def result(operation_id: int) -> Any:
    """What an operation answered. Raises `NotFound`."""
    recorded = await db.fetchval("SELECT result FROM operation WHERE id = $1", operation_id)
    if recorded is None:
        raise NotFound
    return json.loads(recorded)["result"]


async def trail(*, before: int | None = None, most: int = 50) -> list[Entry]:
    """The latest operations, newest first, `most` at a time; `before` an id for those before it."""
    rows = await db.fetch(
        "SELECT o.id, o.kind, o.actor, o.at, o.reason, u.kind AS undoes_kind,"
        " EXISTS (SELECT FROM operation x WHERE x.undoes = o.id) AS undone,"
        " coalesce((SELECT json_agg(json_build_array(c.entity, c.fields) ORDER BY c.id) FROM change c"
        "  WHERE c.operation = o.id), '[]') AS fields"
        " FROM operation o LEFT JOIN operation u ON u.id = o.undoes"
        " WHERE $1::bigint IS NULL OR o.id < $1 ORDER BY o.id DESC LIMIT $2",
        before,
        most,
    )
    return [
        Entry(**{**dict(row), "fields": [(entity, names) for entity, names in json.loads(row["fields"])]})
        for row in rows
    ]


async def refused_attempts(*, most: int = 50) -> list[RefusedAttempt]:
    """The latest attempts that were refused, newest first."""
    rows = await db.fetch("SELECT id, at, actor, kind, key FROM refusal ORDER BY id DESC LIMIT $1", most)
    return [RefusedAttempt(**row) for row in rows]
