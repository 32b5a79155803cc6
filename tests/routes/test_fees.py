"""Fees for late cancellations and no-shows over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain import db
from console.domain.booking import actions
from console.domain.booking.rules import CancelledBy
from console.domain.ids import BookingId, FeeId, MethodId, ReasonId
from console.domain.visits import fees
from console.domain.visits.fees_rules import Cause, Rule
from console.domain.visits.rules import Paid
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import HOUR, Yard, intent, yard

pytestmark = pytest.mark.usefixtures("today")

ASKED = {Cause.LATE_CANCELLATION: Rule(50_000, "RUB"), Cause.NO_SHOW: Rule(bp=5_000)}
MONEY = "RUB 500"


@pytest.fixture
async def vera(sign_in: SignIn) -> Visitor:
    return await sign_in(VERA)


@pytest.fixture
async def anna(sign_in: SignIn) -> Visitor:
    return await sign_in(ANNA, language="en")


@pytest.fixture
async def here(vera: Visitor, anna: Visitor) -> Yard:
    """A location of a business in roubles, where a service costs 1 500."""
    await db.execute("UPDATE business SET currency = 'RUB'")
    made = await yard()
    await factories.price(made.service, 150_000)
    return made


@pytest.fixture
async def asking(here: Yard) -> Yard:
    """It asks 500 roubles for a late cancellation and half the price for a no-show."""
    await fees.change_rules(intent(VERA), here.location, 0, ASKED)
    return here


@pytest.fixture
async def waiver(here: Yard) -> int:
    return await factories.reason("fee_waiver")


async def stands() -> list[tuple[int, bool]]:
    rows = await db.fetch("SELECT minor, waived FROM fee WHERE retired_at IS NULL ORDER BY id")
    return [(row["minor"], row["waived"] is not None) for row in rows]


async def late(here: Yard) -> str:
    """The address of a booking that begins in an hour."""
    return f"/bookings/{await here.book(here.nina, NOW + HOUR)}"


async def undo(visitor: Visitor, page: Page) -> Page:
    [action] = [form.attributes["action"] for form in page.tree.css(".toast form")]
    return await visitor.send(page, action)


async def test_a_manager_says_what_a_location_asks_and_the_location_shows_it(vera: Visitor, here: Yard) -> None:
    page = await vera.open(f"/settings/locations/{here.location}")
    assert page.all(".section .facts dd") == ["Nothing", "Nothing"]
    url = f"/settings/locations/{here.location}/fees"
    page = await vera.open(url)
    page = await vera.send(page, url, late_cancellation_minor="500", no_show_bp="12.5")
    assert page.path == f"/settings/locations/{here.location}"
    assert page.toast == say("done.fee_rule.change", name="Centre")
    assert page.all(".section .facts dd") == [f"{MONEY} a service", "12.5 % of the price"]
    page = await vera.open(url)
    assert [page.value(one) for one in ("late_cancellation_minor", "no_show_bp")] == ["500", "12.5"]


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"no_show_minor": "500", "no_show_bp": "50"}, "no_show_bp", "problem.amount_or_share"),
        ({"no_show_minor": "0"}, "no_show_minor", "problem.fee_amount"),
        ({"no_show_bp": "0"}, "no_show_bp", "problem.fee_share"),
        ({"no_show_bp": "100.01"}, "no_show_bp", "problem.fee_share"),
        ({"no_show_bp": "half"}, "no_show_bp", "problem.fee_share"),
    ],
)
async def test_what_cannot_be_asked_is_said_at_its_field_and_typed_values_stay(
    vera: Visitor, here: Yard, typed: dict[str, str], field: str, problem: str
) -> None:
    url = f"/settings/locations/{here.location}/fees"
    page = await vera.send(await vera.open(url), url, late_cancellation_bp="10", **typed)
    assert page.status == 422
    assert page.error(field) == say(problem)
    assert page.value("late_cancellation_bp") == "10"
    assert await db.fetchval("SELECT count(*) FROM fee_rule") == 0


async def test_all_that_cannot_be_asked_is_said_at_once_each_at_its_field(vera: Visitor, here: Yard) -> None:
    url = f"/settings/locations/{here.location}/fees"
    typed = {"late_cancellation_minor": "0", "late_cancellation_bp": "half"}
    page = await vera.send(await vera.open(url), url, no_show_minor="500", no_show_bp="50", **typed)
    assert page.status == 422
    assert page.error("late_cancellation_minor") == say("problem.fee_amount")
    assert page.error("late_cancellation_bp") == say("problem.fee_share")
    assert page.error("no_show_bp") == say("problem.amount_or_share")
    told = page.all(".callout.danger li a")
    assert told[1:] == ["Late cancellation: or per cent of the price", "No-show: or per cent of the price"]


async def test_all_that_is_wrong_with_receiving_a_fee_is_said_at_once(vera: Visitor, asking: Yard) -> None:
    await actions.cancel(intent(), await asking.book(asking.nina, NOW + HOUR), CancelledBy.CLIENT)
    url = f"/fees/{await db.fetchval('SELECT max(id) FROM fee')}/payment"
    page = await vera.send(await vera.open(url), url, minor="9999", method="77")
    assert page.status == 422
    assert page.error("minor") == say("problem.paid_too_much")
    assert page.error("method") == say("problem.choice")
    assert await db.fetchval("SELECT count(*) FROM fee_payment") == 0


async def test_two_who_change_what_a_location_asks_see_both_versions(vera: Visitor, asking: Yard) -> None:
    url = f"/settings/locations/{asking.location}/fees"
    page = await vera.open(url)
    await fees.change_rules(intent(VERA), asking.location, 2, {Cause.NO_SHOW: Rule(bp=100)})
    answer = await vera.send(page, url, no_show_bp="30")
    assert answer.status == 409
    assert await db.fetchval("SELECT bp FROM fee_rule WHERE cause = 'no_show'") == 100


async def test_the_form_says_the_fee_before_a_late_cancellation_and_the_toast_after(
    anna: Visitor, asking: Yard
) -> None:
    url = await late(asking)
    page = await anna.open(f"{url}/cancellation")
    said = say("effect.fee", money=MONEY)
    hints = page.all(".check small")
    assert (said in hints[0], said in hints[1]) == (True, False)
    assert not page.has("[name=waiver]")
    page = await anna.send(page, f"{url}/cancellation", by="client")
    assert said in page.words(".toast p")
    assert await stands() == [(50_000, False)]
    page = await anna.open(url)
    assert MONEY in page.words(".booking-fee")
    assert page.has(".booking-fee a[href$='/payment']")
    assert not page.has(".booking-fee a[href$='/waiver']")


async def test_what_we_cancel_costs_nothing_on_the_form_either(vera: Visitor, asking: Yard, waiver: int) -> None:
    url = await late(asking)
    page = await vera.open(f"{url}/cancellation")
    page = await vera.send(page, f"{url}/cancellation", by="us", waiver=waiver)
    assert page.status == 200
    assert await stands() == []


async def test_a_manager_waives_the_fee_on_the_form_and_an_undo_takes_it_back(
    vera: Visitor, asking: Yard, waiver: int
) -> None:
    url = await late(asking)
    page = await vera.open(f"{url}/cancellation")
    page = await vera.send(page, f"{url}/cancellation", by="client", waiver=waiver)
    assert say("effect.fee_waived", money=MONEY) in page.words(".toast p")
    assert await stands() == [(50_000, True)]
    await undo(vera, page)
    assert await stands() == []


async def test_a_no_show_says_its_fee_and_is_waived_by_a_manager(vera: Visitor, asking: Yard, waiver: int) -> None:
    booking = await asking.book(asking.nina, NOW - HOUR)
    page = await vera.open(f"/bookings/{booking}/no-show")
    assert page.words(".callout") == say("effect.fee", money="RUB 750")
    page = await vera.send(page, f"/bookings/{booking}/no-show", waiver=waiver)
    assert page.status == 200
    assert await stands() == [(75_000, True)]


async def test_the_desk_cannot_waive_by_what_it_sends(anna: Visitor, asking: Yard, waiver: int) -> None:
    url = await late(asking)
    page = await anna.open(f"{url}/cancellation")
    await anna.post(f"{url}/cancellation", {**page.fields(f"{url}/cancellation"), "by": "client", "waiver": waiver})
    assert await stands() == [(50_000, False)]


async def test_a_fee_that_changed_since_the_form_was_shown_is_shown_again(vera: Visitor, asking: Yard) -> None:
    url = await late(asking)
    page = await vera.open(f"{url}/cancellation")
    await fees.change_rules(intent(VERA), asking.location, 2, {Cause.LATE_CANCELLATION: Rule(70_000, "RUB")})
    answer = await vera.send(page, f"{url}/cancellation", by="client")
    assert answer.status == 409
    assert say("effect.fee", money="RUB 700") in answer.all(".check small")[0]
    assert (await vera.send(answer, f"{url}/cancellation", by="client")).status == 200
    assert await stands() == [(70_000, False)]


async def test_the_card_counts_and_leads_to_the_fees_of_which_a_manager_waives_one(
    vera: Visitor, asking: Yard, waiver: int
) -> None:
    assert not (await vera.open(f"/clients/{asking.client}")).has(".client-fees")
    for moment in (NOW + HOUR, NOW + 3 * HOUR):
        await actions.cancel(intent(), await asking.book(asking.nina, moment), CancelledBy.CLIENT)
    await actions.no_show(intent(), await asking.book(asking.olga, NOW - HOUR))
    card = await vera.open(f"/clients/{asking.client}")
    assert card.words(".client-fees") == "2 late cancellations, 1 no-show in 12 months"
    assert card.words(".owes strong") == "Owes RUB 1,750"
    url = f"/clients/{asking.client}/fees"
    page = await vera.open(url)
    assert page.all("td.numeric") == ["RUB 750", MONEY, MONEY]
    newest = await db.fetchval("SELECT max(id) FROM fee")
    page = await vera.open(f"/fees/{newest}/waiver")
    wrong = await vera.send(page, f"/fees/{newest}/waiver")
    assert (wrong.status, wrong.error("reason")) == (422, say("problem.choose"))
    page = await vera.send(page, f"/fees/{newest}/waiver", reason=waiver)
    assert page.path == url
    name = card.words("h1")
    assert page.toast.count(name) == 1
    assert "owes RUB 1,000" in page.words("#page")
    await undo(vera, page)
    assert sum(minor for minor, waived in await stands() if not waived) == 175_000


async def test_a_fee_for_several_services_says_how_it_came_about(vera: Visitor, asking: Yard) -> None:
    two = replace(asking.asked(asking.nina), services=(asking.service, asking.service))
    booked = await actions.book(intent(), two, NOW + HOUR)
    await actions.cancel(intent(), BookingId(booked.result["booking"]), CancelledBy.CLIENT)
    page = await vera.open(f"/clients/{asking.client}/fees")
    assert page.all("tbody th small, td.numeric") == [f"2 × {MONEY}", "RUB 1,000"]


async def test_what_was_paid_of_a_fee_before_the_rest_was_waived_is_told(
    vera: Visitor, asking: Yard, waiver: int
) -> None:
    await actions.cancel(intent(VERA), await asking.book(asking.nina), CancelledBy.CLIENT)
    fee = FeeId(await db.fetchval("SELECT id FROM fee"))
    await fees.pay(intent(VERA), fee, asking.location, Paid(MethodId(1), 30_000))
    await fees.waive(intent(VERA), fee, ReasonId(waiver))
    row = (await vera.open(f"/clients/{asking.client}/fees")).words("tbody tr")
    assert "Waived" in row
    assert "RUB 300 of it was paid" in row
    booking = await db.fetchval("SELECT booking FROM fee")
    assert "RUB 300 of it was paid" in (await vera.open(f"/bookings/{booking}")).words(".booking-fee")


async def test_a_fee_that_was_waived_is_not_waived_again(vera: Visitor, asking: Yard, waiver: int) -> None:
    await actions.cancel(intent(), await asking.book(asking.nina, NOW + HOUR), CancelledBy.CLIENT)
    fee = await db.fetchval("SELECT id FROM fee")
    first, second = [await vera.open(f"/fees/{fee}/waiver") for _ in range(2)]
    await vera.send(first, f"/fees/{fee}/waiver", reason=waiver)
    answer = await vera.send(second, f"/fees/{fee}/waiver", reason=waiver)
    assert answer.status == 409
    assert say("refused.nothing_owed") in answer.words("#page")


@pytest.mark.parametrize(
    ("rule", "language", "said"),
    [
        (Rule(50_000, "RUB"), "en", "Cancelled less than 24 h before: RUB 500 a service"),
        (Rule(bp=1_250), "en", "Cancelled less than 24 h before: 12.5 % of the price"),
        (Rule(50_000, "RUB"), "ru", "При отмене меньше чем за 24 ч: 500 ₽ за услугу"),
    ],
)
async def test_whoever_books_is_told_before_what_cancelling_late_will_cost(
    anna: Visitor, here: Yard, rule: Rule, language: str, said: str
) -> None:
    await db.execute("UPDATE staff SET language = $1", language)
    asked = f"services_1_service={here.service}&place={here.location}"
    urls = (
        f"/bookings/{await here.book(here.nina, NOW + 48 * HOUR)}",
        "/bookings/new",
        f"/bookings/places?{asked}",
        "/series/new",
        f"/series/dates?{asked}",
    )
    for url in urls:
        assert not (await anna.open(url)).has(".fee-policy")
    await fees.change_rules(intent(VERA), here.location, 0, {Cause.LATE_CANCELLATION: rule})
    for url in urls:
        assert (await anna.open(url)).words(".fee-policy") == said
    other = await factories.location("Elsewhere")
    for url in ("/bookings/places", "/series/dates"):
        assert not (await anna.open(f"{url}?place={other}")).has(".fee-policy")


async def test_nothing_is_told_of_cancelling_where_there_is_no_notice_or_nothing_to_cancel(
    anna: Visitor, asking: Yard
) -> None:
    url = await late(asking)
    assert (await anna.open(url)).has(".fee-policy")
    await db.execute("UPDATE location SET notice_hours = 0")
    assert not (await anna.open(url)).has(".fee-policy")
    await db.execute("UPDATE location SET notice_hours = 24")
    await actions.cancel(intent(), BookingId(int(url.split("/")[-1])), CancelledBy.CLIENT)
    assert not (await anna.open(url)).has(".fee-policy")


async def test_a_fee_that_stands_is_told_where_its_booking_is_booked_again_and_on_its_page_since(
    anna: Visitor, asking: Yard
) -> None:
    url = f"/bookings/{await asking.book(asking.nina)}"
    await actions.cancel(intent(), BookingId(int(url.split("/")[-1])), CancelledBy.CLIENT)
    what = {"what": say("words.fee_late_cancellation"), "day": "13 May", "money": MONEY}
    page = await anna.open(f"{url}/return")
    assert page.all(".standing-fee") == [say("words.fee_stands", **what)]
    await anna.send(page, f"{url}/return", on="2026-05-27")
    page = await anna.open(url)
    assert page.has(f"a[href='{url}/move']")
    assert "RUB 500 Late cancellation, 13 May" in page.words(".booking-fee")
    assert page.has(".booking-fee a[href$='/payment']")


async def test_a_fee_that_is_paid_or_waived_is_told_as_that_where_its_booking_is_booked_again(
    anna: Visitor, asking: Yard, waiver: int
) -> None:
    booking = await asking.book(asking.nina)
    await actions.cancel(intent(), booking, CancelledBy.CLIENT)
    fee = await db.fetchval("SELECT id FROM fee")
    method = await db.fetchval("SELECT id FROM payment_method ORDER BY position LIMIT 1")
    await fees.pay(intent(), fee, asking.location, Paid(MethodId(method), 20_000))
    what = {"what": say("words.fee_late_cancellation"), "day": "13 May", "money": MONEY, "paid": "RUB 200"}
    page = await anna.open(f"/bookings/{booking}/return")
    assert page.all(".standing-fee") == [say("words.fee_stands_paid", **what)]
    await fees.waive(intent(VERA), fee, ReasonId(waiver))
    assert not (await anna.open(f"/bookings/{booking}/return")).has(".standing-fee")
