"""What stands in one row on a phone, and begins where the page does."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Window, enter

PHONE = 360
LANGUAGES = ("en", "ru")


async def box(page: Page, selector: str) -> dict[str, float]:
    found = await page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return {"left": found["x"], "right": found["x"] + found["width"], "top": found["y"], "height": found["height"]}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_week_is_turned_and_printed_in_one_row(window: Window, language: str) -> None:
    page = await window(width=PHONE, language=language)
    await enter(page)
    await page.goto("/team/bookables/1")
    back, print_out = await box(page, ".week-steps > .square"), await box(page, ".week-pdf")
    assert print_out["top"] == back["top"]
    assert print_out["right"] <= PHONE - 16
    for width in (768, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        assert (
            await page.evaluate(
                "() => (box => box.scrollWidth - box.clientWidth)(document.querySelector('.week-scroll'))"
            )
            == 0
        )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_day_of_who_stands_in_begins_where_the_heading_does(window: Window, language: str) -> None:
    page = await window(width=PHONE, language=language)
    await enter(page)
    await page.goto("/team/bookables/1/stand-in")
    heading, field = await box(page, "h1"), await box(page, "#stand-in-on")
    assert field["left"] == heading["left"]


async def test_a_date_is_as_high_as_the_time_beside_it(window: Window) -> None:
    page = await window()
    await enter(page)
    await page.goto("/series/new")
    date, time = await box(page, "input[name=on]"), await box(page, "input[name=time]")
    assert (date["top"], date["height"]) == (time["top"], time["height"])
