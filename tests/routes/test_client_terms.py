"""What a client agreed to and was granted, over HTTP: rules accepted at the front desk, a discount by a manager."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty import actions, queries
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import intent

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
async def anna(sign_in: SignIn) -> Visitor:
    """The front desk, and a manager besides."""
    visitor = await sign_in(ANNA, language="en")
    await factories.staff(VERA)
    return visitor


async def in_force() -> None:
    one = await queries.draft()
    assert one is not None
    await actions.publish(intent(VERA), one.id, one.version, NOW.date() - timedelta(9))


async def accepted(client: int) -> int | None:
    found = await queries.membership(ClientId(client))
    return found and found.number


async def test_before_rules_are_in_force_there_is_nothing_to_accept(anna: Visitor) -> None:
    client = await factories.client()
    page = await anna.open(f"/clients/{client}/terms")
    assert say("No rules are in force yet.") in page.words("#rules")
    assert not page.has("#rules form")


async def test_the_front_desk_notes_what_was_accepted_and_takes_it_back_with_an_undo(anna: Visitor) -> None:
    await in_force()
    client = await factories.client()
    page = await anna.open(f"/clients/{client}/terms")
    assert say("Rules of version %(number)s, which are in force, are not accepted yet.", number=1) in page.words(
        "#rules"
    )
    page = await anna.send(page, f"/clients/{client}/rules/1/acceptance")
    assert await accepted(client) == 1
    assert ANNA.name in page.words("#rules")
    assert not page.has(f"form[action='/clients/{client}/rules/1/acceptance']")
    held = await queries.membership(ClientId(client))
    assert held is not None
    page = await anna.send(page, f"/clients/{client}/memberships/{held.id}/end")
    assert await accepted(client) is None
    ended = await db.fetchval("SELECT id FROM operation WHERE kind = 'membership.leave'")
    await anna.send(page, f"/operations/{ended}/undo")
    assert await accepted(client) == 1


async def test_rules_that_are_not_in_force_are_refused_in_words(anna: Visitor) -> None:
    await in_force()
    client = await factories.client()
    page = await anna.open(f"/clients/{client}/terms")
    token = page.value("_csrf")
    await anna.send(page, f"/clients/{client}/rules/1/acceptance")
    page = await anna.post(
        f"/clients/{client}/rules/7/acceptance",
        {"_csrf": [token], "intent": ["7f0c5b4e-0000-4000-8000-000000000001"]},
    )
    assert (page.status, await accepted(client)) == (409, 1)
    assert say("refused.other_rules_in_force") in page.words("main")


async def test_a_manager_gives_a_discount_on_categories_changes_it_and_takes_it_back(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, language="en")
    client, homes = await factories.client(), await factories.category()
    address = f"/clients/{client}/terms"
    page = await vera.send(
        await vera.open(address), f"/clients/{client}/fixed-card", discount="7,5", categories=[str(homes)]
    )
    assert "7.5 % on Homes" in page.words("#fixed-card").replace("\xa0", " ")
    held = await queries.fixed_card(ClientId(client))
    assert held is not None
    assert (held.bp, held.categories) == (750, [homes])
    page = await vera.send(page, f"/clients/{client}/fixed-card", discount="10", categories=[])
    held = await queries.fixed_card(ClientId(client))
    assert held is not None
    assert (held.bp, held.categories) == (1_000, None)
    page = await vera.send(page, f"/clients/{client}/fixed-cards/{held.id}/end")
    assert await queries.fixed_card(ClientId(client)) is None
    assert say("None: the discount is that of the tier.") in page.words("#fixed-card")


@pytest.mark.parametrize("typed", ["0", "100.01", "-5", "ten", "1,234"])
async def test_what_is_no_discount_is_told_at_its_field_and_kept(sign_in: SignIn, typed: str) -> None:
    vera = await sign_in(VERA, language="en")
    client = await factories.client()
    page = await vera.send(await vera.open(f"/clients/{client}/terms"), f"/clients/{client}/fixed-card", discount=typed)
    assert (page.status, page.error("discount")) == (422, say("problem.discount_out_of_range"))
    assert page.value("discount") == typed
    assert await queries.fixed_card(ClientId(client)) is None


async def test_who_saw_another_discount_is_told(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, language="en")
    client = await factories.client()
    seen = await vera.open(f"/clients/{client}/terms")
    await vera.send(await vera.open(f"/clients/{client}/terms"), f"/clients/{client}/fixed-card", discount="5")
    page = await vera.send(seen, f"/clients/{client}/fixed-card", discount="9")
    assert page.status == 409
    assert say("refused.fixed_card_changed") in page.words("main")
    assert await db.fetchval("SELECT bp FROM fixed_card WHERE retired_at IS NULL") == 500


async def test_the_front_desk_sees_the_discount_and_gives_none(anna: Visitor) -> None:
    client = await factories.client()
    await factories._insert("fixed_card", client=client, bp=500, valid_from=NOW.date())
    page = await anna.open(f"/clients/{client}/terms")
    assert "5 % on all services" in page.words("#fixed-card").replace("\xa0", " ")
    assert not page.has("#fixed-card form")
    assert (await anna.post(f"/clients/{client}/fixed-card", {"_csrf": [page.value("_csrf")]})).status == 403


async def test_it_is_found_from_the_card(anna: Visitor) -> None:
    client = await factories.client()
    assert (await anna.open(f"/clients/{client}")).has(f"a[href='/clients/{client}/terms']")
    assert (await anna.open("/clients/404/terms")).status == 404
