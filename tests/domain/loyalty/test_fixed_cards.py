"""Fixed cards against the database: given and taken back by a manager, with the tier tracked silently beneath."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.errors import Forbidden, Invalid, NotFound
from console.domain.ids import CategoryId, ClientId, FixedCardId
from console.domain.intent import TERMINAL, Intent, Outcome
from console.domain.loyalty import actions, checks, fixed_cards, queries
from console.domain.loyalty.accounts import account
from console.domain.loyalty.fixed_cards import FixedCardChanged
from console.domain.loyalty.nights import night
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.live import REPLAY
from console.domain.loyalty.rules.pricing import Off, Percentage
from console.domain.undo import undo
from console.domain.visits import terms
from tests import factories
from tests.cast import NOW, VERA
from tests.domain.deeds import intent as by_script
from tests.domain.loyalty.test_accounts import USUAL, come, day, kept, ladder
from tests.yard import intent

TODAY = NOW.date()
SILVER = [Percentage(Off.TIER, 500)]


@pytest.fixture
async def client(kernel: None) -> ClientId:
    """A client of a business whose programme has been in force for long."""
    await factories.staff(VERA)
    one = await queries.draft()
    assert one is not None
    await actions.change_draft(intent(VERA), one.id, one.version, both(USUAL))
    await actions.publish(intent(VERA), one.id, one.version + 1, date(2020, 1, 1))
    return ClientId(await factories.client())


async def give(
    client: ClientId, bp: int = 700, *categories: int, instead_of: int | None = None
) -> Outcome[dict[str, int]]:
    on = tuple(map(CategoryId, categories)) or None
    seen = FixedCardId(instead_of) if instead_of else None
    return await fixed_cards.give(intent(VERA), client, bp, on, seen)


async def withdraw(client: ClientId, card: int, days: int = 0) -> Outcome[Any]:
    late = Intent(intent(VERA).id, VERA.actor, NOW + timedelta(days))
    return await fixed_cards.withdraw(late, client, FixedCardId(card))


async def percentages(client: ClientId, on: date = TODAY) -> list[Percentage]:
    return list(terms.for_client(await account(client, on), on, REPLAY).percentages)


async def silver(client: ClientId, ago: int = 40) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(ago - visit))


async def test_it_is_taken_off_instead_of_the_tier_until_it_is_taken_back(client: ClientId) -> None:
    await silver(client)
    assert await percentages(client) == SILVER
    card = (await give(client)).result["card"]
    assert await percentages(client) == [Percentage(Off.FIXED, 700)]
    await withdraw(client, card)
    assert await percentages(client) == SILVER


async def test_on_categories_it_is_for_the_services_that_are_in_them(client: ClientId) -> None:
    homes = await factories.category()
    service = await factories.service(category=homes)
    await factories.service("WASH")
    await give(client, 700, homes)
    assert await percentages(client) == [Percentage(Off.FIXED, 700, frozenset({str(service)}))]
    found = await queries.fixed_card(client)
    assert found is not None
    assert (found.bp, found.categories, found.valid_from) == (700, [homes], TODAY)


async def test_a_visit_dated_back_is_priced_by_what_was_held_then(client: ClientId) -> None:
    await silver(client)
    card = (await give(client)).result["card"]
    assert await percentages(client, day(1)) == SILVER
    assert await percentages(client, day(37)) == [Percentage(Off.TIER, 0)]
    await withdraw(client, card, days=3)
    held = await account(client, TODAY + timedelta(5))
    asked = [TODAY, TODAY + timedelta(2), TODAY + timedelta(3)]
    assert [terms.for_client(held, on, REPLAY).percentages[0].off for on in asked] == [Off.FIXED, Off.FIXED, Off.TIER]


async def test_the_tier_grows_and_shrinks_beneath_it_and_says_so_to_nobody(client: ClientId) -> None:
    card = (await give(client)).result["card"]
    await silver(client, 190)
    for to in (day(9), TODAY, TODAY + timedelta(14)):
        await night(by_script(TERMINAL), client, to)
    assert [(event, tier) for event, _, tier in await ladder(client)] == [
        ("raised", "silver"),
        ("warned", "silver"),
        ("dropped", "base"),
    ]
    said = await db.fetch("SELECT snapshot ->> 'silent' AS silent FROM tier_entry ORDER BY id")
    assert [row["silent"] for row in said] == ["true"] * 3
    assert await percentages(client) == [Percentage(Off.FIXED, 700)]
    assert (await account(client, TODAY)).is_silent
    await withdraw(client, card, days=14)
    assert not (await account(client, TODAY)).is_silent


async def test_a_warning_that_nobody_was_told_gets_full_grace_when_it_is_taken_back(client: ClientId) -> None:
    card = (await give(client)).result["card"]
    await silver(client, 190)
    await night(by_script(TERMINAL), client, TODAY)
    assert (await kept(client))["drops_on"] == TODAY + timedelta(14)
    done = await withdraw(client, card, days=10)
    found = await kept(client)
    assert (found["tier"], found["drops_on"]) == ("silver", TODAY + timedelta(24))
    assert [event for event, _, _ in await ladder(client)] == ["raised", "warned", "postponed"]
    last = await db.fetchval("SELECT snapshot FROM tier_entry ORDER BY id DESC LIMIT 1")
    assert last == '{"version": 1}'
    assert await checks.tiers_are_those_of_their_last_entries() == []
    back = Intent(intent(VERA).id, VERA.actor, NOW + timedelta(11))
    undone = await undo(back, done.operation_id)
    assert await percentages(client) == [Percentage(Off.FIXED, 700)]
    assert (await kept(client))["drops_on"] == TODAY + timedelta(24)
    again = Intent(intent(VERA).id, VERA.actor, NOW + timedelta(12))
    await undo(again, undone.operation_id)
    assert await percentages(client, TODAY + timedelta(12)) == SILVER
    assert (await kept(client))["drops_on"] == TODAY + timedelta(26)


async def test_another_one_takes_the_place_of_the_one_seen_and_an_undo_brings_that_back(
    client: ClientId,
) -> None:
    first = (await give(client)).result["card"]
    for seen in (None, first + 1):
        with pytest.raises(FixedCardChanged):
            await give(client, 900, instead_of=seen)
    done = await give(client, 900, instead_of=first)
    assert await percentages(client) == [Percentage(Off.FIXED, 900)]
    await undo(intent(VERA), done.operation_id)
    assert await percentages(client) == [Percentage(Off.FIXED, 700)]
    same = await give(client, 700, instead_of=first)
    assert same.operation_id == 0
    assert await db.fetchval("SELECT count(*) FROM fixed_card WHERE retired_at IS NULL") == 1


async def test_what_was_taken_back_does_not_come_back_beside_another_one(client: ClientId) -> None:
    card = (await give(client)).result["card"]
    done = await withdraw(client, card)
    await give(client, 900)
    with pytest.raises(FixedCardChanged):
        await undo(intent(VERA), done.operation_id)
    with pytest.raises(FixedCardChanged):
        await withdraw(client, card)
    assert await percentages(client) == [Percentage(Off.FIXED, 900)]


@pytest.mark.parametrize(
    ("bp", "categories", "field"), [(0, (), "discount"), (10_001, (), "discount"), (700, (404,), "categories")]
)
async def test_what_makes_no_sense_is_refused(
    client: ClientId, bp: int, categories: tuple[int, ...], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await give(client, bp, *categories)
    assert refused.value.problems.keys() == {field}
    with pytest.raises(Invalid):
        await fixed_cards.give(intent(VERA), client, 700, (), None)
    assert await queries.fixed_card(client) is None


async def test_only_managers_give_it_and_nobody_to_who_is_not_there(client: ClientId) -> None:
    with pytest.raises(Forbidden):
        await fixed_cards.give(intent(), client, 700, None, None)
    with pytest.raises(NotFound):
        await give(ClientId(404))


@pytest.mark.parametrize("change", ["bp = 0", "bp = 10001", "categories = '{}'", "categories = '{NULL}'"])
async def test_the_database_refuses_what_is_no_discount(
    client: ClientId, change: str, as_owner: asyncpg.Connection
) -> None:
    await give(client)
    with pytest.raises(asyncpg.CheckViolationError):
        await as_owner.execute(f"UPDATE fixed_card SET {change}")


async def test_two_at_once_are_given_once(client: ClientId, as_owner: asyncpg.Connection) -> None:
    await give(client)
    with pytest.raises(asyncpg.UniqueViolationError):
        await factories._insert("fixed_card", client=client, bp=1, valid_from=TODAY)
