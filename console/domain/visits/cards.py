"""One visit as its page shows it: what was done, at what price, and the money that came and went."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.errors import NotFound
from console.domain.ids import BookingId, ClientId, LocationId, MethodId, OperationId, VisitId
from console.domain.visits.queries import WHY_BACK

Names = Mapping[str, str]
"""Language to name."""


@dataclass(frozen=True)
class LineView:
    """A line as it was finished, amounts in minor units; `reason`: the names of why it cost another price."""

    names: Names
    is_service: bool
    quantity: int
    listed: int
    unit: int
    reason: Names | None
    packed: int
    free: int
    discount: int

    @property
    def amount(self) -> int:
        return self.unit * self.quantity


@dataclass(frozen=True)
class PaymentView:
    """Money that came, or went back (below 0). `undoes`: the operation that its own undid by that.

    `reason`: the names of why it went back.
    """

    method: MethodId
    names: Names
    minor: int
    tip: bool
    at: datetime
    actor: int
    operation: OperationId
    undoes: OperationId | None
    reason: Names | None


@dataclass(frozen=True)
class RefundView:
    """That so much of the price is owed no more since an instant, and why; `given`: how much of it went back."""

    minor: int
    given: int
    full: bool
    reason: Names | None
    at: datetime


@dataclass(frozen=True)
class VisitView:
    """A visit. `operation`: the last that changed it, `finished_by`: the one that finished it at `finished_at`.

    `erased`: its client was, so that nothing is done with it any more.
    """

    id: VisitId
    version: int
    operation: OperationId
    finished_by: OperationId
    finished_at: datetime
    client: ClientId | None
    location: LocationId
    location_name: str
    zone: ZoneInfo
    booking: BookingId | None
    on: date
    at: datetime
    number: int | None
    programme: int
    off: str | None
    off_bp: int | None
    off_code: str | None
    due: int
    currency: str
    retired_at: datetime | None
    erased: bool
    lines: Sequence[LineView]
    payments: Sequence[PaymentView]
    refunds: Sequence[RefundView]

    @property
    def refunded(self) -> int:
        return sum(one.minor for one in self.refunds)

    @property
    def waived(self) -> int:
        """What was owed, and is owed no more without having been paid."""
        return sum(one.minor - one.given for one in self.refunds)

    @property
    def is_open(self) -> bool:
        """Whether money may come or go for it."""
        return self.retired_at is None and not self.erased

    @property
    def paid(self) -> int:
        """What was paid of the price, less what was given back."""
        return sum(one.minor for one in self.payments if not one.tip)

    @property
    def tips(self) -> int:
        return sum(one.minor for one in self.payments if one.tip)

    @property
    def owed(self) -> int:
        return self.due - self.refunded - self.paid

    @property
    def standing_payments(self) -> Sequence[PaymentView]:
        """The money without what an undo took back; of a visit taken back, what it was finished with and gave back."""
        if self.retired_at is not None:
            return [one for one in self.payments if one.operation in (self.finished_by, self.operation)]
        gone: set[OperationId] = set()
        for one in reversed(self.payments):
            if one.undoes is not None and one.operation not in gone:
                gone |= {one.operation, one.undoes}
        return [one for one in self.payments if one.operation not in gone]

    @property
    def by_method(self) -> Mapping[MethodId, int]:
        """What is kept of the price by each method, where that is anything."""
        found: dict[MethodId, int] = {}
        for one in self.payments:
            if not one.tip:
                found[one.method] = found.get(one.method, 0) + one.minor
        return {method: minor for method, minor in found.items() if minor > 0}


_VISIT = """
    SELECT v.id, v.version, v.operation, c.operation AS finished_by, o.at AS finished_at, v.client, v.location,
        l.name AS location_name, l.zone, v.booking, v."on", v.at, v.number, v.programme, v.off, v.off_bp, v.off_code,
        v.due, v.currency, v.retired_at,
        EXISTS (SELECT FROM client k WHERE k.id = v.client AND k.erased_at IS NOT NULL) AS erased
    FROM visit v JOIN location l ON l.id = v.location
    JOIN change c ON c.entity = 'visit' AND c.entity_id = v.id AND c.created
    JOIN operation o ON o.id = c.operation WHERE v.id = $1
"""
_LINES = """
    SELECT i.names, i.service IS NOT NULL AS is_service, i.quantity, i.listed, i.unit, r.names AS reason, i.packed,
        i.free, i.discount
    FROM visit_line i LEFT JOIN reason r ON r.id = i.reason WHERE i.visit = $1 ORDER BY i.position
"""
_PAYMENTS = f"""
    SELECT p.method, m.names, p.minor, p.tip, p.at, o.actor, p.operation, o.undoes, {WHY_BACK.format("p")} AS reason
    FROM payment p JOIN payment_method m ON m.id = p.method JOIN operation o ON o.id = p.operation
    WHERE p.visit = $1 ORDER BY p.id
"""  # noqa: S608
_REFUNDS = """
    SELECT f.minor, f."full", r.names AS reason, o.at, (SELECT -coalesce(sum(p.minor), 0)::bigint FROM payment p
        WHERE p.visit = f.visit AND p.operation = o.id AND NOT p.tip) AS given
    FROM refund f LEFT JOIN reason r ON r.id = f.reason
    JOIN change c ON c.entity = 'refund' AND c.entity_id = f.id AND c.created JOIN operation o ON o.id = c.operation
    WHERE f.visit = $1 AND f.retired_at IS NULL ORDER BY f.id
"""


async def visit(visit_id: int) -> VisitView:
    """One visit, also one that was taken back. Raises `NotFound`."""
    row = await db.fetchrow(_VISIT, visit_id)
    if row is None:
        raise NotFound
    return VisitView(
        **{
            **row,
            "zone": ZoneInfo(row["zone"]),
            "lines": [LineView(**_named(one)) for one in await db.fetch(_LINES, visit_id)],
            "payments": [PaymentView(**_named(one)) for one in await db.fetch(_PAYMENTS, visit_id)],
            "refunds": [RefundView(**_named(one)) for one in await db.fetch(_REFUNDS, visit_id)],
        }
    )


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: json.loads(row[name]) if row[name] else None for name in ("names", "reason") if name in row}
    return {**row, **texts}


async def of_booking(booking: BookingId) -> VisitId | None:
    """The visit that a booking became, unless it was taken back."""
    found: VisitId | None = await db.fetchval("SELECT id FROM visit WHERE booking = $1 AND retired_at IS NULL", booking)
    return found


async def turned_by(visit_id: int) -> OperationId:
    """The operation that finished a visit, took it back or restored it last."""
    sql = (
        "SELECT operation FROM change WHERE entity = 'visit' AND entity_id = $1"
        " AND (created OR 'retired_at' = ANY(fields)) ORDER BY id DESC LIMIT 1"
    )
    return OperationId(await db.fetchval(sql, visit_id))


async def operations(visit_id: int, most: int) -> list[int]:
    """The latest operations that touched a visit or what belongs to it."""
    rows = await db.fetch(
        "WITH own (entity, id) AS (SELECT 'visit', $1 UNION ALL SELECT 'payment', id FROM payment WHERE visit = $1"
        " UNION ALL SELECT 'refund', id FROM refund WHERE visit = $1)"
        " SELECT DISTINCT c.operation FROM own JOIN change c ON c.entity = own.entity AND c.entity_id = own.id"
        " ORDER BY c.operation DESC LIMIT $2",
        visit_id,
        most,
    )
    return [row["operation"] for row in rows]
