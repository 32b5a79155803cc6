"""Undoing an operation by posting its inverse. Redo is the undo of the undo."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import asyncpg

from console.domain import db, standing
from console.domain.errors import AlreadyUndone, Closed, HasDependants, NotFound, NotUndoable
from console.domain.ids import ActorId, OperationId
from console.domain.intent import Actor, Intent, Outcome
from console.domain.operation import perform
from console.domain.plain import canonical, from_plain
from console.domain.running import KINDS, Compensated, Done, Kind, Operation, Undo
from console.domain.tables import Entity

UNDO = "operation.undo"

I = TypeVar("I", Undo, Compensated)  # noqa: E741

Rule = Callable[[Operation], Awaitable[None]]
"""Looks at the rows that the running operation wrote (`operation` is its id) and raises a `DomainError`."""


async def undo(intent: Intent, operation_id: OperationId) -> Outcome[None]:
    """Undo an operation. It takes the permission that the operation itself took.

    Raises `NotFound`, `NotUndoable`, `AlreadyUndone`, or `HasDependants` with the later operations in the way:
    `Closed` where they cannot be undone.
    """
    return await _post(intent, operation_id)


@dataclass(frozen=True)
class Otherwise:
    """Another way back for operations of some `kinds` and their undos, and for no others; `said`: how it shall be.

    What the `inverse` answers is the result of the undo.
    """

    kinds: frozenset[str]
    inverse: Callable[[Operation, Done], Awaitable[Any]]
    said: Any


async def undo_otherwise(intent: Intent, operation_id: OperationId, way: Otherwise) -> Outcome[Any]:
    """The same for what cannot be again as it was. Raises `NotUndoable` for kinds to which that way is not open."""
    return await _post(intent, operation_id, way)


async def _post(intent: Intent, operation_id: OperationId, way: Otherwise | None = None) -> Outcome[Any]:
    done = await find(operation_id)
    origin = await _origin(done)
    kind = replace(KINDS[UNDO], permission=origin.permission)
    payload = canonical([UNDO, operation_id] if way is None else [UNDO, operation_id, way.said])

    async def inverse(op: Operation) -> Any:
        if way is not None and origin.name not in way.kinds:
            raise NotUndoable
        return await (way.inverse if way else _inverse(origin))(op, done)

    return await perform(kind, intent, payload, inverse, undoes=operation_id)


async def undoable(operation_id: OperationId) -> bool:
    """Whether an undo of this operation can be offered: there is one, and no later change is in its way.

    It may still be refused.
    """
    return operation_id in await offered([operation_id])


async def offered(operations: Sequence[int], to: Actor | None = None) -> set[int]:
    """Those of these operations whose undo can be offered; as many statements for one as for a page of them.

    `to` an actor: by their permission and by whom an inverse bars; None: to whoever may.
    """
    done = await _not_undone(operations)
    if to is not None:
        done = await _permitted(to, done)
    kinds = {one: KINDS[name].undo for one, name in done.items()}
    compensated = {one for one, inverse in kinds.items() if isinstance(inverse, Compensated)}
    others = {one for one, inverse in kinds.items() if inverse is not None} - compensated
    others -= await _forgotten(sorted(others))
    others -= (await standing.later_edits(sorted(others))).keys()
    others -= (await standing.later_references(sorted(others))).keys()
    others -= (await standing.taken(sorted(others))).keys()
    found = compensated | others
    for inverse, later in _LATER.items():
        if mine := sorted(one for one in found if kinds[one] is inverse):
            found -= standing.in_effect(await later(mine)).keys()
    return found


async def permitted(actor: Actor, operation: int) -> bool:
    """Whether it is an actor's to undo an operation that stands, whatever is in its way."""
    return operation in await _permitted(actor, await _not_undone([operation]))


