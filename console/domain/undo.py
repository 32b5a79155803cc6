"""Undoing an operation by posting its inverse. Redo is the undo of the undo."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.errors import AlreadyUndone, HasDependants, NotFound, NotUndoable
from console.domain.ids import ActorId, OperationId
from console.domain.operation import KINDS, Compensated, Done, Intent, Kind, Operation, Outcome, Undo, perform
from console.domain.plain import canonical, from_plain
from console.domain.tables import Entity

UNDO = "operation.undo"


async def undo(intent: Intent, operation_id: OperationId) -> Outcome[None]:
    """Undo an operation. It takes the permission that the operation itself took.

    Raises `NotFound`, `NotUndoable`, `AlreadyUndone`, or `HasDependants` with the later operations in the way.
    """
    done = await find(operation_id)
    origin = await _origin(done)
    inverse = _inverse(origin)
    kind = replace(KINDS[UNDO], permission=origin.permission)
    payload = canonical([UNDO, operation_id])
    return await perform(kind, intent, payload, lambda op: inverse(op, done), undoes=operation_id)


async def undoable(operation_id: OperationId) -> bool:
    """Whether an undo of this operation can be offered (it may still be refused)."""
    done = await find(operation_id)
    taken = await db.fetchval("SELECT 1 FROM operation WHERE undoes = $1", operation_id)
    return not taken and (await _origin(done)).undo is not None


async def restore(op: Operation, done: Done) -> None:
    """The inverse of an edit: former values come back, and what was created is retired."""
    changes = await db.fetch(
        "SELECT c.entity, c.entity_id, c.created, f.values FROM change c"
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
        if row["values"] is None:
            raise NotUndoable
        former = json.loads(row["values"])
        values = {key: from_plain(table._meta.get_column_by_name(key), former[key]) for key in former}
        await op.update(table, row["entity_id"], None, values)


async def refuse_dependants(done: Done) -> None:
    """Raise `HasDependants` where later operations, still in effect, touched the same fields."""
    rows = await db.fetch(
        "SELECT DISTINCT o.id, o.kind, o.at, o.undoes FROM change mine"
        " JOIN change later ON later.entity = mine.entity AND later.entity_id = mine.entity_id"
        "  AND later.operation > mine.operation AND (mine.created OR later.fields && mine.fields)"
        " JOIN operation o ON o.id = later.operation"
        " WHERE mine.operation = $1 AND o.undoes IS DISTINCT FROM $1 ORDER BY o.id DESC",
        done.id,
    )
    undone: set[int] = set()
    standing: list[tuple[int, str, datetime]] = []
    for row in rows:
        if row["id"] in undone:
            continue
        if row["undoes"] is not None and row["undoes"] > done.id:
            undone.add(row["undoes"])
        else:
            standing.append((row["id"], row["kind"], row["at"]))
    if standing:
        raise HasDependants(standing)


async def find(operation_id: OperationId) -> Done:
    """An operation of the past. Raises `NotFound`."""
    row = await db.fetchrow(
        "SELECT id, kind, actor, at, result, undoes FROM operation WHERE id = $1", operation_id
    )
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
