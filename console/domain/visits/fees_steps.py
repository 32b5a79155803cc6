"""Parts of use cases that fees follow from: whatever calls a booking off late posts its fee in the same operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import clock, db
from console.domain.booking.rules import CALLED_OFF, Status
from console.domain.ids import BookingId, LocationId, ReasonId
from console.domain.running import Done, Operation, watching
from console.domain.visits import steps as visits
from console.domain.visits.fees_rules import Cause, Rule, fee
from console.domain.visits.fees_tables import Fee, FeePayment
from console.domain.visits.rules import Paid

_CAUSES = """
    SELECT s.id, s.booking, s.status, b.client, b.location, b.starts_at, l.zone, r.minor, r.currency, r.bp,
        ARRAY(SELECT i.minor FROM booking_item i WHERE i.booking = b.id AND i.retired_at IS NULL
            ORDER BY i.starts_at, i.id) AS minors,
        ARRAY(SELECT i.currency FROM booking_item i WHERE i.booking = b.id AND i.retired_at IS NULL
            ORDER BY i.starts_at, i.id) AS currencies
    FROM change c JOIN status_change s ON s.id = c.entity_id AND s.retired_at IS NULL
        JOIN booking b ON b.id = s.booking AND b.status = s.status JOIN location l ON l.id = b.location
        JOIN fee_rule r ON r.location = b.location AND r.retired_at IS NULL
            AND r.cause = CASE WHEN s.status = 'no_show' THEN 'no_show' ELSE 'late_cancellation' END
    WHERE c.operation = $1 AND c.entity = 'status_change' AND c.created
        AND (s.status = 'no_show' OR s.late AND s.cancelled_by = 'client')
        AND NOT EXISTS (SELECT FROM fee f WHERE f.status_change = s.id OR f.booking = b.id AND f.cause = r.cause
            AND f."on" = (b.starts_at AT TIME ZONE l.zone)::date AND f.retired_at IS NULL AND f.waived IS NULL)
    ORDER BY s.id
"""

CALLED_OFF_NAMES = [one.value for one in CALLED_OFF]

_OF_STANDING = """
    JOIN location l ON l.id = b.location
    JOIN fee f ON f.booking = b.id AND f.retired_at IS NULL AND f.waived IS NULL
        AND f."on" = (b.starts_at AT TIME ZONE l.zone)::date
        AND (SELECT coalesce(sum(p.minor), 0) FROM fee_payment p WHERE p.fee = f.id) = 0
"""
"""Of bookings `b` that stand, the fees of their date of which nothing is paid: they are not asked any more."""

_BACK = f"""
    SELECT f.id, f.minor, f.currency FROM change c JOIN status_change s ON s.id = c.entity_id AND s.retired_at IS NULL
        JOIN booking b ON b.id = s.booking AND b.status = s.status AND NOT b.status = ANY($2::text[])
        {_OF_STANDING}
    WHERE c.operation = $1 AND c.entity = 'status_change' AND c.created ORDER BY f.id
"""  # noqa: S608

_IDLE = f"""
    SELECT f.id, f.minor, f.currency FROM booking b {_OF_STANDING}
    WHERE f.id = ANY($1::bigint[]) AND b.retired_at IS NULL AND NOT b.status = ANY($2::text[]) ORDER BY f.id
"""  # noqa: S608

_TWICE = """
    SELECT DISTINCT f.id FROM change c JOIN fee f ON f.id = c.entity_id AND f.retired_at IS NULL AND f.waived IS NULL
        JOIN fee other ON (other.booking, other.cause, other."on") = (f.booking, f.cause, f."on") AND other.id <> f.id
            AND other.retired_at IS NULL AND other.waived IS NULL
    WHERE c.operation = $1 AND c.entity = 'fee' AND 'retired_at' = ANY(c.fields) ORDER BY f.id
"""

_GONE_BY = """
    SELECT DISTINCT f.id FROM change c JOIN fee f ON f.id = c.entity_id AND f.retired_at IS NOT NULL
    WHERE c.operation = $1 AND c.entity = 'fee' AND 'retired_at' = ANY(c.fields) AND f.id = ANY($2::bigint[])
"""
"""Fees that an operation took back."""

_LEFT = """
    SELECT f.id, f.currency, f.minor - coalesce(sum(p.minor), 0)::bigint AS minor
    FROM fee f LEFT JOIN fee_payment p ON p.fee = f.id
    WHERE f.id = ANY($1::bigint[]) AND f.waived IS NULL AND f.retired_at IS NULL
    GROUP BY f.id HAVING f.minor > coalesce(sum(p.minor), 0) ORDER BY f.id
