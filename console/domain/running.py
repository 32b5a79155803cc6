"""One running operation: how a use case writes, and what it leaves to see."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import asyncpg
from piccolo.table import Table

from console.domain import db, noting
from console.domain.errors import NotFound, Stale, violated
from console.domain.ids import ActorId, OperationId
from console.domain.intent import Effect, Intent
from console.domain.plain import canonical, from_plain, to_plain
from console.domain.tables import Entity

W = TypeVar("W", bound="Watcher")


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

FORGOTTEN = bytes(32)
"""The hash of what an operation was asked that said something of who is erased now."""

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


class LockMore(Exception):
    """A use case needs rows of a table that it cannot lock any more in the right order."""

    def __init__(self, table: str, ids: frozenset[int]) -> None:
        super().__init__(table, ids)
        self.table = table
        self.ids = ids


class Overtaken(Exception):
    """What an operation builds on was written by one that was claimed later: it starts again, and is the later one.

    So the numbers of operations are in the order in which they wrote, wherever that order means something.
    """


class Watcher(Protocol):
    """Who looks on at one operation, to say what follows from it in a concept that the operation does not know."""

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        """Before an entity is written: its id, None for a new one, and its values (of one that is there, as it is).

        An `attempt` may take the write back, and nobody tells: `after` must go by what stands then.
        """

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
        self._wrote = False
        self._quiet = False
        self._foreseen = foreseen
        self._locked: dict[str, frozenset[int]] = {}
        self._made: dict[tuple[str, int], int] = {}
        self._watchers: dict[Callable[[Operation], Watcher], Watcher] = {}
        self._lastly: dict[Callable[[Operation], Awaitable[None]], None] = {}

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
            raise LockMore(name, wanted | held)
        await db.execute(
            f'SELECT 1 FROM "{name}" WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE',  # noqa: S608
            sorted(wanted),
        )
        db.forget(name)
        self._locked[name] = wanted

    async def lock_free(self, table: type[Table], row_id: int, where: str = "true") -> bool:
        """Lock a row, the only one of its table, unless somebody else has it or it is not as said in SQL."""
        name = table._meta.tablename
        sql = f'SELECT true FROM "{name}" WHERE id = $1 AND {where} FOR NO KEY UPDATE SKIP LOCKED'  # noqa: S608
        if not await db.fetchval(sql, row_id):
            return False
        self._locked[name] = frozenset([row_id])
        return True

    @contextlib.asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """What is done within is done whole, or where it raises not at all: then the caller may go on without it.

        A violated constraint raises what `constraint` declared of it. Those who look on keep what they saw: they are to
        compare it with what stands in the end.
        """
        effects, facts, locked, bells = len(self.effects), len(self._facts), dict(self._locked), set(self.bells)
        as_it_was, wrote = self._as_it_was, self._wrote
        try:
            async with db.savepoint():
                yield
        except BaseException as error:
            del self.effects[effects:], self._facts[facts:]
            self._locked, self.bells, self._as_it_was, self._wrote = locked, bells, as_it_was, wrote
            if isinstance(error, asyncpg.IntegrityConstraintViolationError):
                meaning = violated(error.constraint_name)
                if meaning is not None:
                    raise meaning from error
            raise

    async def insert(self, table: type[Table], **values: Any) -> int:
        """Insert an entity, note in the trail that it was created, and answer its id."""
        await self._watch(table, None, values)
        name = table._meta.tablename
        (insert,) = table.insert(table(operation=self.id, **values)).querystrings
        (noted,) = await db.ENGINE.run_querystring(noting.created(insert, self.id, name))
        self._write_down(name, None, [])
        self._made[name, int(noted["entity_id"])] = -1 - len(self._made)
        return int(noted["entity_id"])

    async def insert_many(self, table: type[Table], rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert entities that all say the same columns, as `insert` does one; their ids, in their order."""
        if not rows:
            return []
        for row in rows:
            await self._watch(table, None, row)
        name = table._meta.tablename
        ids = await noting.create_all(table, rows, self.id)
        self._write_down(name, None, [len(ids)])
        return ids

    async def update_many(self, table: type[Table], ids: Collection[int], values: Mapping[str, Any]) -> None:
        """Set the same values of entities, which must be locked, and of which each has another one of each by then.

        As `update` does of one, whatever its version is; of what others look on at only where they are not told.
        """
        name = table._meta.tablename
        if not self._quiet and name in _WATCHERS:
            raise RuntimeError(f"{name} is looked on at: update one after the other")
        if ids:
            await noting.change_all(table, ids, values, self.id)
            self._write_down(name, None, [sorted(ids), sorted(values)])

    def say_nothing(self) -> None:
        """Let nobody look on from here on: what is written was elsewhere and long ago, and nothing follows from it."""
        self._quiet = True

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
        kept = {key: before[key] for key in changed if not columns[key]._meta.secret}
        self._write_down(name, row_id, row.version)
        await self._write(table, row_id, {**changed, "version": row.version + 1}, sorted(changed), former=kept)
        return tuple(sorted(changed))

    async def touch(self, table: type[Table], row_id: int) -> None:
        """Give an entity, which must be locked, another version where only its parts changed: it is another one now."""
        later = table._meta.get_column_by_name("version") + 1  # type: ignore[operator]  # Integer, as every version is
        await self._write(table, row_id, {"version": later}, [], former={})

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
        self._write_down(name, row_id, row.version)
        filled = sorted(key for key, column in columns.items() if from_plain(column, getattr(row, key)) != empty[key])
        if filled:
            await self._watch(table, row_id, row.to_dict())
            values = {**{key: empty[key] for key in filled}, "version": row.version + 1}
            await self._write(table, row_id, values, filled)
        await db.execute(
            "UPDATE former SET values = values - $3::text[] FROM change c"
            " WHERE c.id = former.change AND c.entity = $1 AND c.entity_id = $2 AND former.values ?| $3::text[]",
            name,
            row_id,
            sorted(empty),
        )
        await self._forget_what_was_asked(name, row_id)
        return tuple(filled)

    async def _forget_what_was_asked(self, name: str, row_id: int) -> None:
        """Blank the hashes and marks of what was asked of an erased entity: its values could be tried out on them."""
        await db.execute(
            "UPDATE operation SET payload_hash = $4, result = result - 'sent' WHERE payload_hash <> $4 AND id <> $3"
            " AND id IN (SELECT operation FROM change WHERE entity = $1 AND entity_id = $2)",
            name,
            row_id,
            self.id,
            FORGOTTEN,
        )

    def effect(self, key: str, **params: Any) -> None:
        """Say a consequence, for the preview before and the toast after."""
        plain = to_plain(params)
        self.effects.append(Effect(key, plain))
        self._facts.append([key, plain])

    def lastly(self, say: Callable[[Operation], Awaitable[None]]) -> None:
        """Say consequences, once, of what those who look on have written as well: `say` itself writes nothing."""
        self._lastly[say] = None

    def nothing_new(self) -> None:
        """Say that something asked for stands so already; where that is all, no operation is kept."""
        self._as_it_was = True

    def wrote_beside(self) -> None:
        """Say that something was written that is no entity: the operation is kept though no entity was."""
        self._wrote = True

    def ring(self, bell: str) -> None:
        """Ring this doorbell after the commit."""
        self.bells.add(bell)

    @property
    def idle(self) -> bool:
        """Whether all that was asked for stood so already: there is nothing to record, nor to undo."""
        return self._as_it_was and not (self._facts or self._wrote or self.bells)

    @property
    def fingerprint(self) -> str:
        """Of the consequences; of what follows from others only what was said of it: its rows change by themselves."""
        return hashlib.sha256(canonical(self._facts)).hexdigest()

    def _write_down(self, name: str, row_id: int | None, what: object) -> None:
        self._wrote = True
        db.forget(name)
        if name not in Entity.follows:  # what it made itself has another id next time
            self._facts.append([name, row_id and self._made.get((name, row_id), row_id), what])

    async def _watch(self, table: type[Table], row_id: int | None, values: Mapping[str, Any]) -> None:
        for watcher in () if self._quiet else _WATCHERS.get(table._meta.tablename, ()):
            if watcher not in self._watchers:
                self._watchers[watcher] = watcher(self)
            await self._watchers[watcher].before(table._meta.tablename, row_id, values)

    async def watched(self) -> None:
        """Let those who looked on say what follows; the kernel calls it when the use case is through."""
        for watcher in self._watchers.values():
            await watcher.after()
        for say in self._lastly:
            await say(self)

    async def _write(
        self,
        table: type[Table],
        row_id: int,
        values: Mapping[str, Any],
        fields: Sequence[str],
        former: Mapping[str, Any] | None = None,
    ) -> None:
        name = table._meta.tablename
        self._write_down(name, row_id, list(fields))
        where = table._meta.primary_key == row_id
        (update,) = table.update({**values, "operation": self.id}).where(where).querystrings  # type: ignore[dict-item]
        await db.ENGINE.run_querystring(noting.changed(update, self.id, name, row_id, fields, former))
