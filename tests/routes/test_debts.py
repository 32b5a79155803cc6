"""What a client owes over HTTP: one sum on the card, taken as much as comes, or along with a visit at the till."""

from __future__ import annotations

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.booking import actions
from console.domain.booking.rules import CancelledBy
from console.domain.ids import BookingId
from console.domain.visits import fees
from console.domain.visits.fees_rules import Cause, Rule
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.till import CURRENCY, USUAL, Desk, desk
from tests.words import say
from tests.yard import ALWAYS, HOUR, intent, yard

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
async def here(app: Litestar) -> Desk:
    """Two visits of which half is owed, and a fee of 500."""
    await factories.staff(ANNA, language="en")
    await factories.staff(VERA)
    made = await desk(await yard(hours=ALWAYS))
    await fees.change_rules(intent(VERA), made.location, 0, {Cause.LATE_CANCELLATION: Rule(50_000, CURRENCY)})
    for ago in (30, 20):
        await made.come(ago, paid=USUAL // 2)
    await actions.cancel(intent(VERA), await made.yard.book(made.yard.nina), CancelledBy.CLIENT)
    return made


@pytest.fixture
async def anna(sign_in: SignIn, here: Desk) -> Visitor:
    return await sign_in(ANNA, language="en", exists=True)


async def owed(here: Desk, anna: Visitor) -> str:
    return (await anna.open(f"/clients/{here.client}")).words(".owes strong")


async def at_the_till(anna: Visitor, here: Desk) -> tuple[str, Page]:
    """The till of a booking of the client's."""
    url = f"/bookings/{BookingId(await here.yard.book(here.yard.olga, NOW - HOUR))}/visit"
    return url, await anna.open(url)


async def tick(anna: Visitor, page: Page, url: str, *names: str) -> Page:
    return await anna.send(page, url, debts=list(names), press="find=work-out")


async def test_the_card_shows_one_sum_that_opens_visits_and_fees_each_with_its_page(anna: Visitor, here: Desk) -> None:
    page = await anna.open(f"/clients/{here.client}")
    assert page.all(".owes strong") == ["Owes €2,500"]
    assert page.all(".owes .numeric") == ["€1,000", "€1,000", "€500"]
    links = [link.attributes["href"] for link in page.tree.css(".owes li a")]
    assert links == ["/visits/1", "/visits/2", "/fees/1/payment"]
    assert "owes" not in page.words(".client-fees")


async def test_as_much_as_comes_goes_to_the_oldest_and_an_undo_gives_it_back(anna: Visitor, here: Desk) -> None:
    url = f"/clients/{here.client}/debts"
    page = await anna.open(url)
    assert page.value("minor") == "2500"
    wrong = await anna.send(page, url, minor="2501")
    assert (wrong.status, wrong.error("minor")) == (422, say("problem.paid_too_much"))
    page = await anna.send(wrong, url, minor="1500")
    assert say("effect.visit_debt_taken", sum="€1,500") in page.words(".toast")
    assert page.all(".owes .numeric") == ["€500", "€500"]
    [action] = [form.attributes["action"] for form in page.tree.css(".toast form")]
    await anna.send(page, action)
    assert await owed(here, anna) == "Owes €2,500"


async def test_what_is_owed_in_the_currency_of_before_is_received_in_that(anna: Visitor, here: Desk) -> None:
    await db.execute("UPDATE business SET currency = 'USD'")
    url = f"/clients/{here.client}/debts"
    page = await anna.open(url)
    assert (page.path, page.value("minor")) == (url, "2500")
    assert page.all(".visit-money .numeric") == ["€1,000", "€1,000", "€500"]
    wrong = await anna.send(page, url, minor="2501")
    assert wrong.error("minor") == say("problem.paid_too_much")
    other = await anna.send(wrong, url, minor="2500", currency="USD")
    assert (other.status, other.value("currency")) == (409, CURRENCY), "dollars were shown, and are owed no more"
    page = await anna.send(other, url, minor="2500")
    assert await owed(here, anna) == ""
    rows = await db.fetch("SELECT DISTINCT currency FROM payment UNION SELECT DISTINCT currency FROM fee_payment")
    assert [row["currency"] for row in rows] == [CURRENCY]


async def test_where_nothing_is_owed_there_is_nothing_to_take(anna: Visitor, here: Desk) -> None:
    url = f"/clients/{here.client}/debts"
    await anna.send(await anna.open(url), url)
    assert await owed(here, anna) == ""
    assert (await anna.open(url)).path == f"/clients/{here.client}"


async def test_the_till_takes_debts_along_and_its_undo_gives_them_back(anna: Visitor, here: Desk) -> None:
    url, page = await at_the_till(anna, here)
    assert page.all(".till-debts label .numeric") == ["€1,000", "€1,000", "€500"]
    assert not page.has(".till-together")
    page = await tick(anna, page, url, "v1-100000", "f1-50000")
    assert page.words(".till-together .numeric") == "€3,500"
    assert page.value("ways_1_amount") == "3500"
    assert "€3,500" in page.words(".till-finish")
    page = await anna.send(page, url, press="find=finish")
    assert page.path == "/visits/3"
    assert page.has(".toast a[href='/visits/3/receipt']")
    assert say("effect.visit_debt_taken", sum="€1,500") in page.words(".toast")
    assert await owed(here, anna) == "Owes €1,000"
    [action] = [form.attributes["action"] for form in page.tree.css(".toast form")]
    await anna.send(page, action)
    assert await owed(here, anna) == "Owes €2,500"


async def test_money_of_another_visit_is_told_apart_from_that_of_the_visit_itself(anna: Visitor, here: Desk) -> None:
    url, page = await at_the_till(anna, here)
    page = await tick(anna, page, url, "v1-100000", "f1-50000")
    await anna.send(page, url, press="find=finish")
    first = say("words.money_taken_for", day="12 April")
    own, fee = f"{say('words.money_taken')}: €2,000", f"{say('words.fee_taken')}: €500"
    for visit in (3, 1):
        told = (await anna.open(f"/visits/{visit}")).all(".told-list > li:first-child .told-what .soft")
        assert {own, f"{first}: €1,000", fee} <= set(told)
        assert f"{say('words.money_taken')}: €3,000" not in told
    booking = await db.fetchval("SELECT booking FROM fee")
    told = (await anna.open(f"/bookings/{booking}")).all(".told-list > li:first-child .told-what")
    assert told == [f"{ANNA.name} (front desk): visit finished: Анна Петрова, 12 May {fee}"]


async def test_what_was_taken_of_debts_alone_says_of_which_visits_it_was(anna: Visitor, here: Desk) -> None:
    url = f"/clients/{here.client}/debts"
    await anna.send(await anna.open(url), url, minor="1500", method=str(here.cash))
    first, second = (say("words.money_taken_for", day=day) for day in ("12 April", "22 April"))
    for page in ("/visits/2", f"/clients/{here.client}", f"/clients/{here.client}/timeline?show=visits"):
        told = (await anna.open(page)).all(".told-list > li:first-child .told-what .soft")
        assert told[:2] == [f"{first}: €1,000", f"{second}: €500"]


async def test_the_timeline_says_how_much_money_came_for_a_visit_and_for_a_fee(anna: Visitor, here: Desk) -> None:
    url, page = await at_the_till(anna, here)
    page = await tick(anna, page, url, "v1-100000", "f1-50000")
    page = await anna.send(page, url, press="find=finish")
    [action] = [form.attributes["action"] for form in page.tree.css(".toast form")]
    taken, back = ("words.money_taken", "words.fee_taken"), ("words.money_back", "words.fee_back")
    told = (await anna.open(f"/clients/{here.client}")).all(".told-list > li:first-child .told-what .soft")
    assert {f"{say(taken[0])}: €2,000", f"{say(taken[1])}: €500"} <= set(told)
    told = (await anna.open(f"/clients/{here.client}/timeline?show=loyalty")).words(".told-list > li:first-child")
    assert "€500" not in told
    await anna.send(page, action)
    told = (await anna.open(f"/clients/{here.client}")).all(".told-list > li:first-child .told-what .soft")
    assert {f"{say(back[0])}: €2,000", f"{say(back[1])}: €500"} <= set(told)


async def test_pressed_twice_it_is_one_visit_and_each_debt_is_taken_once(anna: Visitor, here: Desk) -> None:
    url, page = await at_the_till(anna, here)
    page = await tick(anna, page, url, "v1-100000")
    for _ in range(2):
        assert (await anna.send(page, url, press="find=finish")).path == "/visits/3"
    assert await db.fetchval("SELECT count(*) FROM payment WHERE visit = 1") == 2
    assert await db.fetchval("SELECT count(*) FROM visit") == 3


async def test_less_than_all_leaves_the_visit_owed_once_that_was_said(anna: Visitor, here: Desk) -> None:
    url, page = await at_the_till(anna, here)
    page = await tick(anna, page, url, "v1-100000")
    page = await anna.send(page, url, ways_1_amount="2500", press="find=finish")
    assert (page.status, page.error("ways_1_amount")) == (422, say("problem.owes_then"))
    await anna.send(page, url, press="find=finish")
    assert await owed(here, anna) == "Owes €2,000"
    assert await db.fetchval("SELECT sum(minor)::int FROM payment WHERE visit = 3") == 150_000


async def test_a_debt_that_was_taken_meanwhile_is_not_taken_again(anna: Visitor, here: Desk) -> None:
    url, page = await at_the_till(anna, here)
    page = await tick(anna, page, url, "v1-100000")
    await here.receive(1, 100_000)
    answer = await anna.send(page, url, press="find=finish")
    assert answer.status == 409
    assert say("problem.till_debts_changed") in answer.words("main")
    assert "The price is another one" not in answer.words("main")
    assert answer.all(".till-debts label .numeric") == ["€1,000", "€500"]
    assert not answer.has(".till-together")
    assert await db.fetchval("SELECT count(*) FROM visit") == 2


async def test_debts_that_cannot_be_are_refused_in_words(anna: Visitor, here: Desk) -> None:
    url, page = await at_the_till(anna, here)
    for typed in ("x", "v1-", "v9" * 40, "v1-0"):
        answer = await anna.send(page, url, debts=[typed], press="find=finish")
        assert answer.status in {409, 422}, typed
    assert await db.fetchval("SELECT count(*) FROM visit") == 2
