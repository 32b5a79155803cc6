"""The till over HTTP: from a booking, or somebody who walked in, to a visit that is done and paid."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.loyalty.nights import night
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.till import CURRENCY, SOAP, USUAL, Desk, desk, means
from tests.words import say
from tests.yard import ALWAYS, HOUR, stands, yard

pytestmark = pytest.mark.usefixtures("today")
HTMX = {"hx-request": "true", "hx-target": "till-receipt"}
EARLIER = NOW.replace(hour=7, minute=0)
"""Two and a half hours ago."""
BARCODE = "4600000000015"


@pytest.fixture
async def here(app: Litestar) -> Desk:
    await factories.staff(VERA)
    made = await desk(await yard(hours=ALWAYS))
    await db.execute("UPDATE product SET barcode = $2 WHERE id = $1", made.soap, BARCODE)
    return made


async def till_of(here: Desk, at: datetime = EARLIER) -> str:
    """The till of a new booking of the client's."""
    return f"/bookings/{await here.yard.book(here.yard.nina, at)}/visit"


async def worked_out(visitor: Visitor, page: Page, url: str, press: str, **typed: Any) -> Page:
    """The form after a button in it was pressed that finishes nothing."""
    return await visitor.send(page, url, press=f"find={press}", **typed)


def steps(page: Page) -> list[tuple[str, str]]:
    """The receipt, line by line."""
    return list(zip(page.all(".till-steps dt"), page.all(".till-steps dd"), strict=True))


async def visits() -> list[dict[str, Any]]:
    rows = await db.fetch(
        'SELECT v.id, v.client, v.booking, v."on", v.due, (SELECT coalesce(sum(minor), 0) FROM payment'
        " WHERE visit = v.id AND NOT tip)::bigint AS paid, (SELECT coalesce(sum(minor), 0) FROM payment"
        " WHERE visit = v.id AND tip)::bigint AS tips FROM visit v WHERE v.retired_at IS NULL ORDER BY v.id"
    )
    return [dict(row) for row in rows]


async def test_a_booking_becomes_a_visit_that_is_paid(anna: Visitor, here: Desk) -> None:
    booking = await here.yard.book(here.yard.nina, EARLIER)
    page = await anna.open(f"/bookings/{booking}")
    assert f"/bookings/{booking}/visit" in [one.attributes["href"] for one in page.tree.css(".booking-next a")]
    page = await anna.open(f"/bookings/{booking}/visit")
    assert steps(page) == [("Deep clean", "€2,000"), ("In all", "€2,000")]
    assert page.words(".till-finish").startswith("Take €2,000 and finish")
    done = await anna.send(page, f"/bookings/{booking}/visit")
    [visit] = await visits()
    assert done.path == f"/visits/{visit['id']}"
    assert (visit["booking"], visit["client"], visit["due"], visit["paid"]) == (booking, here.client, USUAL, USUAL)
    assert (await stands(booking))[1] == "finished"
    assert "1st stamp of 4." in done.toast
    assert (await anna.open(f"/bookings/{booking}/visit")).path == f"/visits/{visit['id']}"


async def test_the_toast_says_that_the_next_visit_is_free_and_undoes_it(anna: Visitor, here: Desk) -> None:
    for ago in (30, 20, 10):
        await here.come(ago)
    booking = await here.yard.book(here.yard.nina, EARLIER)
    url = f"/bookings/{booking}/visit"
    page = await anna.open(url)
    assert say("words.brings_free_visit") in page.all(".till-brings span")
    done = await anna.send(page, url)
    assert "4th stamp of 4. The next visit is free" in done.toast
    undone = await anna.send(done, done.tree.css_first(".toast form").attributes["action"])
    assert undone.status == 200
    assert (len(await visits()), (await stands(booking))[1]) == (3, "booked")


async def test_a_free_visit_beside_another_is_called_one_more(anna: Visitor, here: Desk) -> None:
    for ago, due in ((80, USUAL), (70, USUAL), (60, USUAL), (50, USUAL), (40, 190_000), (30, 190_000), (20, 190_000)):
        await here.come(ago, due)
    url = await till_of(here, EARLIER)
    page = await anna.open(url)
    assert say("words.brings_one_more_free") in page.all(".till-brings span")
    toast = (await anna.send(page, url)).toast
    assert "One more visit is free, through" in toast
    assert "The next visit is free" not in toast


