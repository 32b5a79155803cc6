"""What the cashbook and the close of a till show: payments, tips, refunds and fees of a location, by method."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.audit.naming import Name, named
from console.domain.booking.reasons import Names
from console.domain.errors import NotFound
from console.domain.ids import LocationId, MethodId, TillCloseId
from console.domain.visits.fees_rules import Cause
from console.domain.visits.queries import OF_A_TILL, WHY_BACK

MOVES = f"""
    SELECT p.id AS payment, NULL::bigint AS fee_payment, p.location, p.method, p.minor, p.currency, p.tip, p.at,
        p.operation, v.id AS visit, v.number, v.client, NULL::bigint AS booking, NULL AS cause, NULL::date AS "on"
    FROM payment p JOIN visit v ON v.id = p.visit
    WHERE {OF_A_TILL}
    UNION ALL SELECT NULL, q.id, q.location, q.method, q.minor, q.currency, false, q.at, q.operation, NULL, NULL,
        f.client, f.booking, f.cause, f."on"
    FROM fee_payment q JOIN fee f ON f.id = q.fee
"""  # noqa: S608
NOT_CLOSED = (
    "NOT EXISTS (SELECT FROM till_entry e WHERE e.payment = m.payment)"
    " AND NOT EXISTS (SELECT FROM till_entry e WHERE e.fee_payment = m.fee_payment)"
)
"""Of a move `m`: no close has it yet."""


@dataclass(frozen=True)
class Line:
    """A method of an open till, in minor units: what was left in the drawer, and what came in since."""

    method: MethodId
    names: Names
    drawer: bool
    currency: str
    opening: int
    taken: int

    @property
    def expected(self) -> int:
        return self.opening + self.taken


@dataclass(frozen=True)
class Open:
    """A till since it was closed last (None: never), with its methods in their order.

    `first`: of one that was never closed when money first went into it or out of it; None where none did.
    """

    since: datetime | None
    first: datetime | None
    lines: Sequence[Line]


@dataclass(frozen=True)
class Move:
    """Money in or out (below 0): of a visit by its number, or of a fee for a booking of a date, and why that was asked.

    `undos`: 0 for what was done at the till, 1 for its undo, 2 for doing it again, and so on; `undone`: it was, then.
    `reason`: the names of why it went back. `later`: not with the finishing of its visit.
    """

    at: datetime
    visit: int | None
    number: int | None
    client: int | None
    booking: int | None
    cause: Cause | None
    on: date | None
    method: Names
    minor: int
    currency: str
    tip: bool
    actor: int
    undos: int
    undone: bool
    later: bool
    reason: Names | None


@dataclass(frozen=True)
class Counted:
    """A method of a close. `reason`: why it is not what was expected."""

    names: Names
    drawer: bool
    currency: str
    opening: int
    taken: int
    counted: int
    leaves: int
    reason: Names | None

    @property
    def expected(self) -> int:
        return self.opening + self.taken

    @property
    def differs(self) -> int:
        return self.counted - self.expected


@dataclass(frozen=True)
class CloseView:
    """A close: where, for which date, from when to when, and by whom; of the first one since its `first` money."""

    id: TillCloseId
    location: LocationId
    name: str
    zone: ZoneInfo
    on: date
    from_at: datetime | None
    first: datetime | None
    to_at: datetime
    operation: int
    actor: int
    counts: Sequence[Counted]


_OPEN = f"""
    WITH last AS (SELECT max(id) AS id FROM till_close WHERE location = $1),
        left_over AS (SELECT method, currency, leaves FROM till_count WHERE till_close = (SELECT id FROM last)
            AND leaves <> 0),
        moved AS (SELECT m.method, m.currency, sum(m.minor)::bigint AS taken FROM ({MOVES}) m
            WHERE m.location = $1 AND {NOT_CLOSED} GROUP BY 1, 2),
        drawers AS (SELECT k.id AS method, b.currency FROM payment_method k CROSS JOIN business b
            WHERE k.drawer AND k.retired_at IS NULL),
        every AS (SELECT method, currency FROM left_over UNION SELECT method, currency FROM moved
            UNION SELECT method, currency FROM drawers)
    SELECT every.method, k.names, k.drawer, every.currency, coalesce(left_over.leaves, 0) AS opening,
        coalesce(moved.taken, 0) AS taken
    FROM every JOIN payment_method k ON k.id = every.method LEFT JOIN left_over USING (method, currency)
        LEFT JOIN moved USING (method, currency)
    ORDER BY k.position, k.id, every.currency
