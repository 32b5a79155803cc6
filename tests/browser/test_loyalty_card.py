"""The front desk looks at what a client holds, and why: on the card with htmx, on pages of their own without."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from console import embedded
from console.domain import db
from tests.browser.conftest import JOURNEYS, Window, enter
from tests.words import say

pytestmark = pytest.mark.parametrize(("language", "way"), JOURNEYS)


@pytest.fixture
async def client(console: str, postgres_server: embedded.Postgres) -> int:
    """Somebody of the demo who has a stamp and a free visit."""
    async with db.pool(postgres_server.app_url):
        found = await db.fetchval(
            "SELECT client FROM loyalty_account WHERE stamps > 0 AND free_visits > 0 ORDER BY client LIMIT 1"
        )
    assert found
    return int(found)


async def test_each_line_of_a_card_says_why(window: Window, client: int, way: str, language: str) -> None:
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await page.goto(f"/clients/{client}")
    stamp = page.locator(".stamp:has(.stamp-told)").first
    await stamp.focus()
    await expect(stamp.locator(".stamp-told")).to_have_css("opacity", "1")
    await expect(page.locator(".stamp.is-free.is-there")).to_be_visible()
    await page.locator("[popovertarget=said-stamp]").press("Enter")
    await expect(page.locator("#said-stamp")).to_contain_text(say("words.term_stamp_said", language))
    await page.keyboard.press("Escape")
    await expect(page.locator("#said-stamp")).to_be_hidden()
    for link, key in ((0, "title.why_stamps"), (1, "title.why_free_visits"), (2, "title.why_tier")):
        await page.locator(".why-link").nth(link).click()
        heading = page.locator("#why h2" if way == "htmx" else "h1")
        await expect(heading).to_have_text(say(key, language))
        await expect(page.locator(".why-lines > li").first).to_be_visible()
        if way == "htmx":
            assert page.url.endswith(f"/clients/{client}")
            await page.locator("#why .loyalty-head .button").click()
            await expect(page.locator("#why h2")).to_have_count(0)
        else:
            await page.go_back()
    await stamp.click()
    await expect(page).to_have_url(re.compile("/visits/[0-9]+$"))
