"""A support person's morning with the queue: by keys, with what is typed kept, and without scripts as well."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import WAYS, Window, enter
from tests.browser.test_every_page import too_wide, violations

SCRIPTED = ("htmx", "no CDN")
FIRST = "The free cleaning lapsed while we waited"


def current(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("[data-ticket] [data-key=o]:focus")


@pytest.mark.parametrize("way", SCRIPTED)
async def test_a_ticket_is_chosen_answered_and_solved_by_keyboard_alone(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page, "support")
    await page.goto("/tickets")
    await page.wait_for_load_state()
    await page.keyboard.press("j")
    await expect(current(page)).to_have_text(FIRST)
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await expect(current(page)).to_have_text(FIRST)
    await page.keyboard.press("o")
    await expect(page.locator("h1")).to_have_text(FIRST)
    await page.wait_for_load_state()
    await page.keyboard.press("r")
    await expect(page.locator("[name=body]")).to_be_focused()
    await page.keyboard.type("It is given back to you")
    await page.locator("form.ticket-reply .button.primary").click()
    await expect(page.locator(".is-out .said-body").last).to_have_text("It is given back to you")
    await expect(page.locator(".page-head .ticket-status")).to_have_class(re.compile("is-pending"))
    await page.wait_for_load_state()
    await page.locator("h1").focus()
    await page.keyboard.press("c")
    await expect(page.locator(".page-head .ticket-status")).to_have_class(re.compile("is-solved"))


async def test_what_is_typed_is_there_again_after_the_page_was_left(window: Window) -> None:
    page = await window()
    await enter(page, "support")
    await page.goto("/tickets/7")
    await page.locator("[name=body]").fill("Half a sentence")
    await expect(page.locator("#draft")).to_contain_text("Draft kept")
    await page.goto("/tickets")
    await page.goto("/tickets/7")
    await expect(page.locator("[name=body]")).to_have_value("Half a sentence")
    await page.locator("[name=body]").fill("Half a sentence, and left at once")
    await page.locator("#rail a[href='/tickets']").first.click()
    await expect(page).to_have_url(re.compile("/tickets$"))
    await expect(page.locator("#leave")).to_be_hidden()
    await page.goto("/tickets/7")
    await expect(page.locator("[name=body]")).to_have_value("Half a sentence, and left at once")


async def test_one_is_taken_in_the_list_by_a_key_and_several_by_ticks(window: Window) -> None:
    page = await window()
    await enter(page, "support")
    await page.goto("/tickets?view=unassigned")
    await page.wait_for_load_state()
    await expect(page.locator(".bulk-bar")).to_be_hidden()
    await page.keyboard.press("j")
    await page.keyboard.press("a")
    await expect(page.locator("[data-ticket]")).to_have_count(2)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator(".bulk-bar")).to_be_visible()
    await expect(page.locator(".ticked")).to_have_text("1")
    await page.goto("/tickets?view=all")
    every = page.locator(".ticket-tick input")
    await page.locator("th .tick-all").check()
    await expect(page.locator(".ticked")).to_have_text(str(await every.count()))
    await expect(page.locator(".ticket-tick input:not(:checked)")).to_have_count(0)
    await expect(page.locator(".tick-all:visible")).to_have_count(1)
    await every.first.uncheck()
    await expect(page.locator("th .tick-all")).not_to_be_checked()
    await page.goto("/tickets?view=unassigned")
    await every.first.check()
    await page.locator(".bulk-bar [name=status]").select_option("on_hold")
    resized = "document.querySelectorAll('#list [id]').forEach(one => one.style.minHeight = '20px')"
    await page.evaluate(resized)
    await page.locator(".bulk-bar button").click()
    await expect(page.locator("[data-ticket] .ticket-status.is-on_hold")).to_have_count(1)


@pytest.mark.parametrize("way", SCRIPTED)
async def test_a_key_in_the_queue_leaves_one_where_one_was_and_another_begins_the_reply(
    window: Window, way: str
) -> None:
    page = await window(way)
    await enter(page, "support")
    await page.goto("/tickets")
    await page.wait_for_load_state()
    other = page.locator("[data-ticket]:has(button[data-key=a]):not(:first-child)").first
    number = await other.get_attribute("data-ticket")
    link = page.locator(f"[data-ticket='{number}'] [data-key=o]")
    await link.focus()
    await page.keyboard.press("a")
    await expect(page.locator(f"[data-ticket='{number}'] button[data-key=a]")).to_have_count(0)
    await expect(link).to_be_focused()
    await page.keyboard.press("r")
    await expect(page.locator("[name=body]")).to_be_focused()


@pytest.mark.parametrize("way", WAYS)
async def test_a_new_ticket_is_opened_and_noted_in(window: Window, way: str) -> None:
    page = await window(way)
    await enter(page, "front_desk")
    await page.goto("/tickets/new?client=3")
    await page.locator("[name=subject]").fill("A window was forgotten")
    await page.locator("[name=body]").fill("The one in the hall")
    await page.get_by_role("button", name="Open the ticket").click()
    await expect(page.locator("h1")).to_have_text("A window was forgotten")
    await page.locator("label:has([name=kind][value=note])").click()
    await page.locator("form.ticket-reply [name=body]").fill("Ask the team")
    await page.get_by_role("button", name="Write down").click()
    await expect(page.locator(".is-note .said-body")).to_have_text("Ask the team")


@pytest.mark.parametrize(
    ("width", "theme", "language"), [(1440, "light", "en"), (1440, "dark", "ru"), (360, "light", "ru")]
)
async def test_the_queue_and_a_ticket_are_accessible_and_fit(
    window: Window, width: int, theme: str, language: str
) -> None:
    page = await window(width=width, theme=theme, language=language)
    await enter(page, "owner")
    for address in ("/tickets", "/tickets/1", "/tickets/5", "/tickets/new", "/settings/tickets"):
        await page.goto(address)
        assert not await too_wide(page), address
        assert await violations(page) == []


async def _edges(page: Page, selector: str) -> tuple[float, float]:
    """Where something begins and ends, from the left."""
    found = await page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return found["x"], found["x"] + found["width"]


async def test_a_ticket_stands_between_its_list_and_its_client_and_on_a_tablet_above(window: Window) -> None:
    page = await window(width=1280, language="ru")
    await enter(page, "support")
    await page.goto("/tickets/1")
    panes = [await _edges(page, one) for one in (".ticket-list", ".ticket-said", ".panel")]
    assert [before[1] <= after[0] for before, after in pairwise(panes)] == [True, True]
    assert panes[1][1] - panes[1][0] > 460
    word = page.locator("#rail [aria-current] .nav-word").first
    assert await word.evaluate("one => one.scrollWidth <= one.clientWidth")
    await page.set_viewport_size({"width": 768, "height": 1024})
    await expect(page.locator(".ticket-list")).to_be_hidden()
    assert await word.evaluate("one => one.scrollWidth <= one.clientWidth")
    await page.set_viewport_size({"width": 360, "height": 780})
    moves = [await _edges(page, f".actions [value={one}]") for one in ("pending", "solved")]
    assert (moves[0][1], moves[1][1]) == (344, 344)
    await page.goto("/tickets")
    for width in (360, 768, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        assert not await too_wide(page), width
        chosen = await _edges(page, ".list-filters .select")
        assert await _edges(page, ".list-filters select") == chosen, width
    await page.set_viewport_size({"width": 768, "height": 900})
    for address in ("/", "/clients"):
        await page.goto(address)
        assert not await too_wide(page), address
