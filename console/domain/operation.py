"""How every change happens.

A use case is a coroutine `f(op, …)` decorated with `@operation(kind, permission=…, undo=…)` and
called as `f(Intent(…), …)`. The kernel claims the intent, runs the use case in one transaction,
records what it did, and answers an `Outcome`. The same intent again is answered from the record. An edit that
leaves everything as it was has none: the same again finds the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import inspect
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar
from uuid import UUID

import asyncpg
from piccolo.table import Table

from console.domain import db
from console.domain.errors import (
    AlreadyUndone,
    Busy,
    Changed,
    DomainError,
    Forbidden,
    IntentReused,
    NotFound,
    SignedOut,
    Stale,
    violated,
)
from console.domain.ids import DEMO_ACTOR, SYSTEM_ACTOR, TERMINAL_ACTOR, ActorId, OperationId
from console.domain.plain import canonical, from_plain, to_plain
from console.domain.tables import Entity

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
W = TypeVar("W", bound="Watcher")

LOCK_ROUNDS = 3
"""How often an operation starts again because it needs to lock more."""
DEADLOCK_ROUNDS = 2
"""How often an operation is tried again after a deadlock."""
DOORBELL_SECONDS = 2.0


@dataclass(frozen=True)
class Actor:
    """Who acts, and the permissions that they had when somebody looked.

    `stands` looks again, within the operation: whether they still are who they were, with a lock that keeps it so
    until the operation ends.
    """

    id: ActorId
    permissions: frozenset[str]
    stands: Callable[[], Awaitable[bool]] | None = field(default=None, compare=False)

    def may(self, permission: str) -> bool:
        return permission in self.permissions


class _Everything(frozenset[str]):
    def __contains__(self, item: object) -> bool:
        return True


TERMINAL = Actor(ActorId(TERMINAL_ACTOR), _Everything())
"""The operator at the terminal, who may do everything."""
SYSTEM = Actor(ActorId(SYSTEM_ACTOR), _Everything())
"""The workers, which do what is due by themselves."""
DEMO = Actor(ActorId(DEMO_ACTOR), _Everything())
"""Whoever fills the demo."""


@dataclass(frozen=True)
class Intent:
    """What somebody means to do, once.

    `id` was made when the form was rendered (workers use deterministic ones). `expected` is the
    fingerprint of a preview that was shown; other consequences are refused with `Changed`.
    """

    id: UUID
    actor: Actor
    now: datetime
    preview: bool = False
    expected: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Effect:
    """A consequence in a message key and numbers or codes: no names, no personal values."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What an operation did: its id (0 where nothing was kept), the use case's result, and the consequences.

    Nothing is kept of a preview, nor of an edit that left everything as it was.
    """

    operation_id: OperationId
    result: R
    effects: tuple[Effect, ...]
    fingerprint: str
    replayed: bool = False


@dataclass(frozen=True)
class Kind:
    """What the kernel knows of a kind of operation."""

    name: str
    permission: str
    undo: Undo | Compensated | None
    function: Callable[..., Awaitable[Any]]


Undo = Callable[["Operation", "Done"], Awaitable[None]]
"""Posts the inverse of a done operation, or raises a `DomainError`."""


@dataclass(frozen=True)
class Compensated:
    """What was done stands; `by` posts what makes up for it (a sent message gets a correction)."""

    by: Undo


FINAL = None
"""The `undo=` of an operation that cannot be undone."""

KINDS: dict[str, Kind] = {}


@dataclass(frozen=True)
class Done:
    """An operation of the past, as its inverse sees it."""

    id: OperationId
    kind: str
    actor: ActorId
    at: datetime
    result: Any
    undoes: OperationId | None


class _LockMore(Exception):
    def __init__(self, table: str, ids: frozenset[int]) -> None:
        super().__init__(table, ids)
        self.table = table
        self.ids = ids


class _RollBack(Exception):
    pass


class Watcher(Protocol):
    """Who looks on at one operation, to say what follows from it in a concept that the operation does not know."""

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        """Before an entity is written: its id, None for a new one, and its values (of one that is there, as it is)."""

    async def after(self) -> None:
        """Once everything is written, before the commit."""


_WATCHERS: dict[str, list[Callable[[Operation], Watcher]]] = {}


def watching(*tables: str) -> Callable[[type[W]], type[W]]:
    """Decorator of a watcher's class: one is made for each operation that writes one of these tables."""

    def declare(watcher: type[W]) -> type[W]:
        for table in tables:
            _WATCHERS.setdefault(table, []).append(watcher)
        return watcher

    return declare


