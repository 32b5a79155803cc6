"""A weekly cleaning from the phone call on: taken in, its clashes solved, moved, called off; and somebody is ill."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from console import embedded
from console.domain import clock, db
from console.domain.booking import actions
from console.domain.booking.arranging import Asked
from console.domain.business.queries import locations
from console.domain.clock import WallTime
from console.domain.ids import BookableId, ClientId, LocationId, ServiceId
from tests import factories
from tests.browser.conftest import JOURNEYS, WAYS, Window, enter
from tests.browser.test_agenda import intend
from tests.browser.test_every_page import too_wide, violations

WEEK = timedelta(weeks=1)
COUNT = 5
ADDRESS = re.compile(r"/series/\d+$")


@dataclass(frozen=True)
class Team:
    """Two people of the demo's first location who do one service and are free but for three noons of Nadia's."""

    nadia: int
    timur: int
    service: int
    days: Sequence[date]

    @property
    def first(self) -> str:
        return self.days[0].isoformat()


@pytest.fixture
async def team(console: str, postgres_server: embedded.Postgres) -> Team:
    async with db.pool(postgres_server.app_url):
        [place, *_] = await locations()
        service = await db.fetchval("SELECT id FROM service WHERE code = 'IRON'")
        nadia, timur = [await factories.bookable(name, position=99) for name in ("Nadia Sokol", "Timur Aliev")]
        for who in (nadia, timur):
            await factories.schedule(who, place.id)
            await factories.skill(who, service)
        days = await open_days(ZoneInfo(place.zone))
        for client, day in enumerate(days[1:4], start=1):
            asked = Asked(ClientId(client), LocationId(place.id), (ServiceId(service),), BookableId(nadia))
            await actions.book(intend(), asked, WallTime(day, 720).bound(ZoneInfo(place.zone)))
        return Team(nadia, timur, service, days)


async def open_days(zone: ZoneInfo) -> list[date]:
    """Five Wednesdays in a row that are no holidays, not long from now."""
    closed = {row["date"] for row in await db.fetch("SELECT date FROM holiday WHERE retired_at IS NULL")}
    today = clock.business_date(clock.now(), zone)
    first = today + timedelta(days=7 + (2 - today.weekday()) % 7)
    while any(first + week * WEEK in closed for week in range(COUNT)):
        first += WEEK
    return [first + week * WEEK for week in range(COUNT)]


async def settled(page: Page) -> None:
    await expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


async def fill(page: Page, way: str, team: Team) -> None:
    """A weekly cleaning by Nadia for the demo's client with the last digits 4512."""
    await page.goto("/series/new")
    await page.fill("[name=who]", "4512")
    if way != "htmx":
        await page.click("button[name=find][value=client]")
    await page.locator(".hit").first.click()
    await page.select_option("[name=services_1_service]", value=str(team.service))
    await page.select_option("[name=person]", value=str(team.nadia))
    await page.fill("[name=on]", team.first)
    await page.fill("[name=count]", str(COUNT))
    await page.fill("[name=time]", "12:00")
    await page.press("[name=time]", "Tab")
    if way != "htmx":
        await page.click("button[name=find][value=dates]")
    await expect(page.locator(".series-dates .is-clash")).to_have_count(3)
    await expect(page.locator(".chosen-client strong")).to_be_visible()


async def take_in(page: Page, way: str, team: Team) -> None:
    await fill(page, way, team)
    await page.click(".series-beside .primary")
    await expect(page).to_have_url(ADDRESS)
    await expect(page.locator(".series-clashes > li")).to_have_count(3)


