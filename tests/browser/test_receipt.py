"""The desk has a receipt printed: asked for in the toast of the visit, and later on the visit's page."""

from __future__ import annotations

from io import BytesIO

import pytest
from playwright.async_api import Page, expect
from pypdf import PdfReader

from console import embedded
from console.domain import db
from console.printing import Printer
from tests import paper
from tests.browser.conftest import WALKS, Window, enter
from tests.browser.test_every_page import violations
from tests.browser.test_handed_out import opened
from tests.browser.test_till import FINISH, a_service, add, in_force
from tests.patience import PATIENCE
from tests.words import say
from workers.prints import print_waiting

MM = 72 / 25.4


async def printed(page: Page, way: str, language: str) -> bytes:
    """The receipt that has been asked for, once it is made."""
    await expect(page.locator("#making progress")).to_be_visible()
    await expect(page.locator("#making")).to_contain_text(say("Waiting for its turn…", language))
    assert await print_waiting({"printer": Printer(seconds=PATIENCE)}) == 1
    if way != "htmx":
        await page.click("#making a.button")
    await expect(page.locator(".making-done")).to_be_visible()
    assert await violations(page) == []
    return await opened(page)


def width(pdf: bytes) -> int:
    """In millimetres."""
    return round(float(PdfReader(BytesIO(pdf)).pages[0].mediabox.width) / MM)


@pytest.mark.parametrize(("language", "way"), WALKS)
async def test_a_receipt_is_printed_from_the_toast_and_from_the_visits_page_on_both_papers(
    window: Window, postgres_server: embedded.Postgres, language: str, way: str
) -> None:
    async with db.pool(postgres_server.app_url):
        await in_force()
        service = (await a_service())[language]
        page = await window(way, language=language)
        await enter(page, "front_desk")
        await page.goto("/visits/new")
        await add(page, service)
        await page.click(FINISH)
        await page.click(".toast a[href$='/receipt']")
        first = await printed(page, way, language)
        assert paper.has(first, service)
        await page.click(".back a")
        widths = {width(first)}
        for of in ("a4", "roll80"):
            await page.click(f".visit-receipts a[href$='paper={of}']")
            done = page.locator(".making-done, #making progress")
            await expect(done.first).to_be_visible()
            pdf = first if await page.locator(".making-done").count() else await printed(page, way, language)
            assert paper.has(pdf, service)
            widths.add(width(pdf))
            await page.click(".back a")
        assert widths == {80, 210}
