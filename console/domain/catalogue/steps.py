"""Parts of the catalogue's use cases."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from piccolo.table import Table

from console.domain import db, listed
from console.domain.business.steps import today
from console.domain.catalogue.rules import Able
from console.domain.catalogue.tables import Category, Price, Product, Service, Skill
from console.domain.errors import Invalid, NotFound, Problem, Refused
from console.domain.ids import BookableId, CategoryId
from console.domain.running import Done, Operation

TABLES: dict[str, type[Table]] = {"service": Service, "product": Product}


class Begun(Refused):
    """A price that has begun stays: it may have been charged. A new one takes its place from a date on."""

    key = "refused.price_begun"


async def switch(op: Operation, table: type[Table], entity_id: int, *, on: bool) -> None:
    """Turn something on or off; what is already so stays so. Raises `NotFound`."""
    await op.lock(table, [entity_id])
    name = table._meta.tablename
    row = await db.fetchrow(f'SELECT retired_at FROM "{name}" WHERE id = $1', entity_id)  # noqa: S608
    if row is None:
        raise NotFound
    await op.update(table, entity_id, None, {"retired_at": None if on else row["retired_at"] or op.now})


async def stand_in_category(op: Operation, category: CategoryId | None) -> None:
    """Lock the category that something is to stand in. Raises `Invalid` (`category`) for one that is off."""
    if category is None:
        return
    await op.lock(Category, [category])
    if not await db.fetchval("SELECT EXISTS (SELECT FROM category WHERE id = $1 AND retired_at IS NULL)", category):
        raise Invalid({"category": Problem("problem.category_off")})


async def lock_in_categories(op: Operation, table: type[Table], ids: Collection[int]) -> None:
    """Lock services or products after the categories that they stand in, as who puts them into one does."""
    name = table._meta.tablename
    sql = f"SELECT DISTINCT category FROM {name} WHERE id = ANY($1::bigint[]) AND category IS NOT NULL"  # noqa: S608
    await op.lock(Category, [row["category"] for row in await db.fetch(sql, list(ids))])
    await op.lock(table, ids)
    await op.lock(Category, [row["category"] for row in await db.fetch(sql, list(ids))])


_CATEGORIES = """
    SELECT coalesce(s.category, p.category) AS id FROM change c
    LEFT JOIN service s ON c.entity = 'service' AND s.id = c.entity_id
    LEFT JOIN product p ON c.entity = 'product' AND p.id = c.entity_id
    WHERE c.operation = $1 AND coalesce(s.category, p.category) IS NOT NULL
    UNION SELECT (f.values ->> 'category')::bigint FROM change c JOIN former f ON f.change = c.id
    WHERE c.operation = $1 AND c.entity IN ('service', 'product') AND f.values ->> 'category' IS NOT NULL
"""


async def lock_offered(op: Operation, done: Done) -> None:
    """Lock the services and products that an operation wrote, after the categories they stand in or stood in before."""
    await op.lock(Category, [row["id"] for row in await db.fetch(_CATEGORIES, done.id)])
    rows = await db.fetch("SELECT DISTINCT entity, entity_id FROM change WHERE operation = $1", done.id)
    for kind, table in TABLES.items():
        await op.lock(table, [row["entity_id"] for row in rows if row["entity"] == kind])
    await op.lock(Category, [row["id"] for row in await db.fetch(_CATEGORIES, done.id)])


async def category_is_used(category: CategoryId) -> bool:
    """Whether a service or product that is on stands in a category."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT FROM service WHERE category = $1 AND retired_at IS NULL)"
            " OR EXISTS (SELECT FROM product WHERE category = $1 AND retired_at IS NULL)",
            category,
        )
    )


async def refuse_retired_categories(op: Operation) -> None:
    """Raise `Invalid` if what this operation brought back stands in a category that is off."""
    for name in TABLES:
        categories = await db.fetch(
            f"SELECT DISTINCT e.category AS id FROM {name} e"  # noqa: S608
            " WHERE e.operation = $1 AND e.retired_at IS NULL AND e.category IS NOT NULL",
            op.id,
        )
        for row in categories:
            await stand_in_category(op, row["id"])


async def add_price(op: Operation, kind: str, entity_id: int, minor: int, currency: str, valid_from: date) -> int:
    """A new price of a service or product. Raises `Invalid` (`valid_from`) where that date has one."""
    return await op.insert(Price, **{kind: entity_id}, valid_from=valid_from, minor=minor, currency=currency)


