"""The agenda over HTTP: what a day, a week and a list show, and what a page that asks again is answered."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from pypdf import PdfReader

from console import grid
from console.domain import clock, db
from console.domain.booking import actions, crews, occupancy, series
from console.domain.booking.arranging import Asked
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.booking.rules import CancelledBy
from console.domain.ids import BookableId, ClientId, LocationId, ServiceId
from console.domain.roster import actions as roster
from console.domain.roster.actions import Away
from console.domain.roster.rules import TimeOffKind
from console.domain.team.rules import SHARED_IDLE
from console.domain.undo import undo
from console.routes import _column
from console.routes._shelf import Shelf
from tests import factories
from tests.booked import TUESDAY, Shop, intend, shop
from tests.cast import ANNA, NOW, OLEG, VERA
from tests.page import Page, Visitor
from tests.routes.conftest import SignIn
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

GRID = Path(__file__).parents[2] / "static" / "agenda-grid.css"


@pytest.fixture
async def there(app: Litestar) -> Shop:
    return await shop()


@pytest.fixture
async def desk(there: Shop, sign_in: SignIn) -> Visitor:
    """Somebody at the front desk who reads English."""
    return await sign_in(VERA)


def bookings(page: Page, who: int | str) -> list[str]:
    """What is booked of somebody, as the board says it."""
    return page.all(f'.col[data-who="{who}"] .b')


def classes(page: Page, selector: str) -> list[set[str]]:
    return [set((node.attributes.get("class") or "").split()) for node in page.tree.css(selector)]


def places(page: Page, who: int) -> list[str]:
    return page.all(f'.col[data-who="{who}"] .free button')


async def test_a_day_shows_everybody_with_their_bookings_and_their_load(desk: Visitor, there: Shop) -> None:
    booking = await there.book("10:00", there.nina)
    page = await desk.open("/agenda")
    assert page.heading == "Tuesday 12 May"
    assert page.all(".head > a") == ["Nina Orlova", "Ivan Belov"]
    assert page.all(".head small") == ["1 h of 9 h", "0 h of 9 h"]
    [said] = bookings(page, there.nina)
    assert said.startswith("Анна Петрова 10:00 · Deep clean unconfirmed")
    assert {"booked", "t12", "h12", "mv"} <= classes(page, ".b")[0]
    assert classes(page, ".tail") == [{"tail", "t24", "h2"}]
    assert page.tree.css_first(".b").attributes["href"] == f"/bookings/{booking}"
    assert page.tree.css_first(".b").attributes["data-b"] == f"{booking} 1 60 0 0 10"
    assert page.words("#agenda-count") == "1 booking, 1 unconfirmed"
    assert page.all(".board-hours span") == [f"{hour}:00" for hour in range(9, 18)]
    assert page.tree.css_first("#rail [aria-current]").attributes["href"] == "/agenda"


async def test_a_free_place_leads_to_booking_there(desk: Visitor, there: Shop) -> None:
    await there.book("10:00", there.nina)
    page = await desk.open("/agenda")
    free = places(page, there.nina)
    assert free[:4] == ["9:00", "9:30", "11:10", "11:30"]
    assert "10:00" not in free
    assert "10:30" not in free
    form = page.tree.css_first(f'.col[data-who="{there.nina}"] form.free')
    assert form.attributes["action"] == "/bookings/new"
    fields = {one.attributes["name"]: one.attributes["value"] for one in form.css("input")}
    assert fields == {"on": "2026-05-12", "place": str(there.location), "person": str(there.nina)}


async def test_statuses_and_marks_are_told_in_words(desk: Visitor, there: Shop) -> None:
    loud = await factories.client("Iris", "Vale")
    await factories.note(loud, "Cat at home", loud=True)
    reason = await factories.reason("overbooking")
    first = await there.book("9:00", there.nina, client=loud)
    await there.book("9:30", there.nina, over=reason)
    gone, late = await there.book("11:00", there.nina), await there.book("13:00", there.nina)
    await actions.confirm(intend(), first)
    await actions.no_show(intend(), gone)
    await actions.cancel(intend(), late, CancelledBy.CLIENT)
    page = await desk.open("/agenda")
    one, two, three = bookings(page, there.nina)
    assert "confirmed" in one
    assert "! note" in one
    assert "Cat at home" in one
    assert page.tree.css_first(".marks > .loud").attributes["title"] == "Cat at home"
    assert "unconfirmed" in two
    assert say("words.mark_over_said") in page.all(".b .more-of")[1]
    assert "no-show" in three
    side = classes(page, ".b")
    assert {"confirmed", "n2"} <= side[0]
    assert {"n2", "l1"} <= side[1]
    assert "no-show" in side[2]
    assert page.words("#agenda-count") == "3 bookings, 1 unconfirmed, 1 cancelled"


async def test_bookings_side_by_side_have_the_room_of_more_columns(desk: Visitor, there: Shop) -> None:
    reason = await factories.reason("overbooking")
    await there.book("9:00", there.nina)
    for time, wide, columns in (("9:15", "wide-2", "c3"), ("9:30", "wide-3", "c4"), ("9:45", "wide-3", "c4")):
        await there.book(time, there.nina, over=reason)
        page = await desk.open("/agenda")
        assert [one & {"wide-2", "wide-3"} for one in classes(page, ".col")] == [{wide}, set()]
        assert columns in classes(page, ".board")[0]


async def test_time_off_breaks_and_closed_hours_are_shaded(desk: Visitor, there: Shop) -> None:
    split = json.dumps([[[600, 780], [840, 1080]]] * 7)
    await factories.schedule(there.ivan, there.location, valid_from=TUESDAY, hours=split)
    await roster.add_time_off(
        intend(), BookableId(there.ivan), Away(TimeOffKind.TRAINING, TUESDAY, TUESDAY, (960, 1020))
    )
    page = await desk.open("/agenda")
    shades = classes(page, f'.col[data-who="{there.ivan}"] .shade')
    assert {"shut", "t0", "h12"} <= shades[0]
    assert {"pause", "t48", "h12"} <= shades[1]
    assert {"time-off", "t84", "h12"} <= shades[-1]
    words = page.all(f'.col[data-who="{there.ivan}"] .shade')
    assert (words[1], words[-1]) == ("break", "training")


async def test_things_are_columns_on_days_on_which_they_are_booked(desk: Visitor, there: Shop) -> None:
    van = await factories.bookable("White van", kind="vehicle")
    await factories.schedule(van, there.location)
    move = await factories.service("MOVE", vehicles=1)
    for who in (van, there.nina):
        await factories.skill(who, move)
    assert "White van" not in (await desk.open("/agenda")).all(".head > a")
    assert (await desk.open("/agenda?all=1")).all(".head > a")[-1] == "White van"
    await there.book("10:00", services=(move,))
    page = await desk.open("/agenda")
    assert page.all(".head > a") == ["Nina Orlova", "Ivan Belov", "White van"]
    assert "with Nina Orlova" in bookings(page, van)[0]


async def test_the_line_of_the_present_is_where_the_clock_is(desk: Visitor, there: Shop) -> None:
    page = await desk.open("/agenda")
    assert (page.words(".now"), classes(page, ".now")) == ("12:30", [{"now", "t42"}])
    assert not (await desk.open("/agenda?on=2026-05-13")).has(".now")
    week = await desk.open(f"/agenda?view=week&person={there.nina}")
    assert week.has('.col[data-on="2026-05-12"] .now.t42')


async def test_a_week_is_one_persons(desk: Visitor, there: Shop) -> None:
    await there.book("10:00", there.ivan, on=TUESDAY + timedelta(days=2))
    await there.book("10:00", there.nina)
    page = await desk.open(f"/agenda?view=week&person={there.ivan}&on=2026-05-14")
    assert page.heading == "11–17 May 2026"
    assert len(page.tree.css(".col")) == 7
    [booked] = page.tree.css(".b")
    assert booked.parent.parent.attributes["data-on"] == "2026-05-14"
    assert page.all(".head small")[-1] == say("words.not_there")
    first = await desk.open("/agenda?view=week")
    assert first.value("person") == str(there.nina)


async def test_one_goes_on_by_plain_links_and_by_a_date(desk: Visitor, there: Shop) -> None:
    page = await desk.open("/agenda")
    steps = {node.attributes["data-step"]: node.attributes["href"] for node in page.tree.css("[data-step]")}
    assert (await desk.open(steps["after"])).heading == "Wednesday 13 May"
    assert (await desk.open(steps["before"])).heading == "Monday 11 May"
    strip = page.tree.css(".strip-days a")
    assert len(strip) == 31
    assert (await desk.open(strip[0].attributes["href"])).heading == "Friday 1 May"
    asked = {name: values[0] for name, values in _fields(page, "form.go-to").items()}
    assert (await desk.http.get("/agenda", params={**asked, "on": "2026-06-01"})).status_code == 200


def _fields(page: Page, selector: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in page.tree.css(f"{selector} input"):
        found.setdefault(node.attributes["name"] or "", []).append(node.attributes["value"] or "")
    return found


async def test_the_month_shows_how_full_each_day_is(desk: Visitor, there: Shop) -> None:
    for time in ("9:00", "10:30", "12:00", "13:30", "15:00", "16:30"):
        await there.book(time, there.nina)
    page = await desk.open("/agenda")
    bars = classes(page, ".strip-days .full")
    assert bars[11] == {"full", "f4"}
    assert bars[12] == {"full", "f0"}
    assert "12 May: 6 h of 18 h" in page.all(".strip-days a")[11]


@pytest.mark.parametrize(
    "query",
    ["on=nonsense", "on=0001-01-01", "view=year", "place=99", "person=x", "person=999999999999999999999", "days=0"],
)
async def test_whatever_makes_no_sense_counts_as_not_asked(desk: Visitor, query: str) -> None:
    assert (await desk.open(f"/agenda?{query}")).status == 200


async def test_a_closed_day_says_why_and_an_empty_one_what_to_do(desk: Visitor, there: Shop) -> None:
    await factories.holiday(TUESDAY)
    assert "A day off: closed" in (await desk.open("/agenda")).all(".day-note")
    assert (await desk.open("/agenda?on=2026-05-13")).words(".day-note").startswith("Nothing is booked. Choose")
    away = Away(TimeOffKind.VACATION, date(2026, 5, 18), date(2026, 5, 24))
    await roster.add_time_off(intend(), BookableId(there.nina), away)
    week = await desk.open(f"/agenda?view=week&on=2026-05-18&person={there.nina}")
    assert week.all(".day-note") == ["Nothing is booked."]
    assert "closed" in (await desk.open("/agenda?on=2026-05-17")).all(".day-note")[0]


async def test_without_people_it_says_where_to_make_them(app: Litestar, sign_in: SignIn) -> None:
    await factories.location()
    page = await (await sign_in(VERA)).open("/agenda")
    assert page.words(".empty h2, .empty strong, .empty") != ""
    assert page.tree.css_first(".live .empty a").attributes["href"] == "/team/people"


async def test_without_a_location_there_is_nothing_to_see(app: Litestar, sign_in: SignIn) -> None:
    page = await (await sign_in(OLEG, language="en")).open("/agenda")
    assert (page.status, page.has(".empty")) == (200, True)


async def test_the_location_is_remembered(desk: Visitor, there: Shop) -> None:
    north = await factories.location("North")
    page = await desk.open("/agenda")
    assert page.words("#place summary") == "Centre"
    link = page.tree.css(".place .menu-list a")[1].attributes["href"]
    assert (await desk.open(link or "")).words("#place summary") == "North"
    assert (await desk.open("/agenda")).words("#place summary") == "North"
    await db.execute("UPDATE location SET retired_at = now() WHERE id = $1", north)
    assert (await desk.open("/agenda")).all(".head > a") == ["Nina Orlova", "Ivan Belov"]


def poll(page: Page) -> str:
    return page.tree.css_first("#live-poll").attributes["hx-get"] or ""


async def test_a_page_that_asks_again_gets_nothing_until_something_changes(desk: Visitor, there: Shop) -> None:
    page = await desk.open("/agenda")
    assert (await desk.http.get(poll(page))).status_code == 204
    await there.book("10:00", there.nina)
    changed = await desk.open(poll(page))
    assert changed.status == 200
    assert len(bookings(changed, there.nina)) == 1
    assert changed.words("#agenda-count") == "1 booking, 1 unconfirmed"
    assert changed.has("#strip[hx-swap-oob]")
    assert not changed.has("#page")
    assert (await desk.http.get(poll(changed))).status_code == 204


@pytest.mark.parametrize("view", ["list", "week"])
async def test_a_list_and_a_week_ask_again_too(desk: Visitor, there: Shop, view: str) -> None:
    page = await desk.open(f"/agenda?view={view}&person={there.nina}")
    shown = "#live tbody tr" if view == "list" else "#live .b"
    for booked, time in enumerate(("10:00", "14:00"), start=1):
        assert len(page.tree.css(shown)) == booked - 1
        assert (await desk.http.get(poll(page))).status_code == 204
        await there.book(time, there.nina)
        page = await desk.open(poll(page))
        assert (page.status, len(page.tree.css(shown))) == (200, booked)


async def test_asking_again_does_not_keep_a_session_from_running_out(
    desk: Visitor, there: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await desk.open("/agenda")
    await db.execute("UPDATE staff_session SET idle_seconds = $1", int(SHARED_IDLE.total_seconds()))
    for minutes in (5, 10, 14):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: NOW + timedelta(minutes=minutes))
        assert (await desk.http.get(poll(page))).status_code == 204
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=16))
    assert (await desk.http.get(poll(page))).status_code == 303


async def test_a_board_is_made_once_for_a_revision_and_a_language(
    desk: Visitor, there: Shop, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    plain = _column.Maker.column

    def counted(*args: Any) -> Any:
        made.append("column")
        return plain(*args)

    monkeypatch.setattr(_column.Maker, "column", counted)
    await there.book("10:00", there.nina)
    for _ in range(3):
        await desk.open("/agenda")
    assert len(made) == 2
    russian = await (await sign_in(ANNA)).open("/agenda")
    assert "Генеральная уборка" in bookings(russian, there.nina)[0]
    assert len(made) == 4
    await there.book("12:00", there.nina)
    assert len(bookings(await desk.open("/agenda"), there.nina)) == 2


async def test_dates_of_series_that_have_no_place_are_told_and_lead_to_their_list(desk: Visitor, there: Shop) -> None:
    assert not (await desk.open("/agenda")).has("#agenda-arrange a")
    await there.book("10:00", there.nina)
    client = ClientId(await factories.client())
    asked = Asked(client, LocationId(there.location), (ServiceId(there.clean),), BookableId(there.nina))
    await series.begin(intend(), asked, 600, Recurrence(TUESDAY, 1, Unit.WEEK, (1,), count=2))
    for view in ("day", "list"):
        page = await desk.open(f"/agenda?view={view}")
        assert page.words("#agenda-arrange a") == "1 to arrange, 12 May"
        assert page.tree.css_first("#agenda-arrange a").attributes["href"] == "/series#to-arrange"
    part = await desk.open("/agenda/changes?known=x", headers={"hx-request": "true"})
    assert part.words("#agenda-arrange a") == "1 to arrange, 12 May"


async def test_a_day_says_how_many_of_its_bookings_are_to_be_moved_and_so_does_the_start_page(
    desk: Visitor, there: Shop
) -> None:
    booking = await there.book("16:00", there.nina)
    for url in (f"/agenda?on={TUESDAY}", "/"):
        assert not (await desk.open(url)).has("a[href='/bookings/to-move']")
    away = Away(TimeOffKind.SICK, TUESDAY, TUESDAY)
    await roster.add_time_off(intend(), BookableId(there.nina), away)
    page = await desk.open(f"/agenda?on={TUESDAY}")
    assert page.words("#agenda-astray a") == say("words.to_move_here", count=1)
    assert not (await desk.open("/agenda?on=2026-05-13")).has("#agenda-astray a")
    assert say("words.to_move", count=1) in (await desk.open("/")).words(".callout")
    assert (await desk.open("/")).has("a[href='/bookings/to-move']")
    listed = await desk.open(f"/agenda?view=list&on={TUESDAY}")
    assert listed.words("#agenda-astray a") == say("words.to_move_here", count=1)
    assert not (await desk.open("/agenda?view=list&on=2026-05-13")).has("#agenda-astray a")
    assert (await desk.open("/bookings/to-move")).has(f"a[href='/bookings/{booking}/move']")


async def test_a_free_place_of_an_hour_that_comes_twice_says_which_one(sign_in: SignIn, app: Litestar) -> None:
    there = await shop(zone="Europe/Berlin", hours=json.dumps([[[0, 1440]]] * 7))
    desk = await sign_in(VERA)
    page = await desk.open("/agenda?on=2026-10-25")
    buttons = page.tree.css(f'.col[data-who="{there.nina}"] .free button')
    twice = {node.text(): node.attributes for node in buttons if " " in node.text()}
    assert list(twice) == ["the first 2:00", "the first 2:30", "the second 2:00", "the second 2:30"]
    start = twice["the second 2:30"]["value"]
    assert (twice["the second 2:30"]["name"], start) == (
        "start",
        str(int(datetime(2026, 10, 25, 1, 30, tzinfo=UTC).timestamp()) // 60),
    )
    form = await desk.open(
        f"/bookings/new?on=2026-10-25&place={there.location}&person={there.nina}&start={start}"
        f"&services_1_service={there.clean}"
    )
    assert form.words(".offer:has(:checked) strong") == "the second 2:30"
    plain = await desk.open(f"/bookings/new?on=2026-10-25&time=2:30&services_1_service={there.clean}")
    assert plain.error("time") == say("refused.twice_that_day")
    assert plain.all(".offer strong") == ["the first 2:00", "the first 2:30", "the second 2:30"]


async def test_a_day_on_which_nobody_is_there_says_why_and_what_can_be_seen(desk: Visitor, there: Shop) -> None:
    await factories.holiday(TUESDAY)
    page = await desk.open("/agenda")
    assert page.words("#live .empty h2") == "Nobody is there that day"
    assert not page.has(".board")
    link = page.tree.css_first("#live .empty a").attributes["href"] or ""
    assert (await desk.open(link)).all(".head > a") == ["Nina Orlova", "Ivan Belov"]


async def test_no_more_is_kept_than_there_is_room_for() -> None:
    shelf: Shelf[int] = Shelf(3)

    async def make(number: int) -> int:
        return number

    for number in (1, 2, 3, 1, 4):
        assert await shelf.get(number, lambda number=number: make(number)) == number
    assert len(shelf) == 3
    assert await shelf.get(1, lambda: make(99)) == 1
    assert await shelf.get(2, lambda: make(99)) == 99


async def test_who_asks_at_once_waits_for_whoever_makes_it_and_makes_it_where_that_failed() -> None:
    shelf: Shelf[int] = Shelf(3)
    made: list[int] = []

    async def make(number: int) -> int:
        made.append(number)
        await asyncio.sleep(0)
        if number == 0:
            raise LookupError
        return number

    asked = [shelf.get("day", lambda number=number: make(number)) for number in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(answers[0], LookupError), *answers[1:]] == [True, 1, 1, 1, 1]
    assert made == [0, 1]


async def test_a_list_is_filtered_by_status_and_person_and_taken_along_as_it_is(desk: Visitor, there: Shop) -> None:
    first = await there.book("10:00", there.nina, client=await factories.client("Iris", "Vale"))
    await there.book("11:30", there.ivan, client=await factories.client("Ned", "Carver"))
    await there.book("10:00", there.ivan, on=TUESDAY + timedelta(days=3))
    await actions.confirm(intend(), first)
    page = await desk.open("/agenda?view=list&days=7")
    assert page.all("tbody th") == ["Iris Vale", "Ned Carver", "Анна Петрова"]
    assert page.words("#agenda-count") == "3 bookings, 2 unconfirmed"
    assert (await desk.open("/agenda?view=list")).all("tbody th") == ["Iris Vale", "Ned Carver"]
    assert (await desk.open("/agenda?view=list&status=confirmed")).all("tbody th") == ["Iris Vale"]
    only = await desk.open(f"/agenda?view=list&days=7&person={there.ivan}")
    assert only.all("tbody th") == ["Ned Carver", "Анна Петрова"]
    assert (await desk.open("/agenda?view=list&status=arrived")).words(".empty-search").startswith("Nothing here fits.")
    link = only.tree.css_first('a[href*="as=csv"]').attributes["href"] or ""
    answer = await desk.http.get(link)
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert header[:3] == ["Date", "Time", "Client"]
    assert [row[:3] for row in rows] == [
        ["2026-05-12", "11:30–12:30", "Ned Carver"],
        ["2026-05-15", "10:00–11:00", "Анна Петрова"],
    ]
    sort = only.tree.css(".sorts")[2].attributes["href"] or ""
    assert "days=7" in sort
    assert "sort=client" in sort


async def test_a_closed_location_and_who_left_the_plan_are_shown_by_their_addresses(desk: Visitor, there: Shop) -> None:
    booking = await there.book("10:00", there.ivan)
    await factories.location("Second")
    await db.execute("UPDATE bookable SET retired_at = now() WHERE id = $1", there.ivan)
    week = await desk.open(f"/agenda?view=week&person={there.ivan}")
    assert say("words.out_of_plan", name="Ivan Belov") in week.words("main")
    assert week.has(f'a[href*="/bookings/{booking}"]')
    await db.execute("UPDATE location SET retired_at = now() WHERE id = $1", there.location)
    for view in ("day", "list"):
        page = await desk.open(f"/agenda?view={view}&place={there.location}")
        assert page.has(f'a[href*="/bookings/{booking}"]')


async def test_who_may_take_no_clients_along_takes_no_list_of_bookings_either(there: Shop, sign_in: SignIn) -> None:
    await there.book("10:00")
    front = await sign_in(ANNA)
    for view in ("day", "list"):
        page = await front.open(f"/agenda?view={view}")
        assert not page.has('a[href*="as=csv"]')
        assert not page.has('a[href*="as=xlsx"]')
    for kind in ("csv", "xlsx"):
        assert (await front.open(f"/agenda?view=list&as={kind}")).status == 403
    assert (await front.http.get("/agenda?as=pdf")).status_code == 200


@pytest.mark.parametrize("query", ["", "&view=week", "&view=list&days=7"])
async def test_a_day_a_week_and_a_list_are_printed(desk: Visitor, there: Shop, query: str) -> None:
    await there.book("10:00", there.nina, note="Keys with the concierge")
    answer = await desk.http.get(f"/agenda?on=2026-05-12{query}&as=pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


async def printed(desk: Visitor, query: str) -> str:
    day = "" if "&on=" in query else "&on=2026-05-12"
    answer = await desk.http.get(f"/agenda?as=pdf{day}{query}")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


async def test_paper_has_the_people_in_the_order_of_the_board_or_the_one_who_was_asked_for(
    desk: Visitor, there: Shop
) -> None:
    await there.book("9:00", there.ivan, client=await factories.client("Ned", "Carver"))
    await there.book("10:00", there.nina, client=await factories.client("Iris", "Vale"))
    everybody = await printed(desk, "")
    assert everybody.index("Iris Vale") < everybody.index("Ned Carver")
    for query in ("", "&view=list"):
        only = await printed(desk, f"{query}&person={there.ivan}")
        assert ("Ned Carver" in only, "Iris Vale" in only) == (True, False)


@pytest.mark.parametrize("query", ["", "&view=week"])
async def test_paper_says_when_each_of_several_people_is_there_and_sorts_by_that(
    desk: Visitor, there: Shop, query: str
) -> None:
    asked = Asked(
        ClientId(await factories.client("Iris", "Vale")),
        LocationId(there.location),
        (ServiceId(there.clean),) * 2,
        by=(BookableId(there.nina), BookableId(there.ivan)),
    )
    await actions.book(intend(), asked, there.at("10:00"))
    await there.book("9:40", there.ivan, client=await factories.client("Ned", "Carver"))
    text = await printed(desk, f"{query}&person={there.ivan}")
    assert "11:00–12:00" in text
    assert "10:00–12:00" not in text
    assert text.index("Ned Carver") < text.index("Iris Vale")
    assert "10:00–11:00" in await printed(desk, f"{query}&person={there.nina}")


async def test_what_began_the_day_before_stands_on_the_day_into_which_it_reaches(desk: Visitor, there: Shop) -> None:
    for table in ("location", "schedule"):
        await db.execute(f"UPDATE {table} SET hours = $1", json.dumps([[[0, 1440]]] * 7))
    await there.book("23:15", there.nina, client=await factories.client("Iris", "Vale"))
    begun, nothing = say("words.begun_before"), say("Nothing is booked.")
    for query in ("&on=2026-05-13", "&on=2026-05-11&view=week"):
        text = await printed(desk, f"{query}&person={there.nina}")
        assert ("Iris Vale" in text, begun in " ".join(text.split())) == (True, True)
    for view in ("day", "list"):
        page = await desk.open(f"/agenda?on=2026-05-13&view={view}")
        assert "Iris Vale" in page.words("main")
        assert nothing not in page.words("main")
    assert begun in page.words("main")
    page = await desk.open("/agenda?on=2026-05-14&view=day")
    assert nothing in page.words("main")
    answer = await desk.http.get("/agenda?on=2026-05-13&view=list&as=csv")
    assert "Iris" not in answer.text


async def test_paper_says_how_a_booking_stands_that_it_lies_over_others_and_that_it_is_to_be_moved(
    desk: Visitor, there: Shop
) -> None:
    await actions.confirm(intend(), await there.book("14:00", there.nina))
    over = await factories.reason("overbooking")
    await there.book("14:30", there.nina, over=over)
    for query in ("", f"&view=week&person={there.nina}"):
        said = " ".join((await printed(desk, query)).split())
        assert "confirmed" in said
        assert "unconfirmed" in said
        assert "Lies over others" in said
        assert say("words.astray_away", name="Nina Orlova") not in said
    await roster.add_time_off(intend(), BookableId(there.nina), Away(TimeOffKind.SICK, TUESDAY, TUESDAY))
    for query in ("", f"&view=week&person={there.nina}"):
        assert say("words.astray_away", name="Nina Orlova") in " ".join((await printed(desk, query)).split())


async def test_a_booking_of_a_series_carries_a_mark(desk: Visitor, there: Shop) -> None:
    rule = Recurrence(TUESDAY, 1, Unit.WEEK, (1,), count=1)
    asked = Asked(
        ClientId(await factories.client("Iris", "Vale")), LocationId(there.location), (ServiceId(there.clean),)
    )
    await series.begin(intend(), asked, 840, rule)
    await there.book("16:00", there.nina)
    told = [words for who in (there.nina, there.ivan) for words in bookings(await desk.open("/agenda"), who)]
    assert sorted("recurring" in words for words in told) == [False, True]


async def test_a_head_leads_to_giving_the_day_of_somebody_ill_to_others(desk: Visitor, there: Shop) -> None:
    page = await desk.open("/agenda")
    links = [node.attributes["href"] for node in page.tree.css(".head .menu a")]
    assert f"/team/bookables/{there.nina}/stand-in?on=2026-05-12" in links
    again = page.tree.css_first(".actions .again").attributes["href"] or ""
    form = await desk.open(again)
    assert (form.status, form.value("on")) == (200, "2026-05-12")


async def test_a_crew_with_somebody_ill_is_there_says_who_is_missing_and_leads_to_who_stands_in(
    desk: Visitor, there: Shop
) -> None:
    crew = BookableId(await factories.bookable("North", kind="crew", position=9))
    await factories.schedule(crew, there.location)
    await factories.skill(crew, there.clean)
    pavel = await factories.bookable("Pavel Lis", position=3)
    await factories.schedule(pavel, there.location)
    await crews.set_members(intend(), crew, TUESDAY, (BookableId(there.nina), BookableId(there.ivan)))
    sick = Away(TimeOffKind.SICK, TUESDAY, TUESDAY)
    noted = await roster.add_time_off(intend(), BookableId(there.nina), sick)
    assert (await desk.open("/agenda")).all(".head .lacks") == [say("words.without", names="Nina Orlova")]
    await undo(intend(), noted.operation_id)
    booking = await there.book("15:00", crew)
    await roster.add_time_off(intend(), BookableId(there.nina), sick)
    page = await desk.open("/agenda")
    assert page.words(f'.col[data-who="{crew}"] .marks .away') == say("words.mark_away")
    form = await desk.open(page.tree.css_first(".head .lacks a").attributes["href"] or "")
    assert form.value("valid_from") == str(TUESDAY)
    assert form.tree.css_first("[name=scope][checked]").attributes["value"] == "that_day"
    assert say("words.away_for", what=say("words.off_sick")) in form.words("main form .warns")
    assert say("words.is_away_then", who="Nina Orlova") in form.words("#that-day")
    assert form.has(f"#that-day a[href='/bookings/{booking}/move']")
    saved = await desk.send(form, f"/team/bookables/{crew}/crew?on={TUESDAY}", members=[str(there.ivan), str(pavel)])
    assert (saved.path, saved.response.url.query.decode()) == ("/agenda", f"on={TUESDAY}")
    assert not saved.has(".head .lacks")
    assert not saved.has(".marks .away")
    assert not saved.has("#agenda-astray a")


async def test_a_column_says_what_it_can_do_and_a_booking_what_is_done_there(desk: Visitor, there: Shop) -> None:
    rugs = await factories.service("RUGS", names='{"en": "Rugs"}')
    await factories.skill(there.nina, rugs)
    await there.book("10:00", there.nina, services=(there.clean, rugs))
    page = await desk.open("/agenda")
    can = {node.attributes["data-name"]: node.attributes["data-can"] for node in page.tree.css(".col")}
    assert can == {"Nina Orlova": f"{there.clean} {rugs}", "Ivan Belov": f"{there.clean}"}
    assert page.tree.css_first(".b").attributes["data-does"] == f"{there.clean} {rugs}"


async def test_who_can_do_nothing_yet_is_marked_and_is_no_place(desk: Visitor, there: Shop) -> None:
    new = await factories.bookable("Olga Sizova")
    await factories.schedule(new, there.location)
    page = await desk.open("/agenda")
    said = dict(zip(page.all(".head > a"), page.all(".head small"), strict=True))
    assert (said["Olga Sizova"], said["Nina Orlova"]) == ("no services yet", "0 h of 9 h")
    assert places(page, new) == []
    await factories.skill(new, there.clean)
    assert len(places(await desk.open("/agenda"), new)) == 18


async def test_free_places_say_whose_they_are(desk: Visitor, there: Shop) -> None:
    page = await desk.open("/agenda")
    first = page.tree.css_first(f'.col[data-who="{there.nina}"] .free button')
    assert first.attributes["aria-label"] == "9:00, Nina Orlova, free"


async def test_every_position_has_a_class(desk: Visitor, there: Shop) -> None:
    reason = await factories.reason("overbooking")
    for time in ("9:00", "9:15", "9:45"):
        await there.book(time, there.nina, over=reason)
    page = await desk.open("/agenda")
    used = {name for found in classes(page, ".board, .board *, .strip i") for name in found}
    numbers = {name for name in used if re.fullmatch(r"[thnlcf]\d+", name)}
    known = set(re.findall(r"\.([thnlcf]\d+)\{", GRID.read_text()))
    assert {"t0", "c4", "n3", "l2", "h108"} <= numbers
    assert numbers <= known


def test_the_classes_are_those_that_the_grid_makes() -> None:
    assert GRID.read_text() == grid.sheet()


@pytest.mark.parametrize(
    ("on", "hours"),
    [(date(2026, 3, 29), "0:00 1:00 3:00 4:00"), (date(2026, 10, 25), "0:00 1:00 2:00 2:00 3:00")],
)
async def test_a_day_on_which_the_clocks_change_shows_what_the_wall_shows(
    app: Litestar, sign_in: SignIn, on: date, hours: str
) -> None:
    night = await shop(zone="Europe/Berlin", hours=json.dumps([[[0, 300]]] * 7))
    page = await (await sign_in(VERA)).open(f"/agenda?on={on}")
    shown = " ".join(page.all(".board-hours span"))
    assert shown.startswith(hours)
    walls = page.tree.css_first(".board").attributes["data-walls"]
    assert walls == ("0:0 120:180" if on.month == 3 else "0:0 180:120")
    assert len(places(page, night.nina)) == (8 if on.month == 3 else 12)


@pytest.mark.parametrize(
    ("on", "begins", "view", "said", "drawn"),
    [
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 15, tzinfo=UTC), "day", "the first 2:15–the second 2:15", 12),
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 15, tzinfo=UTC), "week", "the first 2:15–the second 2:15", 12),
        (date(2026, 10, 25), datetime(2026, 10, 25, 1, 15, tzinfo=UTC), "week", "the second 2:15–3:15", 12),
        (date(2026, 3, 29), datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "week", "1:30–3:30", 24),
    ],
)
async def test_a_booking_in_the_night_of_the_change_is_there_with_the_times_of_the_wall(
    app: Litestar, sign_in: SignIn, on: date, begins: datetime, view: str, said: str, drawn: int
) -> None:
    night = await shop(zone="Europe/Berlin", hours=json.dumps([[[0, 300]]] * 7))
    asked = Asked(ClientId(await factories.client()), LocationId(night.location), (ServiceId(night.clean),))
    await actions.book(intend(begins - timedelta(days=1)), replace(asked, person=BookableId(night.nina)), begins)
    page = await (await sign_in(VERA)).open(f"/agenda?view={view}&on={on}&person={night.nina}")
    assert [text.split(" · ")[0] for text in page.all(".b .more-of > span:first-of-type")] == [said]
    [booking] = classes(page, ".b")
    assert f"h{drawn}" in booking


async def test_a_time_that_comes_twice_is_told_apart_in_the_list_on_paper_and_among_those_to_confirm(
    app: Litestar, sign_in: SignIn
) -> None:
    night = await shop(zone="Europe/Berlin", hours=json.dumps([[[0, 300]]] * 7))
    begins = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    asked = Asked(ClientId(await factories.client()), LocationId(night.location), (ServiceId(night.clean),))
    await actions.book(intend(begins - timedelta(days=1)), replace(asked, person=BookableId(night.nina)), begins)
    desk = await sign_in(VERA)
    assert (await desk.open("/agenda?on=2026-10-25")).words(".brief-list .nowrap") == "the second 2:30"
    page = await desk.open("/agenda?view=list&on=2026-10-25")
    assert page.words("tbody td:nth-child(2)") == "the second 2:30–3:30"
    answer = await desk.http.get("/agenda?on=2026-10-25&as=pdf")
    said = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "the second 2:30–3:30" in " ".join(said.split())


async def test_members_of_a_crew_and_the_crew_are_booked_for_the_same_time_without_buffers(
    desk: Visitor, there: Shop
) -> None:
    await db.execute("UPDATE service SET minutes = 75, buffer_before = 15, buffer_after = 15")
    crew = BookableId(await factories.bookable("North", kind="crew", position=9))
    await factories.schedule(crew, there.location)
    await factories.skill(crew, there.clean)
    await crews.set_members(intend(), crew, TUESDAY, (BookableId(there.nina), BookableId(there.ivan)))
    await there.book("15:00", crew)
    page = await desk.open("/agenda")
    assert page.all(".head > small") == ["1 h 15 min of 9 h"] * 3


async def test_each_day_of_a_week_says_what_its_own_wall_shows_when(app: Litestar, sign_in: SignIn) -> None:
    night = await shop(zone="Europe/Berlin", hours=json.dumps([[[0, 300]]] * 7))
    page = await (await sign_in(VERA)).open(f"/agenda?view=week&on=2026-10-25&person={night.nina}")
    told = [(node.attributes["data-walls"], node.attributes["data-top"]) for node in page.tree.css(".col")]
    midnight = int(datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp()) // 60
    assert told[-2:] == [("0:0", str(midnight - 1440)), ("0:0 180:120", str(midnight))]


async def test_a_hold_shows_to_others_without_saying_whose(desk: Visitor, there: Shop) -> None:
    await occupancy.hold(uuid4(), {BookableId(there.nina): (there.at("10:00"), there.at("11:00"))})
    page = await desk.open("/agenda")
    assert page.all(f'.col[data-who="{there.nina}"] .hold') == ["being booked"]
    assert "10:00" not in places(page, there.nina)


async def test_names_are_text_whatever_they_are(desk: Visitor, there: Shop) -> None:
    evil = "<script>alert(1)</script>"
    await db.execute("UPDATE bookable SET name = $1 || id", evil)
    await db.execute("UPDATE service SET names = jsonb_build_object('en', $1::text)", evil)
    client = await factories.client(evil, "")
    await factories.note(client, evil, loud=True)
    await there.book("10:00", there.nina, client=client, note=evil)
    for query in ("", "view=week", "view=list"):
        page = await desk.open(f"/agenda?{query}")
        assert not page.has("main script")
        assert evil in page.words("main")
