"""Terms of the programme explained where they stand: by a press, without a script."""

from __future__ import annotations

import re

import pytest

from tests.cast import NOW
from tests.page import Page, Visitor
from tests.till import Desk
from tests.words import say
from tests.yard import HOUR

SILVER = 190_000
"""The price with the discount of the first tier."""
pytestmark = pytest.mark.usefixtures("today")


def explained(page: Page) -> list[str]:
    """The codes of the terms that a page explains; each of its buttons opens one part, which is there once."""
    ids = [node.attributes["popovertarget"] or "" for node in page.tree.css("button[type=button][popovertarget]")]
    assert [len(page.tree.css(f"[id='{one}'][popover]")) for one in ids] == [1] * len(ids)
    for one in ids:
        code = re.sub("^said-|-why$", "", one)
        assert page.words(f"#{one} > span") == say(f"words.term_{code.replace('-', '_')}_said")
        assert page.has(f'#{one} a[href="/help#term-{code}"]')
    return [one.removeprefix("said-") for one in ids]


async def test_a_card_explains_what_it_tells_of(vera: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    page = await vera.open(f"/clients/{here.client}")
    assert explained(page) == ["stamp", "free-visit", "tier"]


@pytest.mark.parametrize(("of", "code"), [("stamps", "stamp"), ("free-visits", "free-visit"), ("tier", "tier")])
async def test_a_why_explains_what_it_is_about(vera: Visitor, here: Desk, of: str, code: str) -> None:
    await here.come(10)
    path = f"/clients/{here.client}/loyalty/{of}"
    assert explained(await vera.open(path)) == [f"{code}-why"]
    part = await vera.open(path, headers={"hx-request": "true", "hx-target": "why"})
    assert explained(part) == [f"{code}-why"]


async def test_the_panel_of_a_booking_explains_the_marks_of_the_agenda(anna: Visitor, here: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await here.come(ago)
    booking = await here.yard.book(here.yard.nina, NOW + HOUR)
    assert explained(await anna.open(f"/bookings/{booking}")) == ["free-visit", "tier"]


async def test_the_till_explains_the_free_visit_the_discount_and_what_is_owed(anna: Visitor, here: Desk) -> None:
    for ago in (60, 50, 40, 30):
        await here.come(ago)
    await here.come(20, SILVER, paid=SILVER - 50_000)
    booking = await here.yard.book(here.yard.nina, NOW - HOUR)
    page = await anna.open(f"/bookings/{booking}/visit")
    assert explained(page) == ["tier", "free-visit", "debt"]
    assert page.has("#till-receipt .till-play > .term")
    assert not page.has("label .term")
