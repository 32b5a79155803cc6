"""A visit whose client was erased, over HTTP: it stays to be read, and nothing is offered that could not be done."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.rules import CancelledBy
from console.domain.desk import actions as desk
from console.domain.desk.rules import Why
from console.domain.ids import FeeId, ReasonId
from console.domain.undo import offered
from console.domain.visits import fees
from console.domain.visits.fees_rules import Cause, Rule
from console.domain.visits.rules import Paid
from tests import factories
from tests.cast import VERA
from tests.page import Visitor
from tests.till import CURRENCY, USUAL, Desk, means

pytestmark = pytest.mark.usefixtures("today")


async def test_what_is_owed_is_told_before_an_erasure_since_nobody_receives_it_after(vera: Visitor, here: Desk) -> None:
    url = f"/clients/{here.client}/erasure"
    assert "owes" not in (await vera.open(url)).words("main")
    await here.come(paid=USUAL - 30_000)
    page = await vera.open(url)
    assert page.words(".callout.attention") == "The client owes €300. Once erased, nobody can receive it any more."


async def test_nothing_is_offered_with_the_visit_of_somebody_who_was_erased(vera: Visitor, here: Desk) -> None:
    done = await here.come(paid=USUAL - 30_000)
    visit = done.result["visit"]
    received = await here.receive(visit, 10_000, who=VERA)
    await desk.erase(means(reason=Why.ASKED.value), here.client)
    page = await vera.open(f"/visits/{visit}")
    assert "€200 is owed. Nobody can receive it any more." in page.words("main")
    for control in (".visit-pay", f"a[href='/visits/{visit}/refund']", "a[href^='/operations/']", ".page-head .button"):
        assert not page.has(control)
    assert await offered([done.operation_id, received.operation_id], VERA.actor) == set()
    assert (await vera.open(f"/clients/{here.client}/debts")).path == f"/clients/{here.client}"
    assert (await vera.open(f"/visits/{visit}/refund")).path == f"/visits/{visit}"
    assert await db.fetchval("SELECT count(*) FROM visit WHERE retired_at IS NULL") == 1


async def test_no_fee_of_somebody_who_was_erased_is_received_or_waived(
    anna: Visitor, vera: Visitor, here: Desk
) -> None:
    asked = {Cause.LATE_CANCELLATION: Rule(50_000, CURRENCY)}
    await fees.change_rules(means(), here.location, 0, asked)
    booking = await here.yard.book(here.yard.nina)
    await bookings.cancel(means(), booking, CancelledBy.CLIENT)
    fee = FeeId(await db.fetchval("SELECT id FROM fee"))
    paid = await fees.pay(means(), fee, here.location, Paid(here.cash, 10_000))
    why = await factories.reason("fee_waiver")
    await bookings.cancel(means(), await here.yard.book(here.yard.olga), CancelledBy.CLIENT)
    other = await fees.waive(means(), FeeId(await db.fetchval("SELECT max(id) FROM fee")), ReasonId(why))
    assert await offered([other.operation_id], VERA.actor) == {other.operation_id}
    pages = {url: await vera.open(url) for url in (f"/fees/{fee}/payment", f"/fees/{fee}/waiver")}
    await desk.erase(means(reason=Why.ASKED.value), here.client)
    typed = {"minor": "400", "method": str(here.cash), "reason": str(why)}
    for url, page in pages.items():
        assert (await vera.open(url)).path == f"/clients/{here.client}"
        assert (await vera.send(page, url, **typed)).status == 404
    for listed in (f"/clients/{here.client}/fees", f"/bookings/{booking}"):
        page = await vera.open(listed)
        assert page.status == 200
        assert not page.has("a[href^='/fees/']")
    assert await offered([paid.operation_id, other.operation_id], VERA.actor) == set()
    assert await db.fetchval("SELECT sum(minor)::int FROM fee_payment") == 10_000
    assert await db.fetchval("SELECT waived FROM fee WHERE id = $1", fee) is None
