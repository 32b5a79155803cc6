"""What is typed and not saved is not lost without a question; and long words do not widen a phone's page."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Dialog, Error, Page, Route, expect

from tests.browser.conftest import Window, enter
from tests.browser.test_every_page import too_wide


async def typed(page: Page) -> None:
    await enter(page)
    await page.goto("/settings/locations/1")
    await page.fill("#location-name", "Somewhere else")


async def test_another_page_asks_before_it_takes_the_place_of_what_was_typed(window: Window) -> None:
    page = await window()
    await typed(page)
    away = page.locator('.subnav a[href="/settings/holidays"]')
    await away.click()
    await page.click("#leave button[value=stay]")
    await expect(page.locator("#location-name")).to_have_value("Somewhere else")
    await away.click()
    await page.click("#leave button[value=leave]")
    await page.wait_for_url("**/settings/holidays")


async def test_what_was_saved_is_left_without_a_question(window: Window) -> None:
    page = await window()
    await typed(page)
    await page.click("#main .form .button.primary")
    await expect(page.locator(".toast p").first).to_be_visible()
    await page.click('.subnav a[href="/settings/holidays"]')
    await page.wait_for_url("**/settings/holidays")
    await expect(page.locator("#leave")).not_to_be_visible()


@pytest.mark.parametrize("way", ["htmx", "no CDN"])
async def test_the_browser_asks_before_the_page_is_closed(window: Window, way: str) -> None:
    page = await window(way)
    await typed(page)
    asked: list[str] = []

    async def note(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page.on("dialog", note)
    await page.goto("/settings/holidays")
    assert asked == ["beforeunload"]
    await page.goto("/")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("way", ["htmx", "no CDN"])
async def test_other_colours_ask_nothing_and_keep_what_was_typed(window: Window, way: str) -> None:
    page = await window(way)
    await typed(page)
    await page.click("#person summary")
    async with page.expect_response("**/preferences/theme") as kept:
        await page.click("[data-theme-form] button[value=dark]")
    assert (await kept.value).status == 204
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("#leave")).not_to_be_visible()
    assert await page.input_value("#location-name") == "Somewhere else"
    other = await page.context.new_page()
    await other.goto("/")
    await expect(other.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("way", ["htmx", "no CDN"])
async def test_another_language_and_signing_out_ask_as_another_page_does(window: Window, way: str) -> None:
    page = await window(way)
    await typed(page)
    boxes: list[str] = []

    async def note(dialog: Dialog) -> None:
        boxes.append(dialog.type)
        await dialog.accept()

    page.on("dialog", note)
    await page.click("#person summary")
    await page.click("#person form[action='/sign-out'] button")
    await page.click("#leave button[value=stay]")
    assert await page.input_value("#location-name") == "Somewhere else"
    await page.click("#person summary")
    await page.click("#person button[value=ru]")
    await page.click("#leave button[value=leave]")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    assert boxes == []


async def test_a_button_that_was_asked_about_is_sent_with_its_value(window: Window) -> None:
    page = await window()
    await typed(page)
    await page.evaluate(
        """() => {
          const form = document.querySelector("[data-theme-form]").cloneNode(true);
          for (const name of ["data-theme-form", "hx-boost"]) form.removeAttribute(name);
          form.id = "asked";
          document.querySelector("#main").prepend(form);
          window.htmx.process(form);
        }"""
    )
    await page.click("#asked button[value=dark]")
    async with page.expect_request("**/preferences/theme") as sent:
        await page.click("#leave button[value=leave]")
    assert "theme=dark" in ((await sent.value).post_data or "")


async def test_a_long_word_widens_no_page_of_a_phone(window: Window) -> None:
    page = await window(width=360)
    await enter(page)
    word, address = "Ы" * 100, f"{'e' * 60}@{'long' * 15}.example"
    await page.goto("/settings/staff/new")
    await page.fill("#staff-name", word)
    await page.fill("#staff-email", address)
    await page.check("input[name=role][value=support]")
    await page.click("#main form .button.primary")
    await expect(page.locator("h1")).to_have_text(word)
    await page.goto("/settings/business")
    await page.fill("#business-name", word)
    await page.click("#main form .button.primary")
    await expect(page.locator(".toast p").first).to_be_visible()
    number = 105
    for path in (
        "/",
        "/settings/staff",
        f"/settings/staff/{number}",
        "/settings/history",
        "/settings/mailbox",
        "/search?q=ы",
    ):
        await page.goto(path)
        assert not await too_wide(page), path


async def test_another_country_shows_its_days_at_once(window: Window) -> None:
    page = await window()
    await enter(page)
    await page.goto("/settings/holidays/public?year=2027")
    await page.select_option("#public-country", "DE")
    await expect(page.locator("#public-days")).to_contain_text("German Unity Day")
    await expect(page.locator("#public-region")).to_be_visible()


async def test_a_choice_made_while_the_last_one_is_on_its_way_stands(window: Window) -> None:
    page = await window()
    await enter(page)
    await page.goto("/settings/holidays/public?year=2027&country=DE")
    held, freed = [], asyncio.Event()

    async def hold_the_first(route: Route) -> None:
        if not held:
            held.append(route)
            await freed.wait()
        with suppress(Error):  # it was called off meanwhile
            await route.continue_()

    await page.route("**/settings/holidays/public?*", hold_the_first)
    async with page.expect_request("**/settings/holidays/public?*year=2028*"):
        await page.select_option("#public-year", "2028")
    await page.select_option("#public-region", "BY")
    freed.set()
    await expect(page.locator("#public-days")).to_contain_text("Bayern")
    await expect(page.locator("#public-region")).to_have_value("BY")
    await expect(page.locator("#public-days")).to_contain_text("Epiphany")
