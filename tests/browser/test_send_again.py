"""Somebody types for a while, and their session has ended meanwhile."""

from __future__ import annotations

import asyncpg
import pytest
from playwright.async_api import expect

from tests.browser.conftest import WAYS, Window, enter

WORDS = {
    "en": ("You are signed out", "Send as Olivia North"),
    "ru": ("Сеанс закончился", "Отправить от имени Olivia North"),
}


@pytest.mark.parametrize(("way", "language"), [*((way, "en") for way in WAYS), ("htmx", "ru")])
async def test_what_was_typed_survives_the_end_of_the_session(window: Window, way: str, language: str) -> None:
    page = await window(way, language=language)
    signed_out, send_as = WORDS[language]
    await enter(page)
    await page.goto("/settings/locations/new")
    await page.fill("[name=name]", "By the river")
    await page.select_option("[name=zone]", "Europe/Moscow")
    tab = await page.context.new_page()
    await tab.goto("/profile")
    await tab.click("#person summary")
    await tab.click("form[action='/sign-out'] button")
    await tab.wait_for_selector("form[action='/sign-in']")
    await page.click("#main form .button.primary")
    if way == "htmx":
        await expect(page.locator(".toast")).to_contain_text(signed_out)
        assert await page.input_value("[name=name]") == "By the river"
        link = page.locator(".toast a")
    else:
        await expect(page.locator("h1")).to_have_text(signed_out)
        link = page.locator("main a.primary")
    async with page.context.expect_page() as opened:
        await link.click()
    other = await opened.value
    await enter(other)
    await page.click("#main form .button.primary" if way == "htmx" else "#main form .buttons button")
    await page.get_by_role("button", name=send_as).click()
    await page.wait_for_url("**/settings/locations")
    await expect(page.locator("#page")).to_contain_text("By the river")


async def test_back_after_the_session_ended_shows_the_way_in(window: Window, as_owner: asyncpg.Connection) -> None:
    page = await window("htmx")
    await enter(page)
    await page.goto("/settings/locations")
    await page.click("nav a[href='/settings/holidays']")
    await page.wait_for_url("**/settings/holidays")
    await as_owner.execute("UPDATE staff_session SET revoked_at = now()")
    await page.go_back()
    await expect(page.locator("form[action='/sign-in']").first).to_be_visible()
    await page.click("button[name=role][value=owner]")
    await expect(page.locator("#person")).to_be_visible()
