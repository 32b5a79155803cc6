"""A price is planned: the form says what bookings keep, from whatever date is chosen."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Window, enter


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_bookings_keep_follows_the_date_that_is_chosen(window: Window, language: str) -> None:
    page = await window(language=language)
    await enter(page)
    await page.goto("/catalogue/services")
    await page.click("tbody th a")
    kept = page.locator("#price-kept")
    await expect(kept).to_have_text(re.compile("[0-9]"))
    now = await kept.inner_text()
    await page.fill("[name=valid_from]", "2199-01-01")
    await expect(kept).to_have_text("")
    await page.fill("[name=valid_from]", "1999-01-01")
    await expect(kept).to_have_text(now)