async def test_the_till_says_that_a_free_visit_earns_no_stamp(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    url = await till_of(here, EARLIER)
    page = await anna.open(url)
    assert say("words.brings_no_stamp_free") not in page.all(".till-brings span")
    played = await worked_out(anna, page, url, "work-out", free="on")
    assert say("words.brings_no_stamp_free") in played.all(".till-brings span")
    assert (page.has(".till-ways.is-nothing"), played.has(".till-ways.is-nothing")) == (False, True)


async def test_a_visit_of_a_client_who_owes_stamps_says_that_it_repays_one(anna: Visitor, here: Desk) -> None:
    done = [await here.come(ago) for ago in (40, 30, 20, 10)]
    await here.come(5, 0, free=True)
    for one in done[:2]:
        await here.refund(one.result["visit"], USUAL)
    repaid, left = say("effect.visit_stamp_repaid"), say("effect.visit_stamps_owed", count=1)
    for at, told in ((EARLIER - timedelta(days=1), f"{repaid} {left}"), (EARLIER, repaid)):
        url = await till_of(here, at)
        page = await anna.open(url)
        toast = (await anna.send(page, url)).toast
        assert page.all(".till-brings span")[0] == told
        assert (told in toast, left in toast, "0th" in toast) == (True, left in told, False)


async def at_risk(here: Desk) -> str:
    """The till of a client whose Silver is warned of: two of its four visits count no more, one is lacking."""
    for ago in (185, 184):
        await here.come(ago)
    for ago in (100, 50):
        await here.come(ago, due=USUAL + SOAP, lines=(here.clean, here.bar))
    await night(means(), here.client, NOW.date())
    assert (await here.card_of())["drops_on"] is not None
    return await till_of(here)


async def test_a_visit_that_keeps_a_tier_says_through_when_and_the_card_says_the_same(
    anna: Visitor, here: Desk
) -> None:
    url = await at_risk(here)
    page = await anna.open(url)
    kept = next(one for one in page.all(".till-brings span") if one.startswith("Keeps"))
    date = kept.removeprefix("Keeps Silver through ").removesuffix(".")
    assert kept == say("words.brings_kept_through", tier="Silver", date=date)
    done = await anna.send(page, url)
    assert say("effect.visit_warning_over") in done.toast
    assert (await here.card_of())["drops_on"] is None
    card = await anna.open(f"/clients/{here.client}")
    assert not card.has(".is-at-risk")
    assert card.words(".tier-lasts").startswith(f"Through {date}, then Base")


async def test_a_visit_of_which_so_little_is_paid_that_the_tier_is_not_kept_promises_nothing_of_it(
    anna: Visitor, here: Desk
) -> None:
    url = await at_risk(here)
    page = await worked_out(anna, await anna.open(url), url, "work-out", ways_1_amount="100")
    assert not any("Keeps" in one for one in page.all(".till-brings span"))
    await anna.send(page, url)
    assert (await here.card_of())["drops_on"] is not None


async def test_the_free_visit_promises_what_the_sum_becomes_less_by(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    url = await till_of(here)
    page = await anna.open(url)
    assert (steps(page)[-1][1], page.words(".till-free small")) == ("€1,900", "Deep clean: €1,900 less.")
    page = await worked_out(anna, page, url, "work-out", free="on")
    assert (steps(page)[-1][1], page.words(".till-free small")) == ("€0", "Deep clean is free.")


async def test_the_free_visit_is_played_and_pays(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    url = await till_of(here)
    page = await anna.open(url)
    assert ("Silver 5 %", "−€100") in steps(page)
    page = await worked_out(anna, page, url, "work-out", free="on")
    assert steps(page) == [("Deep clean", "€2,000"), ("Free visit Deep clean", "−€2,000"), ("In all", "€0")]
    assert page.words(".till-finish").startswith(say("words.till_finish"))
    done = await anna.send(page, url)
    assert say("effect.visit_free_used") in done.toast
    assert (await visits())[-1]["due"] == 0
    page = await anna.open(await till_of(here, EARLIER - HOUR))
    assert not page.has(".till-free")


async def test_a_free_visit_is_not_offered_where_nothing_qualifies(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    page = await anna.open(f"/visits/new?client={here.client}")
    page = await worked_out(anna, page, "/visits", "add", add="Soap")
    assert page.words(".till-free small") == say("words.till_free_nothing")
    assert not page.has("[name=free]")


async def test_somebody_walks_in_and_buys_without_being_known(anna: Visitor, here: Desk) -> None:
    page = await anna.open("/visits/new")
    assert page.value("on") == NOW.date().isoformat()
    page = await worked_out(anna, page, "/visits", "add", add=BARCODE)
    page = await worked_out(anna, page, "/visits", "add", add="deep")
    page = await worked_out(anna, page, "/visits", "add", add="soap")
    assert steps(page)[:2] == [("Soap 2\xa0×\xa0€350".replace("\xa0", " "), "€700"), ("Deep clean", "€2,000")]
    done = await anna.send(page, "/visits")
    assert done.heading.startswith("Visit of today")
    back = done.tree.css_first(".back a")
    assert back is not None
    assert (await anna.open(back.attributes["href"] or "")).has(f"a[href='{done.path}']")
    [visit] = await visits()
    assert (visit["client"], visit["booking"], visit["paid"]) == (None, None, 270_000)


@pytest.mark.parametrize("known", [True, False], ids=["a client", "nobody known"])
async def test_enter_adds_what_was_scanned_and_finishes_once_nothing_is_typed(
    anna: Visitor, here: Desk, known: bool
) -> None:
    page = await anna.open(f"/visits/new?client={here.client}" if known else "/visits/new")
    page = await worked_out(anna, page, "/visits", "enter", add=BARCODE)
    assert (steps(page)[0], await visits()) == (("Soap", "€350"), [])
    await worked_out(anna, page, "/visits", "enter")
    assert len(await visits()) == 1


@pytest.mark.parametrize("quantity", ["²", "9" * 5_000])
async def test_a_quantity_that_is_no_number_stays_as_it_was_typed_and_is_refused_at_its_field(
    anna: Visitor, here: Desk, quantity: str
) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add=BARCODE)
    page = await worked_out(anna, page, "/visits", "add", add=BARCODE, lines_1_quantity=quantity)
    assert (page.status, page.value("lines_1_quantity")) == (200, quantity)
    page = await anna.send(page, "/visits")
    assert (page.status, await visits()) == (422, [])
    assert page.error("lines_1_quantity")


@pytest.mark.parametrize(
    ("typed", "key"), [("nothing such", "problem.till_unknown"), ("SOAPS", "problem.till_unknown")]
)
async def test_what_is_not_on_offer_is_said_at_the_field(anna: Visitor, here: Desk, typed: str, key: str) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add=typed)
    assert page.error("add") == say(key)
    assert page.value("add") == typed


@pytest.mark.parametrize(
    ("typed", "other"), [("dee", "Deep freeze"), ("clean", "Clean windows"), ("clean", "Dry clean")]
)
async def test_a_name_that_several_have_asks_which_one(anna: Visitor, here: Desk, typed: str, other: str) -> None:
    await factories.service("OTHER", names=json.dumps({"en": other}))
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add=typed)
    assert "Deep clean" in page.error("add")
    assert other in page.error("add")
    assert page.value("add") == typed


async def test_part_is_paid_now_and_the_rest_is_owed_once_that_was_seen(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    page = await anna.open(url)
    asked = await anna.send(page, url, ways_1_amount="500")
    assert asked.status == 422
    assert asked.error("ways_1_amount") == say("problem.owes_then")
    assert asked.words(".till-owed") == "€1,500 stays owed."
    assert asked.words(".till-finish").startswith("Take €500 and finish")
    done = await anna.send(asked, url)
    assert (await visits())[0]["paid"] == 50_000
    assert done.words(".till-owed") == "€1,500 is owed."
    paid = await anna.send(done, f"{done.path}/payments", amount="1500")
    assert (await visits())[0]["paid"] == USUAL
    assert not paid.has(".till-owed")


async def test_nobody_unknown_owes_anything(anna: Visitor, here: Desk) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add="soap")
    page = await anna.send(page, "/visits", ways_1_amount="100")
    assert page.error("ways_1_amount") == say("problem.nobody_owes")
    assert await visits() == []


async def test_it_is_paid_in_two_ways_with_what_remains_filled_in_and_a_tip_apart(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    one = await anna.open(url)
    assert "first of these ways" not in one.words("#till-tips")
    page = await worked_out(anna, one, url, "split")
    assert "It is taken the first of these ways." in page.words("#till-tips")
    page = await worked_out(anna, page, url, "work-out", ways_1_amount="500", tip="100")
    assert page.value("ways_2_amount") == "1500"
    assert page.words(".till-finish").startswith("Take €2,100 and finish")
    await anna.send(page, url)
    [visit] = await visits()
    assert (visit["paid"], visit["tips"]) == (USUAL, 10_000)
    rows = await db.fetch("SELECT method, minor FROM payment WHERE NOT tip ORDER BY id")
    assert [tuple(row) for row in rows] == [(here.cash, 50_000), (here.card, 150_000)]


async def test_more_than_is_due_is_refused_at_the_amount(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    page = await anna.send(await anna.open(url), url, ways_1_amount="2500")
    assert page.status == 422
    assert page.error("ways_1_amount") == say("problem.paid_too_much")
    assert page.value("ways_1_amount") == "2500"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"ways_1_amount": "400"}, "€50 too much: put in what stays in the till, without the change."),
        ({"ways_1_amount": "100"}, say("problem.nobody_owes")),
        ({"on": (NOW + timedelta(days=1)).date().isoformat()}, say("problem.visit_to_come")),
        ({"on": (NOW - timedelta(days=2)).date().isoformat()}, say("problem.visit_far_back")),
    ],
    ids=["more than is due", "less by nobody", "a date to come", "a date far back"],
)
async def test_what_would_be_refused_is_said_before_it_is_finished(
    anna: Visitor, here: Desk, typed: dict[str, str], told: str
) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add="soap")
    assert not page.has(".till-owed")
    page = await worked_out(anna, page, "/visits", "work-out", **typed)
    assert page.all(".till-owed") == [told]
    assert page.words(".till-finish").startswith(say("words.till_finish")) is ("ways_1_amount" in typed)


