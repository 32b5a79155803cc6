"""Use cases of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date

from piccolo.table import Table

from console.domain import db, listed
from console.domain.business.queries import business
from console.domain.business.steps import kept_names
from console.domain.catalogue import rules, steps
from console.domain.catalogue.rules import Able, Needs
from console.domain.catalogue.tables import Category, Product, Service, Skill
from console.domain.errors import Invalid, Refused, at_field, constraint
from console.domain.ids import BookableId, CategoryId, ProductId, ServiceId
from console.domain.operation import operation
from console.domain.roster import steps as roster
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.undo import restore, restoring

constraint("service_code_key", at_field("code", "problem.code_taken"))
constraint("product_code_key", at_field("code", "problem.code_taken"))
constraint("product_barcode_key", at_field("barcode", "problem.barcode_taken"))
constraint("service_needs_check", at_field("people", "problem.needs_nothing"))
constraint("skill_key", at_field("service", "problem.skill_already"))
constraint("price_service_key", at_field("valid_from", "problem.price_that_day"))
constraint("price_product_key", at_field("valid_from", "problem.price_that_day"))


class InUse(Refused):
    """A category that services or products that are on still stand in."""

    key = "refused.category_in_use"


@dataclass(frozen=True)
class AboutService:
    """What is said of a service. Minutes; `names` by language; `category` one that is on."""

    code: str
    names: Mapping[str, str]
    category: CategoryId | None
    minutes: int
    buffer_before: int = 0
    buffer_after: int = 0
    needs: Needs = field(default_factory=Needs)


@dataclass(frozen=True)
class AboutProduct:
    """What is said of a product."""

    code: str
    names: Mapping[str, str]
    category: CategoryId | None
    barcode: str | None = None


@operation("category.add", permission=Permission.CATALOGUE_CHANGE, undo=restore)
async def add_category(op: Operation, names: Mapping[str, str]) -> dict[str, int]:
    """Add a category, after all others."""
    last = await db.fetchval("SELECT coalesce(max(position), 0) FROM category")
    return {"category": await op.insert(Category, names=dict(names), position=last + 1)}


@operation("category.change", permission=Permission.CATALOGUE_CHANGE, undo=restore)
async def change_category(
    op: Operation, category: CategoryId, version: int, names: Mapping[str, str], position: int
) -> dict[str, int]:
    """Rename a category, or put it at another position."""
    kept = await kept_names(Category, category, names)
    await op.update(Category, category, version, {"names": kept, "position": position})
    return {"category": category}


@operation("category.retire", permission=Permission.CATALOGUE_CHANGE, undo=restore)
async def retire_category(op: Operation, category: CategoryId) -> dict[str, int]:
    """Take a category away that nothing stands in. Raises `InUse`."""
    await op.lock(Category, [category])
    if await steps.category_is_used(category):
        raise InUse
    await steps.switch(op, Category, category, on=False)
    return {"category": category}


_restore = restoring(steps.refuse_retired_categories, first=steps.lock_offered)
_restore_price = restoring(steps.refuse_begun_prices, first=steps.lock_priced)
_restore_skills = restoring(first=roster.locking_whose("skill"))


@operation("service.add", permission=Permission.CATALOGUE_CHANGE, undo=_restore)
async def add_service(op: Operation, about: AboutService, minor: int, valid_from: date) -> dict[str, int]:
    """Add a service with its first price, in minor units of the business's currency. Raises `Invalid`."""
    service = await op.insert(Service, **await _service(op, about))
    await steps.add_price(op, "service", service, minor, (await business()).currency, valid_from)
    return {"service": service}


@operation("service.change", permission=Permission.CATALOGUE_CHANGE, undo=_restore)
async def change_service(op: Operation, service: ServiceId, version: int, about: AboutService) -> dict[str, int]:
    """Change what is said of a service. Raises `Invalid`."""
    names = await kept_names(Service, service, about.names)
    await op.update(Service, service, version, await _service(op, replace(about, names=names)))
    return {"service": service}


async def _service(op: Operation, about: AboutService) -> dict[str, object]:
    problems = {"code": rules.code_problem(about.code), "people": rules.needs_problem(about.needs)}
    if wrong := {name: problem for name, problem in problems.items() if problem}:
        raise Invalid(wrong)
    await steps.stand_in_category(op, about.category)
    values = {**asdict(about), **asdict(about.needs), "names": dict(about.names)}
    del values["needs"]
    return values


@operation("service.retire", permission=Permission.CATALOGUE_CHANGE, undo=_restore)
async def retire_service(op: Operation, service: ServiceId) -> dict[str, int]:
    """Turn a service off: what was booked stays, nothing new is booked."""
    await steps.switch(op, Service, service, on=False)
    return {"service": service}


@operation("service.readmit", permission=Permission.CATALOGUE_CHANGE, undo=_restore)
async def readmit_service(op: Operation, service: ServiceId) -> dict[str, int]:
    """Offer a service again. Raises `Invalid` where its code has been given to another one."""
    await _offer(op, Service, service)
    return {"service": service}


@operation("product.add", permission=Permission.CATALOGUE_CHANGE, undo=_restore)
async def add_product(op: Operation, about: AboutProduct, minor: int, valid_from: date) -> dict[str, int]:
    """Add a product with its first price, in minor units of the business's currency. Raises `Invalid`."""
    product = await op.insert(Product, **await _product(op, about))
    await steps.add_price(op, "product", product, minor, (await business()).currency, valid_from)
    return {"product": product}


