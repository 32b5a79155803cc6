"""What a client owes for visits and fees: taken along with a visit, or as much as comes, and given back as it came."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any

import pytest

from console.domain import db
from console.domain.booking import actions as bookings
from console.domain.booking.rules import CancelledBy
from console.domain.errors import Changed, Forbidden, HasDependants, Invalid
from console.domain.ids import ClientId, FeeId, MethodId, VisitId
from console.domain.intent import Outcome
from console.domain.undo import barred, offered, undo
from console.domain.visits import checks, debts, fees, fees_checks, queries
from console.domain.visits.debts import Part
from console.domain.visits.fees_rules import Cause, Rule
from console.domain.visits.rules import Paid, allotted
from tests import factories
from tests.cast import ANNA, NOW, VERA
from tests.till import CURRENCY, DAY, USUAL, Desk, means
from tests.yard import intent

CASH, CARD = MethodId(1), MethodId(2)
FEE = 50_000


async def owing(desk: Desk) -> tuple[int, int, int]:
    """Two visits of which half is owed, the older one first, and then a fee."""
    older, newer = [int((await desk.come(ago, paid=USUAL // 2)).result["visit"]) for ago in (30, 20)]
    await fees.change_rules(intent(VERA), desk.location, 0, {Cause.LATE_CANCELLATION: Rule(FEE, CURRENCY)})
    await bookings.cancel(intent(), await desk.yard.book(desk.yard.nina), CancelledBy.CLIENT)
    return older, newer, int(await db.fetchval("SELECT id FROM fee"))


async def owed(desk: Desk) -> list[int]:
    return [debt.minor for debt in await queries.debts(desk.client)]


async def paid() -> Sequence[int]:
    """What was taken by the last operation that took something, of visits and then of fees."""
    return [
        row["minor"]
        for row in await db.fetch(
            "SELECT minor FROM (SELECT 1 AS of, id, minor, operation FROM payment UNION ALL"
            " SELECT 2, id, minor, operation FROM fee_payment) taken"
            " WHERE operation = (SELECT max(id) FROM operation) ORDER BY of, id"
        )
    ]


async def take(desk: Desk, minor: int, method: MethodId | None = None, **said: Any) -> Outcome[dict[str, int]]:
    payment = Paid(method or desk.cash, minor)
    return await debts.take_owed(means(ANNA, **said), desk.client, CURRENCY, desk.location, payment)


async def sound() -> None:
    """What the doctor looks at."""
    for check in (*checks.CHECKS, *fees_checks.CHECKS):
        assert await check() == []


def test_money_goes_to_sums_in_their_order_by_the_methods_in_theirs_and_tips_are_left() -> None:
    payments = (Paid(CASH, 30), Paid(CARD, 50), Paid(CARD, 7, tip=True))
    shares, rest = allotted(payments, [20, 40, 0])
    assert shares == [(Paid(CASH, 20),), (Paid(CASH, 10), Paid(CARD, 30)), ()]
    assert rest == (Paid(CARD, 20), Paid(CARD, 7, tip=True))
    assert allotted((Paid(CASH, 5),), [20, 40]) == ([(Paid(CASH, 5),), ()], ())


async def test_what_is_owed_for_visits_and_fees_is_one_list_the_oldest_first(desk: Desk) -> None:
    older, newer, fee = await owing(desk)
    found = await queries.debts(desk.client)
    assert [(one.visit, one.fee, one.minor) for one in found] == [
        (older, None, USUAL // 2),
        (newer, None, USUAL // 2),
        (None, fee, FEE),
    ]
    assert found[2].cause is Cause.LATE_CANCELLATION


async def test_a_part_of_what_is_owed_goes_to_the_oldest_and_what_is_left_stays_owed(desk: Desk) -> None:
    await owing(desk)
    done = await take(desk, 150_000)
    assert await owed(desk) == [50_000, FEE]
    assert await paid() == [100_000, 50_000]
    assert [effect.key for effect in done.effects][-2:] == ["effect.visit_debt_taken", "effect.visit_owed"]
    await sound()


async def test_all_that_is_owed_is_taken_and_given_back_as_it_came(desk: Desk) -> None:
    await owing(desk)
    before = await desk.card_of()
    done = await take(desk, 250_000)
    assert await owed(desk) == []
    back = await undo(means(ANNA), done.operation_id)
    assert await owed(desk) == [100_000, 100_000, FEE]
    assert await desk.card_of() == before
    await sound()
    await undo(means(ANNA), back.operation_id)
    assert await owed(desk) == []
    await sound()


async def test_the_same_intent_takes_it_once(desk: Desk) -> None:
    await owing(desk)
    intent = means(ANNA)
    payment = Paid(desk.cash, 250_000)
    for _ in range(2):
        await debts.take_owed(intent, desk.client, CURRENCY, desk.location, payment)
    assert await owed(desk) == []
    assert sum(await paid()) == 250_000


async def test_the_desk_gives_it_back_on_its_day_and_a_manager_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owing(desk)
    done = await take(desk, 250_000)
    with pytest.raises(Forbidden):
        await undo(means(ANNA, NOW + DAY), done.operation_id)
    await undo(means(VERA, NOW + DAY), done.operation_id)
    assert await owed(desk) == [100_000, 100_000, FEE]


async def problems(asked: Awaitable[Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        await asked
    return {field: problem.key for field, problem in refused.value.problems.items()}


async def test_no_more_is_taken_than_is_owed_and_by_a_method_that_there_is(desk: Desk) -> None:
    await owing(desk)
    assert await problems(take(desk, 250_001)) == {"minor": "problem.paid_too_much"}
    assert await problems(take(desk, 0)) == {"minor": "problem.money_above_zero"}
    assert await problems(take(desk, 1, MethodId(77))) == {"method": "problem.choice"}


async def test_debts_are_taken_along_with_a_visit_before_the_visit_itself(desk: Desk) -> None:
    older, _, fee = await owing(desk)
    parts = (Part(100_000, VisitId(older)), Part(FEE, fee=FeeId(fee)))
    payments = (Paid(desk.cash, 120_000), Paid(desk.card, 180_000), Paid(desk.card, 500, tip=True))
    done = await desk.come(debts=parts, payments=payments, who=ANNA)
    assert await owed(desk) == [100_000, 50_000]
    rows = await db.fetch(
        "SELECT visit, method, minor, tip FROM payment WHERE operation = $1 ORDER BY id", done.operation_id
    )
    new = done.result["visit"]
    assert {tuple(row) for row in rows} == {
        (older, desk.cash, 100_000, False),
        (new, desk.card, 150_000, False),
        (new, desk.card, 500, True),
    }
    taken = await db.fetch("SELECT method, minor FROM fee_payment ORDER BY id")
    assert [tuple(row) for row in taken] == [(desk.cash, 20_000), (desk.card, 30_000)]
    assert ("effect.visit_debt_taken", 150_000) in [(one.key, one.params.get("minor")) for one in done.effects]
    await sound()


async def test_an_undo_of_the_visit_gives_the_debts_back_with_it_and_a_redo_takes_them_again(desk: Desk) -> None:
    older, newer, fee = await owing(desk)
    before = await desk.card_of()
    parts = (Part(100_000, VisitId(older)), Part(100_000, VisitId(newer)), Part(FEE, fee=FeeId(fee)))
    done = await desk.come(debts=parts, paid=USUAL + 250_000, who=ANNA)
    assert await owed(desk) == []
    back = await undo(means(ANNA), done.operation_id)
    assert await owed(desk) == [100_000, 100_000, FEE]
    assert await desk.card_of() == before
    assert await db.fetchval("SELECT sum(minor)::int FROM payment WHERE visit = $1", done.result["visit"]) == 0
    await sound()
    await undo(means(ANNA), back.operation_id)
    assert await owed(desk) == []
    await sound()


async def test_what_was_received_of_the_same_old_visit_since_stays_when_the_undo_gives_its_part_back(
    desk: Desk,
) -> None:
    older, *_ = await owing(desk)
    before = await desk.card_of()
    done = await desk.come(debts=(Part(60_000, VisitId(older)),), paid=USUAL + 60_000)
    received = await desk.receive(older, 40_000)
    assert await offered([done.operation_id, received.operation_id]) == {done.operation_id, received.operation_id}
    back = await undo(means(VERA), done.operation_id)
    assert await owed(desk) == [60_000, 100_000, FEE]
    assert await desk.card_of() == before
    await sound()
    again = await undo(means(VERA), back.operation_id)
    assert await owed(desk) == [100_000, FEE]
    await sound()
    await undo(means(VERA), received.operation_id)
    await undo(means(VERA), again.operation_id)
    assert await owed(desk) == [100_000, 100_000, FEE]
    await sound()


async def test_a_debt_that_was_received_since_it_was_given_back_is_in_the_way_of_taking_it_again(desk: Desk) -> None:
    older, *_ = await owing(desk)
    done = await desk.come(debts=(Part(60_000, VisitId(older)),), paid=USUAL + 60_000)
    back = await undo(means(VERA), done.operation_id)
    received = await desk.receive(older, 100_000)
    assert (await barred([back.operation_id]))[back.operation_id].later == [received.operation_id]
    with pytest.raises(HasDependants) as refused:
        await undo(means(VERA), back.operation_id)
    assert [one for one, *_ in refused.value.operations] == [received.operation_id]
    await undo(means(VERA), received.operation_id)
    await undo(means(VERA), back.operation_id)
    await sound()


@pytest.mark.parametrize("minor", [200_000, 150_000], ids=["all", "a part"])
async def test_what_was_refunded_of_a_debt_since_is_in_the_way_of_the_undo(desk: Desk, minor: int) -> None:
    older, *_ = await owing(desk)
    done = await desk.come(debts=(Part(100_000, VisitId(older)),), paid=USUAL + 100_000)
    refunded = await desk.refund(older, minor)
    with pytest.raises(HasDependants) as refused:
        await undo(means(VERA), done.operation_id)
    assert [one for one, *_ in refused.value.operations] == [refunded.operation_id]
    await undo(means(VERA), refunded.operation_id)
    await undo(means(VERA), done.operation_id)
    await sound()


async def test_an_old_visit_whose_debt_was_taken_along_is_not_undone_before_that(desk: Desk) -> None:
    old = await desk.come(30, paid=USUAL // 2)
    done = await desk.come(debts=(Part(50_000, VisitId(old.result["visit"])),), paid=USUAL + 50_000)
    with pytest.raises(HasDependants) as refused:
        await undo(means(VERA), old.operation_id)
    assert [one for one, *_ in refused.value.operations] == [done.operation_id]


async def test_a_debt_that_somebody_took_meanwhile_is_looked_at_again(desk: Desk) -> None:
    older, *_ = await owing(desk)
    await desk.receive(older, 1)
    before = await db.fetchval("SELECT count(*) FROM visit")
    with pytest.raises(Changed):
        await desk.come(debts=(Part(100_000, VisitId(older)),), paid=USUAL + 100_000)
    assert await db.fetchval("SELECT count(*) FROM visit") == before


@pytest.mark.parametrize("whose", ["nobody's", "another's"])
async def test_the_debt_of_somebody_else_is_not_taken_along(desk: Desk, whose: str) -> None:
    older, *_ = await owing(desk)
    client = None if whose == "nobody's" else ClientId(await factories.client("Иван", "Лужин"))
    with pytest.raises((Changed, Invalid)):
        await desk.come(debts=(Part(100_000, VisitId(older)),), paid=USUAL + 100_000, client=client)
    assert await owed(desk) == [100_000, 100_000, FEE]


async def test_one_debt_is_not_taken_twice_in_one_visit(desk: Desk) -> None:
    older, *_ = await owing(desk)
    part = Part(60_000, VisitId(older))
    with pytest.raises(Changed):
        await desk.come(debts=(part, part), paid=USUAL + 120_000)


async def test_what_was_taken_for_a_visit_that_was_refunded_whole_since_stays(desk: Desk) -> None:
    one = int((await desk.come(20, paid=USUAL // 2)).result["visit"])
    taken = await take(desk, USUAL // 2)
    refunded = await desk.refund(one, USUAL)
    with pytest.raises(HasDependants) as refused:
        await undo(means(), taken.operation_id)
    assert [id for id, *_ in refused.value.operations] == [refunded.operation_id]
