"""Visits: what was done and sold, at what price, and how it was paid."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    OnUpdate,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from console.domain.booking.tables import Booking, reason_column
from console.domain.business.tables import Location
from console.domain.catalogue.tables import Product, Service
from console.domain.clients.tables import Client
from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, keyed, log_of, of_client, told_new_by


@keyed("elsewhere", by="({row}.elsewhere OR NULL)")
@entity
class PaymentMethod(Entity, Table, tablename="payment_method", db=ENGINE):
    """A way to pay. `names`: language to text; `drawer`: it lies in the till and is counted at its close.

    `elsewhere`: what was taken before this console was; it went into no till of ours, and nobody can take more by it.
    """

    names = JSONB(null=False, default=None)
    position = Integer(null=False, default=None)
    drawer = Boolean(null=False, default=None)
    elsewhere = Boolean(null=False, default=None)


class Numbering(Table, tablename="numbering", db=ENGINE):
    """The last number that was given of something that people read numbers of, as of receipts."""

    name = Text(primary_key=True, null=False, default=None)
    last = BigInt(null=False, default=None)


@of_client("visits")
@keyed("booking")
@told_new_by("due", "currency")
@entity
class Visit(Entity, Table, tablename="visit", db=ENGINE):
    """A finished booking, or a walk-in. Amounts in minor units of `currency`. Retired: it was taken back.

    `on`: its business date, `at`: when it was served; `due`: its price, the sum of its lines. `number`: what its
    receipt is called, given last: from then on it stays as it is. `programme`: the number of the version that it was
    judged by (0: none), `off`, `off_bp`, `off_code`: the one discount that was taken and what gave it, a tier by its
    code.
    """

    client = ForeignKey(Client, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    location = ForeignKey(Location, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    booking = ForeignKey(Booking, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    on = Date(null=False, default=None)
    at = Timestamptz(null=False, default=None)
    number = Integer(null=True, default=None)
    programme = Integer(null=False, default=None)
    off = Text(null=True, default=None)
    off_bp = Integer(null=True, default=None)
    off_code = Text(null=True, default=None)
    due = BigInt(null=False, default=None)
    currency = Text(null=False, default=None)


def visit_column() -> ForeignKey[Visit]:
    return ForeignKey(Visit, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


def method_column() -> ForeignKey[PaymentMethod]:
    return ForeignKey(PaymentMethod, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@log_of("names", "quantity", "listed", "unit", "reason")
@entity
class VisitLine(Entity, Table, tablename="visit_line", db=ENGINE):
    """A service or a product of a visit: `unit` is what one of them cost, `listed` what the list said. Append-only.

    `names` as it was called then. `reason`: why `unit` is another one. `packed`, `free`, `discount`: what a package, a
    free visit and the discount took off the line.
    """

    visit = visit_column()
    position = SmallInt(null=False, default=None)
    service = ForeignKey(Service, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    product = ForeignKey(Product, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    names = JSONB(null=False, default=None)
    quantity = SmallInt(null=False, default=None)
    listed = BigInt(null=False, default=None)
    unit = BigInt(null=False, default=None)
    reason = reason_column()
    packed = BigInt(null=False, default=None)
    free = BigInt(null=False, default=None)
    discount = BigInt(null=False, default=None)


@log_of("minor", "currency", "tip", "visit")
@entity
class Payment(Entity, Table, tablename="payment", db=ENGINE):
    """Money taken for a visit, or given back (below 0). Append-only. `tip`: it is no part of the price.

    `at`: when, and `location`: into or out of which till.
    """

    visit = visit_column()
    location = ForeignKey(Location, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    method = method_column()
    minor = BigInt(null=False, default=None)
    currency = Text(null=False, default=None)
    tip = Boolean(null=False, default=None)
    at = Timestamptz(null=False, default=None)


@told_new_by("reason")
@entity
class Refund(Entity, Table, tablename="refund", db=ENGINE):
    """That so much of a visit's price is owed no more, in minor units, and why. Retired: it was undone.

    `minor`: 0 where tips alone went back. `full`: nothing of the price is left, so the visit's stamp went with it.
    """

    visit = visit_column()
    minor = BigInt(null=False, default=None)
    full = Boolean(null=False, default=None)
    reason = reason_column()
