"""The visits of this business as a replay takes them: those that stand, with their lines, of some clients at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty.rules.pricing import Asked
from console.domain.loyalty.rules.replaying import Past

_OF = 'v.retired_at IS NULL AND v.client IS NOT NULL AND v.currency = $1 AND v."on" <= $2'


async def who_came(currency: str, through: date) -> Sequence[ClientId]:
    """The clients who have a visit in a currency, by their ids."""
    sql = f"SELECT DISTINCT v.client FROM visit v WHERE {_OF} ORDER BY v.client"  # noqa: S608
    rows = await db.fetch(sql, currency, through)
    return [row["client"] for row in rows]


async def histories(clients: Sequence[ClientId], currency: str, through: date) -> Mapping[ClientId, Sequence[Past]]:
    """All that some clients came for through a date, each one's visits by date and in the order they were finished."""
    visits = await db.fetch(
        'SELECT v.id, v.client, v."on", v.due, coalesce((SELECT sum(p.minor) FROM payment p'  # noqa: S608
        " WHERE p.visit = v.id AND NOT p.tip), 0)::bigint AS paid,"
        ' EXISTS (SELECT FROM refund r WHERE r.visit = v.id AND r."full" AND r.retired_at IS NULL) AS returned'
        f" FROM visit v WHERE {_OF}"
        ' AND v.client = ANY($3::bigint[]) ORDER BY v.client, v."on", v.id',
        currency,
        through,
        clients,
    )
    lines = await db.fetch(
        "SELECT visit, unit, quantity, service, packed FROM visit_line WHERE visit = ANY($1::bigint[])"
        " ORDER BY visit, position",
        [row["id"] for row in visits],
    )
    by_visit = {
        visit: tuple(
            Asked(row["unit"], row["quantity"], row["service"] and str(row["service"]), _units(row)) for row in rows
        )
        for visit, rows in groupby(lines, key=lambda row: row["visit"])
    }
    found: dict[ClientId, list[Past]] = defaultdict(list)
    for row in visits:
        kept, of = (row["paid"], row["due"]) if row["paid"] != row["due"] else (1, 1)
        found[row["client"]].append(Past(row["on"], by_visit[row["id"]], kept, of, row["returned"]))
    return found


def _units(line: Mapping[str, int]) -> int:
    """How many units of a line a package covered."""
    return line["packed"] // line["unit"] if line["packed"] else 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Visits of a period that no replay takes: of nobody known, in another currency, of those with a fixed discount."""

    nobody: int
    elsewhere: int
    fixed: int


async def left_out(currency: str, since: date, through: date, fixed: Sequence[ClientId]) -> LeftOut:
    """How many visits there are besides."""
    row = await db.fetchrow(
        "SELECT count(*) FILTER (WHERE client IS NULL) AS nobody,"
        " count(*) FILTER (WHERE client IS NOT NULL AND currency <> $1) AS elsewhere,"
        " count(*) FILTER (WHERE currency = $1 AND client = ANY($4::bigint[])) AS fixed"
        ' FROM visit WHERE retired_at IS NULL AND "on" BETWEEN $2 AND $3',
        currency,
        since,
        through,
        fixed,
    )
    assert row is not None
    return LeftOut(**row)
