"""A client's link to a series: each booking to come is there, and is answered to by itself or with all the others."""

from __future__ import annotations

from dataclasses import replace

import icalendar
import pytest
from litestar import Litestar

from console import links
from console.config import Settings
from console.domain import clock, db
from console.domain.booking import actions, series
from console.domain.booking.arranging import Arrangement
from console.domain.booking.recurring import Recurrence, Unit
from console.domain.ids import CLIENT_ACTOR, ClientId, SeriesId
from console.domain.visits import fees
from console.domain.visits.fees_rules import Cause, Rule
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.page import Visitor
from tests.routes.conftest import BASE
from tests.words import say
from tests.yard import HOUR, NOON, WEDNESDAY, WEEK, Yard, intent, yard

pytestmark = pytest.mark.usefixtures("today")

DATES = ".link-dates li"


@pytest.fixture
def ours(settings: Settings) -> Settings:
    return replace(settings, public_url=BASE)


@pytest.fixture
async def here(app: Litestar) -> Yard:
    for person in (ANNA, VERA):
        await factories.staff(person)
    return await yard()


def link(ours: Settings, of: SeriesId, client: int) -> str:
    return links.series_url(ours, of, ClientId(client)).removeprefix(BASE)


async def statuses() -> list[str]:
    return [row["status"] for row in await db.fetch("SELECT status FROM booking ORDER BY starts_at")]


async def test_it_shows_each_booking_to_come_with_its_own_page_and_nothing_of_the_client(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    of = await here.weekly()
    page = await stranger.open(link(ours, of, here.client))
    assert (page.status, page.heading) == (200, say("title.link_series"))
    assert [one.partition(" 12:00")[0] for one in page.all(DATES)] == [
        f"Wednesday {day}" for day in ("13 May", "20 May", "27 May", "3 June")
    ]
    for private in ("Анна", "Петрова", "Nina"):
        assert private not in page.response.text
    assert not page.has("script")
    one = str(page.tree.css(f"{DATES} a")[1].attributes["href"])
    alone = await stranger.send(await stranger.open(one), f"{one}/confirmation")
    assert alone.heading == say("title.link_confirmed")
    assert await statuses() == ["booked", "confirmed", "booked", "booked"]
    page = await stranger.open(link(ours, of, here.client))
    assert say("words.status_confirmed") in page.all(DATES)[1]
    await db.execute("UPDATE client_profile SET language = 'ru'")
    assert (await stranger.open(link(ours, of, here.client))).heading == say("title.link_series", "ru")


async def test_a_client_says_once_that_they_come_each_time(stranger: Visitor, here: Yard, ours: Settings) -> None:
    url = link(ours, await here.weekly(), here.client)
    read = await stranger.open(url)
    for _ in range(2):
        page = await stranger.send(read, f"{url}/confirmation")
        assert (page.path, page.status, page.heading) == (url, 200, say("title.link_series_confirmed"))
    assert await statuses() == ["confirmed"] * 4
    assert not page.has(f"form[action='{url}/confirmation']")
    row = await db.fetchrow("SELECT count(*), min(actor) FROM operation WHERE kind = 'series.confirm'")
    assert row is not None
    assert tuple(row) == (1, CLIENT_ACTOR)


async def test_what_moved_since_it_was_read_is_shown_again_and_nothing_is_confirmed(
    stranger: Visitor, here: Yard, ours: Settings
) -> None:
    url = link(ours, await here.weekly(), here.client)
    read = await stranger.open(url)
    second = await db.fetchval("SELECT id FROM booking ORDER BY starts_at OFFSET 1 LIMIT 1")
    await actions.move(intent(), Arrangement(second, NOON + WEEK + HOUR), 1)
    page = await stranger.send(read, f"{url}/confirmation")
    assert (page.status, page.all("[role=alert]")) == (409, [say("problem.link_changed")])
    assert "13:00" in page.all(DATES)[1]
    assert await statuses() == ["booked"] * 4
    await stranger.send(page, f"{url}/confirmation")
    assert await statuses() == ["confirmed"] * 4


async def test_a_client_calls_all_of_them_off_and_reads_before_what_that_costs_and_that_it_ends(
    stranger: Visitor, here: Yard, ours: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.execute("UPDATE business SET currency = 'RUB'")
    await factories.price(here.service, 150_000)
    await fees.change_rules(
        intent(VERA), here.location, 0, {Cause.LATE_CANCELLATION: Rule(50_000, "RUB"), Cause.NO_SHOW: Rule()}
    )
    begun = await series.begin(intent(), here.asked(here.nina), 720, Recurrence(WEDNESDAY, 2, Unit.WEEK, (2,)))
    url = link(ours, SeriesId(begun.result["series"]), here.client)
    monkeypatch.setattr(clock, "now", lambda: NOON - HOUR)
    asked = await stranger.open(f"{url}/cancellation")
    assert (asked.heading, len(asked.all(DATES))) == (say("title.link_series_cancellation"), 7)
    said = asked.words(".callout.attention")
    assert say("words.link_costs", money="RUB 500", notice="24 h") in said
    assert "No more dates are booked after them." in said
    assert set(await statuses()) == {"booked"}
    page = await stranger.send(asked, f"{url}/cancellation")
    assert (page.path, page.heading) == (url, say("title.link_series_cancelled"))
    assert set(await statuses()) == {"cancelled"}
    assert not page.has("form")
    assert await db.fetchval("SELECT count(*) FROM fee WHERE retired_at IS NULL") == 1
    assert await db.fetchval("SELECT retired_at IS NOT NULL FROM series")


async def test_a_calendar_gets_all_that_stand(stranger: Visitor, here: Yard, ours: Settings) -> None:
    url = link(ours, await here.weekly(), here.client)
    file = (await stranger.open(f"{url}/calendar")).response
    calendar = icalendar.Calendar.from_ical(file.content)
    assert [one["dtstart"].dt for one in calendar.walk("VEVENT")] == [NOON + week * WEEK for week in range(4)]
    assert "method=PUBLISH" in file.headers["content-type"]


async def test_nobody_reads_anything_by_a_link_of_something_else(stranger: Visitor, here: Yard, ours: Settings) -> None:
    of = await here.weekly()
    first = await db.fetchval("SELECT id FROM booking ORDER BY starts_at LIMIT 1")
    of_one = links.token(ours, first, ClientId(here.client))
    right = link(ours, of, here.client)
    wrong = (f"/s/{of_one}", right[:-1], right.replace("/s/", "/b/"), f"{right}/nothing", "/s", link(ours, of, 99))
    for address in wrong:
        page = await stranger.open(address)
        assert (page.status, page.heading) == (404, say("title.link_nothing")), address
    assert NOW < NOON