class Operation:
    """One running use case. Its methods are the only way that a use case writes."""

    def __init__(self, kind: Kind, intent: Intent, foreseen: dict[str, frozenset[int]]) -> None:
        self.id = OperationId(0)
        self.kind = kind
        self.intent = intent
        self.now = intent.now
        self.actor = intent.actor
        self.effects: list[Effect] = []
        self.bells: set[str] = set()
        self._as_it_was = False
        self._facts: list[object] = []
        self._foreseen = foreseen
        self._locked: dict[str, frozenset[int]] = {}
        self._watchers: dict[Callable[[Operation], Watcher], Watcher] = {}

    async def lock(self, table: type[Table], ids: Iterable[int]) -> None:
        """Lock rows FOR NO KEY UPDATE, ids ascending, all of a table at once.

        A second call that needs another row rolls the operation back and starts it again with all
        of them foreseen, three times at most; then it is `Busy`.
        """
        name = table._meta.tablename
        wanted = frozenset(ids) | self._foreseen.get(name, frozenset())
        held = self._locked.get(name)
        if held is not None:
            if wanted <= held:
                return
            raise _LockMore(name, wanted | held)
        await db.execute(
            f'SELECT 1 FROM "{name}" WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE',  # noqa: S608
            sorted(wanted),
        )
        self._locked[name] = wanted

    @contextlib.asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """What is done within is done whole, or where it raises not at all: then the caller may go on without it.

        A violated constraint raises what `constraint` declared of it.
        """
        effects, facts, locked, bells = len(self.effects), len(self._facts), dict(self._locked), set(self.bells)
        try:
            async with db.savepoint():
                yield
        except BaseException as error:
            del self.effects[effects:], self._facts[facts:]
            self._locked, self.bells = locked, bells
            if isinstance(error, asyncpg.IntegrityConstraintViolationError):
                meaning = violated(error.constraint_name)
                if meaning is not None:
                    raise meaning from error
            raise

    async def insert(self, table: type[Table], **values: Any) -> int:
        """Insert an entity, note in the trail that it was created, and answer its id."""
        await self._watch(table, None, values)
        inserted = await table.insert(table(operation=self.id, **values))
        row_id = int(inserted[0]["id"])
        await self._note(table._meta.tablename, row_id, [], created=True)
        return row_id

    async def update(
        self,
        table: type[Table],
        row_id: int,
        version: int | None,
        values: Mapping[str, Any],
        *,
        even_gone: bool = False,
    ) -> tuple[str, ...]:
        """Set columns of an entity and answer the names of those that changed.

        `version` is the one the form was rendered with; another one now raises `Stale`. None means
        that the caller decides from the locked row. The old values are kept for undo, except of
        secret columns, which the trail only names. The version that is changed is part of the fingerprint:
        what somebody else changed after the preview is not changed unseen. Raises `NotFound` for a row that is
        gone (`gone_once_retired`) and would not come back by it; an undo (`even_gone`) gives former values back
        also to those.
        """
        name = table._meta.tablename
        columns = {key: table._meta.get_column_by_name(key) for key in values}
        row: Any = await table.objects().where(table._meta.primary_key == row_id).lock_rows("NO KEY UPDATE").first()
        if row is None:
            raise NotFound
        if name in Entity.gone and row.retired_at is not None and "retired_at" not in values and not even_gone:
            raise NotFound
        if version is not None and row.version != version:
            raise Stale(name, row_id)
        before = {key: to_plain(from_plain(column, getattr(row, key))) for key, column in columns.items()}
        changed = {key: value for key, value in values.items() if before[key] != to_plain(value)}
        if not changed:
            self.nothing_new()
            return ()
        await self._watch(table, row_id, row.to_dict())
        await table.update(
            {**changed, "version": row.version + 1, "operation": self.id}  # type: ignore[dict-item]
        ).where(table._meta.primary_key == row_id)
        kept = {key: before[key] for key in changed if not columns[key]._meta.secret}
        self._facts.append([name, row_id, row.version])
        await self._note(name, row_id, sorted(changed), former=kept)
        return tuple(sorted(changed))

    async def touch(self, table: type[Table], row_id: int) -> None:
        """Give an entity, which must be locked, another version where only its parts changed: it is another one now."""
        name = table._meta.tablename
        await db.execute(
            f'UPDATE "{name}" SET version = version + 1, operation = $2 WHERE id = $1',  # noqa: S608
            row_id,
            self.id,
        )
        await self._note(name, row_id, [], former={})

    async def erase(self, table: type[Table], row_id: int) -> tuple[str, ...]:
        """Empty an entity's personal columns for good, its former values with them; the names of those that held any.

        No undo brings back what it touched: without former values it is `NotUndoable`. The version that is erased
        is part of the fingerprint: what was edited after the preview is not erased unseen.
        """
        name = table._meta.tablename
        empty = Entity.personal[name]
        row: Any = await table.objects().where(table._meta.primary_key == row_id).lock_rows("NO KEY UPDATE").first()
        if row is None:
            raise NotFound
        columns = {key: table._meta.get_column_by_name(key) for key in empty}
        self._facts.append([name, row_id, row.version])
        filled = sorted(key for key, column in columns.items() if from_plain(column, getattr(row, key)) != empty[key])
        if filled:
            await table.update(
                {**{key: empty[key] for key in filled}, "version": row.version + 1, "operation": self.id}
            ).where(table._meta.primary_key == row_id)
            await self._note(name, row_id, filled)
        await db.execute(
            "UPDATE former SET values = values - $3::text[] FROM change c"
            " WHERE c.id = former.change AND c.entity = $1 AND c.entity_id = $2 AND former.values ?| $3::text[]",
            name,
            row_id,
            sorted(empty),
        )
        return tuple(filled)

    def effect(self, key: str, **params: Any) -> None:
        """Say a consequence, for the preview before and the toast after."""
        plain = to_plain(params)
        self.effects.append(Effect(key, plain))
        self._facts.append([key, plain])

    def nothing_new(self) -> None:
        """Say that something asked for stands so already; where that is all, no operation is kept."""
        self._as_it_was = True

    def ring(self, bell: str) -> None:
        """Ring this doorbell after the commit."""
        self.bells.add(bell)

    @property
    def idle(self) -> bool:
        """Whether all that was asked for stood so already: there is nothing to record, nor to undo."""
        return self._as_it_was and not (self._facts or self.bells)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(canonical(self._facts)).hexdigest()

    async def _watch(self, table: type[Table], row_id: int | None, values: Mapping[str, Any]) -> None:
        for watcher in _WATCHERS.get(table._meta.tablename, ()):
            if watcher not in self._watchers:
                self._watchers[watcher] = watcher(self)
            await self._watchers[watcher].before(table._meta.tablename, row_id, values)

    async def watched(self) -> None:
        """Let those who looked on say what follows; the kernel calls it when the use case is through."""
        for watcher in self._watchers.values():
            await watcher.after()

    async def _note(
        self,
        name: str,
        row_id: int,
        fields: Sequence[str],
        *,
        created: bool = False,
        former: Mapping[str, Any] | None = None,
    ) -> None:
        self._facts.append([name, None if created else row_id, list(fields)])
        change = await db.fetchval(
            "INSERT INTO change (operation, entity, entity_id, fields, created)"
            " VALUES ($1, $2, $3, $4, $5) RETURNING id",
            self.id,
            name,
            row_id,
            list(fields),
            created,
        )
        if former is not None:
            await db.execute("INSERT INTO former (change, values) VALUES ($1, $2)", change, json.dumps(former))


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


