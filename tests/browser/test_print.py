"""Lists and weeks on paper: the content alone, whole, under the business's name."""

from __future__ import annotations

from io import BytesIO

import pytest
from playwright.async_api import Page, expect
from pypdf import PageObject, PdfReader

from tests.browser.conftest import Window, enter

LISTS = [
    *("/catalogue/services", "/catalogue/products", "/catalogue/categories", "/team/people", "/team/week"),
    *("/team/bookables/1", "/settings/holidays", "/settings/staff", "/settings/locations", "/settings/history"),
]
SCREEN_ONLY = ".rail, .topbar, .subnav, .tabs, .menu, .button, .row-actions, [type=submit], [type=search]"


async def printed(page: Page) -> list[PageObject]:
    return PdfReader(BytesIO(await page.pdf(prefer_css_page_size=True, format="A4"))).pages


@pytest.mark.parametrize("way", ["htmx", "no scripts"])
async def test_nothing_is_printed_that_can_only_be_clicked_and_nothing_is_cut(window: Window, way: str) -> None:
    page = await window(way, theme="dark")
    await enter(page)
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": 794, "height": 1123})
    for address in LISTS:
        await page.goto(address)
        assert await page.locator(f"{SCREEN_ONLY} >> visible=true").count() == 0, address
        await expect(page.locator("p.paper-only").first).to_be_visible()
        heads = page.locator("table thead tr").first
        columns = await heads.locator("th >> visible=true").count()
        cells = page.locator("table tbody tr:has(td:nth-child(3))").first
        if await cells.count():
            assert await cells.locator("th, td").and_(page.locator(":visible")).count() == columns, address


async def test_a_week_lies_across_the_page_with_all_its_days(window: Window) -> None:
    page = await window()
    await enter(page)
    await page.goto("/team/week")
    sheets = await printed(page)
    assert all(sheet.mediabox.width > sheet.mediabox.height for sheet in sheets)
    text = " ".join(sheet.extract_text() for sheet in sheets)
    for word in ("Mon", "Sun", "In all", "Alice Brown", "Carpet washer", f"1 / {len(sheets)}"):
        assert word in text, word
    await page.goto("/catalogue/services?q=dry")
    [sheet] = await printed(page)
    assert sheet.mediabox.width < sheet.mediabox.height
    assert "Search: dry" in sheet.extract_text()
