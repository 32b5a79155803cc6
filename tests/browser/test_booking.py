"""Somebody on the phone with a client books for them, moves it, and calls it off, in every way a browser works."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest
from playwright.async_api import Page, expect

from console import embedded
from console.domain import db
from tests.browser.conftest import JOURNEYS, WAYS, Window, enter
from tests.browser.test_every_page import too_wide, violations

HELD = "SELECT count(*) FROM occupancy WHERE kind = 'hold'"


async def choose(page: Page, way: str) -> None:
    """The client by their phone's last digits, a service, and the second place that is free."""
    await page.goto("/bookings/new")
    await page.fill("[name=who]", "4512")
    if way != "htmx":
        await page.click("button[name=find][value=client]")
    await page.locator(".hit").first.click()
    await page.select_option("[name=services_1_service]", index=1)
    if way != "htmx":
        await page.click("button[name=find][value=places]")
    await expect(page.locator(".chosen-client strong")).to_be_visible()
    await page.locator(".offer").nth(1).click()
    if way == "htmx":
        await expect(page.locator(".kept")).to_be_visible()
        await expect(page.locator(".offer input").nth(1)).to_be_checked()


async def asks(page: Page, way: str, address: str, doing: Awaitable[object]) -> None:
    """Do something that asks the server by htmx, and wait for its answer."""
    if way != "htmx":
        await doing
        return
    async with page.expect_response(address):
        await doing


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_the_desk_books_confirms_moves_and_calls_off(
    window: Window, postgres_server: embedded.Postgres, way: str, language: str
) -> None:
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await choose(page, way)
    await page.fill("[name=note]", "Mind the cat")
    await page.click(".booking-sum .primary")
    await expect(page.locator(".toast-undo")).to_be_visible()
    async with db.pool(postgres_server.app_url):
        newest = await db.fetchval("SELECT max(id) FROM booking")
    await page.goto("/clients/2")
    await page.locator(f".client-bookings a[href='/bookings/{newest}']").first.click()
    await expect(page.locator(".booking-note")).to_have_text("Mind the cat")
    await page.click("form[action$='/confirmation'] button")
    await expect(page.locator("form[action$='/confirmation']")).to_have_count(0)
    before = await page.locator("h1").inner_text()
    await page.click("a[href$='/move']")
    await page.fill("[name=time]", "4:00")
    await page.locator(".booking-asks .primary").click()
    await expect(page.locator(".field .error")).to_be_visible()
    await expect(page.locator("[name=time]")).to_have_value("4:00")
    await page.locator(".offer").last.click()
    block = page.locator(f"a.b[href='/bookings/{newest}']").first
    await expect(block).to_be_visible()
    async with page.expect_response("**/undo"):
        await page.locator(".toast-undo").click()
    await page.goto(f"/bookings/{newest}")
    await expect(page.locator("h1")).to_have_text(before)
    await page.click("a[href$='/cancellation']")
    await page.locator("[name=by][value=us]").check()
    await page.click("#main .form .button.danger")
    await expect(page.locator(".toast-undo")).to_be_visible()


async def test_a_kept_place_is_given_back_when_the_form_is_left(
    window: Window, postgres_server: embedded.Postgres
) -> None:
    page = await window()
    await enter(page, "front_desk")
    await choose(page, "htmx")
    async with db.pool(postgres_server.app_url):
        assert await db.fetchval(HELD) > 0
        async with page.expect_response("**/bookings/releases"):
            await page.click(".booking-sum a.button")
            leave = page.locator("dialog[open] button", has_text="Leave")
            if await leave.count():
                await leave.click()
        assert await db.fetchval(HELD) == 0


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "light", "en"), (360, "dark", "ru")])
async def test_the_form_its_refusal_and_a_booking_are_accessible_and_fit(
    window: Window, width: int, theme: str, language: str
) -> None:
    page = await window(width=width, theme=theme, language=language)
    await enter(page)
    await choose(page, "htmx")
    await page.set_viewport_size({"width": width, "height": 3000})  # what a bar covers counts as too small to be hit
    found = await violations(page)
    assert not await too_wide(page)
    await page.fill("[name=time]", "4:00")
    await page.press("[name=time]", "Tab")
    await expect(page.locator("#time-note .error")).to_be_visible()
    found += await violations(page)
    for address in ("/bookings/1", "/bookings/1/move", "/settings/reasons", "/clients/2"):
        await page.goto(address)
        found += await violations(page)
        assert not await too_wide(page), address
    assert found == []


