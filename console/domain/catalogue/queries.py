"""What pages and other concepts read of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.catalogue.rules import Names, Needs, PriceFrom
from console.domain.catalogue.tables import Price, Skill
from console.domain.errors import NotFound
from console.domain.ids import BookableId, CategoryId, ProductId, ServiceId
from console.domain.listed import Version, version


@dataclass(frozen=True)
class CategoryView:
    """A category; `used` counts the services and products in it that are on."""

    id: CategoryId
    version: int
    operation: int
    names: Names
    position: int
    retired_at: datetime | None
    used: int


@dataclass(frozen=True)
class ServiceView:
    """A service as lists and forms show it. `price`: that of the day asked for, `changes`: the next one after it."""

    id: ServiceId
    version: int
    operation: int
    code: str
    names: Names
    category: CategoryId | None
    category_names: Names
    minutes: int
    buffer_before: int
    buffer_after: int
    needs: Needs
    retired_at: datetime | None
    price: PriceFrom | None
    changes: PriceFrom | None


@dataclass(frozen=True)
class ProductView:
    """A product as lists and forms show it."""

    id: ProductId
    version: int
    operation: int
    code: str
    names: Names
    category: CategoryId | None
    category_names: Names
    barcode: str | None
    retired_at: datetime | None
    price: PriceFrom | None
    changes: PriceFrom | None


@dataclass(frozen=True)
class PriceView:
    """A price in the history of one service or product."""

    id: int
    version: int
    valid_from: date
    minor: int
    currency: str


async def categories() -> list[CategoryView]:
    """Every category by its position, those that are off last."""
    rows = await db.fetch(
        "SELECT c.id, c.version, c.operation, c.names, c.position, c.retired_at,"
        " (SELECT count(*) FROM service s WHERE s.category = c.id AND s.retired_at IS NULL)"
        " + (SELECT count(*) FROM product p WHERE p.category = c.id AND p.retired_at IS NULL) AS used"
        " FROM category c ORDER BY c.retired_at IS NOT NULL, c.position, c.id"
    )
    return [CategoryView(**{**row, "names": json.loads(row["names"])}) for row in rows]


async def category(category_id: int) -> CategoryView:
    """One category. Raises `NotFound`."""
    for one in await categories():
        if one.id == category_id:
            return one
    raise NotFound


def _priced(kind: str, columns: str) -> str:
    """Services or products with the price of the date $1 and the next one after it."""
    return f"""
        SELECT e.id, e.version, e.operation, e.code, e.names, e.category, c.names AS category_names, e.retired_at,
            {columns}, p.valid_from AS price_from, p.minor AS price_minor, p.currency AS price_currency,
            n.valid_from AS next_from, n.minor AS next_minor, n.currency AS next_currency
        FROM {kind} e LEFT JOIN category c ON c.id = e.category
        LEFT JOIN LATERAL (SELECT valid_from, minor, currency FROM price
            WHERE {kind} = e.id AND retired_at IS NULL AND valid_from <= $1 ORDER BY valid_from DESC LIMIT 1) p ON true
        LEFT JOIN LATERAL (SELECT valid_from, minor, currency FROM price
            WHERE {kind} = e.id AND retired_at IS NULL AND valid_from > $1 ORDER BY valid_from LIMIT 1) n ON true
    """  # noqa: S608


_SERVICES = _priced("service", "e.minutes, e.buffer_before, e.buffer_after, e.people, e.rooms, e.vehicles, e.equipment")
_PRODUCTS = _priced("product", "e.barcode")
_ORDER = "ORDER BY c.position NULLS LAST, c.id, e.code"


async def services(day: date) -> list[ServiceView]:
    """Every service, on or off, with its price on a business date, by category and code."""
    return [_service(row) for row in await db.fetch(f"{_SERVICES} {_ORDER}", day)]


async def service(service_id: int, day: date) -> ServiceView:
    """One service. Raises `NotFound`."""
    row = await db.fetchrow(f"{_SERVICES} WHERE e.id = $2", day, service_id)
    if row is None:
        raise NotFound
    return _service(row)


def _service(row: Mapping[str, Any]) -> ServiceView:
    values = _common(row)
    needs = Needs(*(values.pop(name) for name in ("people", "rooms", "vehicles", "equipment")))
    return ServiceView(**values, needs=needs)


async def products(day: date) -> list[ProductView]:
    """Every product, on or off, with its price on a business date, by category and code."""
    return [ProductView(**_common(row)) for row in await db.fetch(f"{_PRODUCTS} {_ORDER}", day)]


async def product(product_id: int, day: date) -> ProductView:
    """One product. Raises `NotFound`."""
    row = await db.fetchrow(f"{_PRODUCTS} WHERE e.id = $2", day, product_id)
    if row is None:
        raise NotFound
    return ProductView(**_common(row))


def _common(row: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(row)
    values["names"] = json.loads(values["names"])
    values["category_names"] = json.loads(values["category_names"] or "{}")
    values["price"] = _price(values, "price")
    values["changes"] = _price(values, "next")
    return values


def _price(values: dict[str, Any], prefix: str) -> PriceFrom | None:
    since, minor, currency = (values.pop(f"{prefix}_{part}") for part in ("from", "minor", "currency"))
    return None if since is None else PriceFrom(since, minor, currency)


async def prices_of_service(service_id: int) -> list[PriceView]:
    """The prices of a service, the latest first, those to come included."""
    return await _history("service", service_id)


async def prices_of_product(product_id: int) -> list[PriceView]:
    """The prices of a product, the latest first, those to come included."""
    return await _history("product", product_id)


async def prices_version(kind: str, entity_id: int) -> Version:
    """Which prices a service or product (`kind`) has now."""
    return await version(Price, kind, entity_id)


async def _history(kind: str, entity_id: int) -> list[PriceView]:
    rows = await db.fetch(
        f"SELECT id, version, valid_from, minor, currency FROM price WHERE {kind} = $1 AND retired_at IS NULL"  # noqa: S608
        " ORDER BY valid_from DESC",
        entity_id,
    )
    return [PriceView(**row) for row in rows]


async def price_set_in(operation: int, kind: str, entity_id: int) -> PriceFrom | None:
    """The price of a service or product (`kind`) that an operation wrote last and that still stands."""
    row = await db.fetchrow(
        f"SELECT valid_from, minor, currency FROM price WHERE operation = $1 AND {kind} = $2"  # noqa: S608
        " AND retired_at IS NULL ORDER BY id DESC LIMIT 1",
        operation,
        entity_id,
    )
    return None if row is None else PriceFrom(row["valid_from"], row["minor"], row["currency"])


@dataclass(frozen=True)
class SkillView:
    """A service that a bookable can do, with its own minutes and price where they differ."""

    service: ServiceId
    bookable: BookableId
    minutes: int | None
    minor: int | None
    currency: str | None


async def skills(bookable_id: int) -> dict[ServiceId, SkillView]:
    """What a bookable can do, by service."""
    rows = await db.fetch(
        "SELECT service, bookable, minutes, minor, currency FROM skill WHERE bookable = $1 AND retired_at IS NULL",
        bookable_id,
    )
    return {row["service"]: SkillView(**row) for row in rows}


async def skills_version(bookable_id: int) -> Version:
    """Which skills a bookable has now."""
    return await version(Skill, "bookable", bookable_id)


async def able(service_id: int) -> list[SkillView]:
    """Who and what can do a service, in the order of the roster; those that are off are left out."""
    rows = await db.fetch(
        "SELECT k.service, k.bookable, k.minutes, k.minor, k.currency FROM skill k JOIN bookable b ON b.id = k.bookable"
        " WHERE k.service = $1 AND k.retired_at IS NULL AND b.retired_at IS NULL ORDER BY b.position, b.id",
        service_id,
    )
    return [SkillView(**row) for row in rows]


@named("category")
async def category_names(ids: Sequence[int]) -> dict[int, Name]:
    """What categories are called."""
    rows = await db.fetch("SELECT id, names FROM category WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}


@named("service")
async def service_names(ids: Sequence[int]) -> dict[int, Name]:
    """What services are called."""
    rows = await db.fetch("SELECT id, names FROM service WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}


@named("product")
async def product_names(ids: Sequence[int]) -> dict[int, Name]:
    """What products are called."""
    rows = await db.fetch("SELECT id, names FROM product WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}


@named("price")
async def price_names(ids: Sequence[int]) -> dict[int, Name]:
    """What prices are of, and from when."""
    rows = await db.fetch(
        "SELECT p.id, coalesce(s.names, r.names) AS names, p.valid_from FROM price p"
        " LEFT JOIN service s ON s.id = p.service LEFT JOIN product r ON r.id = p.product"
        " WHERE p.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: Name(json.loads(row["names"]), on=row["valid_from"]) for row in rows}


@named("skill")
async def skill_names(ids: Sequence[int]) -> dict[int, Name]:
    """Which service a skill is of."""
    rows = await db.fetch(
        "SELECT k.id, s.names FROM skill k JOIN service s ON s.id = k.service WHERE k.id = ANY($1::bigint[])", ids
    )
    return {row["id"]: Name(json.loads(row["names"])) for row in rows}
