"""The stamp that is left of a date, given by one press in the toast or on the visit's page."""

from __future__ import annotations

import pytest

from console.domain import db
from tests.page import Visitor
from tests.till import USUAL, Desk
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")


async def stamps(here: Desk) -> int:
    return int((await here.card_of())["stamps"])


async def test_the_toast_of_an_undo_gives_the_other_visit_its_stamp_by_one_press(vera: Visitor, here: Desk) -> None:
    first, second = await here.come(), await here.come()
    look = f"/operations/{first.operation_id}/consequences"
    page = await vera.send(await vera.open(look), look)
    url = f"/visits/{second.result['visit']}/stamp"
    assert "on the same day has no stamp and may be given one." in page.words(".toast p")
    page = await vera.send(page, url)
    assert await stamps(here) == 1
    assert say("done.visit.stamp") in page.words(".toast p")
    assert not page.has(f"form[action='{url}']")


async def test_the_look_at_a_refund_says_which_visit_could_have_it(vera: Visitor, here: Desk) -> None:
    first, second = await here.come(), await here.come()
    url = f"/visits/{first.result['visit']}/refund"
    page = await vera.send(await vera.open(url), url, reason=str(here.sorry))
    assert any("may be given one" in one for one in page.all(".callout li"))
    page = await vera.send(page, url)
    await vera.send(page, f"/visits/{second.result['visit']}/stamp")
    assert await stamps(here) == 1


async def test_the_page_of_the_visit_offers_it_later_and_the_undo_takes_it_back(vera: Visitor, here: Desk) -> None:
    first, second = await here.come(), await here.come()
    home = f"/visits/{second.result['visit']}"
    assert not (await vera.open(home)).has(f"form[action='{home}/stamp']")
    await here.refund(first.result["visit"], USUAL)
    page = await vera.open(home)
    page = await vera.send(page, f"{home}/stamp")
    assert (page.path, await stamps(here)) == (home, 1)
    assert not page.has(f"form[action='{home}/stamp']")
    given = await db.fetchval("SELECT max(id) FROM operation WHERE kind = 'visit.stamp'")
    page = await vera.send(page, f"/operations/{given}/undo")
    assert await stamps(here) == 0
    assert page.has(f"form[action='{home}/stamp']")


async def test_who_comes_too_late_is_told_that_none_is_left(vera: Visitor, here: Desk) -> None:
    first, second = await here.come(), await here.come()
    await here.refund(first.result["visit"], USUAL)
    home = f"/visits/{second.result['visit']}"
    page = await vera.open(home)
    await here.come()
    page = await vera.send(page, f"{home}/stamp")
    assert say("refused.no_stamp_left") in page.words(".toast p")
    assert await stamps(here) == 1
