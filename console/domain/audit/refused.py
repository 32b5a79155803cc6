"""Attempts that were refused. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.audit.queries import ALL, Wanted
from console.domain.errors import Invalid

MOST_FOLDED = 5000
"""Refused attempts that are looked through for one page."""


@dataclass(frozen=True)
class RefusedAttempts:
    """Attempts that were refused: the same of one person on one day. `id` and `at` are those of the last."""

    id: int
    at: datetime
    since: datetime
    times: int
    actor: int
    kind: str
    key: str


async def refused_attempts(
    zone: ZoneInfo, wanted: Wanted = ALL, *, before: int | None = None, most: int = 50
) -> tuple[list[RefusedAttempts], int | None]:
    """The latest attempts that were refused, newest first, `most` lines at a time; slips in a form are left out.

    Whatever one person was refused again and again on a day in the zone is one line. The second part is the id to
    give as `before` for what is older, None where nothing is.
    """
    args: list[Any] = [before, Invalid.key, zone.key, most, MOST_FOLDED]
    rows = await db.fetch(
        "WITH latest AS (SELECT id, at, actor, kind, key, (at AT TIME ZONE $3)::date AS day FROM refusal"  # noqa: S608
        f"  WHERE key <> $2 AND ($1::bigint IS NULL OR id < $1){wanted.conditions('kind', args)}"
        " ORDER BY id DESC LIMIT $5),"
        " led AS (SELECT *, row_number() OVER (PARTITION BY actor, kind, key, day ORDER BY id DESC) = 1 AS leads"
        "  FROM latest), counted AS (SELECT *, count(*) FILTER (WHERE leads) OVER (ORDER BY id DESC) AS line FROM led)"
        " SELECT max(id) AS id, min(id) AS first, max(at) AS at, min(at) AS since, count(*) AS times, actor, kind, key"
        " FROM counted WHERE line <= $4 GROUP BY actor, kind, key, day ORDER BY 1 DESC",
        *args,
    )
    first = min((row["first"] for row in rows), default=0)
    args = [first, Invalid.key]
    narrowed = wanted.conditions("kind", args)
    older = await db.fetchval(
        f"SELECT EXISTS (SELECT FROM refusal WHERE key <> $2 AND id < $1{narrowed})",  # noqa: S608
        *args,
    )
    found = [RefusedAttempts(**{name: value for name, value in row.items() if name != "first"}) for row in rows]
    return found, first if older else None
