"""A visit's page over HTTP: its price in words, the money that came, what is received later, and what goes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from console import i18n
from console.domain import db
from console.domain.intent import TERMINAL, Intent
from console.domain.loyalty import fixed_cards
from console.domain.loyalty.nights import night
from console.domain.undo import undo
from console.domain.visits.actions import Paid
from console.routes import _effects
from tests.cast import NOW
from tests.page import Page, Visitor
from tests.till import USUAL, Desk, means
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")


async def visit(here: Desk, ago: int = 0, **said: Any) -> int:
    return int((await here.come(ago, **said)).result["visit"])


async def money(visit: int) -> list[int]:
    rows = await db.fetch("SELECT minor FROM payment WHERE visit = $1 ORDER BY id", visit)
    return [row["minor"] for row in rows]


def looked(page: Page) -> list[str]:
    """What a refund would do, as it was looked at."""
    return page.all(".callout li")


async def test_the_page_says_what_was_done_how_the_price_came_about_and_who_took_the_money(
    anna: Visitor, here: Desk
) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    number = await visit(here, due=190_000, payments=(Paid(here.cash, 190_000), Paid(here.card, 5_000, tip=True)))
    page = await anna.open(f"/visits/{number}")
    assert page.heading == "Анна Петрова, today"
    assert page.all(".till-steps dt") == ["Deep clean", "Silver 5 %", "In all"]
    assert page.all(".till-steps dd") == ["€2,000", "−€100", "€1,900"]
    assert page.all(".visit-money .numeric") == ["€1,900", "€50"]
    assert "Vera O'Neill" in page.words(".visit-money small")
    assert page.words(".page-head .badge") == say("words.visit_paid")
    assert not page.has("a[href$='/refund']")


async def test_a_fixed_discount_says_that_it_is_one_and_what_it_was_taken_on(anna: Visitor, here: Desk) -> None:
    await fixed_cards.give(Intent(uuid4(), TERMINAL, NOW), here.client, 700, None, None)
    page = await anna.open(f"/visits/{await visit(here, due=221_000, lines=(here.clean, here.bar))}")
    assert page.all(".till-steps .is-less > *") == ["Fixed discount 7 % Deep clean", "−€140"]


async def test_what_was_posted_is_added_up_and_messages_and_nights_are_told_in_words(anna: Visitor, here: Desk) -> None:
    for ago in (400, 20, 10):
        await here.come(ago)
    split = await here.come(5, payments=(Paid(here.cash, 60_000), Paid(here.card, 60_000), Paid(here.cash, 80_000)))
    await here.come()
    assert (await night(Intent(uuid4(), TERMINAL, NOW), here.client, NOW.date() + timedelta(days=1))).operation_id
    page = await anna.open(f"/clients/{here.client}/timeline")
    told = page.all(".told-list .told-what .soft")
    assert f"{say('words.entry_stamp_consume')}: −4" in told
    assert f"{say('words.money_taken')}: €2,000" in (await anna.open(f"/visits/{split.result['visit']}")).all(
        ".told-what .soft"
    )
    assert any("a free visit is there, to be sent 12 May" in one for one in told)
    assert not any(one.startswith(say("column.message.due_at")) for one in told)
    assert "for the night" not in page.words("main")


async def test_the_tier_that_a_visit_and_its_undo_lead_to_is_named(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20):
        await here.come(ago)
    last = await here.come(10)
    url, tier = f"/clients/{here.client}/timeline", say("column.tier_entry.tier")
    raised = f"{tier}: {say('words.tier_and_what', tier='Silver', what=say('words.tier_raised'))}"
    assert raised in (await anna.open(url)).all(".told-list .told-what .soft")
    await undo(means(), last.operation_id)
    told = (await anna.open(url)).all(".told-list .told-what .soft")
    assert f"{tier}: {say('words.tier_and_what', tier='Base', what=say('words.tier_retraced'))}" in told


async def test_it_is_said_that_a_visit_whose_money_went_back_still_counts_for_the_tier(
    vera: Visitor, here: Desk
) -> None:
    number = await visit(here)
    assert "for the tier the visit still counts" in (await vera.open(f"/visits/{number}/refund")).words("main")
    await here.refund(number, USUAL)
    page = await vera.open(f"/clients/{here.client}/loyalty/tier")
    assert "even if its money was given back" in page.words("main")
    assert "the visit itself still is" in (await vera.open("/programme/versions/1")).words("main")


async def test_a_visit_stands_on_the_clients_timeline_and_its_booking_leads_to_it(anna: Visitor, here: Desk) -> None:
    booking = await here.yard.book(here.yard.nina, NOW.replace(hour=7))
    number = await visit(here, booking=booking)
    assert (await anna.open(f"/bookings/{booking}")).has(f"a[href='/visits/{number}']")
    assert (await anna.open(f"/visits/{number}")).has(f"a[href='/bookings/{booking}']")
    told = (await anna.open(f"/clients/{here.client}/timeline?show=visits")).words(".told-list")
    assert "visit" in told.lower()


async def test_what_is_owed_is_received_in_parts(anna: Visitor, here: Desk) -> None:
    number = await visit(here, paid=50_000)
    page = await anna.open(f"/visits/{number}")
    assert page.words(".page-head .badge") == say("words.visit_owed")
    assert page.value("amount") == "1500"
    page = await anna.send(page, f"/visits/{number}/payments", amount="500")
    assert page.words(".till-owed") == "€1,000 is owed."
    page = await anna.send(page, f"/visits/{number}/payments", amount="2000")
    assert (page.status, page.error("amount")) == (422, say("problem.paid_too_much"))
    page = await anna.send(page, f"/visits/{number}/payments", amount="1000", method=str(here.card))
    assert await money(number) == [50_000, 50_000, 100_000]
    assert not page.has(".visit-pay")


async def test_all_of_it_goes_back_with_the_stamp_once_that_was_seen(vera: Visitor, here: Desk) -> None:
    number = await visit(here)
    page = await vera.open(f"/visits/{number}/refund")
    assert page.value(f"back_{here.cash}") == "2000"
    page = await vera.send(page, f"/visits/{number}/refund", reason=str(here.sorry))
    thanks = "Not sent to the client any more: “Thanks for the visit”."
    assert looked(page) == [
        "€2,000 goes back (cash, till of Centre).",
        say("effect.visit_stamp_gone"),
        say("effect.visit_tier_less", what="€2,000"),
        thanks,
    ]
    assert await money(number) == [USUAL]
    page = await vera.send(page, f"/visits/{number}/refund")
    assert page.path == f"/visits/{number}"
    assert await money(number) == [USUAL, -USUAL]
    assert page.words(".page-head .badge") == say("words.visit_refunded")
    assert page.all(".visit-money .numeric") == ["€2,000", "−€2,000"]


@pytest.mark.parametrize(("language", "told"), [("en", "€2,000 goes back."), ("ru", "Возврат денег: 2 000 €.")])
async def test_a_refund_that_was_kept_without_its_till_is_told_by_its_sum(language: str, told: str) -> None:
    with i18n.speaking(language):
        said = await _effects.words("effect.visit_refunded", {"minor": USUAL, "currency": "EUR"})
    assert said.replace("\xa0", " ") == told


async def test_a_refund_pressed_twice_is_one_though_the_tip_is_gone_by_the_second_time(
    vera: Visitor, here: Desk
) -> None:
    number = await visit(here, payments=(Paid(here.cash, USUAL), Paid(here.cash, 20_000, tip=True)))
    url = f"/visits/{number}/refund"
    typed = {f"tip_{here.cash}": "200", "reason": str(here.sorry)}
    page = await vera.send(await vera.open(url), url, **typed)
    assert looked(page)[0] == "€2,200 goes back (cash, till of Centre)."
    first, second = [await vera.send(page, url) for _ in range(2)]
    assert (second.status, second.path) == (first.status, first.path) == (200, f"/visits/{number}")
    assert await money(number) == [USUAL, 20_000, -USUAL, -20_000]


async def test_a_part_goes_back_and_the_stamp_stays(vera: Visitor, here: Desk) -> None:
    number = await visit(here)
    typed = {f"back_{here.cash}": "500", "reason": str(here.sorry)}
    page = await vera.send(await vera.open(f"/visits/{number}/refund"), f"/visits/{number}/refund", **typed)
    assert looked(page) == ["€500 goes back (cash, till of Centre).", say("effect.visit_tier_less", what="€500")]
    await vera.send(page, f"/visits/{number}/refund")
    page = await vera.open(f"/visits/{number}")
    assert await money(number) == [USUAL, -50_000]
    assert page.words(".page-head .badge") == "Paid, €500 refunded"
    assert (await here.card_of())["stamps"] == 1


async def test_what_goes_back_by_another_method_and_out_of_a_drawer_that_holds_less_is_said_and_done(
    vera: Visitor, here: Desk
) -> None:
    number = await visit(here, payments=(Paid(here.card, USUAL),))
    url = f"/visits/{number}/refund"
    typed = {f"back_{here.cash}": "500", f"back_{here.card}": "", "reason": str(here.sorry)}
    page = await vera.send(await vera.open(url), url, **typed)
    other = say("words.refund_by_other", money="€500", method="cash")
    assert looked(page) == [
        "€500 goes back (cash, till of Centre).",
        say("effect.visit_tier_less", what="€500"),
        other,
        say("words.refund_beyond_drawer", money="€0", method="cash"),
    ]
    await vera.send(page, url)
    assert await money(number) == [USUAL, -50_000]


async def test_what_was_seen_is_seen_again_where_it_would_do_something_else_by_then(vera: Visitor, here: Desk) -> None:
    number = await visit(here)
    page = await vera.open(f"/visits/{number}/refund")
    page = await vera.send(page, f"/visits/{number}/refund", reason=str(here.sorry))
    for ago in (4, 3, 2):
        await here.come(ago)
    page = await vera.send(page, f"/visits/{number}/refund")
    assert page.status == 409
    assert say("effect.visit_free_withdrawn") in looked(page)
    assert await money(number) == [USUAL]
    await vera.send(page, f"/visits/{number}/refund")
    assert await money(number) == [USUAL, -USUAL]


async def test_a_refund_says_why_and_never_gives_more_than_came(vera: Visitor, here: Desk) -> None:
    url = f"/visits/{await visit(here)}/refund"
    page = await vera.send(await vera.open(url), url)
    assert page.error("reason") == say("problem.choose")
    page = await vera.send(page, url, reason=str(here.sorry), **{f"back_{here.cash}": "2500"})
    assert page.error(f"back_{here.cash}") == say("problem.refund_too_much")


async def test_the_desk_gives_nothing_back(anna: Visitor, here: Desk) -> None:
    assert (await anna.open(f"/visits/{await visit(here)}/refund")).status == 403


async def test_a_visit_that_was_taken_back_says_so_and_takes_no_money(vera: Visitor, here: Desk) -> None:
    number = await visit(here, paid=0)
    page = await vera.open(f"/visits/{number}")
    look = page.tree.css_first(".told-list a.button").attributes["href"] or ""
    await vera.send(await vera.open(look), look)
    page = await vera.open(f"/visits/{number}")
    assert page.words(".page-head .badge") == say("words.visit_taken_back")
    assert not page.has(".visit-pay")
    assert not page.has("a[href$='/refund']")


async def test_there_is_no_page_of_a_visit_that_is_not_there(anna: Visitor, here: Desk) -> None:
    assert (await anna.open("/visits/77")).status == 404


async def test_of_a_visit_that_used_a_free_one_it_is_said_that_a_refund_leaves_it_used(
    vera: Visitor, here: Desk
) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    number = await visit(here, due=35_000, lines=(here.clean, here.bar), free=True)
    assert (await vera.open(f"/visits/{number}")).words(".page-head .badge") == say("words.visit_paid")
    words = (await vera.open(f"/visits/{number}/refund")).words("main")
    assert "The free visit stays used" in words
    assert "stamp" not in words


async def test_a_visit_that_cost_nothing_is_free_and_not_paid(vera: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    page = await vera.open(f"/visits/{await visit(here, due=0, free=True)}")
    assert page.words(".page-head .badge") == "Free"


async def test_a_tip_that_came_by_a_method_that_is_off_by_now_goes_back_by_another(vera: Visitor, here: Desk) -> None:
    number = await visit(here, payments=(Paid(here.cash, USUAL), Paid(here.card, 5_000, tip=True)))
    await db.execute("UPDATE payment_method SET retired_at = now() WHERE id = $1", here.card)
    url = f"/visits/{number}/refund"
    page = await vera.open(url)
    assert not page.has(f"[name=tip_{here.card}]")
    typed = {f"back_{here.cash}": "", f"tip_{here.cash}": "50", "reason": str(here.sorry)}
    page = await vera.send(page, url, **typed)
    assert looked(page)[0] == "€50 goes back (cash, till of Centre)."
    await vera.send(page, url)
    assert await money(number) == [USUAL, 5_000, -5_000]
