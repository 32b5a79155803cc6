"""The visits of a client: the latest on their card, all of them on a page."""

from __future__ import annotations

import pytest

from console.domain.undo import undo
from tests.page import Page, Visitor
from tests.till import Desk, means
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")


def rows(page: Page, at: str) -> list[list[str]]:
    """The lines of visits: date, services, what was free, price."""
    return [
        [part.text(strip=True) for part in row.css("a, .soft, .badge, .numeric")] for row in page.tree.css(f"{at} li")
    ]


async def test_a_card_tells_the_latest_visits_and_leads_to_all_of_them(anna: Visitor, here: Desk) -> None:
    for ago in (60, 50, 40, 30):
        await here.come(ago)
    await here.come(20, due=190_000)
    await here.come(10, due=0, free=True)
    page = await anna.open(f"/clients/{here.client}")
    told = rows(page, ".client-visits")
    assert len(told) == 5
    assert told[0] == ["2\N{NO-BREAK SPACE}May\N{NO-BREAK SPACE}2026", "Deep clean", "Free visit", "€0"]
    assert told[1] == ["22\N{NO-BREAK SPACE}Apr\N{NO-BREAK SPACE}2026", "Deep clean", "€1,900"]
    everything = await anna.open(f"/clients/{here.client}/visits")
    assert say("title.client_visits") in everything.heading
    assert rows(everything, "main")[:5] == told
    assert len(rows(everything, "main")) == 6
    link = page.tree.css_first(f".client-visits a[href='/clients/{here.client}/visits']")
    assert link is not None
    assert "6" in link.text()


async def test_a_visit_that_was_taken_back_is_none(anna: Visitor, here: Desk) -> None:
    assert not (await anna.open(f"/clients/{here.client}")).has(".client-visits")
    came = await here.come()
    assert len(rows(await anna.open(f"/clients/{here.client}"), ".client-visits")) == 1
    await undo(means(), came.operation_id)
    assert not (await anna.open(f"/clients/{here.client}")).has(".client-visits")
