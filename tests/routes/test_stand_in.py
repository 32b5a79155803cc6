"""Somebody is ill, over HTTP: their day, who takes what, a look, and all of it in one go."""

from __future__ import annotations

import json

import pytest

from console.domain import db
from console.domain.booking import actions
from console.domain.booking.arranging import Arrangement
from console.domain.ids import BookingId
from tests import factories
from tests.cast import ANNA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import HOUR, NOON, Yard, at, intent, standing, yard

pytestmark = pytest.mark.usefixtures("today")

OTHER_DAY = "2026-05-20"


@pytest.fixture
async def desk(sign_in: SignIn) -> Visitor:
    return await sign_in(ANNA, language="en")


@pytest.fixture
async def house(desk: Visitor) -> Yard:
    made = await yard()
    await made.book(made.nina)
    await made.book(made.nina, NOON + 2 * HOUR)
    return made


def address(house: Yard, on: str = "2026-05-13") -> str:
    return f"/team/bookables/{house.nina}/stand-in?on={on}"


async def look(desk: Visitor, house: Yard, **typed: object) -> Page:
    return await desk.send(await desk.open(address(house)), address(house), **typed)


async def test_it_leads_there_from_the_person_and_shows_tomorrow(desk: Visitor, house: Yard) -> None:
    person = await desk.open(f"/team/bookables/{house.nina}")
    assert person.has(f"a[href='/team/bookables/{house.nina}/stand-in']")
    assert (await desk.open(f"/team/bookables/{house.nina}/time-off")).has(f"a[href$='{house.nina}/stand-in']")
    page = await desk.open(f"/team/bookables/{house.nina}/stand-in")
    assert [legend[:5] for legend in page.all(".stand-in-row legend")] == ["12:00", "14:00"]
    assert page.words(".stand-in-day h2") == "Tomorrow"


async def test_all_are_given_to_others_after_a_look_and_undone_in_one(desk: Visitor, house: Yard) -> None:
    shown = await look(desk, house)
    assert shown.status == 200
    assert say("effect.reassigned", count=2) in shown.words(".callout")
    assert say("effect.off_sick") in shown.words(".callout")
    assert [who for _, who in await standing()] == ["Nina", "Nina"]
    done = await desk.send(shown, address(house))
    assert done.path == f"/team/bookables/{house.nina}/stand-in"
    assert done.all(".stood-in-plan li") == ["12:00 Анна Петрова: Olga Moroz", "14:00 Анна Петрова: Olga Moroz"]
    assert not done.has(".stood-in-calls, .stood-in-left")
    assert done.words(".toast p") == "2 bookings given to Olga Moroz. Off sick: Nina Orlova."
    assert [who for _, who in await standing()] == ["Olga", "Olga"]
    assert await db.fetchval("SELECT count(*) FROM time_off WHERE kind = 'sick'") == 1
    again = await desk.send(shown, address(house))
    assert again.path == done.path
    undo = next(one for one in done.tree.css("form") if "/undo" in (one.attributes["action"] or ""))
    undone = await desk.send(done, undo.attributes["action"])
    assert not undone.has(".stood-in-plan")
    assert [who for _, who in await standing()] == ["Nina", "Nina"]


async def test_one_is_left_and_no_time_off_is_noted(desk: Visitor, house: Yard) -> None:
    page = await desk.open(address(house))
    names = [name for name in page.fields(address(house)) if name[0] == "b"]
    shown = await desk.send(page, address(house), **{names[0]: "leave", "ill": None})
    assert say("effect.reassigned", count=1) in shown.words(".callout")
    await desk.send(shown, address(house))
    assert [who for _, who in await standing()] == ["Nina", "Olga"]
    assert await db.fetchval("SELECT count(*) FROM time_off") == 0


async def test_where_nobody_is_free_the_nearest_of_that_day_are_offered(desk: Visitor, house: Yard) -> None:
    await house.book(house.olga)
    page = await desk.open(address(house))
    assert "Nobody is free at its time" in page.words(".stand-in-row")
    [first, *_] = [name for name in page.fields(address(house)) if name[0] == "b"]
    assert page.value(first) == "leave"
    offered = [node.attributes["value"] or "" for node in page.tree.css(f"[name={first}]")]
    assert len(offered) == 4
    shown = await desk.send(page, address(house), **{first: offered[0]})
    await desk.send(shown, address(house))
    assert (NOON, "Olga") in await standing()
    assert [who for _, who in await standing()] == ["Olga"] * 3


async def test_where_nobody_takes_it_another_time_or_calling_it_off_is_a_step_away(desk: Visitor, house: Yard) -> None:
    await db.execute("UPDATE skill SET retired_at = now() WHERE bookable = $1", house.olga)
    page = await desk.open(address(house))
    assert "Nobody else is free at that time." in page.words(".stand-in-row .why")
    [first, *_] = [name[1:] for name in page.fields(address(house)) if name[0] == "b"]
    links = [node.attributes["href"] or "" for node in page.tree.css(".stand-in-row .why")[0].css("a")]
    assert links == [f"/bookings/{first}/move", f"/bookings/{first}/cancellation"]
    assert [(await desk.open(link)).status for link in links] == [200, 200]