async def set_price(
    op: Operation, kind: str, entity_id: int, minor: int, currency: str, valid_from: date, known: int | None
) -> None:
    """The price from today or later on, new or in place of that date's.

    `known`: the version of the prices that somebody saw, None whatever it is.

    Raises `NotFound`, `Invalid` (`valid_from`), `Stale`.
    """
    if valid_from < await today(op):
        raise Invalid({"valid_from": Problem("problem.price_past")})
    table = TABLES[kind]
    await op.lock(table, [entity_id])
    if not await db.fetchval(f"SELECT EXISTS (SELECT FROM {kind} WHERE id = $1)", entity_id):  # noqa: S608
        raise NotFound
    await listed.refuse_stale(Price, kind, entity_id, known)
    there = await db.fetchval(
        f"SELECT id FROM price WHERE {kind} = $1 AND valid_from = $2 AND retired_at IS NULL",  # noqa: S608
        entity_id,
        valid_from,
    )
    if there is None:
        await add_price(op, kind, entity_id, minor, currency, valid_from)
    else:
        await op.update(Price, there, None, {"minor": minor, "currency": currency})


async def withdraw_price(op: Operation, price: int, version: int | None) -> dict[str, int | None]:
    """Take back a price that is still to come; answers what it was of. Raises `NotFound`, `Begun`, `Stale`."""
    await _lock_priced(op, [price])
    row = await db.fetchrow(
        "SELECT service, product, valid_from FROM price WHERE id = $1 AND retired_at IS NULL", price
    )
    if row is None:
        raise NotFound
    if row["valid_from"] <= await today(op):
        raise Begun
    await op.update(Price, price, version, {"retired_at": op.now})
    return {"service": row["service"], "product": row["product"]}


async def _lock_priced(op: Operation, prices: Iterable[int]) -> None:
    """Lock what prices are of, so that the prices of one thing change one after the other."""
    rows = await db.fetch("SELECT DISTINCT service, product FROM price WHERE id = ANY($1::bigint[])", list(prices))
    for kind, table in TABLES.items():
        await op.lock(table, {row[kind] for row in rows if row[kind] is not None})


async def lock_priced(op: Operation, done: Done) -> None:
    """Lock what the prices are of that an operation wrote, as its use cases do."""
    sql = "SELECT DISTINCT entity_id FROM change WHERE operation = $1 AND entity = 'price'"
    await _lock_priced(op, [row["entity_id"] for row in await db.fetch(sql, done.id)])


async def refuse_begun_prices(op: Operation) -> None:
    """Raise `Begun` if this operation wrote a price of days that are past: it may have been charged."""
    sql = "SELECT EXISTS (SELECT FROM price WHERE operation = $1 AND valid_from < $2)"
    if await db.fetchval(sql, op.id, await today(op)):
        raise Begun


async def skills_of_services_on(bookable: BookableId) -> dict[int, int]:
    """Service to skill, of a bookable, for services that are on."""
    rows = await db.fetch(
        "SELECT k.service, k.id FROM skill k JOIN service s ON s.id = k.service"
        " WHERE k.bookable = $1 AND k.retired_at IS NULL AND s.retired_at IS NULL",
        bookable,
    )
    return {row["service"]: row["id"] for row in rows}


async def priced_otherwise(bookable: BookableId, currency: str) -> set[int]:
    """The skills of a bookable whose own price is in another currency than this one."""
    sql = "SELECT id FROM skill WHERE bookable = $1 AND retired_at IS NULL AND currency <> $2"
    return {row["id"] for row in await db.fetch(sql, bookable, currency)}


async def offered(op: Operation, services: Collection[int]) -> None:
    """Lock services that something is to refer to. Raises `NotFound` where one is off or none."""
    await op.lock(Service, services)
    sql = "SELECT count(*) FROM service WHERE id = ANY($1::bigint[]) AND retired_at IS NULL"
    if await db.fetchval(sql, list(services)) != len(services):
        raise NotFound


async def set_skill(
    op: Operation,
    bookable: BookableId,
    service: int,
    there: int | None,
    wanted: Able | None,
    currency: str,
    *,
    keeps_price: bool = False,
) -> None:
    """Make one skill what is wanted: new, changed, or gone. `keeps_price`: its own stays where no other one is said."""
    if wanted is None:
        await op.update(Skill, there or 0, None, {"retired_at": op.now})
        return
    own = {
        "minutes": wanted.minutes,
        "minor": wanted.minor,
        "currency": None if wanted.minor is None else currency,
    }
    if keeps_price and wanted.minor is None:
        own = {"minutes": wanted.minutes}
    if there is None:
        await op.insert(Skill, bookable=bookable, service=service, **own)
    else:
        await op.update(Skill, there, None, own)
