"""What became of visits since counts on the dates in between as well, and what made no difference changes nothing."""

from __future__ import annotations

import pytest

from console.domain import db
from console.domain.errors import Changed
from console.domain.loyalty import checks
from console.domain.loyalty.rules.programme import Programme, Threshold, Tier, Tiers
from console.domain.undo import undo
from tests import factories, till
from tests import yard as yards
from tests.cast import ANNA, VERA
from tests.till import SOAP, USUAL, Desk, means


def ladder(enter: int, keep: int, window: int) -> Programme:
    """Silver by so many visits."""
    silver = Tier("silver", {"en": "Silver"}, 500, Threshold(enter, 0), Threshold(keep, 0))
    return Programme(tiers=Tiers((Tier("base", {"en": "Base"}), silver), window_days=window, grace_days=14))


async def a_desk(rules: Programme) -> Desk:
    await factories.staff(ANNA)
    await factories.staff(VERA)
    return await till.desk(await yards.yard(), rules)


@pytest.fixture
async def quick(database: None) -> Desk:
    """One visit makes silver."""
    return await a_desk(ladder(1, 1, 180))


@pytest.fixture
async def slow(database: None) -> Desk:
    """Three visits within a month make silver, one keeps it. The client has an account since today."""
    desk = await a_desk(ladder(3, 1, 30))
    await soap(desk, 0)
    return desk


async def soap(desk: Desk, ago: int, paid: int = SOAP) -> tuple[int, int]:
    """Some is bought: its operation and its visit, which counts for no tier here."""
    done = await desk.come(ago, due=SOAP, lines=[desk.bar], paid=paid)
    return done.operation_id, done.result["visit"]


async def tier(desk: Desk) -> tuple[str, object]:
    card = await desk.card_of()
    assert await checks.tiers_are_those_of_their_last_entries() == []
    return card["tier"], card["drops_on"]


async def moves() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT event, tier FROM tier_entry ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_tier_that_was_taken_back_does_not_come_back_with_an_earlier_visit(quick: Desk) -> None:
    raised = await quick.come(20)
    assert await tier(quick) == ("silver", None)
    await undo(means(), raised.operation_id)
    await soap(quick, 10)
    assert await tier(quick) == ("base", None)


async def test_nor_does_it_after_a_refund(database: None) -> None:
    spends = Tier("silver", {"en": "Silver"}, 500, Threshold(0, USUAL), Threshold(0, USUAL))
    desk = await a_desk(Programme(tiers=Tiers((Tier("base", {"en": "Base"}), spends))))
    raised = await desk.come(20)
    await desk.refund(raised.result["visit"], USUAL)
    await soap(desk, 10)
    assert await tier(desk) == ("base", None)


async def test_nor_does_its_discount(quick: Desk) -> None:
    raised = await quick.come(20)
    await undo(means(), raised.operation_id)
    with pytest.raises(Changed):
        await quick.come(10, due=USUAL - USUAL // 20)
    await quick.come(10)
    assert (await quick.card_of())["tier"] == "silver"


@pytest.mark.parametrize(("raised", "bought"), [(20, 10), (1, 1), (0, 0)])
async def test_nor_with_a_debt_received(quick: Desk, raised: int, bought: int) -> None:
    first = await quick.come(raised)
    _, owing = await soap(quick, bought, paid=0)
    await undo(means(), first.operation_id)
    await quick.receive(owing, 100)
    assert await tier(quick) == ("base", None)


async def test_an_earlier_visit_is_priced_by_those_dated_back_before_it(quick: Desk) -> None:
    await soap(quick, 0)
    await quick.come(20)
    await quick.come(10, due=USUAL - USUAL // 20)
    assert await tier(quick) == ("silver", None)
    assert await moves() == [("retraced", "silver")]


async def test_visits_dated_back_one_by_one_keep_the_tier_that_they_would_have_kept(slow: Desk) -> None:
    for ago in (50, 48, 45):
        await slow.come(ago)
    assert await tier(slow) == ("base", None)
    await slow.come(16, due=USUAL - USUAL // 20)
    assert await tier(slow) == ("silver", None)


async def test_undoing_or_refunding_what_made_no_difference_changes_nothing(slow: Desk) -> None:
    bought, _ = await soap(slow, 0)
    for ago, due in ((50, USUAL), (48, USUAL), (45, USUAL), (16, USUAL - USUAL // 20)):
        await slow.come(ago, due=due)
    before, log = await tier(slow), await moves()
    assert before == ("silver", None)
    _, visit = await soap(slow, 2)
    await slow.refund(visit, 1)
    await undo(means(), bought)
    assert await tier(slow) == before
    await slow.refund((await soap(slow, 0))[1], SOAP)
    assert (await tier(slow), await moves()) == (before, log)


@pytest.mark.parametrize("ago", [0, 10])
async def test_undo_and_redo_of_a_visit_leave_the_tier_as_it_was(slow: Desk, ago: int) -> None:
    for earlier in (20, 15):
        await slow.come(earlier)
    before = await tier(slow)
    done = await slow.come(ago)
    after = await tier(slow)
    assert (before, after) == (("base", None), ("silver", None))
    for _ in range(2):
        done = await undo(means(), done.operation_id)
        assert await tier(slow) == before
        done = await undo(means(), done.operation_id)
        assert await tier(slow) == after
