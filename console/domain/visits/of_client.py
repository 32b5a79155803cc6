"""The visits of one client, the latest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from console.domain import db
from console.domain.ids import ClientId, VisitId


@dataclass(frozen=True)
class ClientVisit:
    """A visit of a business date: its services and products by language, its price in minor units, and whether a free
    visit was used.
    """

    id: VisitId
    on: date
    names: Sequence[Mapping[str, str]]
    due: int
    currency: str
    free: bool


@dataclass(frozen=True)
class ClientVisits:
    """The latest visits, and how many there are."""

    latest: Sequence[ClientVisit]
    count: int


_LATEST = """
    SELECT v.id, v."on", v.due, v.currency, coalesce(lines.names, '[]') AS names, coalesce(lines.free, false) AS free,
        (SELECT count(*) FROM visit WHERE client = $1 AND retired_at IS NULL) AS of_all
    FROM (SELECT * FROM visit WHERE client = $1 AND retired_at IS NULL ORDER BY "on" DESC, at DESC, id DESC LIMIT $2) v
    CROSS JOIN LATERAL (SELECT jsonb_agg(names ORDER BY position) AS names, bool_or(free > 0) AS free
        FROM visit_line WHERE visit = v.id) lines
    ORDER BY v."on" DESC, v.at DESC, v.id DESC
"""


async def visits_of(client: ClientId, most: int) -> ClientVisits:
    """The latest visits of a client, `most` at most; those that were taken back are none."""
    rows = await db.fetch(_LATEST, client, most)
    latest = [
        ClientVisit(row["id"], row["on"], json.loads(row["names"]), row["due"], row["currency"], row["free"])
        for row in rows
    ]
    return ClientVisits(latest, rows[0]["of_all"] if rows else 0)