async def test_an_amount_that_cannot_be_read_is_said_at_its_field_and_promises_no_debt(
    anna: Visitor, here: Desk
) -> None:
    url = await till_of(here)
    page = await worked_out(anna, await anna.open(url), url, "work-out", ways_1_amount="2.800,50")
    assert page.error("ways_1_amount") == say("problem.money", example="1500.50")
    assert page.value("ways_1_amount") == "2.800,50"
    assert (page.has(".till-owed"), page.words(".till-finish").split(" Enter")[0]) == (False, say("words.till_finish"))


async def test_a_booking_that_is_still_to_come_says_so_and_is_not_upcoming_once_it_is_finished(
    anna: Visitor, here: Desk
) -> None:
    url = await till_of(here, NOW + 3 * HOUR)
    page = await anna.open(url)
    assert page.all(".till-owed") == ["Booked for 15:30: that is still to come."]
    await anna.send(page, url)
    sections = (await anna.open(f"/clients/{here.client}/bookings")).all("section")
    assert [one.startswith(("Upcoming Nothing is booked.", "Earlier bookings")) for one in sections] == [True, True]
    assert not (await anna.open(await till_of(here))).has(".till-owed")


async def test_a_second_visit_of_a_date_says_that_it_brings_no_stamp(anna: Visitor, here: Desk) -> None:
    await here.come()
    page = await anna.open(await till_of(here))
    assert page.all(".till-brings span")[0] == say("words.brings_no_stamp")
    assert "stamp" not in (await anna.send(page, page.path)).toast


