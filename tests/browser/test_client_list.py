"""The list of clients in a browser: narrowed, searched and paged, with htmx, with the CDN down, without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from console import embedded
from console.domain import db
from tests import factories
from tests.browser.conftest import JOURNEYS, Window, enter
from tests.browser.test_every_page import too_wide, violations
from tests.server import settings_for


@pytest.fixture
async def many(console: str, postgres_server: embedded.Postgres) -> AsyncIterator[None]:
    """More clients than a page holds, all of one family; two of them with a tag of their own."""
    async with db.pool(settings_for(postgres_server).database_url or ""):
        for at in range(52):
            tags = ["aquarium"] if at in {3, 51} else []
            await factories.client(f"N{at:02}", "Aardvark", folded=f"aardvark n{at:02}", tags=tags)
        yield


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_the_list_is_paged_narrowed_and_searched(window: Window, many: None, way: str, language: str) -> None:
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await page.goto("/clients")
    names = page.locator("tbody th a")
    await expect(names.first).to_have_text("N00 Aardvark")
    await page.locator(".pages a[rel=next]").click()
    await expect(names.first).to_have_text("N50 Aardvark")
    await page.locator(".pages a[rel=prev]").click()
    await expect(names.first).to_have_text("N00 Aardvark")
    await page.wait_for_load_state()
    await page.select_option("select[name=tag]", "aquarium")
    if way == "no scripts":
        await page.locator(".list-filters button").click()
    await expect(names).to_have_text(["N03 Aardvark", "N51 Aardvark"])
    await expect(page.locator(".tabs a").last).to_have_attribute("href", re.compile("tag=aquarium"))
    await page.fill(".list-search input", "n51")
    if way != "htmx":
        await page.press(".list-search input", "Enter")
    await expect(names).to_have_text(["N51 Aardvark"])
    await expect(page).to_have_url(re.compile("q=n51"))
    await names.first.click()
    await expect(page.locator("h1")).to_contain_text("N51 Aardvark")


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (360, "light")])
async def test_a_narrowed_list_is_accessible_and_fits(window: Window, many: None, width: int, theme: str) -> None:
    page = await window(width=width, theme=theme, language="ru")
    await enter(page)
    for address in ("/clients?tag=aquarium", "/clients?q=aardvark", "/clients?state=off&kind=business"):
        await page.goto(address)
        assert await violations(page) == []
        assert not await too_wide(page)
