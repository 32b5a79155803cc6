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

MOVES = """
    SELECT p.id AS payment, NULL::bigint AS fee_payment, p.location, p.method, p.minor, p.currency, p.tip, p.at,
        p.operation, v.id AS visit, v.number, v.client
    FROM payment p JOIN visit v ON v.id = p.visit
    UNION ALL SELECT NULL, q.id, q.location, q.method, q.minor, q.currency, false, q.at, q.operation, NULL, NULL,
        f.client
    FROM fee_payment q JOIN fee f ON f.id = q.fee
"""
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
    """A till since it was closed last (None: never), with its methods in their order."""

    since: datetime | None
    lines: Sequence[Line]


@dataclass(frozen=True)
class Move:
    """Money in or out (below 0): of a visit by its number, or of a fee where there is none.

    `undos`: 0 for what was done at the till, 1 for its undo, 2 for doing it again, and so on; `undone`: it was, then.
    """

    at: datetime
    visit: int | None
    number: int | None
    client: int | None
    method: Names
    minor: int
    currency: str
    tip: bool
    actor: int
    undos: int
    undone: bool


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
    """A close: where, for which date, from when to when, and by whom."""

    id: TillCloseId
    location: LocationId
    name: str
    zone: ZoneInfo
    on: date
    from_at: datetime | None
    to_at: datetime
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


async def open_till(location: int) -> Open:
    """What a location's till should hold, by method."""
    since = await db.fetchval("SELECT max(to_at) FROM till_close WHERE location = $1", location)
    rows = await db.fetch(_OPEN, location)
    return Open(since, [Line(**{**row, "names": json.loads(row["names"])}) for row in rows])


_OF_DAY = f"""
    SELECT m.at, m.visit, m.number, m.client, k.names AS method, m.minor, m.currency, m.tip, o.actor,
        (WITH RECURSIVE up AS (SELECT o.undoes AS of, 0 AS undos
            UNION ALL SELECT p.undoes, up.undos + 1 FROM up JOIN operation p ON p.id = up.of)
            SELECT max(undos) FROM up) AS undos,
        EXISTS (SELECT FROM operation u WHERE u.undoes = o.id) AS undone
    FROM ({MOVES}) m JOIN payment_method k ON k.id = m.method JOIN operation o ON o.id = m.operation
    WHERE m.location = $1 AND m.at >= $2 AND m.at < $3 ORDER BY m.at, m.payment, m.fee_payment
"""  # noqa: S608


async def cashbook(location: int, on: date, zone: ZoneInfo) -> list[Move]:
    """Everything that went into and out of a location's till on a date of its own, in time."""
    rows = await db.fetch(_OF_DAY, location, *clock.bounds(on, zone))
    return [Move(**{**row, "method": json.loads(row["method"])}) for row in rows]


_CLOSES = """
    SELECT c.id, c.location, l.name, l.zone, c."on", c.from_at, c.to_at, o.actor
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
    reason = json.loads(row["reason"]) if row["reason"] else None
    return Counted(**{**values, "names": json.loads(row["names"]), "reason": reason})


@named("till_close")
async def close_names(ids: Sequence[int]) -> dict[int, Name]:
    """Of which locations, and for which dates."""
    rows = await db.fetch(
        'SELECT c.id, l.name, c."on" FROM till_close c JOIN location l ON l.id = c.location'
        " WHERE c.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: Name(row["name"], row["on"]) for row in rows}
