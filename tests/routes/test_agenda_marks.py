"""What the agenda marks of its clients' loyalty: on its board, in its list and on paper, as soon as it is so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from litestar import Litestar

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.rules import CancelledBy
from console.domain.ids import ClientId
from console.domain.loyalty import fixed_cards
from tests import factories
from tests.cast import NOW, VERA
from tests.page import Page, Visitor
from tests.paper import has
from tests.routes.conftest import SignIn
from tests.till import Desk, desk, means
from tests.words import say
from tests.yard import ALWAYS, yard

pytestmark = pytest.mark.usefixtures("today")
DAY = f"/agenda?on={NOW.date()}"
LIST = f"{DAY}&view=list"


@pytest.fixture
async def here(app: Litestar) -> Desk:
    await factories.staff(VERA)
    made = await desk(await yard(hours=ALWAYS))
    await bookings.book(means(), made.yard.asked(made.yard.nina), NOW + timedelta(hours=3))
    return made


@pytest.fixture
async def vera(sign_in: SignIn, here: Desk) -> Visitor:
    return await sign_in(VERA, exists=True, language="en")


def marks(page: Page) -> list[str]:
    return page.all(".b .marks > i")


async def is_at_risk(client: ClientId) -> None:
    drops_on = NOW.date() + timedelta(9)
    await db.execute("UPDATE loyalty_account SET drops_on = $2 WHERE client = $1", client, drops_on)


async def test_a_free_visit_is_marked_once_it_is_there_and_no_more_once_it_is_used(vera: Visitor, here: Desk) -> None:
    for ago in (5, 4, 3):
        await here.come(ago)
    assert marks(await vera.open(DAY)) == []
    await here.come(2)
    page = await vera.open(DAY)
    assert marks(page) == [say("words.mark_free")]
    assert page.has(f".b .marks > .free[title='{say('words.mark_free_said')}'] svg")
    assert say("words.mark_free_said") in page.words(".b .more-of")
    await here.come(1, due=0, free=True)
    assert marks(await vera.open(DAY)) == []


async def test_one_free_visit_marks_the_first_of_several_bookings(vera: Visitor, here: Desk) -> None:
    for ago in (5, 4, 3, 2):
        await here.come(ago)
    asked = here.yard.asked(here.yard.nina)
    later = await bookings.book(means(), asked, NOW + timedelta(days=7))
    next_week = f"/agenda?on={NOW.date() + timedelta(7)}"
    assert marks(await vera.open(DAY)) == [say("words.mark_free")]
    assert marks(await vera.open(next_week)) == []
    first = await db.fetchval("SELECT min(id) FROM booking WHERE id <> $1", later.result["booking"])
    url = (await vera.open(next_week)).tree.css_first("[hx-get^='/agenda/changes']").attributes["hx-get"] or ""
    await bookings.cancel(means(), first, CancelledBy.CLIENT)
    assert marks(await vera.open(url)) == [say("words.mark_free")]


async def test_a_booking_after_the_last_day_of_the_free_visit_is_not_marked(vera: Visitor, here: Desk) -> None:
    for ago in (5, 4, 3, 2):
        await here.come(ago)
    through = await db.fetchval("SELECT through FROM loyalty_entry WHERE unit = 'free_visit'")
    await db.execute("UPDATE booking SET status = 'no_show'")
    last, over = (NOW + (through - NOW.date() + timedelta(more)) for more in (0, 1))
    asked = here.yard.asked(here.yard.nina)
    await bookings.book(means(), asked, over)
    assert marks(await vera.open(f"/agenda?on={over.date()}")) == []
    await bookings.book(means(), asked, last)
    assert marks(await vera.open(f"/agenda?on={last.date()}")) == [say("words.mark_free")]


async def test_the_page_that_stands_open_hears_of_it(vera: Visitor, here: Desk) -> None:
    await here.come(5)
    url = (await vera.open(DAY)).tree.css_first("[hx-get^='/agenda/changes']").attributes["hx-get"] or ""
    assert (await vera.open(url)).status == 204
    await is_at_risk(here.client)
    assert marks(await vera.open(url)) == [say("words.mark_at_risk")]


async def test_who_holds_a_fixed_card_is_not_at_risk(vera: Visitor, here: Desk) -> None:
    await here.come(5)
    await is_at_risk(here.client)
    assert marks(await vera.open(DAY)) == [say("words.mark_at_risk")]
    given = await fixed_cards.give(means(), here.client, 700, None, None)
    await is_at_risk(here.client)
    assert marks(await vera.open(DAY)) == []
    await fixed_cards.withdraw(means(), here.client, given.result["card"])
    await is_at_risk(here.client)
    assert marks(await vera.open(DAY)) == [say("words.mark_at_risk")]


async def test_the_list_and_the_paper_say_it_in_words(vera: Visitor, here: Desk) -> None:
    for ago in (5, 4, 3, 2):
        await here.come(ago)
    await is_at_risk(here.client)
    page = await vera.open(LIST)
    said = [say("words.mark_free_said"), say("words.mark_at_risk_said")]
    assert page.all(".list-mark") == said
    paper = (await vera.http.get(f"{DAY}&as=pdf")).content
    assert all(has(paper, one) for one in said)


async def test_a_booking_that_is_over_marks_nothing(vera: Visitor, here: Desk) -> None:
    for ago in (5, 4, 3, 2):
        await here.come(ago)
    await db.execute("UPDATE booking SET status = 'no_show'")
    assert marks(await vera.open(DAY)) == []
    assert not (await vera.open(LIST)).has(".list-mark")
