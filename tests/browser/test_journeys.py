"""What people do at the console, with htmx, with the CDN down, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import FloatRect, Locator, Page, expect

from tests import pictures
from tests.browser.conftest import JOURNEYS, WAYS, Window, enter

PASSWORD = "a cleaner house by friday"
SAVE = {"en": "Save", "ru": "Сохранить"}


async def invite(page: Page, name: str, email: str) -> None:
    await page.goto("/settings/staff/new")
    await page.fill("#staff-name", name)
    await page.fill("#staff-email", email)
    await page.check("input[name=role][value=support]")
    await page.click("#main form .button.primary")


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_an_owner_invites_a_colleague_who_signs_in(window: Window, way: str, language: str) -> None:
    owner = await window(way, language=language)
    await enter(owner)
    await invite(owner, "Nina Новая", "nina@demo.example")
    await expect(owner.locator("h1")).to_have_text("Nina Новая")
    await expect(owner.locator(".toast p").first).to_be_visible()

    await owner.goto("/settings/mailbox")
    await owner.locator("#main .item a").first.click()
    link = await owner.locator(".letter a").first.get_attribute("href")
    assert link
    link = "/links/" + link.rsplit("/", 1)[1]

    nina = await window(way, language=language)
    await nina.goto(link)
    await nina.fill("#choose-password", "short")
    await nina.click("#main .button.primary")
    await expect(nina.locator("#choose-password-error")).to_be_visible()
    await nina.fill("#choose-password", PASSWORD)
    await nina.click("#main .button.primary")
    await expect(nina.locator(".person-name").first).to_have_text("Nina Новая")
    await expect(nina.locator("nav .nav a[href^='/settings']")).to_have_count(0)

    again = await window(way, language=language)
    await again.goto(link)
    await expect(again.locator("#choose-password")).to_have_count(0)
    await again.goto("/sign-in")
    await again.fill("#sign-in-email", "nina@demo.example")
    await again.fill("#sign-in-password", PASSWORD)
    await again.click("#main .button.primary")
    await expect(again.locator(".person-name").first).to_have_text("Nina Новая")


@pytest.mark.parametrize("way", WAYS)
async def test_a_change_is_undone_from_the_toast_and_redone(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page)
    await page.goto("/profile")
    await page.fill("#profile-name", "Olivia South")
    await page.click("#main form[action='/profile'] .button.primary")
    await expect(page.locator(".person-name").first).to_have_text("Olivia South")
    await page.locator(".toast-undo").click()
    await expect(page.locator(".person-name").first).to_have_text("Olivia North")
    await page.locator(".toast-undo").click()
    await expect(page.locator(".person-name").first).to_have_text("Olivia South")


@pytest.mark.parametrize("way", WAYS)
async def test_wrong_fields_are_named_and_nothing_typed_is_lost(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page)
    await page.goto("/settings/staff/new")
    await page.fill("#staff-name", "")
    await page.fill("#staff-email", "no mail")
    await page.check("input[name=role][value=manager]")
    await page.click("#main form .button.primary")
    await expect(page.locator("#staff-name-error")).to_be_visible()
    await expect(page.locator("#staff-email-error")).to_be_visible()
    await expect(page.locator("#staff-email")).to_have_value("no mail")
    await expect(page.locator("input[name=role][value=manager]")).to_be_checked()
    if way == "htmx":
        await expect(page.locator("#staff-name")).to_be_focused()


@pytest.mark.parametrize("way", WAYS)
async def test_two_desks_collide_and_one_chooses(window: Window, way: str) -> None:
    one, other = await window(way), await window(way)
    for page in (one, other):
        await enter(page)
        await page.goto("/profile")
    await one.fill("#profile-name", "Theirs")
    await one.click("#main form[action='/profile'] .button.primary")
    await expect(one.locator(".person-name").first).to_have_text("Theirs")
    await other.fill("#profile-name", "Mine")
    await other.click("#main form[action='/profile'] .button.primary")
    table = other.locator("table.compare")
    await expect(table).to_contain_text("Theirs")
    await expect(table).to_contain_text("Mine")
    await other.click("#main .button.primary")
    await expect(other.locator(".person-name").first).to_have_text("Mine")


async def test_a_double_click_invites_once(window: Window) -> None:
    page = await window()
    await enter(page)
    await page.goto("/settings/staff/new")
    await page.fill("#staff-name", "Only Once")
    await page.fill("#staff-email", "once@demo.example")
    await page.check("input[name=role][value=support]")
    await page.dblclick("#main form .button.primary")
    await expect(page.locator("h1")).to_have_text("Only Once")
    await page.goto("/settings/staff")
    await expect(page.get_by_text("once@demo.example")).to_have_count(1)


async def test_moving_about_swaps_the_page_and_keeps_address_title_and_history(window: Window) -> None:
    page = await window()
    await enter(page)
    await page.goto("/settings/staff")
    await page.evaluate("window.stayed = true")
    await page.click(".subnav a[href='/settings/history']")
    await expect(page).to_have_url(re.compile("/settings/history$"))
    await expect(page.locator(".subnav a[aria-current=page]")).to_have_attribute("href", "/settings/history")
    assert await page.evaluate("window.stayed") is True
    assert "Staff" not in await page.title()
    await page.go_back()
    await expect(page).to_have_url(re.compile("/settings/staff$"))
    await expect(page.locator("table.table tbody tr")).to_have_count(4)
    await expect(page.locator("#rail")).to_have_count(1)


@pytest.mark.parametrize("way", WAYS)
async def test_one_click_at_the_demos_door_lets_in(window: Window, way: str) -> None:
    page = await window(way)
    await page.goto("/sign-in")
    await page.click("button[name=role][value=owner]")
    await expect(page.locator(".person-name").first).to_have_text("Olivia North")
    await expect(page).to_have_url(re.compile("/$"))


async def test_keys_reach_the_search_and_the_pages(window: Window) -> None:
    page = await window()
    await enter(page)
    await page.goto("/")
    await page.keyboard.press("/")
    await expect(page.locator("#omnibox")).to_be_focused()
    await page.keyboard.type("maya")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Maya Lane")
    await page.locator("h1").click()
    await page.keyboard.press("g")
    await page.keyboard.press("c")
    await expect(page).to_have_url(re.compile("/clients"))


@pytest.mark.parametrize("way", WAYS)
async def test_language_and_theme_change_at_once_and_stay(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page)
    await page.goto("/profile")
    await page.locator("#person summary").click()
    await page.locator("#person button[name=language][value=ru]").click()
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    await expect(page.locator("#main form[action='/profile'] .button.primary")).to_have_text(SAVE["ru"])
    await page.locator("#person summary").click()
    async with page.expect_response("**/preferences/theme"):
        await page.locator("#person button[name=theme][value=dark]").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.goto("/profile")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")


async def test_a_session_that_ended_leads_to_the_door(window: Window) -> None:
    page, other = await window(), await window()
    await enter(page)
    await page.goto("/settings/staff")
    await other.context.add_cookies(await page.context.cookies())
    await other.goto("/profile")
    await other.locator("#person summary").click()
    await other.locator("#person form[action='/sign-out'] button").click()
    await expect(other).to_have_url(re.compile("/sign-in"))
    await page.click(".subnav a[href='/settings/history']")
    await expect(page).to_have_url(re.compile("/sign-in"))


async def rename_north(page: Page, name: str) -> None:
    await page.goto("/settings/locations/2")
    await page.fill("#location-name", name)
    await page.click("#main form .button.primary")
    await expect(page.locator(".toast")).to_contain_text(name)


@pytest.mark.parametrize("way", WAYS)
async def test_an_undo_that_came_too_late_stays_on_its_page_and_says_what_is_in_the_way(
    window: Window, way: str
) -> None:
    earlier = await window(way, width=360)
    await enter(earlier)
    await rename_north(earlier, "North End")
    await rename_north(await earlier.context.new_page(), "Far North")
    await earlier.click(".toast-undo")
    await expect(earlier.locator(".toast.refused")).to_contain_text("changed name")
    await expect(earlier.locator("#location-name")).to_have_value("Far North")
    await expect(earlier.locator(".toast form")).to_have_count(0)


@pytest.mark.parametrize("way", WAYS)
async def test_one_days_hours_are_copied_before_they_are_saved(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page)
    await page.goto("/settings/locations/1")
    await page.fill("#location-monday", "7-15")
    await page.click("button[name=copy]")
    await expect(page.locator("#location-friday")).to_have_value("7-15")
    await page.press("#location-friday", "Enter")
    await expect(page.locator(".toast")).to_be_visible()
    await expect(page.locator("#location-thursday")).to_have_value("7:00–15:00")


@pytest.mark.parametrize("way", ["htmx", "no CDN"])
async def test_the_tab_of_the_page_is_in_view_on_a_narrow_screen(window: Window, way: str) -> None:
    page = await window(way, width=360)
    await enter(page)
    await page.goto("/settings/business")
    await page.locator(".subnav a[href='/settings/history']").click()
    await expect(page.locator("h1")).to_have_text("History")
    await expect(page.locator(".subnav [aria-current]")).to_be_in_viewport(ratio=1)
    assert (await page.locator(".subnav").bounding_box() or {})["height"] < 60


@pytest.mark.parametrize("way", WAYS)
async def test_a_new_logo_shows_on_a_phone_at_once(window: Window, way: str) -> None:
    page = await window(way, width=360)
    await enter(page)
    await page.goto("/settings/business")
    await expect(page.locator(".topbar .brand-small img")).to_have_count(0)
    logo = {"name": "logo.png", "mimeType": "image/png", "buffer": pictures.png(64, 64)}
    await page.set_input_files("input[type=file]", logo)
    await page.click("#main form .button.primary")
    await expect(page.locator(".topbar .brand-small img")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_on_a_phone_the_history_says_who_and_when_on_one_line_and_why_over_the_whole_width(
    window: Window, language: str
) -> None:
    page = await window(width=360, language=language)
    await enter(page)
    for name in ("First", "Second"):
        await page.goto("/profile")
        await page.fill("#profile-name", name)
        await page.click("#main form[action='/profile'] .button.primary")
        await expect(page.locator(".toast p").first).to_be_visible()
    await page.goto("/settings/history")
    rows = page.locator("table.trail tbody tr")
    who, when = await box(rows.first.locator("th")), await box(rows.first.locator("td.numeric"))
    assert abs(who["y"] - when["y"]) < who["height"]
    assert who["x"] + who["width"] <= when["x"]
    why = await box(rows.nth(1).locator(".row-actions:has(small)"))
    assert why["width"] == (await box(rows.nth(1)))["width"]


async def box(part: Locator) -> FloatRect:
    """Where a part of the page lies."""
    found = await part.bounding_box()
    assert found is not None
    return found
