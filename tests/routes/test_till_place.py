"""At which location's till money comes and goes, over HTTP: chosen where more than one could take it."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.booking import actions
from console.domain.booking.rules import CancelledBy
from console.domain.visits import fees
from console.domain.visits.fees_rules import Cause, Rule
from tests import factories
from tests.cast import NOW, VERA
from tests.page import Visitor
from tests.till import CURRENCY, Desk
from tests.words import say
from tests.yard import intent

pytestmark = pytest.mark.usefixtures("today")

FIELD = "location"


@pytest.fixture
async def north(here: Desk) -> int:
    return await factories.location("North")


async def owing(here: Desk) -> str:
    """The page of a visit that is owed for."""
    return f"/visits/{(await here.come(paid=0)).result['visit']}"


async def fee(here: Desk) -> str:
    """The form of a fee that is owed."""
    await fees.change_rules(intent(VERA), here.location, 0, {Cause.LATE_CANCELLATION: Rule(50_000, CURRENCY)})
    await actions.cancel(intent(), await here.yard.book(here.yard.nina), CancelledBy.CLIENT)
    return f"/fees/{await db.fetchval('SELECT max(id) FROM fee')}/payment"


async def close(location: int) -> None:
    await db.execute("UPDATE location SET retired_at = $2, version = version + 1 WHERE id = $1", location, NOW)


async def tills(table: str = "payment") -> list[int]:
    return [row["location"] for row in await db.fetch(f"SELECT location FROM {table} ORDER BY id")]


async def test_a_debt_is_received_at_the_till_that_was_chosen(anna: Visitor, here: Desk, north: int) -> None:
    url = await owing(here)
    page = await anna.open(url)
    assert page.value(FIELD) == str(here.location)
    await anna.send(page, f"{url}/payments", amount="500", location=north)
    await anna.send(await anna.open(url), f"{url}/payments", amount="300")
    assert await tills() == [north, here.location]


async def test_a_fee_is_received_at_the_till_that_was_chosen(anna: Visitor, here: Desk, north: int) -> None:
    url = await fee(here)
    page = await anna.open(url)
    assert page.value(FIELD) == str(here.location)
    await anna.send(page, url, method=here.cash, location=north)
    assert await tills("fee_payment") == [north]


async def test_money_goes_back_out_of_the_till_that_was_chosen_once_that_was_seen(
    vera: Visitor, here: Desk, north: int
) -> None:
    url = f"/visits/{(await here.come()).result['visit']}/refund"
    page = await vera.send(await vera.open(url), url, reason=here.sorry, location=north)
    assert page.value(FIELD) == str(north)
    await vera.send(page, url)
    assert await tills() == [here.location, north]


async def test_where_the_visits_location_is_closed_it_is_the_one_whose_agenda_was_looked_at(
    anna: Visitor, here: Desk, north: int
) -> None:
    south = await factories.location("South")
    url = await owing(here)
    await anna.open(f"/agenda?place={south}")
    await close(here.location)
    page = await anna.open(url)
    assert page.value(FIELD) == str(south)
    await anna.send(page, f"{url}/payments")
    assert await tills() == [south]


async def test_a_location_that_was_closed_meanwhile_is_said_at_the_field(anna: Visitor, here: Desk, north: int) -> None:
    url = await owing(here)
    page = await anna.open(url)
    await close(here.location)
    answer = await anna.send(page, f"{url}/payments", amount="500")
    assert (answer.status, answer.error(FIELD)) == (422, say("problem.choice"))
    assert answer.value("amount") == "500"
    assert await tills() == []


async def test_one_open_location_is_not_asked_for(anna: Visitor, here: Desk) -> None:
    page = await anna.open(await owing(here))
    assert not page.has(f"select[name={FIELD}]")
    assert page.value(FIELD) == str(here.location)


async def test_without_an_open_location_a_sentence_says_what_to_do_in_place_of_a_button(
    anna: Visitor, vera: Visitor, here: Desk
) -> None:
    visit, late = await owing(here), await fee(here)
    paid = f"/visits/{(await here.come()).result['visit']}/refund"
    await close(here.location)
    for visitor, url, action in ((anna, visit, f"{visit}/payments"), (anna, late, late), (vera, paid, paid)):
        page = await visitor.open(url)
        assert page.status == 200
        assert not page.has(f"[name={FIELD}]")
        assert not page.has(f"form[action='{action}'] .primary")
        assert "the till of an open location" in page.words(f"form[action='{action}'] .callout")
        assert page.has("form a[href='/settings/locations']") == (visitor is vera)
        answer = await visitor.send(page, action)
        assert answer.status == 422
