"""Undoing an operation by posting its inverse. Redo is the undo of the undo."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import asyncpg

from console.domain import db
from console.domain.errors import AlreadyUndone, HasDependants, NotFound, NotUndoable
from console.domain.ids import ActorId, OperationId
from console.domain.operation import KINDS, Compensated, Done, Intent, Kind, Operation, Outcome, Undo, perform
from console.domain.plain import canonical, from_plain
from console.domain.tables import Entity

UNDO = "operation.undo"

Rule = Callable[[Operation], Awaitable[None]]
"""Looks at the rows that the running operation wrote (`operation` is its id) and raises a `DomainError`."""


async def undo(intent: Intent, operation_id: OperationId) -> Outcome[None]:
    """Undo an operation. It takes the permission that the operation itself took.

    Raises `NotFound`, `NotUndoable`, `AlreadyUndone`, or `HasDependants` with the later operations in the way.
    """
    done = await find(operation_id)
    origin = await _origin(done)
    kind = replace(KINDS[UNDO], permission=origin.permission)
    payload = canonical([UNDO, operation_id])
    return await perform(kind, intent, payload, lambda op: _inverse(origin)(op, done), undoes=operation_id)


async def undoable(operation_id: OperationId) -> bool:
    """Whether an undo of this operation can be offered: there is one, and no later change is in its way.

    It may still be refused.
    """
    done = await find(operation_id)
    inverse = (await _origin(done)).undo
    if inverse is None or await db.fetchval("SELECT 1 FROM operation WHERE undoes = $1", operation_id):
        return False
    return isinstance(inverse, Compensated) or not (await _forgotten(done) or await _dependants(done))


async def restore(op: Operation, done: Done) -> None:
    """The inverse of an edit: former values come back, and what was created is retired."""
    changes = await db.fetch(
        "SELECT c.entity, c.entity_id, c.fields, c.created, f.values FROM change c"
        " LEFT JOIN former f ON f.change = c.id WHERE c.operation = $1 ORDER BY c.id DESC",
        done.id,
    )
    for name in sorted({row["entity"] for row in changes}):
        ids = {row["entity_id"] for row in changes if row["entity"] == name}
        await op.lock(Entity.by_name[name], ids)
    await refuse_dependants(done)
    for row in changes:
        table = Entity.by_name[row["entity"]]
        if row["created"]:
            await op.update(table, row["entity_id"], None, {"retired_at": op.now})
            continue
        former = json.loads(row["values"] or "{}")
        if former.keys() != set(row["fields"]):  # erased, or secret and never kept
            raise NotUndoable
        values = {key: from_plain(table._meta.get_column_by_name(key), former[key]) for key in former}
        await op.update(table, row["entity_id"], None, values)


async def _forgotten(done: Done) -> bool:
    """Whether former values that an inverse needs were erased, or are secret and were never kept."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM change c LEFT JOIN former f ON f.change = c.id WHERE c.operation = $1"
            " AND NOT c.created AND NOT coalesce(f.values ?& c.fields, false))",
            done.id,
        )
    )


def restoring(*rules: Rule) -> Undo:
    """As `restore`, but what it leaves must be what a use case may leave today.

    What the database itself refuses needs no rule, but a `constraint` with words.
    """

    async def inverse(op: Operation, done: Done) -> None:
        await restore(op, done)
        for rule in rules:
            await rule(op)

    return inverse


async def refuse_dependants(done: Done) -> None:
    """Raise `HasDependants` where later operations are in the way.

    Those are the ones still in effect that touched the same fields, and where the undo retires an entity, those that
    touched any of its fields or made something refer to it.
    """
    if standing := await _dependants(done):
        latest_first = sorted(standing.items(), reverse=True)
        raise HasDependants([(id_, row["kind"], row["at"]) for id_, row in latest_first])


async def _dependants(done: Done) -> dict[int, asyncpg.Record]:
    return {row["id"]: row for row in [*await _later_edits(done), *await _later_references(done)]}


_RETIRES = "mine.created OR former.values ->> 'retired_at' IS NOT NULL"
"""Whether the inverse of a change retires its entity."""


async def _later_edits(done: Done) -> list[asyncpg.Record]:
    # Ids of changes, not of operations, follow the order of edits: they are given under the lock of the edited row.
    rows = await db.fetch(
        "SELECT o.id, o.kind, o.at, o.undoes FROM change mine"  # noqa: S608
        " LEFT JOIN former ON former.change = mine.id"
        " JOIN change later ON later.entity = mine.entity AND later.entity_id = mine.entity_id"
        f"  AND later.id > mine.id AND ({_RETIRES} OR later.fields && mine.fields)"
        " JOIN operation o ON o.id = later.operation"
        " WHERE mine.operation = $1 AND o.id <> $1 AND o.undoes IS DISTINCT FROM $1"
        " GROUP BY o.id ORDER BY max(later.id) DESC",
        done.id,
    )
    return standing(rows)


def standing(later: Sequence[asyncpg.Record]) -> list[asyncpg.Record]:
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


async def _later_references(done: Done) -> list[asyncpg.Record]:
    retired = await db.fetch(
        "SELECT mine.entity, array_agg(mine.entity_id) AS ids, min(mine.id) AS since FROM change mine"  # noqa: S608
        " LEFT JOIN former ON former.change = mine.id"
        f" WHERE mine.operation = $1 AND ({_RETIRES}) GROUP BY mine.entity",
        done.id,
    )
    return [
        row
        for one in retired
        for name, column in _columns_that_refer_to(one["entity"])
        for row in await db.fetch(
            "SELECT DISTINCT o.id, o.kind, o.at"  # noqa: S608
            f' FROM "{name}" r CROSS JOIN LATERAL (SELECT max(c.id) AS id FROM change c'
            "  WHERE c.entity = $1 AND c.entity_id = r.id AND (c.created OR $2 = ANY(c.fields))) last"
            " JOIN change ON change.id = last.id JOIN operation o ON o.id = change.operation"
            f' WHERE r."{column}" = ANY($3) AND r.retired_at IS NULL AND last.id > $4 AND o.id <> $5',
            name,
            column,
            one["ids"],
            one["since"],
            done.id,
        )
    ]


def _columns_that_refer_to(entity: str) -> list[tuple[str, str]]:
    return [
        (name, column._meta.name)
        for name, table in sorted(Entity.by_name.items())
        for column in table._meta.foreign_key_columns
        if column._foreign_key_meta.resolved_references._meta.tablename == entity
    ]


async def find(operation_id: OperationId) -> Done:
    """An operation of the past. Raises `NotFound`."""
    row = await db.fetchrow("SELECT id, kind, actor, at, result, undoes FROM operation WHERE id = $1", operation_id)
    if row is None:
        raise NotFound
    result: Any = json.loads(row["result"])["result"]
    undoes = OperationId(row["undoes"]) if row["undoes"] is not None else None
    return Done(OperationId(row["id"]), row["kind"], ActorId(row["actor"]), row["at"], result, undoes)


async def _origin(done: Done) -> Kind:
    """The kind of the operation at the root of a chain of undos."""
    while done.undoes is not None:
        done = await find(done.undoes)
    return KINDS[done.kind]


def _inverse(origin: Kind) -> Undo:
    if origin.undo is None:
        raise NotUndoable
    return origin.undo.by if isinstance(origin.undo, Compensated) else origin.undo


async def _undo(op: Operation, operation_id: OperationId) -> None:
    raise AlreadyUndone  # reached only by calling the kind itself; `undo` runs the inverse instead


KINDS[UNDO] = Kind(UNDO, "operation:undo", restore, _undo)
