"""The desk has the programme printed: asked for, waited for, opened, and there again exactly as it was handed out."""

from __future__ import annotations

import asyncpg
import pytest
from playwright.async_api import Page, expect

from console import embedded
from console.domain import db
from console.printing import Printer
from tests import paper
from tests.browser.conftest import WALKS, Window, enter
from tests.browser.test_every_page import violations
from tests.patience import PATIENCE
from tests.words import say
from workers.prints import print_waiting

PRINTS = {"rules": "Silver", "poster": "Silver", "stamps": "Clean Home"}
PRINTS_RU = {"rules": "Серебряный", "poster": "Серебряный", "stamps": "Clean Home"}


async def opened(page: Page) -> bytes:
    """The PDF behind the link of a print."""
    link = await page.locator("#making a.primary").get_attribute("href")
    answer = await page.request.get(link or "")
    assert answer.headers["content-type"] == "application/pdf"
    return await answer.body()


@pytest.mark.parametrize(("language", "way"), WALKS)
async def test_the_desk_has_rules_a_poster_and_stamp_cards_printed(
    window: Window, postgres_server: embedded.Postgres, as_owner: asyncpg.Connection, language: str, way: str
) -> None:
    desk = await window(way, language=language, width=360, height=740, theme="dark")
    await enter(desk, "front_desk")
    for document, said in (PRINTS if language == "en" else PRINTS_RU).items():
        await desk.goto("/programme")
        await desk.click("#page a[href='/programme/prints']")
        await expect(desk.locator(".card").first).to_be_visible()
        assert document != "rules" or await violations(desk) == []
        await desk.click(f"a[href*='/prints/{document}?'][href*='language={language}'] >> nth=0")
        await expect(desk.locator("#making progress")).to_be_visible()
        await expect(desk.locator("#making")).to_contain_text(say("Waiting for its turn…", language))
        assert await violations(desk) == []
        async with db.pool(postgres_server.app_url):
            assert await print_waiting({"printer": Printer(seconds=PATIENCE)}) == 1
        if way != "htmx":
            await desk.click("#making a.button")
        await expect(desk.locator(".making-done")).to_be_visible()
        assert await violations(desk) == []
        pdf = await opened(desk)
        assert paper.has(pdf, said)
        assert await as_owner.fetchval("SELECT content FROM printed ORDER BY id DESC LIMIT 1") == pdf
    await desk.click(".back a")
    await expect(desk.locator("tbody tr")).to_have_count(3)
    assert await violations(desk) == []
    again = await desk.request.get(await desk.locator("tbody a").first.get_attribute("href") or "")
    assert await again.body() == pdf
    assert await as_owner.fetchval("SELECT count(*) FROM print_job") == 0
