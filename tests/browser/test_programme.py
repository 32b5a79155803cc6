"""The programme in the browser: a draft in sentences, what it comes to as one types, and publishing it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re

import asyncpg
import pytest
from playwright.async_api import Error, Request, Route, expect

from tests.browser.conftest import JOURNEYS, WALKS, WAYS, Window, enter
from tests.browser.test_every_page import violations

SAVE, PUBLISH = ".programme-form .button.primary", "#main form[action='/programme/publication'] .button.primary"
SAID = {
    "en": ("Every 10th visit is free", "9 instead of 4", "Platinum"),
    "ru": ("Каждый 10-й визит бесплатно", "9 вместо 4", "Платиновый"),
}


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_a_manager_writes_a_version_and_publishes_it(window: Window, way: str, language: str) -> None:
    free, changed, platinum = SAID[language]
    page = await window(way, language=language)
    await enter(page, "manager")
    await page.goto("/")
    await page.click("nav.rail a[href='/programme']")
    await page.click("a[href='/programme/draft']")
    await page.fill("[name=stamps_required]", "9")
    await page.click("button[name=do][value=add]")
    await expect(page.locator(".tier")).to_have_count(4)
    await expect(page.locator("[name=stamps_required]")).to_have_value("9")
    await page.fill("[name=tier-3-name_en]", "Platinum")
    await page.fill("[name=tier-3-name_ru]", "Платиновый")
    await page.fill("[name=tier-3-discount_bp]", "15")
    await page.fill("[name=tier-3-enter_visits]", "20")
    if way != "htmx":
        await page.click("button[name=do][value=look]")
    await expect(page.locator("#programme-live")).to_contain_text(free)
    await expect(page.locator("#programme-live")).to_contain_text(platinum)
    await page.click("button[name=do][value=publish]")
    await expect(page).to_have_url(re.compile("/programme/publication$"))
    await expect(page.locator("#main .rule-list")).to_contain_text(changed)
    await page.click(PUBLISH)
    await expect(page).to_have_url(re.compile("/programme$"))
    await expect(page.locator(".versions tbody tr")).to_have_count(2)
    await page.click(".toast form button")
    await expect(page.locator("#draft")).to_contain_text(changed)


@pytest.mark.parametrize(("language", "way"), WALKS)
async def test_from_a_preset_to_a_version_that_says_why_a_client_holds_what_they_hold(
    window: Window, as_owner: asyncpg.Connection, language: str, way: str
) -> None:
    page = await window(way, language=language)
    await enter(page, "manager")
    await page.goto("/programme/draft")
    await page.click("details.presets summary")
    await page.select_option("[name=from]", "cumulative")
    await page.fill("[name=usual]", "2000")
    await page.keyboard.press("Enter")
    await expect(page.locator("#main .callout.info")).to_be_visible()
    await expect(page.locator("[name=window_days]")).to_have_value("0")
    await expect(page.locator("[name=tier-2-enter_spend]")).to_have_value("60000")
    await expect(page.locator("[name=stamps_required]")).to_be_hidden()
    assert await violations(page) == []
    await page.click("button[name=do][value=publish]")
    await expect(page.locator("#main .rule-list").first).to_be_visible()
    assert await violations(page) == []
    await page.focus("[name=effective_from]")
    await page.keyboard.press("Enter")
    await expect(page.locator(".versions tbody tr")).to_have_count(2)
    assert await violations(page) == []
    rules = json.loads(await as_owner.fetchval("SELECT rules FROM programme_version WHERE number = 2"))
    assert (rules.get("counter"), rules["tiers"]["window_days"]) == (None, 0)

    client = await as_owner.fetchval("SELECT client FROM loyalty_account WHERE stamps > 0 ORDER BY client LIMIT 1")
    await page.goto(f"/clients/{client}")
    await page.click(".why-link >> nth=0")
    await expect(page.locator(".why-lines li").first).to_be_visible()
    await expect(page.locator(".why-rules[open] summary")).to_contain_text("1")
    await expect(page.locator(".why-rules[open] li").first).to_be_visible()
    assert await violations(page) == []


async def test_what_was_asked_for_while_one_typed_is_given_up_with_its_page(window: Window) -> None:
    page = await window()
    await enter(page, "manager")
    await page.goto("/programme/draft")
    gone = asyncio.Event()

    async def late(route: Route) -> None:
        if looks(route.request):
            await gone.wait()
        with contextlib.suppress(Error):
            await route.continue_()

    await page.route("**/programme/draft", late)
    async with page.expect_request(looks):
        await page.fill("[name=stamps_required]", "9")
    async with page.expect_event("requestfailed", looks):
        await page.click("button[name=do][value=publish]")
    gone.set()
    await expect(page).to_have_url(re.compile("/programme/publication$"))


def looks(request: Request) -> bool:
    return "do=look" in (request.post_data or "") or 'name="do"\r\n\r\nlook' in (request.post_data or "")


async def test_the_examples_follow_as_one_types_and_the_field_keeps_the_focus(window: Window) -> None:
    page = await window()
    await enter(page, "manager")
    await page.goto("/programme/draft")
    await expect(page.locator("#habit-0-result")).to_contain_text("Gold")
    field = page.locator("[name=tier-2-enter_visits]")
    await field.fill("40")
    await expect(page.locator("#habit-0-result")).to_contain_text("Silver")
    await expect(field).to_be_focused()
    await page.locator("[name=habit_0_every]").fill("300")
    await expect(page.locator("#habit-0-result")).to_contain_text("Base")
    await page.locator("[name=habit_0_every]").fill("0")
    await expect(page.locator("#habit-0-result")).to_have_text("–")


@pytest.mark.parametrize("way", WAYS)
async def test_a_mechanic_that_is_off_hides_its_sentences(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page, "manager")
    await page.goto("/programme/draft")
    await page.uncheck("[name=counter]")
    await expect(page.locator("[name=stamps_required]")).to_be_hidden()
    await page.fill("[name=grace_days]", "soon")
    await page.click(SAVE)
    await expect(page.locator(".is-wrong [name=grace_days]")).to_have_value("soon")
    await expect(page.locator("[name=counter]")).not_to_be_checked()
    await page.fill("[name=grace_days]", "10")
    await page.click(SAVE)
    await expect(page.locator(".is-wrong")).to_have_count(0)
    await page.goto("/programme/draft")
    await expect(page.locator("[name=stamps_required]")).to_be_hidden()
    await page.check("[name=counter]")
    await expect(page.locator("[name=stamps_required]")).to_be_visible()


async def test_the_front_desk_reads_and_finds_no_way_to_change(window: Window) -> None:
    page = await window(language="ru")
    await enter(page, "front_desk")
    await page.goto("/programme")
    await expect(page.locator(".rules")).to_be_visible()
    await expect(page.locator("#page a[href='/programme/draft']")).to_have_count(0)
    await page.click(".versions tbody a")
    await expect(page).to_have_url(re.compile("/programme/versions/1$"))
    await expect(page.locator("#page form")).to_have_count(0)
