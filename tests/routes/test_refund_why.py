"""Why money went back, over HTTP: at the visit, in its history, and in the cashbook on screen and as a file."""

from __future__ import annotations

import csv
from io import StringIO

import pytest

from console.domain import db
from console.domain.ids import VisitId
from console.domain.undo import undo
from console.domain.visits import refunds
from console.domain.visits.rules import Paid
from tests.page import Page, Visitor
from tests.till import USUAL, Desk, means

pytestmark = pytest.mark.usefixtures("today")

WHY = "reason: Why"


def told(page: Page) -> list[str]:
    """What stands in a history, the latest first."""
    return page.all(".told-list .told-what")


async def test_the_reason_of_a_refund_stands_at_the_visit_in_its_history_and_in_the_cashbook(
    vera: Visitor, here: Desk
) -> None:
    number = (await here.come()).result["visit"]
    await here.refund(number, 50_000)
    page = await vera.open(f"/visits/{number}")
    assert page.all(".visit-money small:not(.soft)") == ["Why"]
    assert page.words(".visit-money .is-back small") == "Why"
    assert [WHY in one for one in told(page)] == [True, False]
    book = await vera.open("/cashbook")
    assert book.all("tbody td:nth-child(2) small") == ["Why"]
    answer = await vera.http.get("/cashbook?as=csv")
    head, *rows = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert [row[head.index("Reason")] for row in rows] == ["", "Why"]


async def test_so_does_the_reason_why_tips_alone_went_back(vera: Visitor, here: Desk) -> None:
    number = (await here.come(payments=(Paid(here.cash, USUAL), Paid(here.cash, 20_000, tip=True)))).result["visit"]
    tips = (Paid(here.cash, 20_000, tip=True),)
    back = await refunds.refund(means(), VisitId(number), here.location, tips, here.sorry)
    page = await vera.open(f"/visits/{number}")
    assert page.words(".visit-money .is-back small:not(.soft)") == "Why"
    assert WHY in told(page)[0]
    assert (await vera.open("/cashbook")).all("tbody td:nth-child(2) small") == ["Why"]
    kept = await db.fetchrow('SELECT minor, "full", retired_at FROM refund')
    assert kept is not None
    assert tuple(kept) == (0, False, None)
    undone = await undo(means(), back.operation_id)
    assert await db.fetchval("SELECT retired_at IS NOT NULL FROM refund")
    await undo(means(), undone.operation_id)
    assert (await vera.open("/cashbook")).all("tbody td:nth-child(2) small") == ["Why", "Why"]


async def test_a_refund_that_was_done_again_says_why_and_what_undid_it_does_not(vera: Visitor, here: Desk) -> None:
    number = (await here.come()).result["visit"]
    back = await here.refund(number, USUAL)
    undone = await undo(means(), back.operation_id)
    await undo(means(), undone.operation_id)
    page = await vera.open(f"/visits/{number}")
    assert [bool(one.css_first("small:not(.soft)")) for one in page.tree.css(".visit-money li")] == [
        False,
        True,
        False,
        True,
    ]
    assert (await vera.open("/cashbook")).all("tbody td:nth-child(2) small") == ["Why", "Why"]


async def test_the_reason_why_a_debt_is_asked_no_more_is_said_beside_it(vera: Visitor, here: Desk) -> None:
    number = (await here.come(paid=0)).result["visit"]
    await here.refund(number)
    page = await vera.open(f"/visits/{number}")
    assert "the debt was waived. Reason: Why" in page.words("main")
    assert WHY in told(page)[0]