async def test_a_visit_dated_back_counts_the_stamps_of_today_as_the_toast_does(vera: Visitor, here: Desk) -> None:
    await here.come()
    page = await vera.open(f"/visits/new?client={here.client}&on={(NOW - timedelta(days=3)).date().isoformat()}")
    page = await worked_out(vera, page, "/visits", "add", add="Deep clean")
    assert page.all(".till-brings span")[0].startswith("2nd stamp")
    assert "2nd stamp" in (await vera.send(page, "/visits")).toast


async def test_a_quantity_changes_the_price_before_it_is_taken(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    page = await anna.send(await anna.open(url), url, lines_1_quantity="2")
    assert page.status == 409
    assert "€4,000" in page.words(".callout")
    assert page.value("ways_1_amount") == "4000"
    await anna.send(page, url)
    assert (await visits())[0]["paid"] == 2 * USUAL


@pytest.mark.parametrize("typed", ["0", "1.5", "-1", "1000000"])
async def test_a_quantity_that_cannot_be_is_said_at_its_field_before_anything_is_finished(
    anna: Visitor, here: Desk, typed: str
) -> None:
    url = await till_of(here)
    page = await anna.open(url)
    part = await anna.post(url, {**page.fields(url), "lines_1_quantity": [typed], "find": ["work-out"]}, **HTMX)
    assert "from 1 to 99" in part.words("#till-lines-1-quantity-notes")
    assert part.has(".till-finish")
    page = await worked_out(anna, page, url, "work-out", lines_1_quantity=typed)
    assert (page.status, page.value("lines_1_quantity")) == (200, typed)
    assert "from 1 to 99" in page.error("lines_1_quantity")
    page = await worked_out(anna, page, url, "work-out", lines_1_quantity="2")
    assert (page.error("lines_1_quantity"), steps(page)[-1]) == ("", ("In all", "€4,000"))


async def test_a_price_that_was_changed_meanwhile_is_shown_before_it_is_taken(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    page = await anna.open(url)
    await factories.price(here.yard.service, 250_000, valid_from=date(2026, 5, 12), currency=CURRENCY)
    page = await anna.send(page, url)
    assert page.status == 409
    assert steps(page)[-1] == ("In all", "€2,500")
    assert await visits() == []
    await anna.send(page, url)
    assert (await visits())[0]["due"] == 250_000


async def test_a_line_is_taken_out(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    page = await worked_out(anna, await anna.open(url), url, "add", add="soap")
    page = await worked_out(anna, page, url, "remove-1")
    assert steps(page) == [("Soap", "€350"), ("In all", "€350")]
    page = await worked_out(anna, page, url, "remove-2")
    assert not page.has(".till-finish")
    page = await worked_out(anna, page, url, "enter")
    assert page.error("add") == say("problem.visit_of_nothing")


async def test_only_a_manager_puts_another_price_and_says_why(anna: Visitor, vera: Visitor, here: Desk) -> None:
    url = await till_of(here)
    assert not (await anna.open(url)).has("[name=lines_1_unit]")
    page = await anna.open(url)
    forged = {**page.fields(url), "lines_1_unit": ["1"], "lines_1_reason": [str(here.why)], "due": ["100"]}
    forged["ways_1_amount"] = ["1"]
    refused = await anna.post(url, forged)
    assert (refused.status, refused.error("lines_1_unit")) == (422, say("problem.price_reserved"))
    assert (refused.value("lines_1_unit"), await visits()) == ("1", [])
    page = await worked_out(vera, await vera.open(url), url, "work-out", lines_1_unit="1500")
    assert steps(page)[-1] == ("In all", "€1,500")
    page = await vera.send(page, url)
    assert page.error("lines_1_reason") == say("problem.price_needs_reason")
    await vera.send(page, url, lines_1_reason=str(here.why))
    assert (await visits())[0]["due"] == 150_000


async def test_what_the_list_has_no_price_for_is_finished_once_the_desk_has_put_one(anna: Visitor, here: Desk) -> None:
    waxing = await factories.service("WAX")
    url = "/visits"
    page = await worked_out(anna, await anna.open("/visits/new"), url, "add", add="wax")
    assert (page.has("[name=lines_1_unit]"), page.has("[name=lines_1_reason]")) == (True, False)
    refused = await anna.send(page, url)
    assert (refused.status, refused.error("lines_1_unit")) == (422, say("problem.required"))
    assert await visits() == []
    page = await worked_out(anna, refused, url, "work-out", lines_1_unit="500")
    assert steps(page)[-1] == ("In all", "€500")
    await anna.send(page, url)
    assert [(one["due"], one["paid"]) for one in await visits()] == [(50_000, 50_000)]
    assert await db.fetchval("SELECT service FROM visit_line") == waxing


async def test_another_price_than_was_quoted_is_told(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    await factories.price(here.yard.service, 250_000, valid_from=date(2026, 5, 12), currency=CURRENCY)
    assert "quoted €2,000" in (await anna.open(url)).words(".till-what small")


async def test_the_price_is_that_of_whoever_did_it(anna: Visitor, here: Desk) -> None:
    await db.execute(
        "UPDATE skill SET minor = 300000, currency = 'EUR' WHERE bookable = $1 AND service = $2",
        here.yard.nina,
        here.yard.service,
    )
    page = await anna.open(await till_of(here))
    assert steps(page)[-1] == ("In all", "€3,000")
    assert "Nina Orlova" in page.words(".till-what")


async def test_a_visit_is_dated_a_day_back_by_anybody_and_further_by_a_manager(
    anna: Visitor, vera: Visitor, here: Desk
) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add="soap")
    yesterday, before = ((NOW - timedelta(days)).date() for days in (1, 2))
    assert say("hint.till_on") in page.words("main")
    page = await anna.send(page, "/visits", on=before.isoformat(), tip="5")
    assert (page.status, page.error("on")) == (422, say("problem.visit_far_back"))
    assert (page.value("tip"), page.words(".till-what strong"), await visits()) == ("5", "Soap", [])
    await anna.send(page, "/visits", on=yesterday.isoformat())
    page = await worked_out(vera, await vera.open("/visits/new"), "/visits", "add", add="soap")
    assert say("hint.till_on") not in page.words("main")
    await vera.send(page, "/visits", on=before.isoformat())
    assert [one["on"] for one in await visits()] == [yesterday, before]


async def test_a_date_to_come_is_refused_at_the_field(anna: Visitor, here: Desk) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add="soap")
    page = await anna.send(page, "/visits", on="2026-05-20")
    assert page.error("on") == say("problem.visit_to_come")


async def test_a_booking_of_days_ago_is_refused_to_the_desk_with_the_form_as_it_was_typed(
    anna: Visitor, here: Desk
) -> None:
    url = await till_of(here, NOW - timedelta(days=2))
    page = await anna.send(await anna.open(url), url, tip="5")
    assert (page.status, page.value("tip"), await visits()) == (422, "5", [])
    assert say("problem.visit_far_back") in page.words("main")


async def test_a_newcomer_is_taken_in_with_the_visit(anna: Visitor, here: Desk) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add="deep")
    page = await anna.send(page, "/visits", new_name="Пётр Лужин", new_phone="+7 921 000-45-12")
    assert page.heading.startswith("Пётр Лужин")
    assert (await visits())[0]["client"] not in (None, here.client)


async def test_a_client_is_found_by_enter(anna: Visitor, here: Desk) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "enter", who="Петрова")
    assert page.words(".chosen-client strong") == "Анна Петрова"
    assert page.value("client") == str(here.client)
    page = await worked_out(anna, page, "/visits", "another")
    assert page.has("[name=who]")


