"""Bad service made good by more than one person gives: proposed by support, approved by a manager."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Window, enter
from tests.browser.test_every_page import too_wide, violations
from tests.words import say

TICKET = "/tickets/3"
"""A kitchen that was left wet; its client has paid for several visits."""


async def _is_fit(page: Page, way: str = "htmx") -> None:
    """Where scripts run, by which it is measured."""
    if way == "no scripts":
        return
    assert not await too_wide(page), page.url
    assert await violations(page) == [], page.url


@pytest.mark.parametrize(
    ("language", "way", "theme", "width"),
    [("en", "htmx", "light", 1440), ("ru", "htmx", "dark", 360), ("ru", "no scripts", "light", 1440)],
)
async def test_a_refund_above_the_limit_is_proposed_and_approved(
    window: Window, language: str, way: str, theme: str, width: int
) -> None:
    page = await window(way, width=width, theme=theme, language=language)
    main = page.locator("#main")
    await enter(page, "support")
    await page.goto(TICKET)
    await page.locator(f'a[href="{TICKET}/remedies"]').click()
    await expect(page).to_have_url(re.compile("/remedies$"))
    await _is_fit(page, way)
    await page.locator('.remedy-ways a[href$="refund"]').first.click()
    await page.locator('[name="amount"]').fill("500")
    await main.locator("form.form button").click()
    await expect(page.locator('[name="reason"]')).to_have_attribute("aria-invalid", "true")
    await expect(page.locator('[name="amount"]')).to_have_value("500")
    await page.locator('[name="reason"]').select_option(index=1)
    await main.locator("form.form button").click()
    await expect(main).to_contain_text(say("effect.remedy_waits", language))
    await _is_fit(page, way)
    await main.locator("form.form button").click()
    await expect(page).to_have_url(re.compile(f"{TICKET}$"))
    waits = page.locator(".ticket-remedies li").filter(has_text=say("words.remedy_proposed", language)).last
    await expect(waits).to_be_visible()
    await expect(page.locator('.callout a[href$="approval"]')).to_have_count(0)
    await page.locator('form[action$="/statuses"] button[value="solved"]').first.click()
    await page.locator('form[action$="/statuses"] button[value="closed"]').first.click()
    await expect(page.locator(".page-head .ticket-status")).to_have_class(re.compile("is-solved"))

    manager = await window(way, width=width, theme=theme, language=language)
    await enter(manager, "manager")
    await manager.goto(TICKET)
    await manager.locator('.callout a[href$="approval"]').last.click()
    facts = manager.locator("#main form.form .facts")
    for fact in ("500", say("words.remedy_client", language), say("words.remedy_reason", language)):
        await expect(facts).to_contain_text(fact)
    await _is_fit(manager, way)
    await manager.locator("#main form.form button").click()
    await expect(manager).to_have_url(re.compile(f"{TICKET}$"))
    done = manager.locator(".ticket-remedies li").last
    await expect(done).to_contain_text(say("words.remedy_posted", language))
    await expect(done.locator('a[href^="/visits/"]')).to_be_visible()
    await manager.locator('form[action$="/statuses"] button[value="open"]').first.click()
    await expect(manager.locator(".page-head .ticket-status")).to_have_class(re.compile("is-open"))


async def test_a_manager_declines_and_says_why_in_the_ticket(window: Window) -> None:
    page = await window()
    await enter(page, "support")
    await page.goto(f"{TICKET}/remedies")
    await page.locator('.remedy-ways a[href$="refund"]').nth(1).click()
    await page.locator('[name="reason"]').select_option(index=1)
    await page.locator("#main form.form button").click()
    await expect(page.locator("#main")).to_contain_text(say("effect.remedy_waits"))
    await page.locator("#main form.form button").click()
    await expect(page).to_have_url(re.compile(f"{TICKET}$"))
    page = await window()
    await enter(page, "manager")
    await page.goto(TICKET)
    await _is_fit(page)
    await page.locator('.callout a[href$="refusal"]').last.click()
    await page.locator("#main form.form button").click()
    await expect(page.locator('[name="why"]')).to_have_attribute("aria-invalid", "true")
    await _is_fit(page)
    await page.locator('[name="why"]').fill("The kitchen was dry on the photo")
    await page.locator("#main form.form button").click()
    await expect(page.locator(".is-note .said-body").last).to_have_text("The kitchen was dry on the photo")
    await expect(page.locator(".ticket-remedies li").last).to_contain_text(say("words.remedy_declined", "en"))


@pytest.mark.parametrize(("width", "theme", "language"), [(1440, "light", "en"), (360, "dark", "ru")])
async def test_the_limits_are_accessible_and_fit(window: Window, width: int, theme: str, language: str) -> None:
    page = await window(width=width, theme=theme, language=language)
    await enter(page, "manager")
    await page.goto("/settings/tickets/limits")
    await _is_fit(page)
    await page.locator('[name="support_stamps"]').fill("many")
    await page.locator("#main form.form button").click()
    await expect(page.locator('[name="support_stamps"]')).to_have_attribute("aria-invalid", "true")
    await _is_fit(page)
