"""Visits in short, for whoever lists them: what was done."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from console.domain import db

Names = Mapping[str, str]
"""Language to name."""


async def done(visits: Collection[int]) -> dict[int, Sequence[Names]]:
    """The services of visits, as they were called then, in their order."""
    rows = await db.fetch(
        "SELECT visit, names FROM visit_line WHERE visit = ANY($1::bigint[]) AND service IS NOT NULL"
        " ORDER BY visit, position",
        list(visits),
    )
    found: dict[int, list[Names]] = {}
    for row in rows:
        found.setdefault(row["visit"], []).append(json.loads(row["names"]))
    return dict(found)