"""  # noqa: S608


_FIRST = f"SELECT min(m.at) FROM ({MOVES}) m WHERE m.location = $1 AND {NOT_CLOSED}"  # noqa: S608


async def open_till(location: int) -> Open:
    """What a location's till should hold, by method."""
    since = await db.fetchval("SELECT max(to_at) FROM till_close WHERE location = $1", location)
    first = await db.fetchval(_FIRST, location) if since is None else None
    rows = await db.fetch(_OPEN, location)
    return Open(since, first, [Line(**{**row, "names": json.loads(row["names"])}) for row in rows])


_OF_DAY = f"""
    SELECT m.at, m.visit, m.number, m.client, m.booking, m.cause, m."on", k.names AS method, m.minor, m.currency, m.tip,
        o.actor,
        (WITH RECURSIVE up AS (SELECT o.undoes AS of, 0 AS undos
            UNION ALL SELECT p.undoes, up.undos + 1 FROM up JOIN operation p ON p.id = up.of)
            SELECT max(undos) FROM up) AS undos,
        EXISTS (SELECT FROM operation u WHERE u.undoes = o.id) AS undone,
        m.visit IS NOT NULL AND m.operation > (SELECT min(c.operation) FROM change c
            WHERE c.entity = 'visit' AND c.entity_id = m.visit) AS later,
        {WHY_BACK.format("m")} AS reason
    FROM ({MOVES}) m JOIN payment_method k ON k.id = m.method JOIN operation o ON o.id = m.operation
    WHERE m.location = $1 AND m.at >= $2 AND m.at < $3 ORDER BY m.at, m.payment, m.fee_payment
"""  # noqa: S608


async def cashbook(location: int, on: date, zone: ZoneInfo) -> list[Move]:
    """Everything that went into and out of a location's till on a date of its own, in time."""
    rows = await db.fetch(_OF_DAY, location, *clock.bounds(on, zone))
    return [_move(row) for row in rows]


def _move(row: Mapping[str, Any]) -> Move:
    cause = Cause(row["cause"]) if row["cause"] else None
    return Move(**{**row, "cause": cause, "method": json.loads(row["method"]), "reason": _texts(row["reason"])})


def _texts(stored: str | None) -> Names | None:
    return json.loads(stored) if stored else None


_CLOSES = """
    SELECT c.id, c.location, l.name, l.zone, c."on", c.from_at, c.to_at, o.id AS operation, o.actor,
        CASE WHEN c.from_at IS NULL THEN (SELECT least(min(p.at), min(q.at)) FROM till_entry e
            LEFT JOIN payment p ON p.id = e.payment LEFT JOIN fee_payment q ON q.id = e.fee_payment
            WHERE e.till_close = c.id) END AS first
    FROM till_close c JOIN location l ON l.id = c.location JOIN operation o ON o.id = c.operation
"""


async def close_of(close: int) -> CloseView:
    """One close. Raises `NotFound`."""
    found = await _closes(f"{_CLOSES} WHERE c.id = $1", close)
    if not found:
        raise NotFound
    return found[0]


async def closes_on(location: int, on: date) -> list[CloseView]:
    """The closes of a location for a date, the first one first."""
    return await _closes(f'{_CLOSES} WHERE c.location = $1 AND c."on" = $2 ORDER BY c.id', location, on)


async def _closes(sql: str, *asked: Any) -> list[CloseView]:
    rows = await db.fetch(sql, *asked)
    counts: dict[int, list[Counted]] = {row["id"]: [] for row in rows}
    for row in await db.fetch(
        "SELECT t.till_close, k.names, k.drawer, t.currency, t.opening, t.taken, t.counted, t.leaves, r.names AS reason"
        " FROM till_count t JOIN payment_method k ON k.id = t.method LEFT JOIN reason r ON r.id = t.reason"
        " WHERE t.till_close = ANY($1::bigint[]) ORDER BY k.position, k.id, t.currency",
        list(counts),
    ):
        counts[row["till_close"]].append(_counted(row))
    return [CloseView(**{**row, "zone": ZoneInfo(row["zone"])}, counts=counts[row["id"]]) for row in rows]


def _counted(row: Mapping[str, Any]) -> Counted:
    values = {name: value for name, value in row.items() if name != "till_close"}
    return Counted(**{**values, "names": json.loads(row["names"]), "reason": _texts(row["reason"])})


@named("till_close")
async def close_names(ids: Sequence[int]) -> dict[int, Name]:
    """Of which locations, and for which dates."""
    rows = await db.fetch(
        'SELECT c.id, l.name, c."on" FROM till_close c JOIN location l ON l.id = c.location'
        " WHERE c.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: Name(row["name"], row["on"]) for row in rows}
