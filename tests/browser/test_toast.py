"""What the toast of a visit does to the page beneath it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from console import embedded
from console.domain import db
from tests.browser.conftest import Window, enter
from tests.browser.test_till import FINISH, a_service, add


@pytest.fixture(autouse=True)
async def _pool(console: str, postgres_server: embedded.Postgres) -> AsyncIterator[None]:
    async with db.pool(postgres_server.app_url):
        yield


async def left_edge(page: Page) -> float:
    """Where the heading of the page begins, which is one page."""
    await expect(page.locator("#page")).to_have_count(1)
    box = await page.locator("h1").bounding_box()
    assert box is not None
    return box["x"]


PRESSES = """(repeat) => {
  let pressed = 0;
  const count = (event) => { pressed += 1; event.preventDefault(); event.stopImmediatePropagation(); };
  document.addEventListener("click", count, true);
  const key = { key: "z", code: "KeyZ", bubbles: true, cancelable: true, repeat };
  document.body.dispatchEvent(new KeyboardEvent("keydown", key));
  document.removeEventListener("click", count, true);
  return pressed;
}"""
"""How often the Undo is pressed by its key as it goes down, or as it is held."""


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_undo_and_redo_from_the_toast_leave_the_page_in_its_place(window: Window, language: str) -> None:
    service = await a_service()
    page = await window(language=language, width=1280)
    await enter(page, "front_desk")
    await page.goto("/visits/new")
    await add(page, service[language])
    await page.click(FINISH)
    await expect(page.locator(".toast-undo")).to_be_visible()
    assert [await page.evaluate(PRESSES, held) for held in (False, True)] == [1, 0]
    before = await left_edge(page)
    for _ in ("undo", "redo"):
        pressed = await page.locator(".toast-undo").element_handle()
        assert pressed is not None
        await (page.keyboard.press("z") if language == "en" else pressed.click())
        await pressed.wait_for_element_state("hidden")
        await expect(page.locator(".toast-undo")).to_be_visible()
        assert await left_edge(page) == before