@pytest.mark.parametrize("way", WAYS)
async def test_a_weekly_cleaning_is_taken_in_and_its_clashes_are_solved(window: Window, team: Team, way: str) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await take_in(page, way, team)
    series = page.url
    await page.goto("/agenda")
    await expect(page.locator("#agenda-arrange a")).to_contain_text("4 to arrange")
    await page.click("#agenda-arrange a")
    await expect(page.locator("#to-arrange tbody tr")).to_have_count(4)
    await page.goto(series)
    clashes = page.locator(".series-clashes > li")
    await clashes.first.locator(".series-place").first.click()
    await expect(clashes).to_have_count(2)
    await expect(page.locator(".toast-undo")).to_be_visible()
    await clashes.first.locator("a.button").click()
    await page.fill("#main .form [name=time]", "3:00")
    await page.click("#main .form .primary")
    await expect(page.locator("#main .field .error")).to_be_visible()
    await expect(page.locator("#main .form [name=time]")).to_have_value("3:00")
    await page.fill("#main .form [name=time]", "16:00")
    await page.click("#main .form .primary")
    await expect(clashes).to_have_count(1)
    await clashes.first.locator("form[action$='/omission'] button").click()
    await expect(clashes).to_have_count(0)
    await expect(page.locator("tbody tr")).to_have_count(4)


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_what_follows_is_moved_after_a_look_and_all_of_it_is_called_off(
    window: Window, team: Team, way: str, language: str
) -> None:
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await take_in(page, way, team)
    await page.locator("tbody th a").nth(1).click()
    await page.click(".series-link a[href*='/change']")
    await page.fill("[name=time]", "15:00")
    await page.click("#main .form .primary")
    await expect(page.locator(".callout li").first).to_contain_text("15:00")
    await expect(page.locator(".series-lost")).to_have_count(0)
    await page.click("#main .form .primary")
    await expect(page).to_have_url(ADDRESS)
    await expect(page.locator("tbody td").first).to_contain_text("15:00")
    await page.click("a[href$='/cancellation']")
    await page.locator("[name=by][value=us]").check()
    await page.click("#main .form .button[type=submit]")
    await expect(page.locator(".callout strong").first).to_be_visible()
    await page.click("#main .form .button.danger")
    await expect(page.locator(".page-head .badge")).to_be_visible()
    await expect(page.locator(".series-clashes")).to_have_count(0)
    await expect(page.locator(".toast-undo")).to_be_visible()


@pytest.mark.parametrize("way", WAYS)
async def test_a_newcomer_is_taken_in_with_their_series(window: Window, team: Team, way: str) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await page.goto(f"/series/new?services={team.service}&on={team.first}&time=12:00&person={team.nadia}")
    await page.fill("[name=who]", "Zoë Zimmer")
    if way == "htmx":
        await expect(page.locator("[name=new_name]")).to_have_value("Zoë Zimmer")
    else:
        await page.click("button[name=find][value=client]")
    await page.fill("[name=new_phone]", "+44 20 7946 0018")
    await page.fill("[name=count]", "1")
    await page.click(".series-beside .primary")
    await expect(page).to_have_url(ADDRESS)
    await expect(page.locator("h1")).to_have_text("Zoë Zimmer")


@pytest.mark.parametrize("way", WAYS)
async def test_an_ill_persons_day_is_given_to_others_in_one_go(window: Window, team: Team, way: str) -> None:
    page = await window(way)
    await enter(page)
    address = f"/team/bookables/{team.nadia}/stand-in?on={team.days[1]}"
    await page.goto(address)
    await expect(page.locator(".stand-in-row")).to_have_count(1)
    await page.locator(".stand-in-row label", has_text="Timur Aliev").click()
    await page.click("#main .form .primary")
    await expect(page.locator(".callout strong").first).to_be_visible()
    await page.click("#main .form .primary")
    await expect(page.locator(".toast-undo")).to_be_visible()
    await page.goto(address)
    await expect(page.locator(".stand-in-row")).to_have_count(0)
    await page.goto(f"/agenda?view=week&person={team.timur}&on={team.days[1]}")
    await expect(page.locator(".board .b")).to_have_count(1)


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "light", "en"), (360, "dark", "ru")])
async def test_series_clashes_and_stand_in_are_accessible_and_fit(
    window: Window, team: Team, width: int, theme: str, language: str
) -> None:
    page = await window(width=width, theme=theme, language=language)
    await enter(page)
    found: list[str] = []

    async def look() -> None:
        await settled(page)
        await page.evaluate("scrollTo(0, 0)")  # what the bars cover of a field counts as too small to be hit
        found.extend(await violations(page))
        if await too_wide(page):
            found.append(f"{page.url} scrolls sideways")

    await fill(page, "htmx", team)
    await look()
    await page.fill("[name=time]", "25:00")
    await page.click(".series-beside .primary")
    await expect(page.locator("#main .field .error").first).to_be_visible()
    await look()
    await take_in(page, "htmx", team)
    await look()
    series = page.url
    await page.locator(".series-clashes a.button").first.click()
    await page.fill("#main .form [name=time]", "3:00")
    await page.click("#main .form .primary")
    await expect(page.locator("#main .field .error")).to_be_visible()
    await look()
    for address, press in (("change", ".primary"), ("cancellation", ".button[type=submit]")):
        await page.goto(f"{series}/{address}")
        if address == "change":
            await page.fill("[name=time]", "15:00")
        await page.click(f"#main .form {press}")
        await expect(page.locator(".callout strong").first).to_be_visible()
        await look()
    await page.goto("/series")
    await look()
    await page.goto(f"/team/bookables/{team.nadia}/stand-in?on={team.days[1]}")
    await look()
    await page.click("#main .form .primary")
    await expect(page.locator(".callout strong").first).to_be_visible()
    await look()
    assert found == []
