"""What other concepts and the trail read of visits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import asyncpg

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.clients.queries import client_names
from console.domain.ids import BookingId, ClientId, FeeId, LocationId, VisitId
from console.domain.visits.fees_rules import Cause

WALK_IN = "words.walk_in"
"""Key of the words for somebody who is no client."""
WHY_BACK = """
    (SELECT r.names FROM change c JOIN refund f ON f.id = c.entity_id AND f.visit = {0}.visit
        JOIN reason r ON r.id = f.reason
        WHERE c.operation = {0}.operation AND c.entity = 'refund' AND {0}.minor < 0 LIMIT 1)
"""
"""Of a payment of that alias the names of why it went back, by a refund or by one that was done again."""
OF_A_TILL = "NOT EXISTS (SELECT FROM payment_method k WHERE k.id = p.method AND k.elsewhere)"
"""Of a payment `p`: it went into a till or out of it, and was not before this console."""


@dataclass(frozen=True)
class Debt:
    """What is still owed for a visit of a business date, or for a fee (`cause`) of one, in minor units."""

    on: date
    minor: int
    currency: str
    visit: VisitId | None = None
    fee: FeeId | None = None
    cause: Cause | None = None


async def debts(client: ClientId) -> Sequence[Debt]:
    """What a client owes for visits and fees, the oldest first."""
    rows = await db.fetch(
        'SELECT * FROM (SELECT v.id AS visit, NULL::bigint AS fee, NULL AS cause, v."on", v.currency, (v.due'
        "  - coalesce((SELECT sum(minor) FROM refund WHERE visit = v.id AND retired_at IS NULL), 0)"
        "  - coalesce((SELECT sum(minor) FROM payment WHERE visit = v.id AND NOT tip), 0))::bigint AS minor"
        "  FROM visit v WHERE v.client = $1 AND v.retired_at IS NULL"
        ' UNION ALL SELECT NULL, f.id, f.cause, f."on", f.currency,'
        "  f.minor - coalesce((SELECT sum(minor) FROM fee_payment WHERE fee = f.id), 0)::bigint"
        "  FROM fee f WHERE f.client = $1 AND f.retired_at IS NULL AND f.waived IS NULL"
        ') owed WHERE minor > 0 ORDER BY "on", visit, fee',
        client,
    )
    return [Debt(**{**row, "cause": Cause(row["cause"]) if row["cause"] else None}) for row in rows]


@dataclass(frozen=True)
class DayVisit:
    """A visit in the list of a day: its services and products by language, in minor units its price and what of that
    was paid and is owed.
    """

    id: VisitId
    booking: BookingId | None
    client: ClientId | None
    at: datetime
    names: Sequence[Mapping[str, str]]
    due: int
    paid: int
    owed: int
    currency: str


_OF_DAY = """
    SELECT v.id, v.booking, v.client, v.at, v.due, v.currency, paid.minor AS paid,
        (v.due - coalesce((SELECT sum(minor) FROM refund WHERE visit = v.id AND retired_at IS NULL), 0)
            - paid.minor)::bigint AS owed,
        (SELECT jsonb_agg(l.names ORDER BY l.position) FROM visit_line l WHERE l.visit = v.id) AS names
    FROM visit v CROSS JOIN LATERAL (SELECT coalesce(sum(minor), 0)::bigint AS minor FROM payment
        WHERE visit = v.id AND NOT tip) paid
    WHERE v.retired_at IS NULL
        AND (v.booking = ANY($1::bigint[]) OR v.booking IS NULL AND v.location = $2 AND v."on" = $3)
    ORDER BY v.at, v.id
"""


async def of_day(bookings: Sequence[BookingId], location: LocationId, on: date) -> Sequence[DayVisit]:
    """The visits that finished some bookings, and those without a booking of a business date at a location."""
    rows = await db.fetch(_OF_DAY, list(bookings), location, on)
    return [DayVisit(**{**row, "names": json.loads(row["names"] or "[]")}) for row in rows]


@named("visit")
async def visit_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose visits they are, and of which dates."""
    rows = await db.fetch('SELECT id, client, "on" FROM visit WHERE id = ANY($1::bigint[])', list(ids))
    return await _dated(rows)


@named("payment")
async def payment_names(ids: Sequence[int]) -> dict[int, Name]:
    """For whose visits it was paid."""
    return await _of_visits("payment", ids)


@named("refund")
async def refund_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose visits were refunded."""
    return await _of_visits("refund", ids)


@named("visit_line")
async def line_names(ids: Sequence[int]) -> dict[int, Name]:
    """What was done or sold, as it was called then."""
    rows = await db.fetch("SELECT id, names FROM visit_line WHERE id = ANY($1::bigint[])", list(ids))
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}


async def _of_visits(table: str, ids: Sequence[int]) -> dict[int, Name]:
    rows = await db.fetch(
        f'SELECT t.id, v.client, v."on" FROM {table} t JOIN visit v ON v.id = t.visit'  # noqa: S608
        " WHERE t.id = ANY($1::bigint[])",
        list(ids),
    )
    return await _dated(rows)


async def _dated(rows: Sequence[asyncpg.Record]) -> dict[int, Name]:
    called = await client_names([row["client"] for row in rows if row["client"] is not None])
    known = {row["id"]: called.get(row["client"]) if row["client"] else Name("", key=WALK_IN) for row in rows}
    dates = {row["id"]: row["on"] for row in rows}
    return {one: replace(name, on=dates[one]) for one, name in known.items() if name is not None}