async def test_the_look_says_who_gets_whom_whom_to_call_and_who_stays_with_nobody(desk: Visitor, house: Yard) -> None:
    phones = json.dumps([{"number": "+79213334512", "label": None}])
    await db.execute("UPDATE client_profile SET phones = $1 WHERE client = $2", phones, house.client)
    await house.book(house.olga)
    page = await desk.open(address(house))
    assert "Leave it with Nina Orlova" in page.words(".stand-in-row")
    [first, second] = [name for name in page.fields(address(house)) if name[0] == "b"]
    name = "Анна Петрова"
    shown = await desk.send(page, address(house))
    assert shown.all(".stand-in-plan li") == [
        f"12:00 {name}: nobody; it stays with Nina Orlova, who is away",
        f"14:00 {name}: Olga Moroz",
    ]
    assert not shown.has(".stand-in-calls")
    earlier = page.tree.css(f"[name={first}]")[0].attributes["value"] or ""
    shown = await desk.send(page, address(house), **{first: earlier, second: "leave", "ill": None})
    assert shown.all(".stand-in-plan li") == [f"10:30 {name}: Olga Moroz", f"14:00 {name}: stays with Nina Orlova"]
    assert shown.all(".stand-in-calls li") == [f"call {name}: 12:00 → 10:30, +7 921 333-45-12"]
    assert shown.has(".stand-in-calls a[href='tel:+79213334512']")
    done = await desk.send(shown, address(house))
    assert done.all(".stood-in-calls li") == [f"{name}, +7 921 333-45-1212:00 → 10:30, Olga Moroz"]
    assert done.has(".stood-in-calls a[href='tel:+79213334512']")
    assert done.words(".stood-in-left p") == f"14:00\u2060–\u206015:00 {name}, +7 921 333-45-12"
    assert done.has(".stood-in-left a[href$='/move']")


async def test_it_says_at_which_booking_somebody_was_taken_meanwhile(desk: Visitor, house: Yard) -> None:
    page = await desk.open(address(house))
    names = [name for name in page.fields(address(house)) if name[0] == "b"]
    await house.book(house.olga, NOON + 2 * HOUR)
    answer = await desk.send(page, address(house))
    assert answer.status == 422
    assert not answer.error(names[0])
    assert answer.error(names[1])
    assert [who for _, who in await standing()] == ["Nina", "Nina", "Olga"]


async def test_nothing_chosen_is_said(desk: Visitor, house: Yard) -> None:
    page = await desk.open(address(house, OTHER_DAY))
    assert "Nothing is booked that day." in page.words("main")
    answer = await desk.send(page, address(house, OTHER_DAY), ill=None)
    assert answer.status == 422
    assert answer.has(".callout.danger")


@pytest.mark.parametrize("typed", ["", "x", "9" * 400, "1.", "1.2.3", "-1.1", "999999999.1", "29643840.999999999"])
async def test_a_choice_that_is_none_is_refused(desk: Visitor, house: Yard, typed: str) -> None:
    page = await desk.open(address(house))
    [first, *_] = [name for name in page.fields(address(house)) if name[0] == "b"]
    answer = await desk.send(page, address(house), **{first: typed})
    assert answer.status == 422
    assert answer.error(first)


async def test_only_people_have_such_a_page(desk: Visitor, house: Yard, stranger: Visitor) -> None:
    van = await factories.bookable("Van", kind="vehicle")
    assert (await desk.open(f"/team/bookables/{van}/stand-in")).status == 404
    assert (await stranger.open(address(house))).path == "/sign-in"


async def test_a_booking_that_moved_since_the_page_was_shown_is_not_moved_back(desk: Visitor, house: Yard) -> None:
    page = await desk.open(address(house))
    [first, _] = [name for name in page.fields(address(house)) if name[0] == "b"]
    await actions.move(intent(), Arrangement(BookingId(int(first[1:])), NOON + 4 * HOUR), 1)
    told = await desk.send(page, address(house))
    assert told.status == 422
    assert told.error(first) == say("problem.booking_meanwhile")
    assert [legend[:5] for legend in told.all(".stand-in-row legend")] == ["14:00", "16:00"]
    chosen = told.tree.css(f"[name={first}]")[0].attributes["value"]
    shown = await desk.send(told, address(house), **{first: chosen})
    await desk.send(shown, address(house))
    assert await standing() == [(NOON + 2 * HOUR, "Olga"), (NOON + 4 * HOUR, "Olga")]


async def test_a_booking_that_moved_after_the_look_is_not_moved_back(desk: Visitor, house: Yard) -> None:
    shown = await look(desk, house)
    [first, _] = [name for name in shown.fields(address(house)) if name[0] == "b"]
    await actions.move(intent(), Arrangement(BookingId(int(first[1:])), NOON + 4 * HOUR), 1)
    told = await desk.send(shown, address(house))
    assert told.status == 422
    assert await standing() == [(NOON + 2 * HOUR, "Nina"), (NOON + 4 * HOUR, "Nina")]