async def known(intent: Intent) -> bool:
    """Whether the actor did something under this intent: the same again is then answered from the record alone."""
    done = await db.fetchval("SELECT id FROM operation WHERE actor = $1 AND intent_id = $2", intent.actor.id, intent.id)
    return done is not None


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
            except _LockMore as more:
                lock_rounds += 1
                if lock_rounds > LOCK_ROUNDS:
                    raise Busy from None
                foreseen[more.table] = more.ids
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
    except (DomainError, SignedOut) as refusal:
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
            record = json.dumps({"result": result, "effects": [[e.key, dict(e.params)] for e in op.effects]})
            if json.loads(record)["result"] != result:
                raise TypeError(f"the result of {op.kind.name} is not plain: {result!r}")
            outcome = Outcome(op.id, result, tuple(op.effects), op.fingerprint)
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
    recorded = json.loads(done["result"])
    effects = tuple(Effect(key, params) for key, params in recorded["effects"])
    return Outcome(OperationId(done["id"]), recorded["result"], effects, "", replayed=True)


async def _is_undone(operation: OperationId | None) -> bool:
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM operation WHERE undoes = $1)", operation))


async def _log_refusal(kind: Kind, intent: Intent, refusal: DomainError | SignedOut) -> None:
    """In a transaction of its own. If that fails, the log says so and the caller still learns of the refusal itself."""
    try:
        await db.execute(
            "INSERT INTO refusal (at, actor, kind, intent_id, key) VALUES ($1, $2, $3, $4, $5)",
            intent.now,
            intent.actor.id,
            kind.name,
            intent.id,
            refusal.reason if isinstance(refusal, DomainError) else refusal.key,
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        log.exception("a refusal was not written: %s of %s by actor %s", refusal.key, kind.name, intent.actor.id)


Doorbell = Callable[[frozenset[str]], Awaitable[None]]


async def _silent(bells: frozenset[str]) -> None:
    log.debug("no doorbell for %s", sorted(bells))


_doorbell: Doorbell = _silent


def set_doorbell(doorbell: Doorbell | None) -> None:
    """Say what wakes the workers after a commit; None takes it away. Nothing is lost without one."""
    global _doorbell
    _doorbell = doorbell or _silent


async def ring(bells: frozenset[str]) -> None:
    """Wake the workers. One that fails or hangs is logged: the rows are in the database and the sweep finds them."""
    try:
        async with asyncio.timeout(DOORBELL_SECONDS):
            await _doorbell(bells)
    except Exception:
        log.warning("the doorbell failed for %s", sorted(bells), exc_info=True)
