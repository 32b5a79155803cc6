"""Reading the trail: who did what, when, and to what. Nothing here writes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.audit.naming import NAMES, Key
from console.domain.audit.touched import Touch, touched
from console.domain.errors import NotFound
from console.domain.ids import OperationId
from console.domain.tables import Entity


@dataclass(frozen=True)
class By:
    """Who did an operation, and when."""

    actor: int
    at: datetime
    kind: str


@dataclass(frozen=True)
class Deed:
    """What an operation is about. `undos`: 0 for the deed itself, 1 for its undo, 2 for doing it again, and so on.

    `kind`, `about` and `effects` are those of the deed itself; `about` names the entities, the one meant first.
    """

    kind: str
    undos: int
    about: Sequence[Key]
    effects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One operation in the trail. `own`: the rows of the one to whom it is told, who hears of no others' rows."""

    id: OperationId
    actor: int
    at: datetime
    reason: str | None
    undone: bool
    deed: Deed
    touched: Sequence[Touch]
    own: Collection[Key] | None = None


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


@dataclass(frozen=True)
class Said:
    """What an operation was about, and the consequences that it told: message keys with their values."""

    deed: Deed
    effects: Sequence[tuple[str, Mapping[str, Any]]]


async def said(operation_id: int, actor: int) -> Said | None:
    """What an operation of this actor did; None where there is no such."""
    recorded = await db.fetchval("SELECT result FROM operation WHERE id = $1 AND actor = $2", operation_id, actor)
    if recorded is None:
        return None
    told = await deeds([operation_id])
    return Said(told[operation_id], [(key, params) for key, params in json.loads(recorded)["effects"]])


@dataclass(frozen=True)
class Wanted:
    """What of the trail is asked for: `parts` are first parts of kinds, `until` is not within; None where all is."""

    parts: Collection[str] | None = None
    actor: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self, kind: str, args: list[Any]) -> str:
        """The same in SQL, after other conditions; `kind` is an expression, and `args` get the values."""
        asked = {
            f"split_part({kind}, '.', 1) = ANY({{}}::text[])": self.parts,
            "actor = {}": self.actor,
            "at >= {}": self.since,
            "at < {}": self.until,
        }
        found = []
        for condition, value in asked.items():
            if value is not None:
                args.append(value)
                found.append(f" AND {condition.format(f'${len(args)}')}")
        return "".join(found)


ALL = Wanted()
_MEANT = "coalesce(deed, kind)"
"""The kind of an operation; of an undo, that of the deed which it is about: as the index by things has it."""
LAST = 2**63 - 1
"""No operation comes after it."""


async def trail(wanted: Wanted = ALL, *, before: int | None = None, most: int = 50) -> list[Entry]:
    """The latest operations, newest first, `most` at a time; `before` an id for those before it."""
    args: list[Any] = [LAST if before is None else before, most]
    rows = await db.fetch(
        f"SELECT id FROM operation WHERE id < $1{wanted.conditions(_MEANT, args)} ORDER BY id DESC LIMIT $2",  # noqa: S608
        *args,
    )
    return await entries([row["id"] for row in rows])


async def entries(
    operations: Sequence[int], only: Collection[Key] | None = None, *, personal: bool = False
) -> list[Entry]:
    """Operations as the trail tells them, newest first.

    `only`: the entities whose fields are told; `personal`: with the values that the trail otherwise only names.
    """
    ids = list(operations)
    rows = await db.fetch(
        "SELECT o.id, o.actor, o.at, o.reason, EXISTS (SELECT FROM operation x WHERE x.undoes = o.id) AS undone"
        " FROM operation o WHERE o.id = ANY($1::bigint[]) ORDER BY o.id DESC",
        ids,
    )
    told, fields = await deeds(ids), await touched(ids, only, personal)
    return [Entry(**row, deed=told[row["id"]], touched=fields.get(row["id"], ())) for row in rows]


async def deeds(operations: Sequence[int]) -> dict[int, Deed]:
    """What operations are about, undos being about what they undo. Unknown ids are left out."""
    rows = await db.fetch(
        "WITH RECURSIVE chain AS (SELECT id AS entry, id, kind, undoes, result, 0 AS undos FROM operation"
        "  WHERE id = ANY($1::bigint[])"
        "  UNION ALL SELECT c.entry, o.id, o.kind, o.undoes, o.result, c.undos + 1"
        "  FROM chain c JOIN operation o ON o.id = c.undoes)"
        " SELECT entry, kind, undos, result -> 'result' AS result, result -> 'effects' AS effects,"
        " (SELECT json_agg(json_build_array(entity, entity_id)"
        "  ORDER BY change.id) FROM change WHERE operation = chain.id) AS touched FROM chain WHERE undoes IS NULL",
        list(operations),
    )
    return {
        row["entry"]: Deed(
            row["kind"],
            row["undos"],
            _about(row["kind"], json.loads(row["result"] or "null"), json.loads(row["touched"] or "[]")),
            dict(json.loads(row["effects"] or "[]")),
        )
        for row in rows
    }


def _about(kind: str, ids: Any, touched: Sequence[tuple[str, int]]) -> list[Key]:
    """What a result names by its table, an entity or what has a name, else what was touched; the kind's name first."""
    values = ids.items() if isinstance(ids, dict) else ()
    said = [
        (name, one)
        for name, value in values
        for one in (value if isinstance(value, list) else [value])
        if isinstance(one, int)
    ]
    known = [key for key in said if key[0] in NAMES or key[0] in Entity.by_name] or [
        (entity, row_id) for entity, row_id in touched
    ]
    return sorted(dict.fromkeys(known), key=lambda key: key[0] != kind.partition(".")[0])
