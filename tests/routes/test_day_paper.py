"""A day on paper for when the line is down: who comes, what they hold and owe, and lines to write on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain import db
from console.domain.booking import actions
from console.domain.booking.rules import CancelledBy
from console.domain.ids import ServiceId
from console.domain.loyalty.presets import shrinking
from tests import factories, paper
from tests.cast import ANNA, NOW, VERA
from tests.loyal import come, in_force, nights
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.till import USUAL, Desk, means
from tests.yard import ALWAYS, HOUR, intent, yard

pytestmark = pytest.mark.usefixtures("today")
TODAY = NOW.date().isoformat()


async def printed(visitor: Visitor, here: Desk, day: str = TODAY) -> bytes:
    answer = await visitor.http.get(f"/agenda/paper?on={day}&place={here.location}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    return bytes(answer.content)


async def test_it_is_offered_where_one_day_is_looked_at(anna: Visitor, here: Desk) -> None:
    for view, offered in (("day", True), ("week", False), ("list", True)):
        page = await anna.open(f"/agenda?view={view}&on={TODAY}")
        assert page.has(f'a[href="/agenda/paper?on={TODAY}&place={here.location}"]') is offered


async def test_it_has_who_comes_with_what_they_hold_and_owe_and_what_is_to_pay(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20):
        await here.come(ago)
    await here.come(10, paid=USUAL - 50_000)
    await here.yard.book(here.yard.nina, NOW + HOUR)
    await db.execute("UPDATE client_profile SET address = '4 Mill Lane' WHERE client = $1", here.client)
    pdf = await printed(anna, here)
    for said in (
        "Tuesday 12 May, on paper",
        "Nina Orlova",
        "13:30–14:30",
        "Анна Петрова",
        "4 Mill Lane",
        "The next visit can be free",
        "Owes €500",
        "free visit: €0",
        "Visits without a booking",
    ):
        assert paper.has(pdf, said), said
    assert paper.has(pdf, "did not come")
    assert paper.lefts(pdf, "Tip")[0] == paper.lefts(pdf, "Tip")[-1], "both tables have their columns in one place"
    assert paper.text(pdf).count("Transfer") == 1 + 4


async def test_its_numbers_are_those_of_whoever_comes_and_of_nobody_else(anna: Visitor, here: Desk) -> None:
    await db.execute("""UPDATE client_profile SET phones = '[{"number": "+79213334512", "label": ""}]'""")
    off = await factories.client("Ned", "Carver")
    await here.yard.book(here.yard.nina, NOW + HOUR)
    gone = await here.yard.book(here.yard.olga, NOW + HOUR, client=off)
    await actions.cancel(means(VERA), gone, CancelledBy.CLIENT)
    pdf = await printed(anna, here)
    assert paper.text(pdf).count("333-45-12") == 3
    assert not paper.has(pdf, "Ned Carver")


async def test_what_stands_with_whoever_does_it_is_not_told_again_with_the_van(anna: Visitor, here: Desk) -> None:
    van = await factories.bookable("White van", kind="vehicle")
    await factories.schedule(van, here.location)
    move = ServiceId(await factories.service("MOVE", vehicles=1))
    for who in (van, here.yard.nina):
        await factories.skill(who, move)
    await actions.book(intent(), replace(here.yard.asked(here.yard.nina), services=(move,)), NOW + HOUR)
    pdf = await printed(anna, here)
    assert paper.text(pdf).count("Whitevan") == 2
    assert paper.pages(pdf) == 1


async def test_the_last_day_of_a_tier_is_a_date_since_the_paper_is_printed_before_it(sign_in: SignIn) -> None:
    anna = await sign_in(ANNA, language="en")
    there = await yard(hours=ALWAYS)
    await in_force(shrinking)
    for visit in range(1, 5):
        await come(there.client, visit, 190 - visit)
    await nights(there.client, NOW.date() - timedelta(8))
    await there.book(there.nina, NOW + timedelta(13))
    answer = await anna.http.get(f"/agenda/paper?on=2026-05-25&place={there.location}")
    assert paper.has(answer.content, "Silver 5 % at risk: through 25 May")
    assert not paper.has(answer.content, "today")


async def test_what_is_done_is_on_the_agenda_and_asked_no_more(anna: Visitor, here: Desk) -> None:
    booking = await here.yard.book(here.yard.nina, NOW - HOUR)
    assert paper.has(await printed(anna, here), "What happened")
    await here.come(booking=booking)
    pdf = await printed(anna, here)
    assert not paper.has(pdf, "What happened")
    assert paper.has(pdf, "Анна Петрова")


async def test_an_empty_day_has_lines_for_those_who_walk_in(anna: Visitor, here: Desk) -> None:
    pdf = await printed(anna, here, (NOW.date() + timedelta(3)).isoformat())
    assert paper.has(pdf, "Nothing is booked.")
    assert paper.has(pdf, "Visits without a booking")


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Tuesday 12\u00a0May, on paper"), ("ru", "Вторник, 12\u00a0мая, на\u00a0бумаге")]
)
async def test_it_is_in_the_readers_language_and_tagged(sign_in: SignIn, here: Desk, language: str, title: str) -> None:
    anna = await sign_in(ANNA, language=language)
    await here.yard.book(here.yard.nina, NOW + HOUR)
    pdf = await printed(anna, here)
    facts, tags = paper.facts(pdf), paper.tags(pdf)
    assert facts == {"title": title, "language": language, "tagged": True, "universal": True}
    assert (tags["H1"], tags["Figure without /Alt"]) == (1, 0)
    assert tags["TH"] >= 8
