"""Locations, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from console.domain import db
from console.domain.business import holidays
from tests import factories
from tests.cast import ANNA, NOW, OLEG, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say
from tests.yard import NOON, WEDNESDAY, WEEK, intent, yard

LIST = "/settings/locations"


async def saved(location: int) -> dict[str, Any]:
    found = await db.fetchrow("SELECT * FROM location WHERE id = $1", location)
    assert found is not None
    return {**dict(found), "hours": json.loads(found["hours"])}


async def add(visitor: Visitor, **typed: str | None) -> Page:
    page = await visitor.open(f"{LIST}/new")
    return await visitor.send(page, LIST, **{"name": "Centre", "zone": "Europe/Moscow", **typed})


async def test_an_empty_list_says_what_a_location_is(sign_in: SignIn) -> None:
    page = await (await sign_in(VERA)).open(LIST)
    assert page.has(".empty")
    assert page.has(f'a[href="{LIST}/new"]')


async def test_a_manager_opens_one_with_hours_as_people_write_them(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add(
        vera,
        phone="+7 495 000 00 01",
        notice_hours="48",
        monday="9-13, 14-20",
        tuesday="09.00-18.00",
        wednesday="9am-6pm",
        thursday="с 9 до 18",
        friday="20-2",
        saturday="closed",
        sunday="",
    )
    assert (page.path, page.toast) == (LIST, say("done.location.add", name="Centre"))
    assert "Mon 9:00–13:00, 14:00–20:00" in page.words("main").replace("\u2060", "")
    row = await saved(1)
    assert row["hours"] == [
        [[540, 780], [840, 1200]],
        *[[[540, 1080]]] * 3,
        [[1200, 1560]],
        [],
        [],
    ]
    assert (row["phone"], row["notice_hours"], row["zone"]) == ("+74950000001", 48, "Europe/Moscow")


async def test_the_first_one_asks_for_a_zone_and_the_next_takes_it_and_the_hours_over(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    page = await add(vera, zone="")
    assert page.status == 422
    assert page.error("zone") == say("problem.choose")
    await add(vera, friday="20-2", notice_hours="3")
    page = await vera.open(f"{LIST}/new")
    expected = ("Europe/Moscow", "20:00–2:00", "closed", "3", "")
    assert tuple(map(page.value, ("zone", "friday", "saturday", "notice_hours", "name"))) == expected


@pytest.mark.parametrize(
    ("typed", "field", "problem", "params"),
    [
        ({"monday": "nine to five"}, "monday", "problem.hours", {}),
        ({"tuesday": "18-9"}, "tuesday", "problem.hours_reversed", {"range": "18:00–9:00"}),
        (
            {"friday": "20-2", "saturday": "1-5"},
            "friday",
            "problem.hours_next_day",
            {"range": "20:00–2:00"},
        ),
        ({"notice_hours": "721"}, "notice_hours", "problem.range", {"low": 0, "high": 720}),
        ({"notice_hours": "soon"}, "notice_hours", "problem.whole", {"low": 0, "high": 720}),
        ({"zone": "Europe/Atlantis"}, "zone", "problem.choice", {}),
        ({"name": " "}, "name", "problem.required", {}),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field(
    sign_in: SignIn, typed: dict[str, str], field: str, problem: str, params: dict[str, Any]
) -> None:
    page = await add(await sign_in(VERA), **typed)
    assert page.status == 422
    assert page.error(field) == say(problem, **params)
    assert await db.fetchval("SELECT count(*) FROM location") == 0
    if page.tree.css_first(f'select[name="{field}"]') is None:
        assert page.value(field).strip() == typed[field].strip()


async def test_a_name_that_another_open_one_has_is_refused_at_the_name(sign_in: SignIn) -> None:
    vera = await sign_in(VERA)
    await add(vera)
    page = await add(vera, name="centre")
    assert (page.status, page.error("name")) == (422, say("problem.location_taken"))


async def test_a_change_shows_in_the_fields_as_the_console_writes_it(sign_in: SignIn) -> None:
    vera, centre = await sign_in(VERA), await factories.location()
    page = await vera.open(f"{LIST}/{centre}")
    page = await vera.send(page, f"{LIST}/{centre}", monday="24/7", tuesday="10 - 14.30")
    assert (page.path, page.toast) == (f"{LIST}/{centre}", say("done.location.change", name="Centre"))
    assert (page.value("monday"), page.value("tuesday")) == ("round the clock", "10:00–14:30")
    page = await vera.send(page, f"{LIST}/{centre}", name="Centre")
    assert (await saved(centre))["hours"][:2] == [[[0, 1440]], [[600, 870]]]


async def test_mondays_hours_are_copied_to_the_working_days_and_nothing_is_saved_yet(sign_in: SignIn) -> None:
    vera, centre = await sign_in(VERA), await factories.location()
    address = f"{LIST}/{centre}"
    typed = {"monday": "10-19", "saturday": "12-15", "name": "Typed"}
    for url, action in ((address, address), (f"{LIST}/new", LIST)):
        page = await vera.send(await vera.open(url), action, press="copy=monday", **typed)
        assert (page.status, page.value("name"), page.value("saturday")) == (200, "Typed", "12-15")
        assert [page.value(day) for day in ("monday", "tuesday", "friday")] == ["10-19"] * 3
        assert page.value("sunday") == say("words.closed")
    assert (await saved(centre))["hours"] == factories.HOURS
    assert await db.fetchval("SELECT count(*) FROM location") == 1
    page = await vera.send(page, LIST, copy=None, zone="Europe/Moscow")
    hours = json.loads(await db.fetchval("SELECT hours FROM location WHERE name = 'Typed'"))
    assert hours == [[[600, 1140]]] * 5 + [[[720, 900]], []]


async def test_who_saves_second_sees_both_versions_in_words(sign_in: SignIn) -> None:
    vera, oleg, centre = await sign_in(VERA), await sign_in(OLEG), await factories.location()
    address = f"{LIST}/{centre}"
    stale = await oleg.open(address)
    await vera.send(await vera.open(address), address, saturday="10-16")
    collision = await oleg.send(stale, address, saturday="12-14", name="Old Centre")
    assert collision.status == 409
    assert "10:00–16:00" in collision.words("main")
    await oleg.send(collision, address)
    row = await saved(centre)
    assert (row["name"], row["hours"][5]) == ("Old Centre", [[720, 840]])


async def test_closing_and_opening_again_are_buttons(sign_in: SignIn) -> None:
    vera, centre = await sign_in(VERA), await factories.location()
    await factories.location("North")
    page = await vera.send(await vera.open(f"{LIST}/{centre}"), f"{LIST}/{centre}/closure")
    assert (page.path, page.toast) == (LIST, say("done.location.close", name="Centre"))
    assert (await saved(centre))["retired_at"] is not None
    page = await vera.send(await vera.open(f"{LIST}/{centre}"), f"{LIST}/{centre}/reopening")
    assert page.toast == say("done.location.reopen", name="Centre")
    assert (await saved(centre))["retired_at"] is None


async def test_the_only_open_one_has_no_button_to_close_it_and_refuses_a_form_that_says_so(sign_in: SignIn) -> None:
    vera, centre = await sign_in(VERA), await factories.location()
    await factories.location("North", retired_at=NOW)
    page = await vera.open(f"{LIST}/{centre}")
    assert not page.has(f'form[action="{LIST}/{centre}/closure"]')
    answer = await vera.post(f"{LIST}/{centre}/closure", {"_csrf": page.value("_csrf")})
    assert answer.status == 409
    assert say("refused.last_location") in answer.words("main")
    assert (await saved(centre))["retired_at"] is None


async def test_it_stays_closed_while_another_one_has_its_name(sign_in: SignIn) -> None:
    vera, old = await sign_in(VERA), await factories.location(retired_at=NOW)
    await factories.location()
    answer = await vera.send(await vera.open(f"{LIST}/{old}"), f"{LIST}/{old}/reopening")
    assert answer.status == 422
    assert answer.toast == say("problem.location_taken")
    assert answer.words("h1") == "Centre"


@pytest.mark.parametrize("address", [f"{LIST}/404", f"{LIST}/{2**63}", f"{LIST}/x"])
async def test_what_is_not_there_is_not_found(sign_in: SignIn, address: str) -> None:
    vera = await sign_in(VERA)
    token = (await vera.open("/profile")).value("_csrf")
    assert (await vera.open(address)).status == 404
    for deed in ("", "/closure", "/reopening"):
        assert (await vera.post(address + deed, {"_csrf": token})).status in {400, 404, 405, 409}


async def test_a_location_with_bookings_to_come_says_how_many_and_lists_them(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, language="en")
    await factories.staff(ANNA)
    here = await yard()
    await factories.location("Second")
    await here.book(here.nina, NOON + 520 * WEEK)
    page = await vera.open(f"{LIST}/{here.location}")
    assert say("words.to_come_here", count=1) in page.words("main")
    closed = await vera.post(f"{LIST}/{here.location}/closure", {"_csrf": page.value("_csrf"), "intent": str(uuid4())})
    assert closed.status == 409
    assert say("refused.location_expected") in closed.words("body")
    listed = await vera.open(f"/bookings/to-move?place={here.location}&all=1")
    assert len(listed.all(".item")) == 1


@pytest.mark.usefixtures("today")
async def test_bookings_that_other_hours_left_behind_are_listed_with_why(sign_in: SignIn) -> None:
    vera = await sign_in(VERA, language="en")
    await factories.staff(ANNA)
    here = await yard()
    await here.book(here.nina)
    assert not (await vera.open("/settings/holidays")).has(".callout")
    await holidays.add_holiday(intent(VERA), holidays.DayOff(WEDNESDAY, {"en": "Stocktaking"}, None, ()))
    for url in ("/settings/holidays", "/team/people", f"/team/bookables/{here.nina}", f"{LIST}/{here.location}"):
        assert say("words.to_move", count=1) in (await vera.open(url)).words(".callout")
    listed = await vera.open("/bookings/to-move")
    assert say("words.astray_absent", name="Nina Orlova") in listed.words(".item")


async def test_zones_are_named_in_ones_language_and_those_without_a_name_come_last(sign_in: SignIn) -> None:
    page = await (await sign_in(OLEG, language="ru")).open("/settings/locations/new")
    shown = {one.attributes["value"]: one.text() for one in page.tree.css("[name=zone] option")}
    assert shown["Europe/Kyiv"] == "Киев (Europe/Kyiv)"
    assert shown["Asia/Kolkata"].startswith("Калькутта")
    assert "Буэнос-Айрес" in shown["America/Argentina/Buenos_Aires"]
    latin = [text[:1].isascii() for text in list(shown.values())[1:]]
    assert latin == sorted(latin)


@pytest.mark.parametrize(("language", "city"), [("en", "Saint Petersburg"), ("ru", "Санкт-Петербург")])
async def test_a_big_city_is_found_by_its_own_name_and_gives_its_zone(
    sign_in: SignIn, language: str, city: str
) -> None:
    oleg = await sign_in(OLEG, language=language)
    page = await oleg.open(f"{LIST}/new")
    shown = {one.text(): one.attributes["value"] for one in page.tree.css("[name=zone] option")}
    page = await oleg.send(page, LIST, name="Neva", zone=shown[f"{city} (Europe/Moscow)"])
    assert (page.path, (await saved(1))["zone"]) == (LIST, "Europe/Moscow")
    assert (await oleg.open(f"{LIST}/1")).value("zone") == "Europe/Moscow"


@pytest.mark.parametrize(
    ("phone", "first", "proposed"),
    [
        ("+77272000001", "Asia/", ""),
        ("+37410000001", "Asia/Yerevan", "Asia/Yerevan"),
        (None, "Asia/Krasnoyarsk#Abakan", ""),
    ],
)
async def test_the_first_location_is_offered_the_zones_of_the_businesss_country_first(
    sign_in: SignIn, phone: str | None, first: str, proposed: str
) -> None:
    await db.execute("UPDATE business SET phone = $1", phone)
    page = await (await sign_in(OLEG, language="en")).open(f"{LIST}/new")
    offered = [one.attributes["value"] or "" for one in page.tree.css("[name=zone] option")]
    assert offered[1].startswith(first)
    assert page.value("zone") == proposed
