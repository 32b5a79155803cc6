"""What pages and other concepts read of fees."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from console.domain import db
from console.domain.audit.naming import Key, Name, named
from console.domain.booking.reasons import Names
from console.domain.clients.queries import client_names
from console.domain.errors import NotFound
from console.domain.ids import BookingId, ClientId, FeeId, LocationId
from console.domain.visits.fees_rules import NONE, Cause, Rule


@dataclass(frozen=True)
class RulesView:
    """What a location asks by cause, the sum of the versions of its rules, and the operation that was last."""

    by_cause: Mapping[Cause, Rule]
    versions: int
    operation: int


@dataclass(frozen=True)
class FeeView:
    """A fee: `minor` of a currency, of which `paid` came in. `waived`: names of why it is asked no more.

    `erased`: its client was, so that nobody receives or waives it any more.
    """

    id: FeeId
    version: int
    client: ClientId
    booking: BookingId
    location: LocationId
    cause: Cause
    on: date
    services: int
    bp: int | None
    minor: int
    currency: str
    waived: Names | None
    paid: int
    erased: bool

    @property
    def owed(self) -> int:
        """What is still to be paid."""
        return 0 if self.waived is not None else self.minor - self.paid


@dataclass(frozen=True)
class Counted:
    """How often a client called off late or did not come since a date, and what they owe for it, by currency."""

    late: int
    no_shows: int
    owed: Mapping[str, int]


async def rules_of(location: int) -> RulesView:
    """What a location asks; nothing where nobody said."""
    rows = await db.fetch(
        "SELECT cause, minor, currency, bp, version, operation, retired_at FROM fee_rule WHERE location = $1", location
    )
    said = {row["cause"]: Rule(row["minor"], row["currency"], row["bp"]) for row in rows if row["retired_at"] is None}
    return RulesView(
        {cause: said.get(cause, NONE) for cause in Cause},
        sum(row["version"] for row in rows),
        max((row["operation"] for row in rows), default=0),
    )


_FEES = """
    SELECT f.id, f.version, f.client, f.booking, f.location, f.cause, f."on", f.services, f.bp, f.minor, f.currency,
        r.names AS waived,
        (SELECT coalesce(sum(p.minor), 0)::bigint FROM fee_payment p WHERE p.fee = f.id) AS paid,
        k.erased_at IS NOT NULL AS erased
    FROM fee f JOIN client k ON k.id = f.client LEFT JOIN reason r ON r.id = f.waived
"""


async def fee(fee_id: int) -> FeeView:
    """One fee that stands. Raises `NotFound`."""
    row = await db.fetchrow(f"{_FEES} WHERE f.id = $1 AND f.retired_at IS NULL", fee_id)
    if row is None:
        raise NotFound
    return _view(row)


async def of_booking(booking: int) -> list[FeeView]:
    """The fees that stand of a booking, the latest first."""
    rows = await db.fetch(f"{_FEES} WHERE f.booking = $1 AND f.retired_at IS NULL ORDER BY f.id DESC", booking)
    return [_view(row) for row in rows]


async def of_client(client: int) -> list[FeeView]:
    """The fees that stand of a client, the latest first."""
    sql = f'{_FEES} WHERE f.client = $1 AND f.retired_at IS NULL ORDER BY f."on" DESC, f.id DESC'
    return [_view(row) for row in await db.fetch(sql, client)]


def _view(row: Mapping[str, Any]) -> FeeView:
    return FeeView(
        **{**row, "cause": Cause(row["cause"]), "waived": json.loads(row["waived"]) if row["waived"] else None}
    )


async def told_of(booking: int, most: int) -> dict[int, set[Key]]:
    """The latest operations that touched a booking's fees and their money, each with what of these it touched."""
    rows = await db.fetch(
        "WITH fees AS (SELECT id FROM fee WHERE booking = $1), own (entity, id) AS (SELECT 'fee', id FROM fees"
        "  UNION ALL SELECT 'fee_payment', p.id FROM fee_payment p JOIN fees ON fees.id = p.fee)"
        " SELECT c.operation, array_agg(own.entity) AS entities, array_agg(own.id) AS ids"
        " FROM own JOIN change c ON c.entity = own.entity AND c.entity_id = own.id"
        " GROUP BY c.operation ORDER BY c.operation DESC LIMIT $2",
        booking,
        most,
    )
    return {row["operation"]: set(zip(row["entities"], row["ids"], strict=True)) for row in rows}


_OWING = (
    "SELECT currency, sum(minor)::bigint AS minor FROM (SELECT f.currency, f.minor"
    "  - (SELECT coalesce(sum(p.minor), 0) FROM fee_payment p WHERE p.fee = f.id) AS minor FROM fee f"
    "  WHERE f.client = $1 AND f.retired_at IS NULL AND f.waived IS NULL) AS owed WHERE minor > 0 GROUP BY currency"
)


_COUNTED = f"""
    SELECT count(*) FILTER (WHERE b.status = 'no_show') AS no_shows, count(*) FILTER (WHERE b.status = 'cancelled'
            AND (SELECT s.late FROM status_change s WHERE s.booking = b.id AND s.retired_at IS NULL
                ORDER BY s.id DESC LIMIT 1)) AS late,
        (SELECT json_object_agg(currency, minor ORDER BY currency) FROM ({_OWING}) AS fees) AS owed
    FROM booking b WHERE b.client = $1 AND b.retired_at IS NULL AND b.status IN ('cancelled', 'no_show')
        AND b.starts_at >= $2
"""  # noqa: S608


async def counted(client: int, since: datetime) -> Counted:
    """How often a client called off late or did not come since an instant, and what they owe for it."""
    [row] = await db.fetch(_COUNTED, client, since)
    return Counted(row["late"], row["no_shows"], json.loads(row["owed"] or "{}"))


async def owing(client: int) -> Mapping[str, int]:
    """What a client owes for fees, in minor units by currency."""
    return {row["currency"]: row["minor"] for row in await db.fetch(f"{_OWING} ORDER BY currency", client)}


@named("fee")
async def fee_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose fees, and for which date."""
    rows = await db.fetch('SELECT id, client, "on" FROM fee WHERE id = ANY($1::bigint[])', ids)
    known = await client_names([row["client"] for row in rows])
    return {
        row["id"]: Name(called.text, row["on"], called.person, called.key)
        for row in rows
        if (called := known.get(row["client"]))
    }


@named("fee_payment")
async def payment_names(ids: Sequence[int]) -> dict[int, Name]:
    """Whose fees were paid, and for which date."""
    rows = await db.fetch("SELECT id, fee FROM fee_payment WHERE id = ANY($1::bigint[])", ids)
    known = await fee_names([row["fee"] for row in rows])
    return {row["id"]: known[row["fee"]] for row in rows if row["fee"] in known}


@named("fee_rule")
async def rule_names(ids: Sequence[int]) -> dict[int, Name]:
    """What the locations of fees are called."""
    rows = await db.fetch(
        "SELECT r.id, l.name FROM fee_rule r JOIN location l ON l.id = r.location WHERE r.id = ANY($1::bigint[])", ids
    )
    return {row["id"]: Name(row["name"]) for row in rows}
