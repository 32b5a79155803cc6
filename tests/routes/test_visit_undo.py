"""Undoing a visit over HTTP: what it would do is looked at first, and is what it then does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.ids import OperationId, VisitId
from console.domain.intent import Outcome
from console.domain.undo import undo
from console.domain.visits.actions import Paid
from console.domain.visits.debts import Part
from tests import factories
from tests.cast import ANNA, NOW, OLEG, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.till import DAY, SOAP, USUAL, Desk, means
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")


def url(operation: int) -> str:
    return f"/operations/{operation}/consequences"


def looked(page: Page) -> list[str]:
    return page.all(".callout.attention li")


async def stands() -> dict[str, list[Any]]:
    """What a visit leaves: itself, money, what is owed, the card, and messages due."""
    asked = {
        "visits": "SELECT id FROM visit WHERE retired_at IS NULL ORDER BY id",
        "tills": "SELECT method, sum(minor)::int FROM payment GROUP BY method HAVING sum(minor) <> 0 ORDER BY method",
        "card": "SELECT stamps, free_visits, tier FROM loyalty_account",
        "messages": "SELECT kind FROM message WHERE retired_at IS NULL ORDER BY id",
        "booking": "SELECT status FROM booking ORDER BY id",
    }
    return {name: [tuple(row) for row in await db.fetch(sql)] for name, sql in asked.items()}


async def fourth(here: Desk) -> Outcome[dict[str, int]]:
    """The visit of a booking that completes the card and raises the tier, paid in two ways with a debt taken along."""
    owed = int((await here.come(40, paid=USUAL // 2)).result["visit"])
    for ago in (30, 20):
        await here.come(ago)
    booking = await here.yard.book(here.yard.nina, NOW - timedelta(hours=1))
    await bookings.arrive(means(), booking)
    payments = (Paid(here.cash, 150_000), Paid(here.card, 150_000), Paid(here.card, 1_000, tip=True))
    return await here.come(booking=booking, payments=payments, debts=(Part(USUAL // 2, VisitId(owed)),))


async def test_all_that_an_undo_will_do_is_looked_at_and_then_done(anna: Visitor, vera: Visitor, here: Desk) -> None:
    done = await fourth(here)
    visit = f"/visits/{done.result['visit']}"
    before = await stands()
    page = await vera.open(visit)
    assert page.words(f"a[href='{url(done.operation_id)}']") == "Undo the visit"
    page = await vera.open(url(done.operation_id))
    assert page.heading == say("title.undo_visit")
    assert page.tree.css_first("#rail [aria-current]").attributes["href"] == "/cashbook"
    assert looked(page) == [
        say("effect.visit_lowered", name="Base"),
        say("effect.visit_owed", sum="€1,000"),
        say("effect.visit_stamp_gone"),
        say("effect.visit_stamps_back", count=3),
        say("effect.visit_free_withdrawn"),
        say("effect.booking_here_again"),
        "€1,500 goes back (cash, till of Centre).",
        "€1,510 goes back (card, till of Centre).",
        "Not sent to the client any more: “A free visit is there”, “The free visit ends soon”"
        " and “Thanks for the visit”.",
    ]
    assert await stands() == before
    page = await vera.send(page, url(done.operation_id))
    assert page.path == visit
    assert "Its stamp goes." in page.toast
    assert "€1,500 goes back (cash, till of Centre)." in page.toast
    after = await stands()
    assert before["visits"][-1] not in after["visits"]
    assert after["card"] == [(3, 0, "base")]
    assert after["booking"] == [("arrived",)]
    assert after["tills"] == [(here.cash, 5 * USUAL // 2)]
    assert after["messages"] == []
    page = await vera.open(visit)
    again = page.tree.css_first(".page-head .actions a").attributes["href"]
    page = await vera.open(again or "")
    assert page.heading == say("title.restore_visit")
    assert say("effect.booking_finished_again") in looked(page)
    assert "€1,500 is taken again (cash, till of Centre)." in looked(page)
    await vera.send(page, again)
    assert await stands() == before


async def test_a_refund_and_a_payment_are_looked_at_before_they_are_undone_and_done_again(
    anna: Visitor, vera: Visitor, here: Desk
) -> None:
    visit = (await here.come(paid=150_000)).result["visit"]
    before_pay = await stands()
    paid = await here.receive(visit, 50_000)
    before_refund = await stands()
    refunded = await here.refund(visit, USUAL)
    refunded_all = await stands()
    look = url(refunded.operation_id)
    for path in (f"/visits/{visit}", f"/clients/{here.client}/timeline", "/settings/history"):
        assert (await vera.open(path)).has(f"a[href='{look}']"), path
    page = await vera.open(look)
    assert page.heading == say("title.undo_refund")
    assert looked(page) == [
        "1st stamp of 4.",
        say("effect.visit_tier_again", what="€2,000"),
        "€2,000 is taken again (cash, till of Centre).",
        "The client is not told: neither SMS nor email is set up.",
    ]
    assert await stands() == refunded_all
    page = await vera.send(page, look)
    assert page.path == f"/visits/{visit}"
    assert await stands() == before_refund
    page = await vera.open(url(paid.operation_id))
    assert page.heading == say("title.undo_payment")
    assert looked(page) == [
        say("effect.visit_tier_less", what="€500"),
        say("effect.visit_owed", sum="€500"),
        "€500 goes back (cash, till of Centre).",
    ]
    await vera.send(page, url(paid.operation_id))
    assert await stands() == before_pay
    again = await db.fetchval("SELECT max(id) FROM operation WHERE undoes = $1", paid.operation_id)
    page = await vera.open(url(again))
    assert page.heading == say("title.restore_payment")
    await vera.send(page, url(again))
    assert await stands() == before_refund


@pytest.mark.parametrize(
    ("language", "name", "first", "then"),
    [("en", "Silver", "12 October", "2 October"), ("ru", "Серебряный", "12 октября", "2 октября")],
)
async def test_how_long_the_tier_lasts_after_an_undo_is_told_as_the_card_tells_it_then(
    sign_in: SignIn, here: Desk, language: str, name: str, first: str, then: str
) -> None:
    for ago in (60, 50, 40, 30):
        await here.come(ago)
    done = await here.come(due=USUAL * 95 // 100 + SOAP, lines=(here.clean, here.bar))
    oleg, card = await sign_in(OLEG, language=language), f"/clients/{here.client}"
    before = await oleg.open(card)
    page = await oleg.open(url(done.operation_id))
    assert say("effect.visit_tier_instead", language, name=name, days=then, was=first) in looked(page)
    await oleg.send(page, url(done.operation_id))
    after = await oleg.open(card)
    lasts = [one.words(".tier-lasts strong") for one in (before, after)]
    assert lasts == [say("words.through", language, date=day) for day in (first, then)]


async def test_what_was_seen_is_seen_again_where_it_would_do_something_else_by_then(vera: Visitor, here: Desk) -> None:
    done = await here.come()
    page = await vera.open(url(done.operation_id))
    assert say("effect.visit_free_withdrawn") not in looked(page)
    for ago in (4, 3, 2):
        await here.come(ago)
    page = await vera.send(page, url(done.operation_id))
    assert page.status == 409
    assert say("refused.changed") in page.words(".callout.danger")
    assert say("effect.visit_free_withdrawn") in looked(page)
    assert await db.fetchval("SELECT count(*) FROM visit WHERE retired_at IS NULL") == 4
    await vera.send(page, url(done.operation_id))
    assert await db.fetchval("SELECT count(*) FROM visit WHERE retired_at IS NULL") == 3


async def test_one_that_was_undone_meanwhile_says_so_and_is_not_undone_again(vera: Visitor, here: Desk) -> None:
    done = await here.come()
    page = await vera.open(url(done.operation_id))
    await undo(means(), OperationId(done.operation_id))
    before = await stands()
    for answer in (await vera.send(page, url(done.operation_id)), await vera.open(url(done.operation_id))):
        assert answer.status == 409
        assert answer.words(".callout.danger") == say("refused.already_undone")
        assert not answer.has("form .danger[type=submit]")
        assert answer.has(f"#main form a[href='/visits/{done.result['visit']}']")
    assert await stands() == before


async def test_what_is_in_the_way_is_named_before_anything_is_pressed(anna: Visitor, vera: Visitor, here: Desk) -> None:
    done = await here.come(paid=150_000)
    later = await here.receive(done.result["visit"], 50_000)
    assert (await vera.open(f"/visits/{done.result['visit']}")).has(f"a[href='{url(done.operation_id)}']")
    page = await vera.open(url(done.operation_id))
    assert page.status == 409
    assert "Anna Petrova: money received for a visit" in page.words(".callout.danger")
    assert "Undo that first." in page.words(".callout.danger")
    assert "money received for a visit" in page.words(f"#main form a[href='{url(later.operation_id)}']")
    assert not page.has("form .danger[type=submit]")


async def test_a_part_that_was_refunded_of_a_payment_is_named_before_anything_is_pressed(
    vera: Visitor, here: Desk
) -> None:
    visit = (await here.come(paid=150_000)).result["visit"]
    received = await here.receive(visit, 30_000, who=VERA)
    await here.refund(visit, 160_000)
    page = await vera.open(url(received.operation_id))
    assert page.status == 409
    assert "Vera O'Neill: money given back for a visit" in page.words(".callout.danger")
    assert not page.has("form .danger[type=submit]")
    assert not (await vera.open(f"/visits/{visit}")).has(f"a[href='{url(received.operation_id)}']")


async def test_a_drawer_that_holds_less_than_goes_back_is_told(vera: Visitor, here: Desk) -> None:
    done = await here.come()
    by_card = await here.come(1, payments=(Paid(here.card, USUAL),))
    await here.refund(by_card.result["visit"], 50_000)
    page = await vera.open(url(done.operation_id))
    assert looked(page)[-1] == say("words.refund_beyond_drawer", money="€1,500", method="cash")


async def test_a_walk_in_who_paid_nothing_changes_nothing_else(vera: Visitor, here: Desk) -> None:
    done = await here.come(client=None, due=0, lines=(replace(here.clean, unit=0, reason=here.why),))
    page = await vera.open(url(done.operation_id))
    assert "nobody's card changes" in page.words(".callout.attention")


async def test_it_is_looked_at_first_wherever_it_is_offered_and_undone_at_once_in_the_toast(
    vera: Visitor, here: Desk
) -> None:
    done = await here.come()
    look = url(done.operation_id)
    for page in (f"/visits/{done.result['visit']}", f"/clients/{here.client}/timeline", "/settings/history"):
        found = await vera.open(page)
        assert found.has(f"a.button[href='{look}']"), page
        assert not found.has(f"form[action='/operations/{done.operation_id}/undo']"), page
    page = await vera.send(await vera.open(look), look)
    assert page.has(".toast form[action$='/undo']")


async def test_only_whoever_may_undo_it_is_led_there(anna: Visitor, vera: Visitor, here: Desk) -> None:
    todays, other = await here.come(who=ANNA), await here.come(who=ANNA, now=NOW - DAY)
    for visitor, done, may in ((anna, todays, True), (anna, other, False), (vera, other, True)):
        look = url(done.operation_id)
        assert (await visitor.open(f"/visits/{done.result['visit']}")).has(f"a[href='{look}']") is may
        assert (await visitor.open(look)).status == (200 if may else 403)


async def test_there_is_nothing_to_look_at_of_another_operation(vera: Visitor, here: Desk) -> None:
    await factories.client("Иван", "Лужин")
    other = await db.fetchval("SELECT max(id) FROM operation WHERE kind <> 'visit.finish'")
    for operation in (other, 999_999):
        assert (await vera.open(url(operation))).status == 404


async def test_why_of_the_tier_says_what_still_counts_of_what_raised_it(vera: Visitor, here: Desk) -> None:
    done = [await here.come(ago) for ago in (40, 30, 20, 10)]
    why = f"/clients/{here.client}/loyalty/tier"
    [raised] = (await vera.open(why)).all(".why-what p:first-child")
    assert "4 visits and €8,000 within 180 days" in raised
    assert "still count" not in raised
    await here.come(5, 190_000)
    await here.refund(done[1].result["visit"], USUAL)
    await undo(means(VERA), done[0].operation_id)
    raised = (await vera.open(why)).all(".why-what p:first-child")[-1]
    assert "as it stood then; of it still count: 3 visits and €4,000 within 180 days" in raised
