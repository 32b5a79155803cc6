"""A manager looks at what undoing a visit does, does it, and restores the visit."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from console import embedded
from console.domain import db
from tests.browser.conftest import WALKS, Window, enter
from tests.browser.test_every_page import too_wide, violations
from tests.browser.test_till import client_with_free_visit
from tests.words import say

UNDO, RESTORE = ".page-head .actions a[href*='/consequences']", "#main form .primary"


async def looked(page: Page) -> str:
    """What would happen, once it stands there and everybody can use it."""
    await expect(page.locator(".callout.attention li").first).to_be_visible()
    assert await violations(page) == []
    assert not await too_wide(page)
    return " ".join((await page.locator(".callout.attention").inner_text()).split())


@pytest.mark.parametrize(("language", "way"), WALKS)
async def test_a_visit_is_undone_and_restored_once_that_was_seen(
    window: Window, postgres_server: embedded.Postgres, language: str, way: str
) -> None:
    async with db.pool(postgres_server.app_url):
        client = await client_with_free_visit()
        visit = await db.fetchval("SELECT max(id) FROM visit WHERE client = $1", client)
        card = "SELECT free_visits FROM loyalty_account WHERE client = $1"
        page = await window(way, language=language, width=360, height=740)
        await enter(page, "owner")
        await page.goto(f"/visits/{visit}")
        await page.click(UNDO)
        assert say("effect.visit_free_withdrawn", language) in await looked(page)
        assert await db.fetchval(card, client) == 1
        await page.click("#main form .danger")
        await expect(page.locator(".toast")).to_contain_text(say("effect.visit_free_withdrawn", language))
        await expect(page.locator(".page-head .badge")).to_have_text(say("words.visit_taken_back", language))
        assert await db.fetchval(card, client) == 0
        await page.click(UNDO)
        await expect(page.locator("h1")).to_have_text(say("title.restore_visit", language))
        await looked(page)
        await page.click(RESTORE)
        await expect(page.locator(".page-head .badge")).to_have_text(say("words.visit_paid", language))
        assert await db.fetchval(card, client) == 1
