"""Every page, looked at by a machine: WCAG 2.2 AA, no sideways scrolling, no complaint of the browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from console.app import routes
from tests.browser.conftest import Window, enter

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
NOT_PAGES = {
    "/agenda/changes",
    "/agenda/paper",
    "/livez",
    "/logo/{logo}",
    "/links/{token}",
    "/readyz",
    "/static/{file_path}",
    "/tickets/counts",
}
FILLED = {"{staff}": "101", "{listed}": "people"}
"""What stands in an address in place of an id; the first of its kind where nothing is said."""
DOOR = ["/sign-in", "/forgotten", "/forgotten/sent", "/links/gone", "/nowhere"]
INSIDE = sorted(
    {
        re.sub(r"{\w+}", lambda found: FILLED.get(found[0], "1"), one["path"])
        for one in routes()
        if one["method"] == "GET" and one["path"] not in NOT_PAGES and one["permission"] != "public"
    }
)


STILL = """Promise.race([
    Promise.allSettled(document.getAnimations().map(one => one.finished)),
    new Promise(over => setTimeout(over, 1000)),
])"""
"""What fades in has its own contrast only then; what never ends is not waited for."""


async def violations(page: Page) -> list[str]:
    await page.wait_for_load_state()  # before which it may have no styles yet
    await page.evaluate(STILL)
    found = await Axe().run(page, options=AXE)
    return [
        f"{page.url}: {one['id']} at {[node['target'] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
    ]


async def too_wide(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


async def visit(page: Page, addresses: list[str]) -> list[str]:
    found: list[str] = []
    for address in addresses:
        answer = await page.goto(address)
        assert answer is not None
        if answer.status >= 500:
            found.append(f"{address}: {answer.status}")
        if await too_wide(page):
            found.append(f"{address}: scrolls sideways")
        found += await violations(page)
    return found


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(1440, "light", "en"), (1440, "dark", "ru"), (360, "light", "ru"), (360, "dark", "en")],
)
async def test_every_page_is_accessible_and_fits(window: Window, width: int, theme: str, language: str) -> None:
    page = await window(width=width, theme=theme, language=language)
    found = await visit(page, DOOR)
    await enter(page)
    found += await visit(page, [*INSIDE, "/search?q=a", "/settings/history?tab=refused", "/nowhere"])
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_form_with_errors_and_a_collision_are_accessible(window: Window, theme: str) -> None:
    page = await window(theme=theme, width=360)
    await enter(page)
    await page.goto("/settings/staff/new")
    await page.click("#main form .button.primary")
    await expect(page.locator(".callout.danger")).to_be_visible()
    found = await violations(page)
    await page.goto("/profile")
    await page.evaluate("document.querySelector('form[action=\"/profile\"] [name=version]').value = '999'")
    await page.fill("#profile-name", "Mine")
    await page.click("#main form[action='/profile'] .button.primary")
    await expect(page.locator("table.compare")).to_be_visible()
    found += await violations(page)
    assert not await too_wide(page)
    assert found == []
