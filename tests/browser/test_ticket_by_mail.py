"""Support answers by mail and solves the ticket; the client says on a phone, without scripts, what they think of it."""

from __future__ import annotations

import asyncpg
import pytest
from playwright.async_api import expect

from console import links
from console.config import Settings
from console.domain.ids import ClientId, TicketStatusId
from tests.browser.conftest import KEY, Window, enter
from tests.browser.test_booking_link import PHONE, fits
from tests.browser.test_every_page import violations
from tests.words import say

TICKET = 7
SOLVED = "SELECT max(s.id) FROM ticket_status s JOIN ticket t ON t.id = s.ticket WHERE t.number = $1"


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_reply_by_mail_a_solved_ticket_and_what_the_client_thinks_of_it(
    window: Window, console: str, as_owner: asyncpg.Connection, language: str
) -> None:
    client = await as_owner.fetchval("SELECT client FROM ticket WHERE number = $1", TICKET)
    await as_owner.execute("UPDATE client_profile SET language = $2 WHERE client = $1", client, language)
    desk = await window(language=language)
    await enter(desk, "support")
    await desk.goto(f"/tickets/{TICKET}")
    await expect(desk.locator(".reply-mail")).to_be_hidden()
    await desk.select_option("[name=channel]", "email")
    await expect(desk.locator(".reply-mail")).to_contain_text("@mail.example")
    await desk.fill("[name=body]", "It is given back to you.")
    await desk.locator("form.ticket-reply .button.primary").click()
    await expect(desk.locator(".said-mail").last).to_contain_text(say("words.message_due", language))
    await desk.click("button[name=status][value=solved]")
    await expect(desk.locator(".page-head .ticket-status.is-solved")).to_be_visible()

    solving = TicketStatusId(await as_owner.fetchval(SOLVED, TICKET))
    phone = await window("no scripts", width=PHONE, height=740, touch=True)
    link = links.satisfaction_path(Settings(secret_key=KEY), solving, ClientId(client))
    await phone.goto(f"{console}{link}")
    await expect(phone.locator("h1")).to_have_text(say("title.satisfaction", language))
    await fits(phone)
    await phone.check("[name=rating][value=bad]")
    await phone.fill("[name=comment]", "Too late.")
    await phone.click("form button")
    await expect(phone.locator("h1")).to_have_text(say("title.satisfaction_thanks", language))
    await expect(phone.locator(".link-said")).to_have_text("Too late.")
    await phone.click(".link-change summary")
    await fits(phone)
    seen = await window(width=PHONE, height=740)
    await seen.goto(f"{console}{link}")
    assert await violations(seen) == []

    await desk.goto("/tickets?view=rated-bad")
    await desk.locator(".ticket-subject > a").first.click()
    await expect(desk.locator(".said-comment")).to_have_text("Too late.")
