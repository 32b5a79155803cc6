"""A shared desk that nobody touches goes to the door by itself, and what was typed is not lost."""

from __future__ import annotations

import asyncpg
import pytest
from playwright.async_api import Page, expect

from console.domain.team.rules import SHARED_IDLE
from tests.browser.conftest import Window, enter

SECONDS = int(SHARED_IDLE.total_seconds())
FEW = 5
"""Where there are no scripts the browser itself waits, and its clock cannot be set."""


async def at_a_shared_desk(page: Page, database: asyncpg.Connection, path: str, seconds: int = SECONDS) -> None:
    await enter(page)
    await database.execute("UPDATE staff_session SET idle_seconds = $1, seen_at = now()", seconds)
    await page.goto(path)


async def left_alone(page: Page, database: asyncpg.Connection) -> None:
    """Until the session is over, in the database and at the desk."""
    await database.execute("UPDATE staff_session SET seen_at = now() - 2 * idle_seconds * interval '1 second'")
    await page.clock.fast_forward(2 * SECONDS * 1000)


@pytest.mark.parametrize("way", ["htmx", "no CDN", "no scripts"])
async def test_a_desk_left_alone_shows_the_door(window: Window, as_owner: asyncpg.Connection, way: str) -> None:
    page = await window(way)
    if way == "no scripts":
        await at_a_shared_desk(page, as_owner, "/settings/locations", FEW)
    else:
        await page.clock.install()
        await at_a_shared_desk(page, as_owner, "/settings/locations")
        await left_alone(page, as_owner)
    await expect(page.locator("form[action='/sign-in']")).to_be_visible()
    await expect(page.locator(".callout")).to_contain_text("without a touch")
    assert await page.input_value("form[action='/sign-in'] [name=next]") == "/settings/locations"


async def test_what_was_typed_there_can_be_sent_by_whoever_signs_in(
    window: Window, as_owner: asyncpg.Connection
) -> None:
    page = await window()
    await page.clock.install()
    await at_a_shared_desk(page, as_owner, "/settings/locations/new")
    await page.fill("[name=name]", "By the river")
    await left_alone(page, as_owner)
    await expect(page.locator("h1")).to_have_text("You are signed out")
    await expect(page.locator("input[type=hidden][name=name]")).to_have_value("By the river")