async def test_the_receipt_alone_is_answered_while_one_types(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    page = await anna.open(url)
    sent = {**page.fields(url), "find": ["work-out"], "lines_1_quantity": ["3"]}
    part = await anna.post(url, sent, **HTMX)
    assert (part.status, part.heading) == (200, "")
    assert steps(part)[-1] == ("In all", "€6,000")
    assert part.value("due") == "600000"
    assert part.words("#till-lines-1-unit-said") == "3 × €2,000"
    assert await visits() == []


async def test_a_date_for_which_the_list_has_no_price_says_so_at_the_line_at_once(vera: Visitor, here: Desk) -> None:
    url = "/visits"
    page = await worked_out(vera, await vera.open("/visits/new"), url, "add", add="deep")
    assert page.words("#till-lines-1-unit-said") == "€2,000"
    sent = {**page.fields(url), "find": ["work-out"], "on": ["2019-05-05"]}
    part = await vera.post(url, sent, **HTMX)
    assert part.words("#till-lines-1-unit-said") == say("words.till_unlisted")


async def test_with_such_a_date_the_field_for_the_price_comes_at_once_and_goes_with_another(
    anna: Visitor, here: Desk
) -> None:
    page = await worked_out(anna, await anna.open("/visits/new"), "/visits", "add", add="deep")
    assert not page.has("[name=lines_1_unit]")
    sent = {**page.fields("/visits"), "find": ["work-out"], "lines_1_quantity": ["3"]}
    part = await anna.post("/visits", {**sent, "on": ["2019-05-05"]}, **HTMX)
    assert part.has("#till-lines[hx-swap-oob] [name=lines_1_unit]")
    assert part.value("lines_1_quantity") == "3"
    sent |= {"unpriced": [part.value("unpriced")], "lines_1_unit": ["70"]}
    again = await anna.post("/visits", {**sent, "on": ["2019-05-06"]}, **HTMX)
    assert not again.has("#till-lines")
    back = await anna.post("/visits", sent, **HTMX)
    assert back.has("#till-lines[hx-swap-oob]")


async def test_a_double_click_is_one_visit(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    page = await anna.open(url)
    once, twice = await anna.send(page, url), await anna.send(page, url)
    assert once.path == twice.path
    assert len(await visits()) == 1


async def test_a_till_sent_again_is_one_visit_though_the_price_is_another_by_then(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    page = await anna.open(url)
    once = await anna.send(page, url)
    await factories.price(here.yard.service, 250_000, valid_from=date(2026, 5, 12), currency=CURRENCY)
    twice = await anna.send(page, url)
    assert (twice.status, twice.path) == (200, once.path)
    assert len(await visits()) == 1
    assert (await anna.send(page, url, tip="50")).status == 409
    assert len(await visits()) == 1


async def test_two_desks_make_one_visit_and_the_second_is_told(anna: Visitor, vera: Visitor, here: Desk) -> None:
    url = await till_of(here)
    ours, theirs = await anna.open(url), await vera.open(url)
    await anna.send(ours, url)
    page = await vera.send(theirs, url)
    assert page.status == 409
    assert say("This booking is finished already.") in page.words(".callout")
    assert page.tree.css_first(".callout a").attributes["href"] == f"/visits/{(await visits())[0]['id']}"
    assert not page.has(".till-finish")
    assert len(await visits()) == 1


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
async def test_what_was_called_off_has_no_till(anna: Visitor, here: Desk, status: str) -> None:
    booking = await here.yard.book(here.yard.nina, EARLIER)
    await db.execute("UPDATE booking SET status = $2 WHERE id = $1", booking, status)
    assert (await anna.open(f"/bookings/{booking}/visit")).path == f"/bookings/{booking}"
    assert "/visit" not in (await anna.open(f"/bookings/{booking}")).words(".booking-next")


async def test_a_booking_of_a_date_to_come_has_no_till_yet(anna: Visitor, here: Desk) -> None:
    booking = await here.yard.book(here.yard.nina, NOW + timedelta(days=1))
    assert (await anna.open(f"/bookings/{booking}/visit")).path == f"/bookings/{booking}"


async def test_beside_the_agenda_the_till_stands_in_the_panel_and_leads_back(anna: Visitor, here: Desk) -> None:
    url = await till_of(here)
    part = await anna.open(url, headers={"hx-request": "true", "hx-target": "panel"})
    assert (part.heading, part.words("h2")) == ("", say("title.till"))
    fields = {**part.fields(url), "intent": [str(uuid4())]}
    done = await anna.post(url, fields, referer="http://console.test/agenda?on=2026-05-12")
    assert done.path == "/agenda"


async def test_without_a_programme_nothing_is_promised(sign_in: SignIn, app: Litestar) -> None:
    visitor = await sign_in(ANNA, language="en")
    here = await yard(hours=ALWAYS)
    await factories.price(here.service, USUAL, currency=CURRENCY)
    page = await visitor.open(f"/bookings/{await here.book(here.nina, EARLIER)}/visit")
    assert not page.has(".till-brings")
    assert steps(page) == [("Deep clean", "€2,000"), ("In all", "€2,000")]
