"""The front desk with a client's card open: a note that jumps out, consent, a plastic card that gets lost."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.async_api import Locator, Page, expect

from console import embedded
from console.domain import clock, db
from console.domain.clients import actions, cards, rules
from console.domain.clients.actions import About
from console.domain.clients.rules import Names
from console.domain.ids import ClientId
from console.domain.intent import DEMO, Intent
from tests.browser.conftest import JOURNEYS, Window, enter
from tests.words import say

pytestmark = pytest.mark.parametrize(("language", "way"), JOURNEYS)

CAT = "cat, do not open the balcony"


@pytest.fixture
async def urls(console: str, postgres_server: embedded.Postgres) -> tuple[str, str]:
    """The cards of two clients, the second of whom has a plastic card."""
    async with db.pool(postgres_server.app_url):
        ids = [ClientId((await actions.add(intent(), About(Names(name)))).result["client"]) for name in ("Vera", "Ivo")]
        await cards.issue(intent(), ids[1])
    return f"/clients/{ids[0]}", f"/clients/{ids[1]}"


def intent() -> Intent:
    return Intent(uuid4(), DEMO, clock.now())


async def desk(window: Window, way: str, language: str, url: str) -> Page:
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await page.goto(url)
    return page


async def undo(page: Page) -> None:
    await page.locator(".toast-undo").click()


def submit(page: Page, action: str) -> Locator:
    return page.locator(f"form[action='{action}'] .button.primary")


async def test_a_note_jumps_out_until_it_is_taken_away(
    window: Window, urls: tuple[str, str], way: str, language: str
) -> None:
    url, _ = urls
    page = await desk(window, way, language, url)
    loud = page.locator(".note.is-loud .note-text")
    await page.click("#new-note summary")
    await submit(page, f"{url}/notes").click()
    await expect(page.locator("#note-text-error")).to_be_visible()
    await page.fill("#note-text", CAT)
    await page.check("#note-loud")
    await submit(page, f"{url}/notes").click()
    await expect(loud).to_have_text(CAT)
    await page.click(".note a")
    await page.fill("#note-text", "the cat has moved out")
    await page.uncheck("#note-loud")
    await page.click("#main .form .button.primary")
    await expect(page.locator(".note .note-text")).to_have_text("the cat has moved out")
    await expect(loud).to_have_count(0)
    await undo(page)
    await expect(loud).to_have_text(CAT)
    await page.click(".note a")
    await page.click(".removal button")
    await expect(page.locator(".note")).to_have_count(0)


async def test_consent_is_given_taken_back_and_stays_told(
    window: Window, urls: tuple[str, str], way: str, language: str
) -> None:
    url, _ = urls
    page = await desk(window, way, language, url)
    given = page.locator("#consents td > svg")
    await page.click(f"a[href='{url}/consents']")
    await page.check("#consents-sms-offers")
    await page.check("#consents-sms-reminders")
    await page.check("#consents-source-1")
    await page.click("#main .form .button.primary")
    await expect(given).to_have_count(2)
    await page.click(f"a[href='{url}/consents']")
    await expect(page.locator("#history dd").first).to_contain_text(say("words.said_by_phone", language))
    await page.uncheck("#consents-sms-offers")
    await page.click("#main .form .button.primary")
    await expect(given).to_have_count(1)
    await undo(page)
    await expect(given).to_have_count(2)
    await page.click(f"a[href='{url}/consents']")
    await expect(page.locator("#history dd").nth(1).locator("p")).to_have_count(3)


async def test_a_card_is_issued_lost_replaced_and_the_old_one_refused(
    window: Window, urls: tuple[str, str], way: str, language: str
) -> None:
    url, other = urls
    number, new = rules.new_card_number(), rules.new_card_number()
    page = await desk(window, way, language, url)
    held, error = page.locator("#card .card-number"), page.locator("#card .field .error")
    await page.click("#card summary")
    await page.fill("#card-number", f"{number[:7]}{(int(number[7]) + 1) % 10}")
    await submit(page, f"{url}/cards").click()
    await expect(error).to_have_text(say("problem.card_number", language))
    await page.fill("#card-number", number)
    await page.press("#card-number", "Enter")
    await expect(held).to_have_text(rules.spaced_card(number))
    await page.click("#card summary")
    await page.fill("#lost-number", rules.spaced_card(new))
    await submit(page, f"{url}/cards/replacement").click()
    await expect(held).to_have_text(rules.spaced_card(new))
    await expect(page.locator(".lost-cards")).to_contain_text(rules.spaced_card(number))
    await page.goto(other)
    await page.click("#card summary")
    await page.fill("#lost-number", number)
    await submit(page, f"{other}/cards/replacement").click()
    await expect(error).to_have_text(say("problem.card_lost", language))
    await page.goto(url)
    await page.click("#card .card-number a")
    await expect(page.locator(".plastic-number")).to_have_text(rules.spaced_card(new))
