"""How every change happens.

A use case is a coroutine `f(op, …)` decorated with `@operation(kind, permission=…, undo=…)` and
called as `f(Intent(…), …)`. The kernel claims the intent, runs the use case in one transaction,
records what it did, and answers an `Outcome`. The same intent again is answered from the record. An edit that
leaves everything as it was has none: the same again finds the same.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import inspect
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

import asyncpg

from console.domain import db
from console.domain.doorbell import ring
from console.domain.errors import (
    AlreadyUndone,
    Busy,
    Changed,
    Forbidden,
    IntentReused,
    NotUndoable,
    Refusal,
    SignedOut,
    violated,
)
from console.domain.ids import OperationId
from console.domain.intent import Effect, Intent, Outcome
from console.domain.plain import canonical
from console.domain.running import KINDS, Compensated, Kind, LockMore, Operation, Overtaken, Undo

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

LOCK_ROUNDS = 3
"""How often an operation starts again because it needs to lock more, or was overtaken."""
DEADLOCK_ROUNDS = 2
"""How often an operation is tried again after a deadlock."""


class _RollBack(Exception):
    pass


def operation(
    kind: str, *, permission: str, undo: Undo | Compensated | None
) -> Callable[
    [Callable[Concatenate[Operation, P], Awaitable[R]]],
    Callable[Concatenate[Intent, P], Coroutine[Any, Any, Outcome[R]]],
]:
    """Register a use case as a kind of operation; its arguments must be plain values or frozen dataclasses.

    Its result must be plain too (ids, None, lists and dicts of them; `TypeError` otherwise): it is what a
    repeated intent is answered with. The `reason` of the intent is part of what is asked.
    """

    def decorate(
        use_case: Callable[Concatenate[Operation, P], Awaitable[R]],
    ) -> Callable[Concatenate[Intent, P], Coroutine[Any, Any, Outcome[R]]]:
        if kind in KINDS and KINDS[kind].function.__qualname__ != use_case.__qualname__:
            raise RuntimeError(f"two use cases of the kind {kind}")
        known = KINDS[kind] = Kind(kind, permission, undo, use_case)
        signature = inspect.signature(use_case)

        @functools.wraps(use_case)
        async def run(intent: Intent, /, *args: P.args, **kwargs: P.kwargs) -> Outcome[R]:
            _, *given = signature.bind(None, *args, **kwargs).arguments.items()
            payload = canonical([kind, dict(given)], intent.id)
            return await perform(known, intent, payload, lambda op: use_case(op, *args, **kwargs))

        return run

    return decorate


def formerly(kind: str, *, permission: str, undo: Undo | Compensated | None) -> None:
    """Register a kind of operation that no use case does any more: what was done of it is still told, and undone."""

    async def use_case(op: Operation) -> None:
        raise NotUndoable

    KINDS[kind] = Kind(kind, permission, undo, use_case)


async def known(intent: Intent) -> bool:
    """Whether the actor did something under this intent: the same again is then answered from the record alone."""
    done = await db.fetchval("SELECT id FROM operation WHERE actor = $1 AND intent_id = $2", intent.actor.id, intent.id)
    return done is not None


async def done_before(intent: Intent) -> Outcome[Any] | None:
    """What the same form did when it was sent before, from the record: what it would be now is not looked at.

    None where it did nothing, or said anything else. A form whose payload depends on what stands, as what a till
    holds, asks this first: sent once more, its payload would be another one.
    """
    row = await db.fetchrow(
        "SELECT id, result FROM operation WHERE actor = $1 AND intent_id = $2 AND result ->> 'sent' = $3",
        intent.actor.id,
        intent.id,
        intent.sent,
    )
    return _recorded(row) if row is not None else None


async def perform(
    kind: Kind,
    intent: Intent,
    payload: bytes,
    body: Callable[[Operation], Awaitable[Any]],
    *,
    undoes: OperationId | None = None,
) -> Outcome[Any]:
    """Run one operation to its end; `operation` and `undo` call it, nothing else does.

    Raises the use case's `DomainError`, `Forbidden`, `IntentReused`, `Changed`, `Busy`, or `SignedOut`.
    """
    digest = hashlib.sha256(canonical([payload, intent.reason])).digest()
    foreseen: dict[str, frozenset[int]] = {}
    deadlocks = 0
    lock_rounds = 0
    try:
        if not intent.actor.may(kind.permission):
            raise Forbidden(permission=kind.permission)
        while True:
            op = Operation(kind, intent, foreseen)
            try:
                outcome = await _attempt(op, digest, body, undoes)
                break
            except (LockMore, Overtaken) as again:
                lock_rounds += 1
                if lock_rounds > LOCK_ROUNDS:
                    raise Busy from None
                if isinstance(again, LockMore):
                    foreseen[again.table] = again.ids
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                deadlocks += 1
                if deadlocks > DEADLOCK_ROUNDS:
                    raise Busy from None
                await asyncio.sleep(0.02 * deadlocks)
            except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError):
                raise Busy from None
            except asyncpg.IntegrityConstraintViolationError as error:
                meaning = violated(error.constraint_name)
                if meaning is None:
                    raise
                raise meaning from error
    except Refusal as refusal:
        if not intent.preview:
            await _log_refusal(kind, intent, refusal)
        raise
    if not intent.preview and op.bells:
        await ring(frozenset(op.bells))
    return outcome


async def _attempt(
    op: Operation,
    digest: bytes,
    body: Callable[[Operation], Awaitable[Any]],
    undoes: OperationId | None,
) -> Outcome[Any]:
    try:
        async with db.ENGINE.transaction():
            if op.intent.preview:
                await db.execute(f"SET LOCAL lock_timeout = '{db.PREVIEW_LOCK_TIMEOUT}'")
            earlier = await _claim(op, digest, undoes)
            if earlier is not None:
                return earlier
            if op.actor.stands is not None and not await op.actor.stands():
                raise SignedOut
            result = await body(op)
            await op.watched()
            if op.intent.expected is not None and op.intent.expected != op.fingerprint:
                raise Changed
            said = {"result": result, "effects": [[e.key, dict(e.params)] for e in op.effects]}
            record = json.dumps(said | ({"sent": op.intent.sent} if op.intent.sent else {}))
            if json.loads(record)["result"] != result:
                raise TypeError(f"the result of {op.kind.name} is not plain: {result!r}")
            outcome = Outcome(op.id, result, tuple(op.effects), op.fingerprint)
            if op.intent.preview and op.intent.peek:
                outcome = replace(outcome, seen=await op.intent.peek(op.id, op.kind.name))
            if op.intent.preview or (op.idle and undoes is None):
                raise _RollBack
            await db.execute("UPDATE operation SET result = $2 WHERE id = $1", op.id, record)
            return outcome
    except _RollBack:
        return replace(outcome, operation_id=OperationId(0))


async def _claim(op: Operation, digest: bytes, undoes: OperationId | None) -> Outcome[Any] | None:
    """Insert the operation's row, or answer what the same intent did before."""
    intent = op.intent
    row = await db.fetchrow(
        "INSERT INTO operation (kind, actor, intent_id, payload_hash, at, undoes, reason)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
        op.kind.name,
        intent.actor.id,
        intent.id,
        digest,
        intent.now,
        undoes,
        intent.reason,
    )
    if row is not None:
        op.id = OperationId(row["id"])
        return None
    done = await db.fetchrow(
        "SELECT id, kind, payload_hash, at, result FROM operation WHERE actor = $1 AND intent_id = $2",
        intent.actor.id,
        intent.id,
    )
    if done is None:  # another intent undoes the same, or the other claim rolled back between our two statements
        raise AlreadyUndone if await _is_undone(undoes) else Busy
    if done["kind"] != op.kind.name or done["payload_hash"] != digest:
        raise IntentReused(intent.id, done["id"], done["kind"], done["at"])
    return _recorded(done)


def _recorded(row: Mapping[str, Any]) -> Outcome[Any]:
    """What an operation did, by its record."""
    recorded = json.loads(row["result"])
    effects = tuple(Effect(key, params) for key, params in recorded["effects"])
    return Outcome(OperationId(row["id"]), recorded["result"], effects, "", replayed=True)


async def _is_undone(operation: OperationId | None) -> bool:
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM operation WHERE undoes = $1)", operation))


async def _log_refusal(kind: Kind, intent: Intent, refusal: Refusal) -> None:
    """In a transaction of its own. If that fails, the log says so and the caller still learns of the refusal itself."""
    try:
        await db.execute(
            "INSERT INTO refusal (at, actor, kind, intent_id, key) VALUES ($1, $2, $3, $4, $5)",
            intent.now,
            intent.actor.id,
            kind.name,
            intent.id,
            refusal.reason,
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        log.exception("a refusal was not written: %s of %s by actor %s", refusal.key, kind.name, intent.actor.id)
