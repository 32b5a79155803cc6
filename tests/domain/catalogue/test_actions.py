"""The catalogue's use cases: what an undo and a redo leave, and what happens when two people act at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from console.domain import db
from console.domain.business import actions as business
from console.domain.catalogue import actions, queries
from console.domain.catalogue.rules import Able, Needs
from console.domain.errors import DomainError, HasDependants, Invalid, NotFound, Stale
from console.domain.ids import BookableId, CategoryId, ProductId, ServiceId
from console.domain.intent import TERMINAL, Intent, Outcome
from console.domain.undo import undo
from tests import factories
from tests.cast import NOW
from tests.domain.business.test_business import ABOUT
from tests.meeting import meet, waits

pytestmark = pytest.mark.usefixtures("database")

TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)
DEEP = actions.AboutService("DEEP", {"en": "Deep clean"}, None, 180, 0, 15, Needs(people=2))
SPRAY = actions.AboutProduct("SPRAY", {"en": "Glass spray"}, None, "4006381333931")


def mean(day: int = 0) -> Intent:
    return Intent(uuid4(), TERMINAL, NOW + timedelta(days=day))


async def service(about: actions.AboutService = DEEP) -> ServiceId:
    return ServiceId((await actions.add_service(mean(), about, 600000, TODAY)).result["service"])


async def product(about: actions.AboutProduct = SPRAY) -> ProductId:
    return ProductId((await actions.add_product(mean(), about, 1250, TODAY)).result["product"])


async def category() -> CategoryId:
    return CategoryId((await actions.add_category(mean(), {"en": "Homes"})).result["category"])


async def stands(table: str) -> list[tuple[Any, ...]]:
    """What is on of a table, without what every edit moves."""
    columns = {
        "service": "code, names, category, minutes, buffer_before, buffer_after, people, rooms, vehicles, equipment",
        "product": "code, names, category, barcode",
        "category": "names, position",
        "price": "service, product, valid_from, minor, currency",
        "skill": "bookable, service, minutes, minor, currency",
    }[table]
    rows = await db.fetch(f"SELECT id, {columns} FROM {table} WHERE retired_at IS NULL ORDER BY id")
    return [tuple(row) for row in rows]


TABLES = ("service", "product", "category", "price", "skill")


async def everything() -> dict[str, list[tuple[Any, ...]]]:
    return {table: await stands(table) for table in TABLES}


async def _prepare(kind: str) -> Awaitable[Any]:
    """An edit of this kind, ready to be done."""
    if kind == "service.add":
        return actions.add_service(mean(), DEEP, 600000, TODAY)
    if kind == "product.add":
        return actions.add_product(mean(), SPRAY, 1250, TODAY)
    if kind == "category.add":
        return actions.add_category(mean(), {"en": "Homes"})
    if kind == "category.change":
        return actions.change_category(mean(), await category(), 1, {"en": "Houses"}, 4)
    if kind == "category.retire":
        return actions.retire_category(mean(), await category())
    if kind.startswith("product."):
        spray = await product()
        if kind == "product.readmit":
            await actions.retire_product(mean(), spray)
        return {
            "product.change": lambda: actions.change_product(mean(), spray, 1, replace(SPRAY, barcode=None)),
            "product.retire": lambda: actions.retire_product(mean(), spray),
            "product.readmit": lambda: actions.readmit_product(mean(), spray),
            "product.price": lambda: actions.price_product(mean(), spray, 1500, TOMORROW),
        }[kind]()
    deep = await service()
    if kind == "service.readmit":
        await actions.retire_service(mean(), deep)
    if kind == "price.withdraw":
        await actions.price_service(mean(), deep, 700000, TOMORROW)
    nina = BookableId(await factories.bookable())
    if kind == "skill.take":
        await actions.give_skill(mean(), nina, deep)
    return {
        "service.change": lambda: actions.change_service(mean(), deep, 1, replace(DEEP, minutes=90, buffer_after=0)),
        "service.retire": lambda: actions.retire_service(mean(), deep),
        "service.readmit": lambda: actions.readmit_service(mean(), deep),
        "service.price": lambda: actions.price_service(mean(), deep, 700000, TODAY),
        "price.withdraw": lambda: _withdraw(TOMORROW),
        "skill.set": lambda: actions.set_skills(mean(), nina, (Able(deep, 200, 500000),)),
        "skill.give": lambda: actions.give_skill(mean(), nina, deep),
        "skill.take": lambda: actions.take_skill(mean(), nina, deep),
    }[kind]()


async def _withdraw(valid_from: date) -> Any:
    price = await db.fetchval("SELECT id FROM price WHERE valid_from = $1", valid_from)
    return await actions.withdraw_price(mean(), price)


KINDS = (
    *("category.add", "category.change", "category.retire"),
    *("service.add", "service.change", "service.retire", "service.readmit", "service.price"),
    *("product.add", "product.change", "product.retire", "product.readmit", "product.price"),
    *("price.withdraw", "skill.set", "skill.give", "skill.take"),
)


def test_every_kind_of_the_catalogue_is_tried_here() -> None:
    from console.domain.kinds import KINDS as ALL

    ours = {name for name in ALL if name.partition(".")[0] in {"category", "service", "product", "price", "skill"}}
    assert ours == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_undo_brings_back_all_that_stood_and_a_redo_all_that_was_done(kind: str) -> None:
    edit = await _prepare(kind)
    before = await everything()
    done = await edit
    after = await everything()
    assert after != before
    undone = await undo(mean(), done.operation_id)
    assert await everything() == before
    redone = await undo(mean(), undone.operation_id)
    assert await everything() == after
    await undo(mean(), redone.operation_id)
    assert await everything() == before


async def test_an_addition_cannot_be_undone_under_what_came_to_rest_on_it() -> None:
    added = await actions.add_service(mean(), DEEP, 600000, TODAY)
    deep = ServiceId(added.result["service"])
    nina = BookableId(await factories.bookable())
    able = await actions.set_skills(mean(), nina, (Able(deep),))
    with pytest.raises(HasDependants) as refused:
        await undo(mean(), added.operation_id)
    assert [id_ for id_, _, _ in refused.value.operations] == [able.operation_id]
    await undo(mean(), able.operation_id)
    await undo(mean(), added.operation_id)
    assert await stands("service") == await stands("price") == []


async def test_a_code_that_was_given_away_keeps_a_service_off() -> None:
    deep = await service()
    off = await actions.retire_service(mean(), deep)
    await service()
    with pytest.raises(HasDependants) as in_the_way:
        await undo(mean(), off.operation_id)
    assert [kind for _, kind, _ in in_the_way.value.operations] == ["service.add"]
    with pytest.raises(Invalid) as refused:
        await actions.readmit_service(mean(), deep)
    assert refused.value.problems["code"].key == "problem.code_taken"


async def test_a_barcode_that_was_given_away_does_not_come_back() -> None:
    spray = await product()
    without = await actions.change_product(mean(), spray, 1, replace(SPRAY, barcode=None))
    await product(replace(SPRAY, code="OTHER"))
    with pytest.raises(HasDependants) as in_the_way:
        await undo(mean(), without.operation_id)
    assert [kind for _, kind, _ in in_the_way.value.operations] == ["product.add"]


async def test_a_price_keeps_the_currency_in_which_it_was_set() -> None:
    deep = await service()
    await business.change(mean(), 1, replace(ABOUT, currency="USD"), None, False)
    await actions.price_service(mean(), deep, 7000, TOMORROW)
    assert [row[3:] for row in await stands("price")] == [(TODAY, 600000, "EUR"), (TOMORROW, 7000, "USD")]


async def test_skills_of_services_that_are_off_stay_as_they_are() -> None:
    deep, spring = await service(), await service(replace(DEEP, code="SPRING"))
    nina = BookableId(await factories.bookable())
    await actions.set_skills(mean(), nina, (Able(deep), Able(spring, 90)))
    await actions.retire_service(mean(), spring)
    await actions.set_skills(mean(), nina, ())
    assert [row[2] for row in await stands("skill")] == [spring]
    with pytest.raises(NotFound):
        await actions.set_skills(mean(), BookableId(await factories.bookable("Oleg")), (Able(spring),))


async def at_once(*edits: Awaitable[Any]) -> list[DomainError]:
    """Do all of these at once and answer what was refused; nothing else may go wrong."""
    answers = await asyncio.gather(*edits, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, BaseException)]
    assert all(isinstance(one, DomainError) for one in refused), refused
    return [one for one in refused if isinstance(one, DomainError)]


async def test_of_many_edits_of_one_version_one_is_saved() -> None:
    deep, spray = await service(), await product()
    refused = await at_once(
        *(actions.change_service(mean(), deep, 1, replace(DEEP, minutes=60 + at)) for at in range(10)),
        *(actions.change_product(mean(), spray, 1, replace(SPRAY, code=f"SPRAY{at}")) for at in range(10)),
    )
    assert [type(one) for one in refused] == [Stale] * 18
    assert [await db.fetchval(f"SELECT version FROM {table}") for table in ("service", "product")] == [2, 2]


async def test_a_category_is_taken_away_or_used_never_both() -> None:
    for at in range(5):
        homes = await category()
        about = replace(DEEP, code=f"IN{at}", category=homes)
        refused = await at_once(actions.retire_category(mean(), homes), actions.add_service(mean(), about, 100, TODAY))
        assert len(refused) == 1
        off = await db.fetchval("SELECT retired_at IS NOT NULL FROM category WHERE id = $1", homes)
        used = await db.fetchval("SELECT EXISTS (SELECT FROM service WHERE category = $1)", homes)
        assert off is not used


async def test_a_service_is_turned_off_or_learned_never_learned_after() -> None:
    for at in range(5):
        deep = await service(replace(DEEP, code=f"OFF{at}"))
        nina = BookableId(await factories.bookable(f"Nina {at}"))
        refused = await at_once(actions.retire_service(mean(), deep), actions.set_skills(mean(), nina, (Able(deep),)))
        assert [type(one) for one in refused] in ([], [NotFound])
        learned = await db.fetchval("SELECT operation FROM skill WHERE service = $1", deep)
        off = await db.fetchval("SELECT operation FROM service WHERE id = $1", deep)
        assert (learned is None) == bool(refused)
        assert off is not None


async def test_prices_of_one_day_set_at_once_leave_one() -> None:
    deep = await service()
    assert await at_once(*(actions.price_service(mean(), deep, 100 + at, TOMORROW) for at in range(10))) == []
    assert [row[3] for row in await stands("price")] == [TODAY, TOMORROW]


async def test_an_undo_and_an_edit_at_once_leave_no_mixture() -> None:
    deep = await service()
    longer = await actions.change_service(mean(), deep, 1, replace(DEEP, minutes=200))
    refused = await at_once(
        undo(mean(), longer.operation_id), actions.change_service(mean(), deep, 2, replace(DEEP, minutes=240))
    )
    assert len(refused) == 1
    minutes = await db.fetchval("SELECT minutes FROM service")
    assert minutes == (180 if isinstance(refused[0], Stale) else 240)


@pytest.mark.parametrize("undone", [False, True])
async def test_a_price_set_while_that_of_its_day_is_taken_back_holds(
    monkeypatch: pytest.MonkeyPatch, undone: bool
) -> None:
    deep = await service()
    priced = await actions.price_service(mean(), deep, 1000, TOMORROW)
    taken_back = undo(mean(), priced.operation_id) if undone else _withdraw(TOMORROW)
    found = await meet(monkeypatch, taken_back, actions.price_service(mean(), deep, 2000, TOMORROW))
    assert [type(one) for one in found] == [Outcome, Outcome]
    assert [row[3:5] for row in await stands("price")] == [(TODAY, 600000), (TOMORROW, 2000)]


async def test_of_two_who_take_back_one_price_one_is_told_that_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    await actions.price_service(mean(), await service(), 1000, TOMORROW)
    found = await meet(monkeypatch, _withdraw(TOMORROW), _withdraw(TOMORROW))
    assert [type(one) for one in found] == [Outcome, NotFound]


async def test_skills_set_while_one_is_taken_back_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    deep, nina = await service(), BookableId(await factories.bookable())
    given = await actions.give_skill(mean(), nina, deep)
    seen = (await queries.skills_version(nina)).number
    setting = actions.set_skills(mean(), nina, (Able(deep, 90),), seen)
    found = await meet(monkeypatch, undo(mean(), given.operation_id), setting)
    assert [type(one) for one in found] == [Outcome, Stale]
    assert await stands("skill") == []


@pytest.mark.parametrize("deed", ["change", "readmit", "undo of a change", "undo of a retirement"])
async def test_a_service_is_locked_after_the_category_that_it_stands_in(
    as_owner: asyncpg.Connection, deed: str
) -> None:
    homes = await category()
    about = replace(DEEP, category=homes)
    deep = await service(about)
    changed = await actions.change_service(mean(), deep, 1, replace(about, minutes=90))
    retired = None if deed in {"change", "undo of a change"} else await actions.retire_service(mean(), deep)
    held = as_owner.transaction()
    await held.start()
    await as_owner.execute("SELECT 1 FROM category FOR NO KEY UPDATE")
    doing = asyncio.ensure_future(
        {
            "change": lambda: actions.change_service(mean(), deep, 2, about),
            "readmit": lambda: actions.readmit_service(mean(), deep),
            "undo of a change": lambda: undo(mean(), changed.operation_id),
            "undo of a retirement": lambda: undo(mean(), retired.operation_id if retired else changed.operation_id),
        }[deed]()
    )
    await waits(doing)
    assert await as_owner.fetchval("SELECT count(*) FROM (SELECT FROM service FOR UPDATE SKIP LOCKED) free") == 1
    await held.rollback()
    assert isinstance(await doing, Outcome)