async def _permitted(actor: Actor, done: Mapping[int, str]) -> dict[int, str]:
    """Those of operations by their kinds that an actor may undo."""
    mine = {one for one, name in done.items() if actor.may(KINDS[name].permission)}
    for inverse, barring in _BARRING.items():
        if asked := sorted(one for one in mine if KINDS[done[one]].undo is inverse):
            mine -= await barring(actor, asked)
    return {one: done[one] for one in mine}


@dataclass(frozen=True)
class Barred:
    """Why an undo is not offered: `later` operations are in its way, the latest first, or there is none at all."""

    later: Sequence[int] = ()


async def barred(operations: Sequence[int]) -> dict[int, Barred]:
    """Of these operations, those that stand but whose undo cannot be offered, and why."""
    kinds = {one: KINDS[name].undo for one, name in (await _not_undone(operations)).items()}
    final = {one for one, inverse in kinds.items() if inverse is None}
    others = sorted(
        one for one, inverse in kinds.items() if inverse is not None and not isinstance(inverse, Compensated)
    )
    final |= await _forgotten(others)
    later = {one: set[int]() for one in others if one not in final}
    for found in [await reading(list(later)) for reading in standing.READINGS]:
        for one, rows in found.items():
            later[one] |= {row["id"] for row in rows}
    for inverse, built in _LATER.items():
        if mine := [one for one, way in kinds.items() if way is inverse and one not in final]:
            for one, rows in standing.in_effect(await built(mine)).items():
                later.setdefault(one, set()).update(row["id"] for row in rows)
    return {one: Barred() for one in final} | {one: Barred(sorted(ids)[::-1]) for one, ids in later.items() if ids}


async def restore(op: Operation, done: Done) -> None:
    """The inverse of an edit: former values come back, and what was created is retired."""
    changes = [row for row in await _changes(done) if row["entity"] not in Entity.follows]
    for name in sorted({row["entity"] for row in changes}):
        ids = {row["entity_id"] for row in changes if row["entity"] == name}
        await op.lock(Entity.by_name[name], ids)
    await refuse_dependants(done)
    await _put_back(op, changes)


async def put_back(op: Operation, done: Done, entities: Collection[str]) -> None:
    """The inverse of what an operation did to the rows of some entities, which must be locked, and to no others.

    For an inverse that posts the rest by itself: nothing is looked at that came later.
    """
    await _put_back(op, [row for row in await _changes(done) if row["entity"] in entities])


async def _changes(done: Done) -> list[asyncpg.Record]:
    return list(
        await db.fetch(
            "SELECT c.entity, c.entity_id, c.fields, c.created, f.values FROM change c"
            " LEFT JOIN former f ON f.change = c.id WHERE c.operation = $1 ORDER BY c.id DESC",
            done.id,
        )
    )


async def _put_back(op: Operation, changes: Sequence[asyncpg.Record]) -> None:
    for row in changes:
        table = Entity.by_name[row["entity"]]
        if row["created"]:
            await op.update(table, row["entity_id"], None, {"retired_at": op.now})
            continue
        former = json.loads(row["values"] or "{}")
        if former.keys() != set(row["fields"]):  # erased, or secret and never kept
            raise NotUndoable
        values = {key: from_plain(table._meta.get_column_by_name(key), former[key]) for key in former}
        if values:
            await op.update(table, row["entity_id"], None, values, even_gone=True)
        else:
            await op.touch(table, row["entity_id"])


async def _not_undone(operations: Sequence[int]) -> dict[int, str]:
    """Operations that nobody has undone, with the kind at the root of their chain of undos."""
    rows = await db.fetch(
        "WITH RECURSIVE chain AS (SELECT id AS asked, kind, undoes FROM operation WHERE id = ANY($1::bigint[])"
        "  AND NOT EXISTS (SELECT FROM operation x WHERE x.undoes = operation.id)"
        "  UNION ALL SELECT c.asked, o.kind, o.undoes FROM chain c JOIN operation o ON o.id = c.undoes)"
        " SELECT asked, kind FROM chain WHERE undoes IS NULL",
        list(operations),
    )
    return {row["asked"]: row["kind"] for row in rows}


