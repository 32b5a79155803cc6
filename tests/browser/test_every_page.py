"""Every page, looked at by a machine: WCAG 2.2 AA, no sideways scrolling, no complaint of the browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
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
    "/programme/trial/progress",
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


VIOLATIONS = """async options => (await axe.run(options)).violations.map(
    one => [one.id, one.nodes.slice(0, 3).map(node => node.target)]
)"""
"""What is wrong, without all that is well: to carry that over takes as long as to find it."""


async def violations(page: Page) -> list[str]:
    await page.wait_for_load_state()  # before which it may have no styles yet
    await page.evaluate(STILL)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    return [f"{page.url}: {rule} at {targets}" for rule, targets in await page.evaluate(VIOLATIONS, AXE)]


async def too_wide(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@dataclass(frozen=True)
class Screen:
    """How wide it is, and whether its colours are light or dark."""

    width: int
    theme: Literal["light", "dark"]

    async def shows(self, page: Page) -> None:
        await page.set_viewport_size({"width": self.width, "height": 900})
        await page.emulate_media(color_scheme=self.theme)


async def visit(page: Page, addresses: list[str], *screens: Screen) -> list[str]:
    """What is wrong with pages: each is opened on the first screen, and seen on the others."""
    found: list[str] = []
    for address in addresses:
        for screen in screens:
            await screen.shows(page)
            if screen is screens[0]:
                answer = await page.goto(address)
                assert answer is not None
                if answer.status >= 500:
                    found.append(f"{address}: {answer.status}")
            if await too_wide(page):
                found.append(f"{address}: scrolls sideways at {screen}")
            found += [f"{one} at {screen}" for one in await violations(page)]
    return found


@pytest.mark.parametrize(
    ("language", "screens"),
    [
        ("en", (Screen(1440, "light"), Screen(360, "dark"))),
        ("ru", (Screen(360, "light"), Screen(1440, "dark"))),
    ],
)
async def test_every_page_is_accessible_and_fits(window: Window, language: str, screens: tuple[Screen, ...]) -> None:
    page = await window(width=screens[0].width, language=language)
    found = await visit(page, DOOR, *screens)
    await enter(page)
    found += await visit(page, [*INSIDE, "/search?q=a", "/settings/history?tab=refused", "/nowhere"], *screens)
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_form_with_errors_and_a_collision_are_accessible(window: Window, theme: str) -> None:
    page = await window(theme=theme, width=360)
    await enter(page)
    await page.goto("/settings/staff/new")
    await page.click("#main form .button.primary")
    await expect(page.locator(".callout.danger")).to_be_visible()
    found = await violations(page)
    await page.goto("/settings/messages")
    await page.select_option("[name=reminders_1_unit]", "hours")
    await expect(page.locator("[name=reminders_1_at]")).to_be_hidden()
    await page.fill("[name=satisfaction]", "0")
    await page.click("#main form .button.primary")
    await expect(page.locator("[name=satisfaction]:focus ~ .error")).to_be_in_viewport(ratio=1)
    await page.goto("/profile")
    await page.evaluate("document.querySelector('form[action=\"/profile\"] [name=version]').value = '999'")
    await page.fill("#profile-name", "Mine")
    await page.click("#main form[action='/profile'] .button.primary")
    await expect(page.locator("table.compare")).to_be_visible()
    found += await violations(page)
    assert not await too_wide(page)
    assert found == []