async def test_a_booking_that_somebody_else_gave_away_meanwhile_is_told(desk: Visitor, house: Yard) -> None:
    page = await desk.open(address(house))
    [first, _] = [name for name in page.fields(address(house)) if name[0] == "b"]
    given = Arrangement(BookingId(int(first[1:])), NOON + HOUR, ((house.nina, house.olga),))
    await actions.move(intent(), given, 1)
    told = await desk.send(page, address(house))
    assert told.status == 422
    assert say("problem.bookings_meanwhile") in told.words("body")
    assert await standing() == [(NOON + HOUR, "Olga"), (NOON + 2 * HOUR, "Nina")]
    shown = await desk.send(told, address(house))
    await desk.send(shown, address(house))
    assert await standing() == [(NOON + HOUR, "Olga"), (NOON + 2 * HOUR, "Olga")]


async def test_of_two_choices_that_are_too_much_together_the_later_one_names_the_earlier(
    desk: Visitor, house: Yard
) -> None:
    await db.execute("UPDATE skill SET minutes = 90 WHERE bookable = $1", house.olga)
    await house.book(house.nina, NOON + HOUR)
    page = await desk.open(address(house))
    first, second, third = [name for name in page.fields(address(house)) if name[0] == "b"]
    both = page.tree.css(f"input[name='{second}']")[0].attributes["value"]
    refused = await desk.send(page, address(house), **{second: both})
    assert refused.status == 422
    above = say("problem.taken_above", who="Olga Moroz", time="12:00", client="Анна Петрова")
    assert [refused.error(name) for name in (first, second, third)] == ["", above, ""]


async def test_of_several_those_that_cannot_be_are_named_and_no_others(desk: Visitor, house: Yard) -> None:
    await house.book(house.nina, NOON + 4 * HOUR)
    page = await desk.open(address(house))
    [first, second, third] = [name for name in page.fields(address(house)) if name[0] == "b"]
    await house.book(house.olga, NOON + 2 * HOUR)
    shown = await desk.send(page, address(house))
    assert shown.status == 422
    assert [bool(shown.error(name)) for name in (first, second, third)] == [False, True, False]


async def test_of_two_that_one_person_is_to_do_at_once_the_second_is_named(desk: Visitor, house: Yard) -> None:
    page = await desk.open(address(house))
    [first, second] = [name for name in page.fields(address(house)) if name[0] == "b"]
    start, _, rest = page.value(first).partition(".")
    shown = await desk.send(page, address(house), **{second: f"{int(start) + 30}.{rest}"})
    assert shown.status == 422
    assert (shown.error(first), shown.error(second)) == ("", say("problem.place_taken"))


async def test_no_booking_is_put_on_another_day_than_its_own(desk: Visitor, house: Yard) -> None:
    page = await desk.open(address(house))
    [first, second] = [name for name in page.fields(address(house)) if name[0] == "b"]
    _, _, rest = page.value(first).partition(".")
    far = int(NOON.timestamp()) // 60 + 24 * 60
    shown = await desk.send(page, address(house), **{second: f"{far}.{rest}"})
    assert shown.status == 422
    assert (shown.error(first), shown.error(second)) == ("", say("problem.choice"))


@pytest.mark.parametrize("start", ["999999999", "23710000", at(NOON)])
async def test_a_booking_of_somebody_else_that_is_sent_along_is_refused_and_stays(
    desk: Visitor, house: Yard, start: str
) -> None:
    other = await house.book(house.olga, NOON + HOUR)
    page = await desk.open(address(house))
    before = await standing()
    sent = {name: "leave" for name in page.fields(address(house)) if name[0] == "b"}
    shown = await desk.send(page, address(house), **{**sent, f"b{other}": f"{start}.{house.nina}.1"})
    assert shown.status == 422
    assert say("problem.choice") in shown.words(".callout.danger")
    assert await standing() == before


async def test_where_nothing_is_left_to_give_nor_to_note_there_is_no_button(desk: Visitor, house: Yard) -> None:
    page = await desk.open(address(house))
    assert page.has("form.stand-in .buttons button")
    shown = await desk.send(page, address(house))
    await desk.send(shown, address(house))
    for left in (await desk.send(page, address(house)), await desk.open(address(house))):
        assert "Nothing is booked that day." in left.words("main")
        assert not left.has("form.stand-in .buttons button")
        assert not left.has("[name=ill]")


async def test_who_can_only_without_the_one_above_is_offered_with_that_said(desk: Visitor, house: Yard) -> None:
    await db.execute("UPDATE skill SET minutes = 90 WHERE bookable = $1", house.olga)
    await house.book(house.nina, NOON + HOUR)
    page = await desk.open(address(house))
    first, second, _ = [name for name in page.fields(address(house)) if name[0] == "b"]
    assert (page.value(first) != "leave", page.value(second)) == (True, "leave")
    row = page.all(".stand-in-row")[1]
    assert say("words.given_above") in row
    assert "there are other times, too" in row
    shown = await desk.send(page, address(house))
    assert shown.status == 200