@operation("product.change", permission=Permission.CATALOGUE_CHANGE, undo=_restore)
async def change_product(op: Operation, product: ProductId, version: int, about: AboutProduct) -> dict[str, int]:
    """Change what is said of a product. Raises `Invalid`."""
    names = await kept_names(Product, product, about.names)
    await op.update(Product, product, version, await _product(op, replace(about, names=names)))
    return {"product": product}


async def _product(op: Operation, about: AboutProduct) -> dict[str, object]:
    if problem := rules.code_problem(about.code):
        raise Invalid({"code": problem})
    await steps.stand_in_category(op, about.category)
    return {**asdict(about), "names": dict(about.names)}


@operation("product.retire", permission=Permission.CATALOGUE_CHANGE, undo=_restore)
async def retire_product(op: Operation, product: ProductId) -> dict[str, int]:
    """Turn a product off: what was sold stays, nothing new is sold."""
    await steps.switch(op, Product, product, on=False)
    return {"product": product}


@operation("product.readmit", permission=Permission.CATALOGUE_CHANGE, undo=_restore)
async def readmit_product(op: Operation, product: ProductId) -> dict[str, int]:
    """Offer a product again. Raises `Invalid` where its code or barcode has been given to another one."""
    await _offer(op, Product, product)
    return {"product": product}


async def _offer(op: Operation, table: type[Table], entity_id: int) -> None:
    await steps.lock_in_categories(op, table, [entity_id])
    await steps.switch(op, table, entity_id, on=True)
    await steps.refuse_retired_categories(op)


@operation("service.price", permission=Permission.CATALOGUE_CHANGE, undo=_restore_price)
async def price_service(
    op: Operation, service: ServiceId, minor: int, valid_from: date, known: int | None = None
) -> dict[str, int]:
    """Set what a service costs from a business date on; a price set for that very date is replaced.

    `known`: the prices' version that somebody saw, None whatever it is. Raises `Invalid` (`valid_from`), `Stale`.
    """
    await steps.set_price(op, "service", service, minor, (await business()).currency, valid_from, known)
    return {"service": service}


@operation("product.price", permission=Permission.CATALOGUE_CHANGE, undo=_restore_price)
async def price_product(
    op: Operation, product: ProductId, minor: int, valid_from: date, known: int | None = None
) -> dict[str, int]:
    """Set what a product costs from a business date on; a price set for that very date is replaced.

    `known`: the prices' version that somebody saw, None whatever it is. Raises `Invalid` (`valid_from`), `Stale`.
    """
    await steps.set_price(op, "product", product, minor, (await business()).currency, valid_from, known)
    return {"product": product}


@operation("price.withdraw", permission=Permission.CATALOGUE_CHANGE, undo=_restore_price)
async def withdraw_price(op: Operation, price: int, version: int | None = None) -> dict[str, int | None]:
    """Withdraw a price that has not begun. Raises `Begun` for one that has: it was charged; `Stale`."""
    return await steps.withdraw_price(op, price, version)


@operation("skill.set", permission=Permission.ROSTER_CHANGE, undo=_restore_skills)
async def set_skills(
    op: Operation, bookable: BookableId, skills: tuple[Able, ...], version: int | None = None
) -> dict[str, int]:
    """Say all services that a bookable can do; those of services that are off stay as they are.

    An own price in another currency than the business's stays until one is said in that.

    `version`: as `skills_version` was when somebody looked, None whatever it is. Raises `NotFound`, `Stale`.
    """
    await roster.lock(op, bookable)
    await listed.refuse_stale(Skill, "bookable", bookable, version)
    there = await steps.skills_of_services_on(bookable)
    wanted: dict[int, Able] = {one.service: one for one in skills}
    await steps.offered(op, wanted.keys() - there.keys())
    currency = (await business()).currency
    otherwise = await steps.priced_otherwise(bookable, currency)
    if not (wanted or there):
        op.nothing_new()
    for service in sorted(wanted.keys() | there.keys()):
        known = there.get(service)
        await steps.set_skill(
            op, bookable, service, known, wanted.get(service), currency, keeps_price=known in otherwise
        )
    return {"bookable": bookable}


@operation("skill.give", permission=Permission.ROSTER_CHANGE, undo=_restore_skills)
async def give_skill(op: Operation, bookable: BookableId, service: ServiceId) -> dict[str, int]:
    """Say that a bookable can do a service, as long and for as much as it says itself; who can do it keeps their own.

    Raises `NotFound`, also for a service that is off.
    """
    await roster.lock(op, bookable)
    await steps.offered(op, [service])
    if service not in await steps.skills_of_services_on(bookable):
        await steps.set_skill(op, bookable, service, None, Able(service), "")
    else:
        op.nothing_new()
    return {"bookable": bookable}


@operation("skill.take", permission=Permission.ROSTER_CHANGE, undo=_restore_skills)
async def take_skill(op: Operation, bookable: BookableId, service: ServiceId) -> dict[str, int]:
    """Say that a bookable cannot do a service any more. Raises `NotFound`, also for a service that is off."""
    await roster.lock(op, bookable)
    await steps.offered(op, [service])
    if there := (await steps.skills_of_services_on(bookable)).get(service):
        await steps.set_skill(op, bookable, service, there, None, "")
    else:
        op.nothing_new()
    return {"bookable": bookable}