"""


async def charge(op: Operation, waived: ReasonId | None = None) -> None:
    """Post the fees of what the operation called off, once; `waived`: why they are not asked.

    A fee that is asked for the same already, of which something was paid before the booking was brought back, is all.

    Effects: `effect.fee` or `effect.fee_waived` with `minor` and `currency`, one a currency.
    """
    asked: dict[str, int] = defaultdict(int)
    for row in await db.fetch(_CAUSES, op.id):
        quotes = [
            None if minor is None else (minor, of) for minor, of in zip(row["minors"], row["currencies"], strict=True)
        ]
        due = fee(Rule(row["minor"], row["currency"], row["bp"]), quotes)
        if due is None:
            continue
        await op.insert(Fee, **_of(row), services=len(quotes), minor=due.minor, currency=due.currency, waived=waived)
        asked[due.currency] += due.minor
    for currency, minor in asked.items():
        op.effect("effect.fee" if waived is None else "effect.fee_waived", minor=minor, currency=currency)


def _of(row: asyncpg.Record) -> dict[str, Any]:
    no_show = row["status"] == Status.NO_SHOW
    return {
        **{name: row[name] for name in ("client", "booking", "location", "bp")},
        "status_change": row["id"],
        "cause": (Cause.NO_SHOW if no_show else Cause.LATE_CANCELLATION).value,
        "on": clock.business_date(row["starts_at"], ZoneInfo(row["zone"])),
    }


async def take_back(op: Operation) -> None:
    """Ask no more for what was called off, of bookings that the operation brought back. Effect: `effect.fee_gone`.

    A fee stays of which something was paid, and of a booking that was brought back to another date than it was for:
    that is a new one, and whether the old one is asked for its late cancellation is a manager's to say.
    """
    await _ask_no_more(op, await db.fetch(_BACK, op.id, CALLED_OFF_NAMES))


async def ask_once(op: Operation) -> None:
    """Ask nothing again, by an undo, that another fee is asked for by now."""
    for row in await db.fetch(_TWICE, op.id):
        await op.update(Fee, row["id"], None, {"retired_at": op.now})


async def _ask_no_more(op: Operation, rows: Iterable[asyncpg.Record]) -> None:
    gone: dict[str, int] = defaultdict(int)
    for row in rows:
        await op.update(Fee, row["id"], None, {"retired_at": op.now})
        gone[row["currency"]] += row["minor"]
    for currency, minor in gone.items():
        op.effect("effect.fee_gone", minor=minor, currency=currency)


async def waive(op: Operation, booking: BookingId, reason: ReasonId) -> None:
    """Ask no more what is left of a booking's fees, whose client is locked. Effect: `effect.fee_waived`."""
    rows = await db.fetch(
        "SELECT id FROM fee WHERE booking = $1 AND waived IS NULL AND retired_at IS NULL ORDER BY id", booking
    )
    fees = [row["id"] for row in rows]
    await op.lock(Fee, fees)
    for row in await db.fetch(_LEFT, fees):
        await op.update(Fee, row["id"], None, {"waived": reason})
        op.effect("effect.fee_waived", minor=row["minor"], currency=row["currency"])


async def take(op: Operation, fee: int, currency: str, location: LocationId, payments: Iterable[Paid]) -> None:
    """Write what is taken for a fee, which is locked, at a location's till."""
    for one in payments:
        values = {"method": one.method, "minor": one.minor, "currency": currency, "at": op.now}
        await op.insert(FeePayment, fee=fee, location=location, **values)
    await op.touch(Fee, fee)


async def give_back(op: Operation, done: Done) -> None:
    """Post the inverse of what an operation took for fees, whose client is locked, out of the same tills.

    A fee of which nothing is paid by that is asked no more where its booking was brought back meanwhile, as
    `take_back` has it; and is asked again before its money is taken again.
    """
    rows = await db.fetch(
        "SELECT fee, location, method, -sum(minor)::bigint AS minor, currency FROM fee_payment WHERE operation = $1"
        " GROUP BY fee, location, method, currency ORDER BY min(id)",
        done.id,
    )
    of = sorted({row["fee"] for row in rows})
    await op.lock(Fee, of)
    await visits.share_tills(row["location"] for row in rows)
    for row in await db.fetch(_GONE_BY, done.id, of):
        await op.update(Fee, row["id"], None, {"retired_at": None})
    for row in rows:
        await op.insert(FeePayment, at=op.now, **row)
        await op.touch(Fee, row["fee"])
    await _ask_no_more(op, await db.fetch(_IDLE, of, CALLED_OFF_NAMES))
    for row in await db.fetch(_LEFT, of):
        op.effect("effect.fee_left", minor=row["minor"], currency=row["currency"])


@watching("status_change")
class Fees:
    """Posts the fees of what an operation calls off, whichever way, and takes back those of what it brings back."""

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.statuses: set[str] = set()
        self.restored = False

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        """Which statuses bookings come to; whose is found in the trail once all is written."""
        if row_id is None:
            self.statuses.add(values["status"])
        self.restored |= row_id is not None

    async def after(self) -> None:
        if self.statuses & set(CALLED_OFF):
            await charge(self.op)
        if self.statuses - set(CALLED_OFF):
            await take_back(self.op)
        if self.restored:
            await ask_once(self.op)
