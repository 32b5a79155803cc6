"""A day entered from paper: what became of its bookings, row by row, and the visits without one."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import actions
from console.domain.booking.rules import CancelledBy
from console.domain.ids import BookingId
from console.domain.visits.fees_rules import Cause
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.till import USUAL, Desk, means
from tests.words import say
from tests.yard import HOUR, stands

pytestmark = pytest.mark.usefixtures("today")
EARLIER = NOW - 2 * HOUR


def url(here: Desk, ago: int = 0) -> str:
    return f"/agenda/entry?on={NOW.date() - timedelta(ago)}&place={here.location}"


async def enter(visitor: Visitor, page: Page, here: Desk, ago: int = 0, **typed: Any) -> Page:
    return await visitor.send(page, url(here, ago), **typed)


async def booked(here: Desk, given: str, at: Any = EARLIER) -> BookingId:
    return await here.yard.book(here.yard.nina, at, client=await factories.client(given, "Vale"))


async def visits() -> list[tuple[Any, ...]]:
    rows = await db.fetch(
        'SELECT v.booking, v."on", v.due, (SELECT coalesce(sum(minor), 0) FROM payment WHERE visit = v.id AND NOT tip)'
        "::bigint AS paid, (SELECT coalesce(sum(minor), 0) FROM payment WHERE visit = v.id AND tip)::bigint AS tips"
        " FROM visit v WHERE v.retired_at IS NULL ORDER BY v.id"
    )
    return [tuple(row) for row in rows]


def became(page: Page, booking: int) -> str:
    return page.words(f"#b{booking} .entry-became")


async def test_rows_are_entered_at_once_each_with_what_it_says(anna: Visitor, here: Desk) -> None:
    iris, ned, zoe = [await booked(here, name, EARLIER - at * HOUR) for at, name in enumerate(("Iris", "Ned", "Zoe"))]
    page = await anna.open(url(here))
    assert [one.split()[1:2] for one in page.all(".entry-whom")] == [["Zoe"], ["Ned"], ["Iris"]]
    typed = {
        f"b{iris}_what": "came",
        f"b{iris}_tip": "5",
        f"b{ned}_what": "away",
    }
    page = await enter(anna, page, here, **typed)
    assert (page.status, page.toast) == (200, say("words.entered", count=2))
    assert await visits() == [(iris, NOW.date(), USUAL, USUAL, 500)]
    assert [(await stands(one))[1] for one in (iris, ned, zoe)] == ["finished", "no_show", "booked"]
    assert became(page, iris) == "finished paid €2,000"
    assert became(page, ned) == "no-show"
    assert page.has(f"#b{zoe} [name=b{zoe}_what]")


async def test_one_row_is_told_as_at_the_till_and_undone(anna: Visitor, here: Desk) -> None:
    iris = await booked(here, "Iris")
    page = await enter(anna, await anna.open(url(here)), here, **{f"b{iris}_what": "came"})
    assert "1st stamp of 4." in page.toast
    await anna.send(page, page.tree.css_first(".toast form").attributes["action"])
    assert (await visits(), (await stands(iris))[1]) == ([], "booked")


async def test_a_row_that_cannot_be_stays_as_it_was_typed_and_the_others_are_entered(anna: Visitor, here: Desk) -> None:
    iris, ned, zoe = [await booked(here, name, EARLIER - at * HOUR) for at, name in enumerate(("Iris", "Ned", "Zoe"))]
    typed = {
        f"b{iris}_what": "came",
        f"b{ned}_what": "came",
        f"b{ned}_amount": "2500",
        f"b{zoe}_amount": "ten",
    }
    page = await enter(anna, await anna.open(url(here)), here, **typed)
    assert page.status == 422
    assert page.words(f"#entry-b{ned}-amount-error") == say("problem.paid_too_much")
    assert page.has(f"[name=b{ned}_amount][value='2500']")
    assert page.has(f"[name=b{zoe}_amount][value=ten][aria-invalid]")
    assert say("words.entered", count=1) in page.words("#main .callout.info")
    assert became(page, iris) == "finished paid €2,000"
    assert [one[0] for one in await visits()] == [iris]


async def test_what_is_typed_of_a_row_of_which_nothing_is_said_is_asked_about(anna: Visitor, here: Desk) -> None:
    iris = await booked(here, "Iris")
    page = await enter(anna, await anna.open(url(here)), here, **{f"b{iris}_amount": "2000"})
    assert (page.status, page.words(f"#entry-b{iris}-what-error")) == (422, say("problem.entry_what"))
    assert await visits() == []


async def test_less_than_the_price_is_owed_and_nothing_by_0(anna: Visitor, here: Desk) -> None:
    iris, ned = await booked(here, "Iris"), await booked(here, "Ned", EARLIER - HOUR)
    typed = {f"b{one}_what": "came" for one in (iris, ned)} | {f"b{iris}_amount": "1500", f"b{ned}_amount": "0"}
    page = await enter(anna, await anna.open(url(here)), here, **typed)
    assert became(page, iris) == "finished paid €1,500, owes €500"
    assert became(page, ned) == "finished paid €0, owes €2,000"


async def test_a_free_visit_is_played_where_there_is_one(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    mine, iris = await here.yard.book(here.yard.nina, EARLIER), await booked(here, "Iris", EARLIER - HOUR)
    page = await anna.open(url(here))
    assert not page.has(f"[name=b{iris}_free]")
    page = await enter(anna, page, here, **{f"b{mine}_what": "came", f"b{mine}_free": "on"})
    assert became(page, mine) == "finished nothing to pay"
    assert (await here.card_of())["free_visits"] == 0


@pytest.mark.parametrize("again", ["the same form", "another window"])
async def test_a_row_that_is_entered_twice_is_done_once(anna: Visitor, here: Desk, again: str) -> None:
    iris = await booked(here, "Iris")
    first, second = await anna.open(url(here)), await anna.open(url(here))
    for page in (first, first if again == "the same form" else second):
        page = await enter(anna, page, here, **{f"b{iris}_what": "came"})
        assert (page.status, became(page, iris)) == (200, "finished paid €2,000")
    assert len(await visits()) == 1


@pytest.mark.parametrize("again", ["the same form", "another window"])
async def test_a_row_that_is_entered_twice_at_once_is_done_once(anna: Visitor, here: Desk, again: str) -> None:
    iris = await booked(here, "Iris")
    first, second = await anna.open(url(here)), await anna.open(url(here))
    both = (first, first if again == "the same form" else second)
    done = await asyncio.gather(*(enter(anna, page, here, **{f"b{iris}_what": "came"}) for page in both))
    assert [(page.status, became(page, iris)) for page in done] == [(200, "finished paid €2,000")] * 2
    assert len(await visits()) == 1


async def test_what_is_typed_of_a_booking_that_was_called_off_or_moved_meanwhile_is_not_lost(
    anna: Visitor, here: Desk
) -> None:
    iris, ned, zoe = [await booked(here, name, EARLIER - at * HOUR) for at, name in enumerate(("Iris", "Ned", "Zoe"))]
    page = await anna.open(url(here))
    await actions.cancel(means(VERA), ned, CancelledBy.CLIENT)
    await actions.move(means(VERA), actions.Arrangement(zoe, NOW + timedelta(1)), 1)
    typed = {f"b{iris}_what": "came", f"b{ned}_what": "came", f"b{ned}_amount": "2000", f"b{zoe}_what": "away"}
    page = await enter(anna, page, here, **typed)
    assert (page.status, became(page, iris)) == (422, "finished paid €2,000")
    assert say("words.entered", count=1) in page.words("#main .callout.info")
    told = page.all("#main .callout.attention li")
    assert [line.split(",")[0] for line in told] == ["Ned Vale", "Zoe Vale"]
    assert told[0].endswith("cancelled")
    assert [one[0] for one in await visits()] == [iris]


async def test_another_price_by_then_is_shown_before_it_is_taken(anna: Visitor, here: Desk) -> None:
    iris = await booked(here, "Iris")
    page = await anna.open(url(here))
    await db.execute("UPDATE price SET minor = 210000 WHERE service = $1", here.yard.service)
    page = await enter(anna, page, here, **{f"b{iris}_what": "came"})
    assert (page.status, page.words(f"#entry-b{iris}-what-error")) == (422, say("problem.entry_changed"))
    assert "€2,100" in page.words(f"#b{iris} .entry-due")
    page = await enter(anna, page, here)
    assert became(page, iris) == "finished paid €2,100"


async def test_a_fee_for_a_no_show_is_told_and_waived_by_whoever_may(vera: Visitor, here: Desk) -> None:
    await factories.staff(ANNA)
    await factories._insert("fee_rule", location=here.location, cause=Cause.NO_SHOW.value, bp=5_000)
    why = await factories.reason("fee_waiver", names='{"en": "They were ill"}')
    iris, ned = await booked(here, "Iris"), await booked(here, "Ned", EARLIER - HOUR)
    page = await vera.open(url(here))
    assert "50 % of the price" in page.words(".entry-form > p")
    page = await enter(vera, page, here, **{f"b{iris}_what": "away", f"b{ned}_what": "away", f"b{ned}_fee": str(why)})
    fees = await db.fetch("SELECT booking, minor, waived FROM fee ORDER BY booking")
    assert [(row["booking"], row["waived"]) for row in fees] == [(iris, None), (ned, why)]


async def test_a_day_further_back_is_for_whoever_may_date_so(anna: Visitor, sign_in: SignIn, here: Desk) -> None:
    iris = await booked(here, "Iris", NOW - timedelta(3))
    page = await anna.open(url(here, 3))
    assert page.words("#main .callout") == say("problem.visit_far_back")
    assert not page.has(".entry-form button")
    vera = await sign_in(VERA, exists=True)
    page = await enter(vera, await vera.open(url(here, 3)), here, 3, **{f"b{iris}_what": "came"})
    assert [one[:2] for one in await visits()] == [(iris, NOW.date() - timedelta(3))]


async def test_a_day_to_come_is_not_entered(anna: Visitor, here: Desk) -> None:
    await booked(here, "Iris", NOW + timedelta(1))
    page = await anna.open(url(here, -1))
    assert not page.has(".entry-form button")
    assert not page.has('#main a[href^="/visits/new"]')


async def test_visits_without_a_booking_are_listed_below_and_added_for_that_day(anna: Visitor, here: Desk) -> None:
    await here.come(1, lines=[here.bar], due=35_000, client=None)
    page = await anna.open(url(here, 1))
    who = say("words.walk_in")
    assert page.all("#walked-in tbody tr") == [f"12:30{who}Soappaid €350"]
    new = f"/visits/new?on={NOW.date() - timedelta(1)}&place={here.location}"
    assert page.has(f'#walked-in a[href="{new}"]')
    assert (await anna.open(new)).has(f'[name=on][value="{NOW.date() - timedelta(1)}"]')


async def test_the_agenda_leads_to_it_up_to_today(anna: Visitor, here: Desk) -> None:
    for ago, offered in ((1, True), (0, True), (-1, False)):
        page = await anna.open(f"/agenda?on={NOW.date() - timedelta(ago)}")
        assert page.has(f'.agenda-more a[href="{url(here, ago)}"]') is offered
