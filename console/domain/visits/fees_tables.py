"""Fees for late cancellations and no-shows: what each location asks, and what each of them cost."""

from __future__ import annotations

from piccolo.columns import BigInt, Date, ForeignKey, Integer, OnDelete, OnUpdate, SmallInt, Text, Timestamptz
from piccolo.table import Table

from console.domain.booking.tables import StatusChange, booking_column, reason_column
from console.domain.business.tables import Location
from console.domain.clients.tables import client_column
from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, keyed, log_of, of_client, told_new_by
from console.domain.visits.tables import method_column


def location_column() -> ForeignKey[Location]:
    return ForeignKey(Location, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@told_new_by("cause", "minor", "currency", "bp")
@keyed("location", "cause")
@entity
class FeeRule(Entity, Table, tablename="fee_rule", db=ENGINE):
    """What a location asks for one cause: `minor` a service, or `bp` of the price that was quoted. Neither: nothing."""

    location = location_column()
    cause = Text(null=False, default=None)
    minor = BigInt(null=True, default=None)
    currency = Text(null=True, default=None)
    bp = Integer(null=True, default=None)


@of_client("visits")
@told_new_by("cause", "minor", "currency", "waived")
@entity
class Fee(Entity, Table, tablename="fee", db=ENGINE):
    """What a late cancellation or a no-show cost a client, by the rule of then. Retired: it was taken back.

    `status_change`: what it is for; `on`: the business date of its booking; `services`: how many were booked; `bp`: the
    share of their price, where it was one. `waived`: why it is not asked, neither it nor what is left of it.
    """

    client = client_column()
    booking = booking_column()
    status_change = ForeignKey(
        StatusChange, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict
    )
    location = location_column()
    cause = Text(null=False, default=None)
    on = Date(null=False, default=None)
    services = SmallInt(null=False, default=None)
    bp = Integer(null=True, default=None)
    minor = BigInt(null=False, default=None)
    currency = Text(null=False, default=None)
    waived = reason_column()


@log_of("minor", "currency")
@entity
class FeePayment(Entity, Table, tablename="fee_payment", db=ENGINE):
    """Money taken for a fee, or given back (below 0). Append-only. `at`: when, `location`: at which till.

    `fee`: by its id alone, whose foreign key the database has: a fee whose money went back may be taken back.
    """

    fee = BigInt(null=False, default=None)
    location = location_column()
    method = method_column()
    minor = BigInt(null=False, default=None)
    currency = Text(null=False, default=None)
    at = Timestamptz(null=False, default=None)
