"""Writing an entity and noting it in the trail by one statement: what is written is never without its note."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from piccolo.querystring import QueryString

from console.domain.ids import OperationId

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