async def test_a_service_with_a_long_name_is_read_with_its_price_on_a_phone(window: Window) -> None:
    page = await window(width=360, language="ru")
    await enter(page)
    await page.goto("/bookings/new")
    service = page.locator("[name=services_1_service]")
    one_line = (await service.bounding_box() or {})["height"]
    long = "Поддерживающая уборка, 2\u00a0ч, 3\u00a0500,00\u00a0₽"
    await service.evaluate("(one, long) => { one.options[1].text = long; one.selectedIndex = 1 }", long)
    assert (await service.bounding_box() or {})["height"] > one_line, "a second line holds what does not fit"
    assert not await too_wide(page)


@pytest.mark.parametrize("way", WAYS)
async def test_enter_finds_the_client_judges_the_time_and_books_what_then_is_in_sight_and_chosen(
    window: Window, way: str
) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await page.goto("/bookings/new")
    await page.fill("[name=who]", "Anna Bell")
    await page.press("[name=who]", "Enter")
    await expect(page.locator(".chosen-client strong")).to_be_visible()
    if way == "htmx":
        await expect(page.locator("[name=services_1_service]")).to_be_focused()
    await asks(page, way, "**/bookings/places?*", page.select_option("[name=services_1_service]", index=1))
    time = page.locator("[name=time]")
    await time.fill("23:59")
    await time.press("Enter")
    await expect(page.locator(".field .error")).to_be_visible()
    await page.locator(".offer").first.click()
    if way == "htmx":
        await expect(page.locator(".kept")).to_be_visible()
    await page.wait_for_load_state()
    await page.set_viewport_size({"width": 1440, "height": 420})  # which no whole day fits
    await page.locator(".offer input").first.press("Enter" if way == "no scripts" else "Control+Enter")
    await expect(page.locator(".toast-undo")).to_be_visible()
    await expect(page.locator(".b.is-open" if way == "htmx" else ".b:target").first).to_be_in_viewport()


async def test_keys_choose_among_several_clients_and_focus_stays(window: Window) -> None:
    page = await window()
    await enter(page, "front_desk")
    await page.goto("/bookings/new")
    await page.fill("[name=who]", "a")
    await page.press("[name=who]", "Enter")
    await expect(page.locator(".hit input").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".hit input").nth(1)).to_be_focused()
    second = await page.locator(".hit-name").nth(1).inner_text()
    await page.keyboard.press("Enter")
    await expect(page.locator(".chosen-client strong")).to_have_text(second)
    await expect(page.locator("[name=services_1_service]")).to_be_focused()
    await page.locator(".chosen-client button").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=who]")).to_be_focused()
    await page.fill("[name=who]", "Zzyzx")
    await page.press("[name=who]", "Enter")
    await expect(page.locator("[name=new_phone]")).to_be_focused()
    await page.locator("summary", has_text="Another service").first.click()
    await expect(page.locator("[name=services_2_service]")).to_be_focused()


@pytest.mark.parametrize("way", WAYS)
async def test_enter_in_a_series_shows_its_dates_and_keeps_the_client(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await page.goto("/series/new?client=2")
    await asks(page, way, "**/series/dates?*", page.select_option("[name=services_1_service]", index=1))
    await page.fill("[name=time]", "11:00")
    await page.press("[name=time]", "Enter")
    await expect(page.locator(".series-dates").first).to_be_visible()
    await expect(page.locator(".chosen-client strong")).to_be_visible()
