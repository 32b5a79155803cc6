"""Finding somebody: by keyboard alone, with htmx, with the CDN down and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from console import embedded
from console.domain import db
from tests import factories
from tests.browser.conftest import JOURNEYS, Window, enter
from tests.browser.test_every_page import too_wide, violations
from tests.cast import NOW
from tests.server import settings_for

LOST, GOOD = "23456789", "10000004"
PHONES = '[{"number": "+79213334512", "label": ""}]'
SCRIPTED = ("htmx", "no CDN")


@pytest.fixture
async def clients(console: str, postgres_server: embedded.Postgres) -> AsyncIterator[dict[str, int]]:
    """Two clients that only a test knows, one with a card that was lost and replaced."""
    async with db.pool(settings_for(postgres_server).database_url or ""):
        anna = await factories.client("Аглая", "Ёжикова", phones=PHONES)
        await factories.card(anna, LOST, lost_at=NOW)
        await factories.card(anna, GOOD)
        yield {"anna": anna, "vera": await factories.client("Vera", "Zzyzx")}


def option(page: Page, at: int = 0):  # type: ignore[no-untyped-def]
    return page.locator("#omnibox-list [role=option]").nth(at)


async def look(page: Page, key: str = "/") -> None:
    """Go to the search field by a key, once the page is whole: what is typed before that is lost."""
    await page.wait_for_load_state()
    await expect(page.locator("#omnibox")).not_to_be_focused()
    await page.keyboard.press(key)
    await expect(page.locator("#omnibox")).to_be_focused()


@pytest.mark.parametrize("way", SCRIPTED)
@pytest.mark.parametrize(("language", "typed"), [("en", "ежик"), ("ru", "3-45-12")])
async def test_somebody_is_found_and_opened_by_keyboard_alone(
    window: Window, clients: dict[str, int], way: str, language: str, typed: str
) -> None:
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await page.goto("/")
    await look(page, "/")
    await page.keyboard.type(typed)
    await expect(option(page)).to_contain_text("Аглая Ёжикова")
    await expect(option(page)).to_have_attribute("aria-selected", "true")
    await expect(page.locator("#omnibox")).to_have_attribute("aria-activedescendant", "found-option-0")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("Ёжикова")
    await expect(page).to_have_url(re.compile(f"/clients/{clients['anna']}$"))
    await expect(page.locator("#omnibox-list")).to_be_hidden()
    await look(page, "Control+k")
    await expect(option(page)).to_be_visible()
    await expect(option(page)).to_contain_text("Аглая Ёжикова")
    await page.keyboard.press("ArrowDown")
    await expect(option(page)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Escape")
    await expect(page.locator("#omnibox-list")).to_be_hidden()
    await page.keyboard.press("ArrowDown")
    await expect(option(page)).to_have_attribute("aria-selected", "true")


async def test_arrows_home_end_and_escape_move_within_what_was_found(window: Window, clients: dict[str, int]) -> None:
    page = await window()
    await enter(page)
    await page.goto("/")
    await look(page, "/")
    await page.keyboard.type("settings")
    await expect(option(page)).to_have_attribute("aria-selected", "true")
    last = page.locator("#omnibox-list [role=option]").last
    await page.keyboard.press("ArrowUp")
    await expect(last).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await expect(option(page)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("End")
    await expect(last).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Home")
    await expect(option(page)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Escape")
    await expect(page.locator("#omnibox-list")).to_be_hidden()
    await expect(page.locator("#omnibox")).to_have_attribute("aria-expanded", "false")
    await expect(page.locator("#omnibox")).to_have_value("settings")


async def test_enter_before_the_answer_goes_to_the_best_of_it(window: Window, clients: dict[str, int]) -> None:
    page = await window()
    await enter(page)
    await page.goto("/")
    await look(page, "/")
    await page.keyboard.type("zzyzx\n")
    await expect(page).to_have_url(re.compile(f"/clients/{clients['vera']}$"))


SCAN = """digits => {
    const field = document.activeElement;
    for (const key of [...digits, "Enter"]) {
        const event = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true});
        if (!field.dispatchEvent(event) || !("value" in field)) continue;
        if (key === "Enter") field.form.requestSubmit();
        else {
            field.value += key;
            field.dispatchEvent(new Event("input", {bubbles: true}));
        }
    }
}"""
"""What a scanner does to the field that has the focus, or to the page: no slower on a slow machine."""

SLOW_SCAN = """([digits, gap]) => [...digits, "Enter"].forEach((key, at) => {
    const event = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true});
    Object.defineProperty(event, "timeStamp", {value: performance.now() + at * gap});
    document.body.dispatchEvent(event);
})"""
"""A scanner that takes so many milliseconds a key, by the clock of its events: as slow on any machine."""


@pytest.mark.parametrize("way", SCRIPTED)
async def test_a_scanner_opens_the_card_from_the_field_and_from_anywhere(
    window: Window, clients: dict[str, int], way: str
) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await page.goto("/")
    await page.click("h1")
    await page.evaluate(SCAN, GOOD)
    await expect(page).to_have_url(re.compile(f"/clients/{clients['anna']}$"))
    await page.goto("/")
    await look(page, "/")
    await page.keyboard.type(f"{GOOD}\n")
    await expect(page).to_have_url(re.compile(f"/clients/{clients['anna']}$"))
    await look(page, "/")
    await page.keyboard.type(f"{LOST}\n")
    await expect(page.locator("#main .callout.danger")).to_be_visible()
    await expect(page.locator("#main .item a")).to_have_attribute("href", f"/clients/{clients['anna']}")


async def test_a_slow_scanner_is_read_and_a_misread_number_says_so(window: Window, clients: dict[str, int]) -> None:
    page = await window()
    await enter(page, "front_desk")
    await page.goto("/")
    await page.click("h1")
    await page.evaluate(SLOW_SCAN, [GOOD, 90])
    await expect(page).to_have_url(re.compile(f"/clients/{clients['anna']}$"))
    await page.goto("/", wait_until="load")
    await page.click("h1")
    await page.evaluate(SCAN, "10000005")
    await expect(page).to_have_url(re.compile(r"/search\?q=10000005$"))
    await expect(page.locator("#main .callout.danger")).to_be_visible()


@pytest.mark.parametrize("way", SCRIPTED)
async def test_a_card_scanned_into_a_field_gives_it_back_and_opens_whose_it_is(
    window: Window, clients: dict[str, int], way: str
) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await page.goto("/clients/new")
    await page.fill("#client-given-name", "Ola")
    await page.focus("#client-given-name")
    await page.evaluate(SCAN, "10000005")
    await expect(page.locator("h1")).to_have_text("Ola10000005")
    await page.goto("/clients/new", wait_until="load")
    await page.focus("#client-family-name")
    await page.evaluate(SCAN, GOOD)
    await expect(page).to_have_url(re.compile(f"/clients/{clients['anna']}$"))
    await page.goto(f"/clients/{clients['vera']}/edit")
    await page.fill("#client-company", "Zed")
    await page.focus("#client-company")
    await page.evaluate(SCAN, GOOD)
    await expect(page.locator("#leave")).to_be_visible()
    await expect(page.locator("#client-company")).to_have_value("Zed")
    await page.click("#leave [value=leave]")
    await expect(page).to_have_url(re.compile(f"/clients/{clients['anna']}$"))


@pytest.mark.parametrize("way", SCRIPTED)
async def test_a_form_of_a_card_is_typed_into_once_it_opens_and_takes_what_is_scanned(
    window: Window, clients: dict[str, int], way: str
) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await page.goto(f"/clients/{clients['vera']}")
    await page.click("#card summary")
    await expect(page.locator("#card-number")).to_be_focused()
    await page.click("h1")
    await page.evaluate("document.activeElement.blur()")
    await page.evaluate(SCAN, LOST)
    await expect(page.locator("#card .error")).to_be_visible()
    await expect(page.locator("#card-number")).to_have_value(LOST)
    await page.wait_for_load_state()
    await page.evaluate(SCAN, "20000006")
    await expect(page.locator("#card .card-number")).to_have_text("2000-0006")


async def test_nobody_found_can_be_taken_in_under_what_was_typed(window: Window, clients: dict[str, int]) -> None:
    page = await window()
    await enter(page, "front_desk")
    await page.goto("/")
    await look(page, "/")
    await page.keyboard.type("Qqqwww")
    await expect(option(page)).to_contain_text("New client “Qqqwww”")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/clients/new\?q=Qqqwww$"))


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_the_form_by_itself_finds_on_a_page(
    window: Window, clients: dict[str, int], way: str, language: str
) -> None:
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await page.goto("/search?q=4512")
    await expect(page.locator("#main .item mark").first).to_have_text("45-12")
    await page.locator("#main .item a").first.click()
    await expect(page.locator("h1")).to_contain_text("Ёжикова")
    if way == "no scripts":
        await page.fill("#omnibox", GOOD)
        await page.press("#omnibox", "Enter")
        await expect(page).to_have_url(re.compile(f"/clients/{clients['anna']}$"))


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
async def test_the_list_beneath_the_field_is_accessible_and_fits(
    window: Window, clients: dict[str, int], width: int, theme: str
) -> None:
    page = await window(width=width, theme=theme)
    await enter(page)
    await page.goto("/")
    await page.click("#omnibox")
    await page.keyboard.type("4512")
    await expect(option(page)).to_be_visible()
    assert await violations(page) == []
    assert not await too_wide(page)


async def test_who_was_signed_out_is_led_to_the_door_instead_of_into_the_list(
    window: Window, clients: dict[str, int]
) -> None:
    page = await window()
    await enter(page)
    await page.goto("/")
    await page.context.clear_cookies(name="session")
    await look(page, "/")
    await page.keyboard.type("4512\n")
    await expect(page).to_have_url(re.compile("/sign-in"))
