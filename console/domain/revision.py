"""Whether anything changed: what is kept in memory of a few small tables is good as long as their revision is."""

from __future__ import annotations

from console.domain import db


async def revision(*tables: str) -> str:
    """Another text after every change of these entities' rows: how many there are, and the sum of their versions.

    Rows are never deleted and versions only grow, so that no two states in a row are alike.
    """
    sums = ", ".join(f"(SELECT (count(*), sum(version))::text FROM {table})" for table in tables)  # noqa: S608
    return str(await db.fetchval(f"SELECT concat({sums})"))