async def _forgotten(operations: Sequence[int]) -> set[int]:
    """Operations whose former values, which an inverse needs, were erased, or are secret and were never kept."""
    rows = await db.fetch(
        "SELECT DISTINCT c.operation FROM change c LEFT JOIN former f ON f.change = c.id"
        " WHERE c.operation = ANY($1::bigint[]) AND NOT c.created AND NOT coalesce(f.values ?& c.fields, false)",
        list(operations),
    )
    return {row["operation"] for row in rows}


def restoring(*rules: Rule, first: Undo | None = None) -> Undo:
    """As `restore`, but what it leaves must be what a use case may leave today.

    What the database itself refuses needs no rule, but a `constraint` with words. `first` takes the locks that the
    use cases take, in their order, so that an undo and a use case never wait for each other in a circle.
    """

    async def inverse(op: Operation, done: Done) -> None:
        if first is not None:
            await first(op, done)
        await restore(op, done)
        for rule in rules:
            await rule(op)

    return inverse


Later = Callable[[Sequence[int]], Awaitable[Sequence[asyncpg.Record]]]
"""Of operations (`mine`) the later ones (`id`, `kind`, `at`, `undoes`) that build on them, the latest first."""

_LATER: dict[Undo | Compensated | None, Later] = {}


def standing_on(later: Later) -> Callable[[I], I]:
    """Decorator of an inverse: besides later edits, those of these operations that are in effect are in its way.

    Of what is only compensated they alone are.
    """

    def declare(inverse: I) -> I:
        _LATER[inverse] = later
        return inverse

    return declare


Barring = Callable[[Actor, Sequence[int]], Awaitable[set[int]]]
"""Of operations those whose inverse refuses this actor, whatever stands."""

_BARRING: dict[Undo | Compensated | None, Barring] = {}


def barring(whom: Barring) -> Callable[[I], I]:
    """Decorator of an inverse that refuses some actors: so that nobody is offered what would be refused."""

    def declare(inverse: I) -> I:
        _BARRING[inverse] = whom
        return inverse

    return declare


async def refuse_dependants(done: Done) -> None:
    """Raise `HasDependants` where later operations are in the way, `Closed` where some of them cannot be undone.

    Those are the ones still in effect that touched the same fields; where the undo retires an entity, those that
    touched any of its fields or made something refer to it; and those that gave another one the name, the code or
    whatever else only one may have, which the undo would bring back.
    """
    refuse_for(await _dependants(done))


async def refuse_built_on(done: Done) -> None:
    """The same for an inverse that posts what makes up for something: only what it declared is in its way."""
    later = _LATER[(await _origin(done)).undo]
    refuse_for({row["id"]: row for row in standing.in_effect(await later([done.id])).get(done.id, [])})


def refuse_for(found: Mapping[int, asyncpg.Record]) -> None:
    """The same, with the operations that are in the way by their ids."""
    if found:
        latest_first = [(id_, row["kind"], row["at"]) for id_, row in sorted(found.items(), reverse=True)]
        final = [one for one in latest_first if KINDS[one[1]].undo is None]
        raise Closed(final) if final else HasDependants(latest_first)


async def _dependants(done: Done) -> dict[int, asyncpg.Record]:
    found = [row for reading in standing.READINGS for row in await _later(reading, done)]
    if later := _LATER.get((await _origin(done)).undo):
        found += standing.in_effect(await later([done.id])).get(done.id, [])
    return {row["id"]: row for row in found}


async def _later(
    reading: Callable[[Sequence[int]], Awaitable[Mapping[int, list[asyncpg.Record]]]], done: Done
) -> list[asyncpg.Record]:
    return (await reading([done.id])).get(done.id, [])


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
