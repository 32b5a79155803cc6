"""What a client agrees to and is granted: the rules accepted at the desk, a fixed discount given and taken back."""

from __future__ import annotations

import asyncpg
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import WALKS, Window, enter
from tests.browser.test_every_page import violations
from tests.browser.test_till import add
from tests.words import say

SERVICE = {"en": "Ironing, one hour", "ru": "Глажка, час"}
PER_CENT = {"en": "7.5 %", "ru": "7,5 %"}
SHARE = {"en": "7.5", "ru": "7,5"}
CLIENT = (
    "SELECT client FROM loyalty_account a WHERE stamps > 0 AND tier IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM membership m WHERE m.client = a.client) ORDER BY client LIMIT 1"
)
ACCEPTED = "SELECT count(*) FROM membership WHERE client = $1 AND retired_at IS NULL"
GRANTED = "SELECT bp FROM fixed_card WHERE client = $1 AND retired_at IS NULL ORDER BY id"


async def off_at_the_till(page: Page, client: int, language: str) -> None:
    """The discount is taken off 900: 67.50 of it."""
    await page.goto(f"/visits/new?client={client}")
    await add(page, SERVICE[language])
    await expect(page.locator(".till-steps .is-less")).to_contain_text("67")


async def accepts(page: Page, times: int, button: str, language: str) -> None:
    """The page says whether the rules are accepted, and the toast what may be done of it now."""
    await expect(page.locator("form[action$='/acceptance']")).to_have_count(1 - times)
    await expect(page.locator(".toast-undo")).to_have_text(say(button, language))


@pytest.mark.parametrize(("language", "way"), WALKS)
async def test_a_client_accepts_the_rules_and_gets_a_fixed_discount_for_a_while(
    window: Window, as_owner: asyncpg.Connection, language: str, way: str
) -> None:
    client = await as_owner.fetchval(CLIENT)
    desk = await window(way, language=language, width=360, height=740, theme="dark")
    await enter(desk, "front_desk")
    await desk.goto(f"/clients/{client}")
    assert await violations(desk) == []
    await desk.click(".loyalty-terms a")
    await expect(desk.locator("#rules")).to_be_visible()
    await expect(desk.locator("#fixed-card form")).to_have_count(0)
    assert await violations(desk) == []
    await desk.click("form[action$='/acceptance'] button")
    await accepts(desk, 1, "Undo", language)
    assert await as_owner.fetchval(ACCEPTED, client) == 1
    for button, times in (("Redo", 0), ("Undo", 1)):
        await desk.click(".toast-undo")
        await accepts(desk, times, button, language)
        assert await as_owner.fetchval(ACCEPTED, client) == times

    manager = await window(way, language=language)
    await enter(manager, "manager")
    await manager.goto(f"/clients/{client}/terms")
    await manager.fill("[name=discount]", "150")
    await manager.keyboard.press("Enter")
    await expect(manager.locator(".is-wrong .error")).to_be_visible()
    await expect(manager.locator("[name=discount]")).to_have_value("150")
    await manager.fill("[name=discount]", SHARE[language])
    assert await violations(manager) == []
    await manager.keyboard.press("Enter")
    await expect(manager.locator("#fixed-card form[action$='/end']")).to_be_visible()
    assert [row["bp"] for row in await as_owner.fetch(GRANTED, client)] == [750]
    await manager.click(".back a")
    await expect(manager.locator(".loyalty .tier-name")).to_have_text(PER_CENT[language])
    assert await violations(manager) == []
    await off_at_the_till(manager, client, language)
    await manager.goto(f"/clients/{client}/terms")
    await manager.click("#fixed-card form[action$='/end'] button")
    await expect(manager.locator("#fixed-card form[action$='/end']")).to_have_count(0)
    assert await as_owner.fetch(GRANTED, client) == []
    await manager.click(".toast-undo")
    await expect(manager.locator("#fixed-card form[action$='/end']")).to_have_count(1)
    assert [row["bp"] for row in await as_owner.fetch(GRANTED, client)] == [750]
