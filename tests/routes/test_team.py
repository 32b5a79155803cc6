"""People, rooms and their hours over HTTP."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from console.domain import db
from tests import factories
from tests.cast import ANNA, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.routes.test_catalogue import add_service, press
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

PEOPLE = "/team/people"
TODAY = "2026-05-12"


async def add(visitor: Visitor, name: str = "Nina Orlova", path: str = PEOPLE, **typed: Any) -> Page:
    if not await db.fetchval("SELECT EXISTS (SELECT FROM location)"):
        await factories.location()
    return await visitor.send(await visitor.open(f"{path}/new"), path, name=name, **typed)


async def bookable() -> str:
    """The page of the one bookable there is."""
    return f"/team/bookables/{await db.fetchval('SELECT id FROM bookable')}"


async def set_hours(visitor: Visitor, url: str, **typed: Any) -> Page:
    page = await visitor.open(f"{url}/hours")
    return await visitor.send(page, f"{url}/hours", **{"as_location": None, "monday": "9-13, 14-18", **typed})


async def test_own_hours_beside_the_tick_are_not_lost_without_a_word(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    url = await bookable()
    page = await set_hours(vera, url, as_location="1", monday="10-12")
    assert (page.status, page.error("as_location"), page.value("monday")) == (422, say("problem.own_hours"), "10-12")
    page = await vera.open(f"{url}/hours")
    assert (await vera.send(page, f"{url}/hours")).path == url


async def note(visitor: Visitor, url: str, **typed: Any) -> Page:
    page = await visitor.open(f"{url}/time-off")
    return await visitor.send(page, f"{url}/time-off", **{"first": "2026-05-14", **typed})


async def test_somebody_new_is_there_whenever_the_location_is_open(sign_in: SignIn) -> None:
    page = await add(await sign_in(VERA))
    assert page.toast == say("done.bookable.add", name="Nina Orlova")
    assert page.all(".week tbody td")[:7] == ["", *["9:00–18:00"] * 4, "", ""]
    assert page.all(".week tbody td")[7] == "36 h"


async def test_own_hours_hold_from_their_day_with_the_break_between(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    url = await bookable()
    page = await set_hours(vera, url, valid_from="2026-05-18")
    assert page.path == url
    assert page.all(".week tbody td")[1] == "9:00–18:00"
    later = await vera.open(f"{url}?on=2026-05-20")
    assert later.all(".week tbody td")[0] == "9:00–13:0014:00–18:00"
    withdrawal = page.tree.css_first('form[action$="/withdrawal"]').attributes["action"]
    page = await vera.send(page, withdrawal)
    assert not page.has('form[action$="/withdrawal"]')


async def test_hours_that_have_begun_cannot_be_taken_back_or_set_before_today(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    url = await bookable()
    page = await set_hours(vera, url, valid_from="2026-05-11")
    assert page.error("valid_from") == say("problem.hours_past")
    assert page.value("monday") == "9-13, 14-18"
    schedule = await db.fetchval("SELECT id FROM schedule")
    assert (await press(vera, page, f"/team/hours/{schedule}/withdrawal")).status == 409


async def test_nobody_can_be_put_in_two_places_at_once_by_hours_or_by_an_undo(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    centre = await factories.location()
    north = await factories.location("North")
    await add(vera, location=centre)
    url = await bookable()
    page = await set_hours(vera, url, location=north, monday="17-20")
    assert page.error("location") == say("problem.two_places", first="Centre", second="North")
    cleared = await set_hours(vera, url, location=centre, monday="", tuesday="", wednesday="", thursday="", friday="")
    undo = cleared.tree.css_first('form[action^="/operations/"]').attributes["action"]
    assert (await set_hours(vera, url, location=north, monday="17-20")).status == 200
    await press(vera, cleared, undo)
    [stands] = await db.fetch("SELECT hours FROM schedule WHERE location = $1 AND retired_at IS NULL", centre)
    assert json.loads(stands["hours"]) == [[]] * 7


async def test_a_holiday_takes_the_day_whoever_works_then(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    await factories.holiday(date(2026, 5, 13), name="Founders' day")
    page = await vera.open(await bookable())
    assert page.all(".week tbody td")[2] == "Founders' day"


async def test_a_holiday_of_one_place_is_named_where_its_people_are_whatever_the_zones(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    centre = await factories.location("Centre", zone="Europe/Moscow")
    far = await factories.location("Kamchatka", zone="Asia/Kamchatka")
    await add(vera, "Nina Orlova", location=centre)
    await add(vera, "Pavel Rybin", location=far)
    await factories.holiday(date(2026, 5, 13), name="Fishers' day", location=far)
    await factories.holiday(date(2026, 5, 16), name="Museum night", location=centre)
    page = await vera.open("/team/week")
    nina, pavel = [[" ".join(cell.text().split()) for cell in row.css("td")] for row in page.tree.css(".week tbody tr")]
    assert (nina[2], pavel[2]) == ("9:00–18:00Centre", "Fishers' day")
    assert (nina[5], pavel[5]) == ("Museum night", "")
    assert (nina[7], pavel[7]) == ("36 h", "27 h")


@pytest.mark.parametrize(
    ("zone", "on", "total"),
    [
        ("Europe/Moscow", "2026-10-25", "8 h"),
        ("Europe/Berlin", "2026-10-25", "9 h"),
        ("Europe/Berlin", "2027-03-28", "7 h"),
        ("Africa/Cairo", "2027-04-30", "7 h"),
        ("Australia/Lord_Howe", "2026-10-04", "7 h 30 min"),
    ],
)
async def test_a_week_counts_the_hours_that_pass_when_clocks_change(
    sign_in: SignIn, zone: str, on: str, total: str
) -> None:
    vera = await sign_in(VERA)
    place = await factories.location(zone=zone)
    await add(vera, location=place)
    url = await bookable()
    night = {"monday": "", "tuesday": "", "wednesday": "", "thursday": "", "friday": "", "saturday": "", "sunday": ""}
    night[f"{date.fromisoformat(on) - timedelta(days=1):%A}".lower()] = "22-6"
    await set_hours(vera, url, **night)
    assert (await vera.open(f"{url}?on={date.fromisoformat(on) - timedelta(days=1)}")).all(".week tbody td")[7] == total


@pytest.mark.parametrize(
    ("last", "days"), [("", "14 мая"), ("2026-05-15", "14–15 мая"), ("2027-06-02", "14 мая\xa0– 2 июня 2027")]
)
async def test_time_off_is_announced_and_remembered_with_all_its_days(sign_in: SignIn, last: str, days: str) -> None:
    vera = await sign_in(VERA, language="ru")
    await add(vera)
    page = await note(vera, await bookable(), kind="vacation", last=last)
    assert page.toast == say("done.time_off.add", "ru", name=f"Nina Orlova, {days}")
    told = await vera.open("/settings/history")
    assert say("kind.time_off.add", "ru", name=f"Nina Orlova, {days}") in told.words("main")


async def test_the_front_desk_notes_an_illness_and_takes_it_back(sign_in: SignIn) -> None:
    await add(await sign_in(VERA))
    anna = await sign_in(ANNA)
    url = await bookable()
    page = await note(anna, url, kind="sick", last="2026-05-15", note="phoned at eight")
    assert page.all(".week tbody td")[3:5] == [say("words.off_sick", "ru")] * 2
    absent = say("words.absent", "ru")
    assert [one.attributes["data-paper"] for one in page.tree.css(".week .away")] == [absent] * 2
    printed = await anna.http.get(url, params={"as": "pdf"})
    said = PdfReader(BytesIO(printed.content)).pages[0].extract_text()
    assert absent in said
    assert say("words.off_sick", "ru") not in said
    assert "phoned at eight" in page.words("main")
    off = f"/team/time-off/{await db.fetchval('SELECT id FROM time_off')}"
    page = await anna.send(await anna.open(off), f"{off}/removal")
    assert page.path == url
    assert page.all(".week tbody td")[3] == "9:00–18:00"
    assert (await anna.open(f"{url}/hours")).status == 403
    assert (await press(anna, page, f"{url}/retirement")).status == 403


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"first": ""}, "first", "problem.required"),
        ({"first": "2026-02-30"}, "first", "problem.date"),
        ({"last": "2026-05-01"}, "last", "problem.ends_before_it_begins"),
        ({"last": "2028-05-01"}, "last", "problem.time_off_long"),
        ({"hours": "9-12", "last": "2026-05-16"}, "hours", "problem.hours_of_one_day"),
        ({"hours": "9-12, 13-14"}, "hours", "problem.one_interval"),
    ],
)
async def test_time_off_that_cannot_be_is_said_at_its_field(
    sign_in: SignIn, typed: dict[str, str], field: str, problem: str
) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    page = await note(vera, await bookable(), **typed)
    assert (page.status, page.error(field)) == (422, say(problem, most=400))
    assert page.value(field) == typed[field]


async def test_the_same_whole_days_are_taken_once_and_an_hour_beside_them_may_be(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    url = await bookable()
    await note(vera, url, last="2026-05-16")
    page = await note(vera, url, first="2026-05-16")
    assert page.error("first") == say("problem.off_already")
    page = await note(vera, url, first="2026-05-16", hours="9-12")
    assert (page.status, page.error("hours")) == (422, say("problem.hours_off_already"))
    assert (await note(vera, url, first="2026-05-18", hours="9-12")).status == 200
    assert (await vera.open(f"{url}?on=2026-05-18")).all(".week tbody td")[0].startswith("12:00–18:00")
    page = await note(vera, url, first="2026-05-18", hours="11-13")
    assert (page.status, page.error("hours"), page.value("hours")) == (422, say("problem.hours_off_already"), "11-13")
    page = await note(vera, url, first="2026-05-17", last="2026-05-20")
    assert page.error("first") == say("problem.off_in_part")


async def test_skills_are_chosen_with_own_minutes_and_prices(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    for code in ("A", "B", "C"):
        await add_service(vera, name_en=f"Service {code}", code=code)
    url = await bookable()
    a, b, c = [row["id"] for row in await db.fetch("SELECT id FROM service ORDER BY code")]
    form = await vera.open(f"{url}/skills")
    page = await vera.send(form, f"{url}/skills", **{f"can_{a}": "on", f"minutes_{b}": "200", f"price_{b}": "99.50"})
    assert page.all(".panel tbody th") == ["Service A", f"Service B {say('Own')}"]
    assert page.all(".panel tbody td") == ["3 h", "€6,000", "3 h 20 min", "€99.50"]
    page = await vera.send(await vera.open(f"{url}/skills"), f"{url}/skills", **{f"can_{a}": None, f"can_{c}": "on"})
    rows = await db.fetch("SELECT service, minutes, minor FROM skill WHERE retired_at IS NULL ORDER BY service")
    assert [tuple(row) for row in rows] == [(b, 200, 9950), (c, None, None)]


async def test_of_two_who_say_what_somebody_can_do_the_second_is_shown_both(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    person, first, second = (
        await factories.bookable(),
        await factories.service("DEEP"),
        await factories.service("SPRING"),
    )
    url = f"/team/bookables/{person}/skills"
    old = await vera.open(url)
    await vera.send(old, url, **{f"can_{first}": "on"})
    page = await vera.send(old, url, **{f"can_{second}": "on"}, intent=uuid4())
    assert page.status == 409
    emptied = await vera.http.post(url, data={"_csrf": old.value("_csrf"), "intent": str(uuid4())})
    assert emptied.status_code == 409
    assert [row["service"] for row in await db.fetch("SELECT service FROM skill WHERE retired_at IS NULL")] == [first]


async def test_a_wrong_number_among_the_skills_is_said_there_and_loses_nothing(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    await add_service(vera)
    url, service = await bookable(), await db.fetchval("SELECT id FROM service")
    form = await vera.open(f"{url}/skills")
    page = await vera.send(form, f"{url}/skills", **{f"minutes_{service}": "many", f"price_{service}": "10"})
    assert page.error(f"minutes_{service}") == say("problem.whole", low=1, high=720)
    assert page.value(f"price_{service}") == "10"


async def test_names_of_a_kind_and_accounts_are_given_once(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera, staff=VERA.id)
    page = await vera.send(await vera.open(f"{PEOPLE}/new"), PEOPLE, name="nina ORLOVA")
    assert page.error("name") == say("problem.bookable_taken")
    assert str(VERA.id) not in [
        node.attributes.get("value") for node in (await vera.open(f"{PEOPLE}/new")).tree.css('[name="staff"] option')
    ]
    assert (await add(vera, path="/team/rooms")).status == 200


async def test_the_week_is_a_document_with_everybody_in_it(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    await add(vera, "Пётр Ёлкин")
    answer = await vera.http.get(f"/team/week?on={TODAY}&as=pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    assert "Nina Orlova" in text
    assert "Пётр Ёлкин" in " ".join(text.split())
    one = await vera.http.get(f"{(await bookable_of('Nina Orlova'))}?as=pdf")
    assert "Ёлкин" not in PdfReader(BytesIO(one.content)).pages[0].extract_text()


async def bookable_of(name: str) -> str:
    return f"/team/bookables/{await db.fetchval('SELECT id FROM bookable WHERE name = $1', name)}"


async def test_who_is_out_of_the_plan_is_in_no_week_and_comes_back(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add(vera)
    url = await bookable()
    page = await vera.send(page, f"{url}/retirement")
    assert (page.path, page.toast) == (PEOPLE, say("done.bookable.retire", name="Nina Orlova"))
    assert "Nina" not in (await vera.open("/team/week")).words("main")
    page = await vera.send(await vera.open(url), f"{url}/readmission")
    assert "Nina" in (await vera.open("/team/week")).words("main")


async def test_strange_addresses_are_not_found_and_strange_weeks_are_this_one(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add(vera)
    for url in ("/team/ghosts", "/team/bookables/77", "/team/time-off/77", "/team/bookables/77/skills"):
        assert (await vera.open(url)).status == 404
    assert (await press(vera, page, "/team/hours/77/withdrawal")).status == 404
    for on in ("yesterday", "9999-99-99", "0001-01-01", "9999-12-31"):
        assert (await vera.open(f"/team/week?on={on}")).status == 200


async def test_the_teams_short_address_leads_to_its_people(sign_in: SignIn) -> None:
    assert (await (await sign_in(VERA)).open("/team")).path == "/team/people"
