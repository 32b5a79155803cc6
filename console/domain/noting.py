"""Writing an entity and noting it in the trail by one statement: what is written is never without its note."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from piccolo.columns import JSONB
from piccolo.querystring import QueryString
from piccolo.table import Table

from console.domain import db
from console.domain.ids import OperationId
from console.domain.plain import to_plain

_CHANGE = "INSERT INTO change (operation, entity, entity_id, fields, created)"


def created(insert: QueryString, operation: OperationId, entity: str) -> QueryString:
    """A row of an entity is inserted; answered is its `entity_id`."""
    return QueryString(
        f"WITH written AS ({{}}) {_CHANGE} SELECT {{}}::bigint, {{}}::text, id, ARRAY[]::text[], true FROM written"  # noqa: S608
        " RETURNING entity_id",
        insert,
        operation,
        entity,
    )


def changed(
    update: QueryString,
    operation: OperationId,
    entity: str,
    row_id: int,
    fields: Sequence[str],
    former: Mapping[str, Any] | None,
) -> QueryString:
    """A row is updated, which must be locked; `former`: the values that are kept for an undo, None: none are."""
    noted = QueryString(f"{_CHANGE} VALUES ({{}}, {{}}, {{}}, {{}}, false)", operation, entity, row_id, list(fields))
    if former is None:
        return QueryString("WITH written AS ({}) {}", update, noted)
    return QueryString(
        "WITH written AS ({}), noted AS ({} RETURNING id) INSERT INTO former (change, values)"
        " SELECT id, {}::jsonb FROM noted",
        update,
        noted,
        json.dumps(former),
    )


async def create_all(table: type[Table], rows: Sequence[Mapping[str, Any]], operation: OperationId) -> list[int]:
    """Insert rows of an entity that all say the same columns, in a few statements; their ids, in their order."""
    name, columns = table._meta.tablename, list(rows[0])
    written = [_written(table, column) for column in columns]
    ids = [
        row["id"]
        for row in await db.fetch(
            "SELECT nextval(pg_get_serial_sequence($1, 'id')) AS id FROM generate_series(1, $2) ORDER BY 1",
            name,
            len(rows),
        )
    ]
    records = [
        (id_, operation, *(write(row[column]) for column, write in zip(columns, written, strict=True)))
        for id_, row in zip(ids, rows, strict=True)
    ]
    async with db.connection() as free:
        await free.copy_records_to_table(name, records=records, columns=["id", "operation", *columns])
    await db.execute(
        f"{_CHANGE} SELECT $1, $2, id, ARRAY[]::text[], true FROM unnest($3::bigint[]) AS id",  # noqa: S608
        operation,
        name,
        ids,
    )
    return ids


async def change_all(
    table: type[Table], ids: Collection[int], values: Mapping[str, Any], operation: OperationId
) -> None:
    """Give rows of an entity, which must be locked, the same values, and keep those that they had for an undo."""
    name, columns = table._meta.tablename, sorted(values)
    sets = ", ".join(f'"{column}" = ${at}' for at, column in enumerate(columns, 4))
    kept = ", ".join(f"'{column}', t.\"{column}\"" for column in columns)
    await db.execute(
        f'WITH was AS (SELECT t.id, jsonb_build_object({kept}) AS former FROM "{name}" t'  # noqa: S608
        "  WHERE t.id = ANY($1::bigint[])),"
        f' written AS (UPDATE "{name}" t SET {sets}, version = t.version + 1, operation = $2 FROM was'
        "  WHERE t.id = was.id RETURNING t.id),"
        f" noted AS ({_CHANGE} SELECT $2, '{name}', id, $3::text[], false FROM written ORDER BY id"
        "  RETURNING id, entity_id)"
        " INSERT INTO former (change, values) SELECT noted.id, was.former FROM noted JOIN was ON was.id = entity_id",
        list(ids),
        operation,
        columns,
        *(_written(table, column)(values[column]) for column in columns),
    )


def _written(table: type[Table], column: str) -> Any:
    """How a column's value is handed to the database."""
    if isinstance(table._meta.get_column_by_name(column), JSONB):
        return lambda value: None if value is None else json.dumps(to_plain(value))
    return lambda value: value
