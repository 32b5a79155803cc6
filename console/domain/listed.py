"""Lists that are edited as a whole, such as the skills of somebody: which of its states a list is in."""

from __future__ import annotations

from dataclasses import dataclass

from piccolo.table import Table

from console.domain import db
from console.domain.errors import NotFound, Stale


@dataclass(frozen=True)
class Version:
    """Which of the states of a list this is, and the operation that made it so."""

    number: int
    operation: int


async def version(table: type[Table], column: str, of: int) -> Version:
    """Which rows of an entity refer to something by this column, and how often they changed; read it before the list.

    Rows stay when they are retired and their versions only grow, so no two states share a number, in whatever order
    they are committed. Raises `NotFound` where there is nothing to refer to.
    """
    name, owner = table._meta.tablename, _owner(table, column)
    row = await db.fetchrow(
        f"SELECT 1 + coalesce((SELECT sum(version) FROM {name} WHERE {column} = $1), 0) AS number,"  # noqa: S608
        f" coalesce((SELECT e.operation FROM {name} e WHERE e.{column} = $1 ORDER BY (SELECT max(c.id) FROM change c"
        f"  WHERE c.entity = '{name}' AND c.entity_id = e.id) DESC NULLS LAST, e.id DESC LIMIT 1), o.operation)"
        f" AS operation FROM {owner} o WHERE o.id = $1",
        of,
    )
    if row is None:
        raise NotFound
    return Version(int(row["number"]), row["operation"])


async def refuse_stale(table: type[Table], column: str, of: int, known: int | None) -> None:
    """Raise `Stale` where a list, which must be locked with what it is of, is not as it was seen; None was not seen."""
    if known is not None and (await version(table, column, of)).number != known:
        raise Stale(_owner(table, column), of)


def _owner(table: type[Table], column: str) -> str:
    for one in table._meta.foreign_key_columns:
        if one._meta.name == column:
            return str(one._foreign_key_meta.resolved_references._meta.tablename)
    raise KeyError(column)
