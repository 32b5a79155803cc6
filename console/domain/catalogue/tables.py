"""What the business offers: services and products, their categories, and what they cost since when."""

from __future__ import annotations

from piccolo.columns import JSONB, BigInt, Date, ForeignKey, Integer, OnDelete, OnUpdate, SmallInt, Text
from piccolo.table import Table

from console.domain.db import ENGINE
from console.domain.roster.tables import bookable_column
from console.domain.tables import Entity, entity, gone_once_retired, keyed, told_new_by


@entity
class Category(Entity, Table, tablename="category", db=ENGINE):
    """What services and products are grouped by. `names`: language to text; `position` orders them."""

    names = JSONB(null=False, default=None)
    position = Integer(null=False, default=None)


def category_column() -> ForeignKey[Category]:
    return ForeignKey(Category, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


@keyed("code")
@entity
class Service(Entity, Table, tablename="service", db=ENGINE):
    """Something that is booked. Minutes are whole; buffers are kept free before and after, inside the occupancy.

    `people`, `rooms`, `vehicles`, `equipment`: how many of each a booking occupies. Retired means off.
    """

    code = Text(null=False, default=None)
    names = JSONB(null=False, default=None)
    category = category_column()
    minutes = Integer(null=False, default=None)
    buffer_before = Integer(null=False, default=None)
    buffer_after = Integer(null=False, default=None)
    people = SmallInt(null=False, default=None)
    rooms = SmallInt(null=False, default=None)
    vehicles = SmallInt(null=False, default=None)
    equipment = SmallInt(null=False, default=None)


@keyed("code")
@keyed("barcode")
@entity
class Product(Entity, Table, tablename="product", db=ENGINE):
    """Something that is sold over the counter. `barcode` as it is scanned. Retired means off."""

    code = Text(null=False, default=None)
    names = JSONB(null=False, default=None)
    category = category_column()
    barcode = Text(null=True, default=None)


@gone_once_retired
@keyed("service", "valid_from")
@keyed("product", "valid_from")
@told_new_by("minor", "currency", "valid_from")
@entity
class Price(Entity, Table, tablename="price", db=ENGINE):
    """What one service or one product costs from a business date on, in minor units of a currency.

    The price of a day is the one with the latest `valid_from` that is not after it.
    """

    service = ForeignKey(Service, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    product = ForeignKey(Product, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    valid_from = Date(null=False, default=None)
    minor = BigInt(null=False, default=None)
    currency = Text(null=False, default=None)


@gone_once_retired
@keyed("bookable", "service")
@told_new_by("service", "minutes", "minor", "currency")
@entity
class Skill(Entity, Table, tablename="skill", db=ENGINE):
    """That a bookable can do or suits a service; its own `minutes` or price where they differ from the service's."""

    bookable = bookable_column()
    service = ForeignKey(Service, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    minutes = Integer(null=True, default=None)
    minor = BigInt(null=True, default=None)
    currency = Text(null=True, default=None)
