"""The tables in the code, the tables in the database, and the schema that was agreed on are the same.

After a change that is meant, write the agreed schema anew and read the difference before committing it:

    WRITE_SCHEMA=1 .venv/bin/python -m pytest tests/domain/test_schema.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import asyncpg
import pytest
from piccolo.columns import Column, ForeignKey, OnDelete, OnUpdate
from piccolo.columns.column_types import Serial
from piccolo.table import Table

from console import embedded, migrate, migrations
from console.domain.tables import Entity
from console.piccolo_app import APP_CONFIG
from console.schema import AGREED, described

DEFAULTS: dict[str, object] = {"version": 1, "staff_mail.attempts": 0, "message.attempts": 0}
"""The required columns that may be left out, and what they are then."""

TYPES = {
    "BIGINT": "bigint",
    "BIGSERIAL": "bigint",
    "BOOLEAN": "boolean",
    "BYTEA": "bytea",
    "DATE": "date",
    "INTEGER": "integer",
    "JSONB": "jsonb",
    "SMALLINT": "smallint",
    "TEXT": "text",
    "BIGINT[]": "bigint[]",
    "SMALLINT[]": "smallint[]",
    "TEXT[]": "text[]",
    "TIMESTAMPTZ": "timestamp with time zone",
    "TSTZRANGE": "tstzrange",
    "UUID": "uuid",
}

tables: list[type[Table]] = sorted(APP_CONFIG.table_classes, key=lambda table: table._meta.tablename)


def columns() -> Iterator[tuple[str, Column]]:
    for table in tables:
        for column in table._meta.columns:
            yield f"{table._meta.tablename}.{column._meta.name}", column


def default(column: Column) -> object:
    return column.get_default_value()


async def test_the_live_schema_is_the_agreed_one(clean: None, as_owner: asyncpg.Connection) -> None:
    live = await described(as_owner)
    if os.environ.get("WRITE_SCHEMA"):
        AGREED.write_text(live)
    assert live.splitlines() == AGREED.read_text().splitlines()


def test_a_column_that_may_be_empty_is_born_empty() -> None:
    assert [name for name, column in columns() if column._meta.null and default(column) is not None] == []


def test_a_column_that_may_not_be_empty_has_to_be_given() -> None:
    given = {
        name: default(column)
        for name, column in columns()
        if not column._meta.null and not isinstance(column, Serial) and default(column) is not None
    }
    allowed = {name: value for name, value in given.items() if name in DEFAULTS or name.split(".")[1] in DEFAULTS}
    assert given == allowed
    assert all(value == DEFAULTS.get(name, DEFAULTS.get(name.split(".")[1])) for name, value in allowed.items())


async def test_the_database_fills_in_numbers_of_rows_and_little_else(clean: None, as_owner: asyncpg.Connection) -> None:
    rows = await as_owner.fetch(
        "SELECT table_name || '.' || column_name, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'migration'"
        " AND column_default IS NOT NULL AND column_default !~ '^nextval|^NULL::'"
    )
    live = dict(map(tuple, rows))
    assert set(live) == {name for name, _ in columns() if name in DEFAULTS or name.split(".")[1] in DEFAULTS}


def test_every_foreign_key_says_what_a_deletion_does_and_none_deletes_more() -> None:
    keys = [(name, column._foreign_key_meta) for name, column in columns() if isinstance(column, ForeignKey)]
    assert keys
    assert [name for name, key in keys if key.on_delete is OnDelete.cascade or key.on_update is OnUpdate.cascade] == []


async def test_no_foreign_key_in_the_database_deletes_changes_or_is_checked_late(
    clean: None, as_owner: asyncpg.Connection
) -> None:
    rows = await as_owner.fetch(
        "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND"
        " contype = 'f' AND (condeferrable OR confdeltype NOT IN ('a', 'r') OR confupdtype NOT IN ('a', 'r'))"
    )
    assert rows == []


async def test_the_tables_of_the_code_are_those_of_the_database(clean: None, as_owner: asyncpg.Connection) -> None:
    rows = await as_owner.fetch(
        "SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, NULL) AS type, NOT a.attnotnull AS empty"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'migration'"
    )
    live = {row["name"]: (row["type"], row["empty"]) for row in rows}
    code = {name: (TYPES[column.column_type.upper()], bool(column._meta.null)) for name, column in columns()}
    assert code == live


def test_every_table_says_what_the_application_may_do_with_it() -> None:
    assert set(migrate.GRANTS) == {table._meta.tablename for table in tables} | {"migration"}


async def test_the_application_may_do_what_the_grants_say_and_no_more(
    clean: None, as_owner: asyncpg.Connection
) -> None:
    for table, rights in migrate.GRANTS.items():
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
            may = await as_owner.fetchval("SELECT has_table_privilege($1, $2, $3)", embedded.APPLICATION, table, right)
            assert may is (right in rights.split(", ")), f"{right} on {table}"


def test_only_values_that_can_be_kept_stand_in_an_entity() -> None:
    """Former values are JSON: bytes, and types that are not in `TYPES`, would not come back as they were."""
    assert Entity.by_name
    for name, table in Entity.by_name.items():
        for column in table._meta.columns:
            kept = column._meta.secret or TYPES[column.column_type.upper()] != "bytea"
            assert kept, f"{name}.{column._meta.name}"


def test_every_entity_has_what_edits_need() -> None:
    for name, table in Entity.by_name.items():
        assert {"id", "version", "operation", "retired_at"} <= {c._meta.name for c in table._meta.columns}, name
        assert issubclass(table, Entity), name


MIGRATIONS = [import_module(f"{migrations.__name__}.{module.name}") for module in iter_modules(migrations.__path__)]


@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda module: module.__name__.rpartition(".")[2])
async def test_a_migration_leaves_the_transaction_to_console_migrate(migration: object) -> None:
    manager = await migration.forwards()
    assert manager.wrap_in_transaction is False
    assert manager.app_name == "console"


def test_migrations_are_numbered_in_the_order_of_their_ids() -> None:
    ids = [migration.ID for migration in MIGRATIONS]
    assert ids == sorted(set(ids))
