"""Whether anything changed: what is kept in memory of a few rows is good as long as their revision is."""

from __future__ import annotations

from console.domain import db


def of_rows(alias: str) -> str:
    """SQL for another text after every change of some rows of an entity, by whatever it was made.

    Ids and versions tell what use cases change. `xmin` tells what was repaired past them, the time of the last
    operation that a database was restored, where other things may have been done under the same numbers.
    """
    row = f"concat_ws(' ', {alias}.id, {alias}.version, {alias}.xmin)"
    last = f"(SELECT o.at FROM operation o WHERE o.id = max({alias}.operation))"  # noqa: S608
    return f"concat_ws(' ', count(*), sum(hashtextextended({row}, 0)), {last})"


async def revision(*tables: str) -> str:
    """Another text after every change of these entities' rows."""
    sums = ", ".join(f"(SELECT {of_rows(table)} FROM {table})" for table in tables)  # noqa: S608
    return str(await db.fetchval(f"SELECT concat_ws('.', {sums})"))
