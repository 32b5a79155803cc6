"""The desk hands a client the link to their booking; on their phone, without scripts, they answer by it."""

from __future__ import annotations

import asyncpg
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Window, enter
from tests.browser.test_every_page import violations
from tests.words import say

PHONE = 360
OF_A_CLIENT = (
    "SELECT b.id FROM booking b WHERE b.status = 'booked' AND b.retired_at IS NULL"
    " AND b.starts_at > now() + interval '5 days' ORDER BY b.starts_at LIMIT 1"
)


async def handed_over(desk: Page, booking: int) -> str:
    """The link that the desk copies from the booking's page."""
    await desk.goto(f"/bookings/{booking}")
    await desk.click(".booking-link summary")
    return await desk.inner_text("#booking-link")


async def fits(phone: Page) -> None:
    """Nothing is cut off or too small for a thumb, and nobody is kept out."""
    assert await phone.evaluate("document.documentElement.scrollWidth") <= PHONE
    for one in await phone.locator("#main :is(button, .button, .link-others a)").all():
        box = await one.bounding_box()
        assert box is not None
        assert box["height"] >= 44


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_client_confirms_on_a_phone_without_scripts_and_changes_their_mind(
    window: Window, as_owner: asyncpg.Connection, language: str
) -> None:
    booking = await as_owner.fetchval(OF_A_CLIENT)
    await as_owner.execute(
        "UPDATE client_profile SET language = $2 WHERE client = (SELECT client FROM booking WHERE id = $1)",
        booking,
        language,
    )
    desk = await window(language="en")
    await enter(desk, "front_desk")
    link = await handed_over(desk, booking)

    phone = await window("no scripts", width=PHONE, height=740, touch=True)
    await phone.goto(link)
    await expect(phone.locator("h1")).to_have_text(say("title.link", language))
    await fits(phone)
    await phone.click("form button")
    await expect(phone.locator("h1")).to_have_text(say("title.link_confirmed", language))
    await fits(phone)
    await desk.reload()
    await expect(desk.locator(".booking-steps")).to_contain_text(say("actor.client"))

    await phone.click("a[href$='/cancellation']")
    await expect(phone.locator(".callout")).to_be_visible()
    await fits(phone)
    assert phone.url == f"{link}/cancellation"
    await phone.click("a.button")
    assert phone.url == link
    await phone.go_back()
    await phone.click("form button")
    await expect(phone.locator("h1")).to_have_text(say("title.link_cancelled", language))
    assert phone.url == link
    assert await as_owner.fetchval("SELECT status FROM booking WHERE id = $1", booking) == "cancelled"
    await desk.reload()
    await expect(desk.locator(".booking-link")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nobody_is_kept_out_of_what_a_link_opens(
    window: Window, as_owner: asyncpg.Connection, theme: str
) -> None:
    booking = await as_owner.fetchval(OF_A_CLIENT)
    desk = await window()
    await enter(desk, "front_desk")
    link = await handed_over(desk, booking)
    phone = await window(width=PHONE, height=740, theme=theme)
    for address in (link, f"{link}/cancellation", f"{link}x"):
        await phone.goto(address)
        assert await violations(phone) == []
