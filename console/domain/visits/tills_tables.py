"""Closing a till: what was expected and counted by each method, and what went into it."""

from __future__ import annotations

from piccolo.columns import BigInt, BigSerial, Date, ForeignKey, OnDelete, OnUpdate, Text, Timestamptz
from piccolo.table import Table

from console.domain.booking.tables import reason_column
from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, log_of, operation_column
from console.domain.visits.fees_tables import FeePayment, location_column
from console.domain.visits.tables import Payment, method_column


@log_of("on")
@entity
class TillClose(Entity, Table, tablename="till_close", db=ENGINE):
    """That a location's till was counted, by whoever's operation it is. Append-only.

    `on`: the business date; `from_at`: when it was closed before, None for the first time; `to_at`: when it was.
    """

    location = location_column()
    on = Date(null=False, default=None)
    from_at = Timestamptz(null=True, default=None)
    to_at = Timestamptz(null=False, default=None)


def close_column() -> ForeignKey[TillClose]:
    return ForeignKey(TillClose, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@log_of("method")
@entity
class TillCount(Entity, Table, tablename="till_count", db=ENGINE):
    """One method at a close, in minor units of a currency. Append-only.

    `opening`: what was left in the drawer before, `taken`: what came in since, less what went out; `counted`: what was
    there; `leaves`: what of it stays in the drawer. `reason`: why it is not what was expected.
    """

    till_close = close_column()
    method = method_column()
    currency = Text(null=False, default=None)
    opening = BigInt(null=False, default=None)
    taken = BigInt(null=False, default=None)
    counted = BigInt(null=False, default=None)
    leaves = BigInt(null=False, default=None)
    reason = reason_column()


class TillEntry(Table, tablename="till_entry", db=ENGINE):
    """That a payment went into a close: one alone, whenever it was. Append-only."""

    id = BigSerial(primary_key=True)
    operation = operation_column()
    till_close = close_column()
    payment = ForeignKey(Payment, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    fee_payment = ForeignKey(
        FeePayment, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict
    )
