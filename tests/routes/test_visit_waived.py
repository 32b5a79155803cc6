"""What was owed for a visit and is owed no more, over HTTP: the badge, the money and the history say how much."""

from __future__ import annotations

import pytest

from console.domain.undo import undo
from tests.page import Visitor
from tests.till import USUAL, Desk, means
from tests.words import say

pytestmark = pytest.mark.usefixtures("today")

TOLD = ".told-list .told-what"


async def test_a_debt_that_was_waived_is_told_as_that_and_how_much_it_was(vera: Visitor, here: Desk) -> None:
    number = (await here.come(paid=0)).result["visit"]
    url = f"/visits/{number}"
    page = await vera.send(await vera.open(f"{url}/refund"), f"{url}/refund", reason=str(here.sorry))
    page = await vera.send(page, f"{url}/refund")
    assert page.words(".toast").startswith(say("words.visit_debt_waived_done"))
    page = await vera.open(url)
    assert page.words(".page-head .badge") == "Debt waived: €2,000"
    assert "€2,000 is owed no more: the debt was waived." in page.words("main")
    assert "Nothing was to be paid." not in page.words("main")
    told = page.all(TOLD)[0]
    assert say("words.visit_debt_waived", name="").rstrip() in told.lower()
    assert f"{say('words.debt_waived')}: €2,000" in told
    assert "money given back" not in told.lower()


async def test_money_that_went_back_and_the_debt_that_went_with_it_are_both_told(vera: Visitor, here: Desk) -> None:
    number = (await here.come(paid=50_000)).result["visit"]
    back = await here.refund(number, 50_000)
    page = await vera.open(f"/visits/{number}")
    assert page.words(".page-head .badge") == "Refunded, debt waived: €1,500"
    assert "€1,500 is owed no more: the debt was waived." in page.words("main")
    told = page.all(TOLD)[0]
    assert f"{say('words.money_back')}: €500" in told
    assert f"{say('words.debt_waived')}: €1,500" in told
    await undo(means(), back.operation_id)
    told = (await vera.open(f"/visits/{number}")).all(TOLD)[0]
    assert f"{say('words.debt_again')}: €1,500" in told


async def test_a_refund_that_waives_no_debt_says_nothing_of_one(vera: Visitor, here: Desk) -> None:
    number = (await here.come()).result["visit"]
    await here.refund(number, USUAL)
    page = await vera.open(f"/visits/{number}")
    assert page.words(".page-head .badge") == say("words.visit_refunded")
    assert "waived" not in page.words("main")
