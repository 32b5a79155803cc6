"""Money that is received later, and money that goes back: whole or in part (section 5)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from console.domain import db
from console.domain.errors import Changed, Forbidden, HasDependants, Invalid
from console.domain.ids import ReasonId, VisitId
from console.domain.undo import offered
from console.domain.visits import refunds, steps
from console.domain.visits.actions import Paid
from console.domain.visits.rules import Balance
from console.domain.visits.steps import VisitTakenBack
from tests.cast import ANNA, NOW, VERA
from tests.domain.visits.test_finishing import problems, told
from tests.domain.visits.test_taking_back import in_the_tills, sums, take_back
from tests.till import CURRENCY, DAY, USUAL, Desk, means

TODAY = NOW.date()


async def visit(desk: Desk, ago: int = 0, **said: Any) -> int:
    return (await desk.come(ago, **said)).result["visit"]


async def test_a_debt_is_received_in_parts_and_counts_for_the_date_of_the_visit(desk: Desk) -> None:
    one = await visit(desk, 10, paid=50_000)
    assert await steps.balance(one) == Balance(USUAL, 50_000, 0)
    first = await desk.receive(one, 100_000)
    assert told(first) == ["owed"]
    assert first.effects[-1].params == {"minor": 50_000, "currency": CURRENCY}
    assert told(await desk.receive(one, 50_000)) == []
    assert (await steps.balance(one)).owed == 0
    entries = await db.fetch("SELECT \"on\", delta FROM loyalty_entry WHERE unit = 'spend' ORDER BY id")
    on = TODAY - 10 * DAY
    assert [tuple(row) for row in entries] == [(on, 50_000), (on, 100_000), (on, 50_000)]
    assert {row["at"] for row in await db.fetch("SELECT at FROM payment")} == {NOW}


async def test_a_debt_that_is_received_may_raise_the_tier(desk: Desk) -> None:
    for ago in (40, 30, 20):
        await desk.come(ago)
    one = await visit(desk, 10, paid=0)
    assert (await desk.card_of())["tier"] == "base"
    received = await desk.receive(one, USUAL)
    assert told(received) == ["raised"]
    assert (await desk.card_of())["tier"] == "silver"
    await take_back(received)
    assert (await desk.card_of())["tier"] == "base"
    assert (await steps.balance(one)).owed == USUAL


async def test_no_more_is_received_than_is_owed(desk: Desk) -> None:
    one = await visit(desk, paid=150_000)
    assert await problems(desk.receive(one, 50_001)) == {"payments": "problem.paid_too_much"}
    asked = [desk.receive(one, 50_000, who=who) for who in (ANNA, VERA) * 3]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Invalid) for one in answers) == 5
    assert (await steps.balance(one)).owed == 0


async def test_nothing_is_received_for_a_visit_that_was_taken_back(desk: Desk) -> None:
    done = await desk.come(paid=0)
    await take_back(done)
    with pytest.raises(VisitTakenBack):
        await desk.receive(done.result["visit"], 1)
    with pytest.raises(VisitTakenBack):
        await desk.refund(done.result["visit"])


async def test_a_part_that_is_refunded_lowers_the_spend_and_leaves_the_stamp(desk: Desk) -> None:
    one = await visit(desk)
    back = await desk.refund(one, 50_000)
    assert told(back) == ["refunded", "tier_less"]
    assert await steps.balance(one) == Balance(150_000, 150_000, 0)
    assert await sums() == {"stamp": 1, "visit": 1, "spend": 150_000}
    assert await in_the_tills() == {desk.cash: 150_000}


async def test_a_full_refund_takes_the_stamp_and_the_spend(desk: Desk) -> None:
    one = await visit(desk)
    back = await desk.refund(one, USUAL)
    assert told(back) == ["refunded", "stamp_gone", "tier_less"]
    assert await sums() == {"visit": 1}
    assert await steps.balance(one) == Balance(0, 0, 0)


async def test_parts_that_make_a_whole_are_a_full_refund(desk: Desk) -> None:
    one = await visit(desk)
    await desk.refund(one, 150_000)
    assert told(await desk.refund(one, 50_000)) == ["refunded", "stamp_gone", "tier_less"]
    assert await sums() == {"visit": 1}


async def test_a_full_refund_may_take_the_free_visit_and_the_tier(desk: Desk) -> None:
    for ago in (40, 30, 20):
        await desk.come(ago)
    one = await visit(desk, 10)
    back = await desk.refund(one, USUAL)
    assert told(back) == ["refunded", "stamp_gone", "stamps_back", "free_withdrawn", "lowered"]
    assert await desk.card_of() == {"stamps": 3, "free_visits": 0, "tier": "base", "drops_on": None}
    await take_back(back)
    assert await desk.card_of() == {"stamps": 0, "free_visits": 1, "tier": "silver", "drops_on": None}


async def test_what_was_refunded_is_undone_and_refunded_again(desk: Desk) -> None:
    one = await visit(desk)
    before, money = await sums(), await in_the_tills()
    done = await desk.refund(one, USUAL)
    after = await sums()
    back = await take_back(done)
    assert (await sums(), await in_the_tills()) == (before, money)
    assert await steps.balance(one) == Balance(USUAL, USUAL, 0)
    again = await take_back(back)
    assert (await sums(), await in_the_tills()) == (after, {})
    await take_back(again)
    assert (await sums(), await in_the_tills()) == (before, money)


async def test_a_stamp_that_another_visit_of_the_date_has_by_now_does_not_come_back(desk: Desk) -> None:
    back = await desk.refund(await visit(desk), USUAL)
    await desk.come()
    await take_back(back)
    assert (await desk.card_of())["stamps"] == 1


async def test_a_part_is_not_undone_while_the_rest_stands_refunded_and_the_stamp_is_gone_by_it(desk: Desk) -> None:
    one = await visit(desk)
    part, rest = await desk.refund(one, 150_000), await desk.refund(one, 50_000)
    with pytest.raises(HasDependants) as refused:
        await take_back(part)
    assert [id for id, *_ in refused.value.operations] == [rest.operation_id]
    assert await offered([part.operation_id, rest.operation_id]) == {rest.operation_id}
    await take_back(rest)
    await take_back(part)
    assert await sums() == {"stamp": 1, "visit": 1, "spend": USUAL}


async def test_a_refund_is_not_made_again_while_another_one_stands_that_was_made_since(desk: Desk) -> None:
    one = await visit(desk)
    back = await take_back(await desk.refund(one, 50_000))
    rest = await desk.refund(one, 150_000)
    with pytest.raises(HasDependants):
        await take_back(back)
    await take_back(rest)
    await take_back(back)
    assert await sums() == {"stamp": 1, "visit": 1, "spend": 150_000}


async def test_what_is_owed_is_owed_no_more_where_all_that_was_paid_is_refunded(desk: Desk) -> None:
    one = await visit(desk, paid=150_000)
    back = await desk.refund(one, 150_000)
    assert told(back) == ["refunded", "waived", "stamp_gone", "tier_less"]
    assert back.effects[1].params == {"minor": 50_000, "currency": CURRENCY}
    assert (await steps.balance(one)).owed == 0
    await take_back(back)
    assert await steps.balance(one) == Balance(USUAL, 150_000, 0)


async def test_a_part_of_what_was_paid_leaves_the_debt(desk: Desk) -> None:
    one = await visit(desk, paid=150_000)
    assert told(await desk.refund(one, 50_000)) == ["refunded", "owed", "tier_less"]
    assert await steps.balance(one) == Balance(150_000, 100_000, 0)


async def test_a_debt_of_which_nothing_was_paid_can_be_let_go(desk: Desk) -> None:
    one = await visit(desk, paid=0)
    assert told(await desk.refund(one)) == ["waived", "stamp_gone"]
    assert await steps.balance(one) == Balance(0, 0, 0)
    assert await sums() == {"visit": 1}


async def test_no_more_goes_back_than_was_paid(desk: Desk) -> None:
    one = await visit(desk)
    assert await problems(desk.refund(one, USUAL + 1)) == {"payments": "problem.refund_too_much"}
    assert await problems(desk.refund(one)) == {"payments": "problem.refund_of_nothing"}
    asked = [desk.refund(one, USUAL) for _ in range(6)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Invalid) for one in answers) == 5
    assert await in_the_tills() == {}


async def test_money_goes_back_by_any_method_that_is_on(desk: Desk) -> None:
    one = await visit(desk)
    back = (Paid(desk.cash, 50_000), Paid(desk.card, 20_000))
    await refunds.refund(means(), VisitId(one), desk.location, back, desk.sorry)
    assert await in_the_tills() == {desk.cash: 150_000, desk.card: -20_000}


async def test_a_tip_goes_back_apart(desk: Desk) -> None:
    one = await visit(desk, payments=(Paid(desk.cash, USUAL), Paid(desk.card, 500, tip=True)))
    for minor, fine in ((501, False), (500, True)):
        asked = refunds.refund(means(), VisitId(one), desk.location, (Paid(desk.card, minor, True),), desk.sorry)
        if fine:
            assert told(await asked) == ["refunded"]
        else:
            assert await problems(asked) == {"payments": "problem.refund_too_much_tip"}
    assert await steps.balance(one) == Balance(USUAL, USUAL, 0)
    assert await sums() == {"stamp": 1, "visit": 1, "spend": USUAL}


async def test_a_free_visit_stays_used_when_the_rest_is_refunded(desk: Desk) -> None:
    for ago in (40, 30, 20, 10):
        await desk.come(ago)
    one = await visit(desk, due=35_000, free=True, lines=[desk.clean, desk.bar])
    assert told(await desk.refund(one, 35_000)) == ["refunded", "tier_less"]
    assert (await desk.card_of())["free_visits"] == 0


async def test_a_refund_is_a_managers_with_a_reason(desk: Desk) -> None:
    one = await visit(desk)
    with pytest.raises(Forbidden):
        await desk.refund(one, 1, who=ANNA)
    for wrong in (ReasonId(404), desk.why):
        asked = refunds.refund(means(), VisitId(one), desk.location, (Paid(desk.cash, 1),), wrong)
        assert await problems(asked) == {"reason": "problem.choice"}


async def test_a_refund_is_previewed_and_refused_where_it_changed_meanwhile(desk: Desk) -> None:
    one = await visit(desk)
    shown = await desk.refund(one, USUAL, preview=True)
    assert told(shown) == ["refunded", "stamp_gone", "tier_less"]
    assert await in_the_tills() == {desk.cash: USUAL}
    again = await desk.refund(one, USUAL, preview=True)
    assert again.fingerprint == shown.fingerprint
    await desk.come(3)
    with pytest.raises(Changed):
        await desk.refund(one, USUAL, expected=shown.fingerprint)
    shown = await desk.refund(one, USUAL, preview=True)
    await desk.refund(one, USUAL, expected=shown.fingerprint)


async def test_what_was_received_is_not_undone_once_it_was_refunded(desk: Desk) -> None:
    one = await visit(desk, paid=0)
    received = await desk.receive(one, USUAL)
    back = await desk.refund(one, 50_000)
    with pytest.raises(HasDependants) as refused:
        await take_back(received)
    assert [id for id, *_ in refused.value.operations] == [back.operation_id]


async def test_a_visit_of_nobody_we_know_is_refunded(desk: Desk) -> None:
    one = await visit(desk, client=None)
    assert told(await desk.refund(one, USUAL)) == ["refunded"]
    assert await in_the_tills() == {}
