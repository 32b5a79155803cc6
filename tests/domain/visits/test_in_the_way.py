"""What came since and is in the way of taking money back is named, and no undo is offered that must fail."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.arranging import Arrangement
from console.domain.booking.rules import CancelledBy
from console.domain.errors import HasDependants
from console.domain.ids import FeeId, VisitId
from console.domain.intent import Outcome
from console.domain.undo import barred, offered, undo
from console.domain.visits import checks, debts, fees, fees_checks, queries, refunds
from console.domain.visits.debts import Part
from console.domain.visits.fees_rules import Cause, Rule
from console.domain.visits.rules import Paid
from tests import factories
from tests.cast import ANNA, VERA
from tests.till import CURRENCY, USUAL, Desk, means
from tests.yard import NOON, intent

FEE = 50_000
TIPS = 20_000


async def sound() -> None:
    for check in (*checks.CHECKS, *fees_checks.CHECKS):
        assert await check() == []


async def is_in_the_way(later: Outcome[dict[str, int]], of: Outcome[object]) -> None:
    """That an operation is named where another one shall be undone, and that this one can be once it is undone."""
    assert await offered([of.operation_id]) == set()
    assert (await barred([of.operation_id]))[of.operation_id].later == [later.operation_id]
    with pytest.raises(HasDependants) as refused:
        await undo(means(), of.operation_id)
    assert [one for one, *_ in refused.value.operations] == [later.operation_id]
    await undo(means(), later.operation_id)
    assert await offered([of.operation_id]) == {of.operation_id}
    await undo(means(), of.operation_id)
    await sound()


async def test_a_part_that_was_refunded_since_stands_in_the_way_of_a_payment_that_it_was_given_back_of(
    desk: Desk,
) -> None:
    visit = (await desk.come(paid=150_000)).result["visit"]
    received = await desk.receive(visit, 30_000)
    await is_in_the_way(await desk.refund(visit, 160_000), received)


async def test_a_refund_that_leaves_enough_does_not(desk: Desk) -> None:
    visit = (await desk.come(paid=150_000)).result["visit"]
    received = await desk.receive(visit, 30_000)
    await desk.refund(visit, 140_000)
    assert await offered([received.operation_id]) == {received.operation_id}
    await undo(means(), received.operation_id)
    await sound()


async def test_the_same_for_money_that_came_for_all_that_was_owed(desk: Desk) -> None:
    visit = (await desk.come(paid=150_000)).result["visit"]
    taken = await debts.take_owed(means(ANNA), desk.client, CURRENCY, desk.location, Paid(desk.cash, 30_000))
    await is_in_the_way(await desk.refund(visit, 160_000), taken)


async def test_a_payment_since_is_in_the_way_of_taking_one_again_that_went_back(desk: Desk) -> None:
    visit = (await desk.come(paid=150_000)).result["visit"]
    back = await undo(means(), (await desk.receive(visit, 50_000)).operation_id)
    await is_in_the_way(await desk.receive(visit, 30_000), back)


async def test_a_payment_since_is_in_the_way_of_refunding_all_once_more(desk: Desk) -> None:
    visit = (await desk.come(paid=150_000)).result["visit"]
    back = await undo(means(), (await desk.refund(visit, 150_000)).operation_id)
    await is_in_the_way(await desk.receive(visit, 30_000), back)


async def tips_back(desk: Desk, visit: int) -> Outcome[dict[str, int]]:
    """All tips go back, and nothing of the price."""
    tips = (Paid(desk.cash, TIPS, tip=True),)
    return await refunds.refund(means(), VisitId(visit), desk.location, tips, desk.sorry)


async def test_tips_that_went_back_since_are_in_the_way_of_giving_them_back_once_more(desk: Desk) -> None:
    visit = (await desk.come(payments=(Paid(desk.cash, USUAL), Paid(desk.cash, TIPS, tip=True)))).result["visit"]
    back = await undo(means(), (await tips_back(desk, visit)).operation_id)
    await desk.refund(visit, 20_000)
    await undo(means(), (await tips_back(desk, visit)).operation_id)
    await is_in_the_way(await tips_back(desk, visit), back)


async def fee_of(desk: Desk) -> tuple[int, FeeId]:
    """A booking that was called off late, and its fee."""
    await fees.change_rules(intent(VERA), desk.location, 0, {Cause.LATE_CANCELLATION: Rule(FEE, CURRENCY)})
    booking = await desk.yard.book(desk.yard.nina)
    await bookings.cancel(intent(), booking, CancelledBy.CLIENT)
    return booking, FeeId(await db.fetchval("SELECT id FROM fee"))


async def pay(desk: Desk, fee: FeeId, minor: int) -> Outcome[dict[str, int]]:
    return await fees.pay(intent(), fee, desk.location, Paid(desk.cash, minor))


async def test_a_fee_that_was_waived_since_is_in_the_way_of_a_visit_that_paid_a_part_of_it(desk: Desk) -> None:
    _, fee = await fee_of(desk)
    done = await desk.come(debts=(Part(20_000, fee=fee),), paid=USUAL + 20_000)
    back = await undo(means(), done.operation_id)
    waived = await fees.waive(intent(VERA), fee, await factories.reason("fee_waiver"))
    await is_in_the_way(waived, back)


@pytest.mark.parametrize("how", ["waived", "paid"])
async def test_a_fee_that_is_owed_no_more_is_in_the_way_of_its_payment_that_went_back(desk: Desk, how: str) -> None:
    _, fee = await fee_of(desk)
    back = await undo(means(), (await pay(desk, fee, 20_000)).operation_id)
    since = (
        await fees.waive(intent(VERA), fee, await factories.reason("fee_waiver"))
        if how == "waived"
        else await pay(desk, fee, FEE)
    )
    await is_in_the_way(since, back)


async def bring_back(booking: int) -> None:
    version = await db.fetchval("SELECT version FROM booking WHERE id = $1", booking)
    await bookings.bring_back(intent(), Arrangement(booking, NOON), version)


async def test_a_fee_that_was_asked_anew_since_is_in_the_way_of_asking_the_one_before_again(desk: Desk) -> None:
    booking, fee = await fee_of(desk)
    received = await pay(desk, fee, 20_000)
    await bring_back(booking)
    back = await undo(means(), received.operation_id)
    cancelled = await bookings.cancel(intent(), booking, CancelledBy.CLIENT)
    assert [debt.minor for debt in await queries.debts(desk.client)] == [FEE]
    await is_in_the_way(cancelled, back)
    assert [debt.minor for debt in await queries.debts(desk.client)] == [FEE - 20_000]


async def test_a_cancellation_that_is_done_again_asks_no_second_fee_beside_the_one_that_was_paid_in_part(
    desk: Desk,
) -> None:
    booking, fee = await fee_of(desk)
    received = await pay(desk, fee, 20_000)
    await bring_back(booking)
    back = await undo(means(), received.operation_id)
    brought = await undo(means(), (await bookings.cancel(intent(), booking, CancelledBy.CLIENT)).operation_id)
    await undo(means(), back.operation_id)
    again = await undo(means(), brought.operation_id)
    assert [debt.minor for debt in await queries.debts(desk.client)] == [FEE - 20_000]
    await sound()
    await undo(means(), again.operation_id)
    assert [debt.minor for debt in await queries.debts(desk.client)] == [FEE - 20_000]
    await sound()


async def test_a_fee_whose_money_went_back_is_not_asked_of_a_booking_that_was_brought_back(desk: Desk) -> None:
    booking, fee = await fee_of(desk)
    received = await pay(desk, fee, 20_000)
    await bring_back(booking)
    assert await db.fetchval("SELECT retired_at FROM fee") is None
    back = await undo(means(), received.operation_id)
    assert ("effect.fee_gone", FEE) in [(one.key, one.params.get("minor")) for one in back.effects]
    assert await queries.debts(desk.client) == []
    again = await undo(means(), back.operation_id)
    assert [debt.minor for debt in await queries.debts(desk.client)] == [FEE - 20_000]
    await sound()
    await undo(means(), again.operation_id)
    await bookings.cancel(intent(), booking, CancelledBy.CLIENT)
    assert [debt.minor for debt in await queries.debts(desk.client)] == [FEE]
    await sound()
