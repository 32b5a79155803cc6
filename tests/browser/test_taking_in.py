"""Taking in a client whose phone somebody has already, changing them, and two desks that change one at once."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import JOURNEYS, WAYS, Window, enter
from tests.browser.test_every_page import too_wide, violations

SHARED = "8 900 000 45 12"
"""The phone of the demo's first client and of whoever lives with them."""
SAVE = "#main form .buttons .primary"


async def begin(page: Page, phone: str = SHARED) -> None:
    await page.goto("/clients/new")
    await page.fill("[name=given_name]", "Zoë")
    await page.fill("[name=family_name]", "Zimmer")
    await page.fill("[name=phones_1_number]", phone)


async def take_in(page: Page) -> str:
    """A client like nobody else; answers the address of the card."""
    await begin(page, "+44 20 7946 0018")
    await page.click(SAVE)
    await expect(page.locator("h1")).to_have_text("Zoë Zimmer")
    return page.url


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_the_desk_takes_in_somebody_with_a_shared_phone(window: Window, way: str, language: str) -> None:
    page = await window(way, language=language)
    await enter(page, "front_desk")
    await begin(page)
    shown = page.locator(".intake-alike li")
    if way == "htmx":
        await expect(shown).to_have_count(2)
        await expect(shown.first).to_contain_text("+7 900 000-45-12")
    else:
        await expect(shown).to_have_count(0)
    await page.locator(".another summary").first.click()
    if way != "no scripts":
        await expect(page.locator("[name=phones_2_number]")).to_be_focused()
    await page.fill("[name=phones_2_number]", "+44 20 7946 0018")
    await page.fill("[name=birthday]", "12.05")
    await page.click(SAVE)
    await expect(page.locator(".asks li")).to_have_count(2)
    await expect(page.locator("[name=given_name]")).to_have_value("Zoë")
    await expect(page.locator("[name=phones_2_number]")).to_have_value("+44 20 7946 0018")
    await page.click(SAVE)
    await expect(page.locator("h1")).to_have_text("Zoë Zimmer")
    await expect(page.locator(".client-reaches a[href='tel:+79000004512']")).to_have_text("+7 900 000-45-12")
    await expect(page.locator(".client-reaches a[href='tel:+442079460018']")).to_be_visible()
    await page.click("#main a[href$='/edit']")
    await expect(page.locator("[name=birthday]")).to_have_value("12 мая" if language == "ru" else "12 May")
    await page.fill("[name=phones_2_number]", "")
    await page.click(SAVE)
    await expect(page.locator(".client-reaches li")).to_have_count(1)


@pytest.mark.parametrize(("language", "way"), JOURNEYS)
async def test_two_desks_change_one_client_and_one_of_them_chooses(window: Window, way: str, language: str) -> None:
    one, other = await window(way, language=language), await window(way, language=language)
    await enter(one)
    url = await take_in(one)
    await enter(other, "front_desk")
    for page in (one, other):
        await page.goto(f"{url}/edit")
    await one.fill("[name=phones_1_label]", "lodge")
    await one.click(SAVE)
    await expect(one.locator(".client-reaches")).to_contain_text("lodge")
    await other.fill("[name=phones_1_label]", "depot")
    await other.fill("[name=tags]", "cat, dog")
    await other.click(SAVE)
    differing = other.locator("table.compare tr.differs")
    await expect(differing).to_have_count(1)
    await expect(differing.first).to_contain_text("+44 20 7946 0018, lodge")
    await expect(differing.first).to_contain_text("+44 20 7946 0018, depot")
    await other.click("#main .buttons .primary")
    await expect(other.locator(".client-reaches")).to_contain_text("depot")
    await expect(other.locator(".client-tags")).to_contain_text("dog")


@pytest.mark.parametrize("way", WAYS)
async def test_who_goes_to_the_archive_comes_back_by_undo(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page)
    await take_in(page)
    await page.click(".actions .menu summary")
    await page.click("form[action$='/retirement'] button")
    await expect(page.locator("form[action$='/readmission']")).to_be_visible()
    await page.locator(".toast-undo").click()
    await expect(page.locator("form[action$='/readmission']")).to_have_count(0)


async def test_a_tag_in_use_is_put_in_and_taken_out_by_a_press(window: Window) -> None:
    page = await window()
    await enter(page)
    await page.goto("/clients/new")
    await page.fill("[name=tags]", "new one")
    await page.locator("[data-word-of]", has_text="cat").click()
    await expect(page.locator("[name=tags]")).to_have_value("new one, cat")
    await page.locator("[data-word-of]", has_text="cat").click()
    await expect(page.locator("[name=tags]")).to_have_value("new one")


async def test_a_possible_duplicate_is_opened_beside_what_was_typed(window: Window) -> None:
    page = await window()
    await enter(page)
    await begin(page)
    async with page.context.expect_page() as opened:
        await page.locator(".intake-alike a").first.click()
    other = await opened.value
    await expect(other.locator(".client-reaches")).to_contain_text("+7 900 000-45-12")
    await expect(page.locator("[name=given_name]")).to_have_value("Zoë")


async def test_typing_on_after_the_session_has_ended_loses_nothing(window: Window) -> None:
    page = await window()
    await enter(page)
    await begin(page)
    await expect(page.locator(".intake-alike li")).to_have_count(2)
    await page.context.clear_cookies(name="session")
    async with page.expect_response("**/clients/duplicates?*"):
        await page.fill("[name=phones_1_number]", "8 900 000 58 91")
    async with page.expect_response("**/clients/duplicates?*"):
        await page.fill("[name=company]", "x" * 9000)
    await expect(page.locator("h1")).to_have_text("New client")
    await expect(page.locator("[name=given_name]")).to_have_value("Zoë")
    await expect(page.locator(".intake-alike li")).to_have_count(2)


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
async def test_the_question_and_the_rows_that_were_opened_are_accessible(
    window: Window, width: int, theme: str
) -> None:
    page = await window(width=width, theme=theme, language="ru")
    await enter(page)
    await begin(page)
    await expect(page.locator(".intake-alike li")).to_have_count(2)
    for _ in range(4):
        await page.locator(".another:not([open]) > summary").first.click()
    await expect(page.locator("[name=phones_5_number]")).to_be_focused()
    found = await violations(page)
    assert not await too_wide(page)
    await page.click(SAVE)
    await expect(page.locator(".asks li")).to_have_count(2)
    found += await violations(page)
    assert not await too_wide(page)
    assert found == []


async def test_a_refusal_takes_the_toast_of_what_was_done_before_away(window: Window) -> None:
    page = await window()
    await enter(page, "front_desk")
    await page.goto("/clients/new")
    await page.fill("#client-given-name", "Qwerta")
    await page.click("#main form.form-intake .buttons [type=submit]")
    await expect(page.locator(".toast")).to_be_visible()
    await page.click("#main a[href$='/edit']")
    await page.fill("#client-given-name", "")
    await page.click("#main form.form .buttons [type=submit]")
    await expect(page.locator("#main .error").first).to_be_visible()
    assert await page.locator(".toast").count() == 0
