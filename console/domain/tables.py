"""The kernel's tables: who acted, what was done, which fields it touched, what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    OnUpdate,
    Text,
    Timestamptz,
)
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from console.domain.db import ENGINE


class ActorRow(Table, tablename="actor", db=ENGINE):
    """Whoever can act: a staff member, the system's own workers, an operator at the terminal, a client by a link."""

    id = BigSerial(primary_key=True)
    kind = Text(null=False, default=None)


class OperationKind(Table, tablename="operation_kind", db=ENGINE):
    """The kinds of operation that the code that migrated this database knows."""

    name = Text(primary_key=True, null=False, default=None)


class OperationRow(Table, tablename="operation", db=ENGINE):
    """One change: who, when, what kind. Append-only; `result` is filled by the transaction that made it.

    `payload_hash`: what was asked; zeros once that of which it was asked is erased.
    `deed`, which a trigger fills: of an undo the kind of the deed that it is about, also where it undoes an undo.
    """

    id = BigSerial(primary_key=True)
    kind = ForeignKey(OperationKind, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    actor = ForeignKey(ActorRow, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    intent_id = UUID(null=False, default=None)
    payload_hash = Bytea(null=False, default=None)
    at = Timestamptz(null=False, default=None)
    result = JSONB(null=True, default=None)
    undoes: ForeignKey[OperationRow] = ForeignKey(
        LazyTableReference("OperationRow", module_path=__name__),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
        on_update=OnUpdate.restrict,
    )
    caused_by: ForeignKey[OperationRow] = ForeignKey(
        LazyTableReference("OperationRow", module_path=__name__),
        null=True,
        default=None,
        on_delete=OnDelete.restrict,
        on_update=OnUpdate.restrict,
    )
    reason = Text(null=True, default=None)
    deed = Text(null=True, default=None)


def operation_column() -> ForeignKey[OperationRow]:
    """The operation that wrote a row last; every row that a use case writes has one."""
    return ForeignKey(OperationRow, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


class Change(Table, tablename="change", db=ENGINE):
    """Which fields of which entity an operation touched: names only, never values. Append-only."""

    id = BigSerial(primary_key=True)
    operation = operation_column()
    entity = Text(null=False, default=None)
    entity_id = BigInt(null=False, default=None)
    fields = Array(base_column=Text(), null=False, default=None)
    created = Boolean(null=False, default=None)


class Former(Table, tablename="former", db=ENGINE):
    """The values before a change, kept apart from the trail so that undo has them and erasure can remove them."""

    id = BigSerial(primary_key=True)
    change = ForeignKey(Change, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    values = JSONB(null=False, default=None)


class Refusal(Table, tablename="refusal", db=ENGINE):
    """An attempt that was refused, by whom and why. Append-only."""

    id = BigSerial(primary_key=True)
    at = Timestamptz(null=False, default=None)
    actor = ForeignKey(ActorRow, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    kind = Text(null=False, default=None)
    intent_id = UUID(null=False, default=None)
    key = Text(null=False, default=None)


@dataclass(frozen=True)
class Key:
    """Columns that no two rows in use have alike; `sql`: what is compared, with `{row}` for the row."""

    columns: Sequence[str]
    sql: str

    def of(self, row: str) -> str:
        return self.sql.format(row=row)


class Entity:
    """Columns of everything that people edit: a version for the edit that collides, the last operation, retirement.

    `update` and `insert` of an operation keep them; `by_name` finds the table that a `Change` speaks of, `personal`
    the columns of a table that say who somebody is, with what stands in each once the person was erased, `said` those
    that a new row is told by, `lists` those that hold ids, with the entity that these are of, `keys` what only
    one row at a time has, of those that are not retired; `gone` the tables whose retired rows nobody edits any more;
    `follows` those that say what follows from others.
    """

    by_name: ClassVar[dict[str, type[Table]]] = {}
    personal: ClassVar[dict[str, Mapping[str, Any]]] = {}
    said: ClassVar[dict[str, Sequence[str]]] = {}
    lists: ClassVar[dict[str, Mapping[str, str]]] = {}
    keys: ClassVar[dict[str, list[Key]]] = {}
    gone: ClassVar[set[str]] = set()
    follows: ClassVar[set[str]] = set()

    id = BigSerial(primary_key=True)
    version = Integer(null=False, default=1)
    operation = operation_column()
    retired_at = Timestamptz(null=True, default=None)


T = TypeVar("T", bound=type[Table])


def entity(table: T) -> T:
    """Class decorator: make a table known to the trail and to undo by its name."""
    Entity.by_name[table._meta.tablename] = table
    return table


def gone_once_retired(table: T) -> T:
    """Class decorator over `entity`: a retired row is no more what is meant, where others can be edited while off."""
    Entity.gone.add(table._meta.tablename)
    return table


def following(table: T) -> T:
    """Class decorator over `entity`: what stands there follows from the rest, and whoever writes that writes it anew.

    So `undo.restore` leaves it alone, and what became of it since is in no undo's way.
    """
    Entity.follows.add(table._meta.tablename)
    return table


def personal(**erased: Any) -> Callable[[T], T]:
    """Class decorator over `entity`: the columns that say who somebody is, and what stands there after an erasure.

    The trail names these columns and shows no value of them; `Operation.erase` empties them.
    """

    def declare(table: T) -> T:
        Entity.personal[table._meta.tablename] = erased
        return table

    return declare


def log_of(*said: str) -> Callable[[T], T]:
    """Class decorator over `entity`: rows are only added, and the trail tells a new one by these columns."""

    def declare(table: T) -> T:
        Entity.said[table._meta.tablename] = said
        return table

    return declare


def told_new_by(*said: str) -> Callable[[T], T]:
    """Class decorator over `entity`: the trail tells a new row by these columns, with the values that it began with."""

    def declare(table: T) -> T:
        Entity.said[table._meta.tablename] = said
        return table

    return declare


def holding_ids(**entities: str) -> Callable[[T], T]:
    """Class decorator over `entity`: columns that are lists of ids, and of which entity."""

    def declare(table: T) -> T:
        Entity.lists[table._meta.tablename] = entities
        return table

    return declare


def keyed(*columns: str, by: str = "") -> Callable[[T], T]:
    """Class decorator: a unique key of the rows that are not retired; `by` where it is more than its columns.

    The unique index holds it. What is declared lets an undo say who took the key meanwhile.
    """

    def declare(table: T) -> T:
        sql = by or f"({', '.join(f'{{row}}.{column}' for column in columns)})"
        Entity.keys.setdefault(table._meta.tablename, []).append(Key(columns, sql))
        return table

    return declare


def referring(entity: str) -> Sequence[tuple[str, str]]:
    """The entities that refer to one, each with the column that does."""
    return _references(len(Entity.by_name)).get(entity, [])


def listing(entity: str) -> Sequence[tuple[str, str]]:
    """The entities that hold lists of ids of one, each with the column that does."""
    return [
        (name, column) for name, held in sorted(Entity.lists.items()) for column, of in held.items() if of == entity
    ]


@cache
def _references(entities: int) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What refers to what, made anew as soon as there are more entities."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, table in sorted(Entity.by_name.items()):
        for column in table._meta.foreign_key_columns:
            referred = column._foreign_key_meta.resolved_references._meta.tablename
            found.setdefault(referred, []).append((name, column._meta.name))
    return found


class Record:
    """What is kept of a client: every table that refers to them says what it is.

    `parts`: the part of their record that a table belongs to, in the timeline and in an export. `apart`: why a table
    is no part of it.
    """

    parts: ClassVar[dict[str, str]] = {}
    apart: ClassVar[dict[str, str]] = {}


def of_client(part: str) -> Callable[[T], T]:
    """Class decorator: the table's rows belong to a client's record."""

    def declare(table: T) -> T:
        Record.parts[table._meta.tablename] = part
        return table

    return declare


def apart_from_clients(why: str) -> Callable[[T], T]:
    """Class decorator: the table refers to clients, but holds nothing of them that is not elsewhere."""

    def declare(table: T) -> T:
        Record.apart[table._meta.tablename] = why
        return table

    return declare
