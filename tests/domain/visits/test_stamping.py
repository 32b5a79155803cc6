"""The other visit of a date has the stamp of one that was taken back, where somebody gives it (section 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.errors import Forbidden
from console.domain.ids import VisitId
from console.domain.intent import Outcome
from console.domain.visits import stamping
from console.domain.visits.stamping import NoStampLeft
from console.domain.visits.steps import VisitTakenBack
from tests.cast import ANNA, NOW, VERA, Person
from tests.domain.visits.test_finishing import told
from tests.domain.visits.test_lives import all_is_well
from tests.domain.visits.test_taking_back import take_back
from tests.till import USUAL, Desk, means


async def give(done: Outcome[Any], who: Person = VERA, **said: Any) -> Outcome[dict[str, int]]:
    return await stamping.stamp(means(who, **said), VisitId(done.result["visit"]))


async def stamps(desk: Desk) -> int:
    return int((await desk.card_of())["stamps"])


@pytest.fixture
async def left(desk: Desk) -> Outcome[Any]:
    """The second visit of a date whose first one was taken back."""
    first, second = await desk.come(), await desk.come()
    await take_back(first)
    return second


async def test_the_stamp_of_a_visit_that_was_taken_back_is_given_to_the_other_one(
    desk: Desk, left: Outcome[Any]
) -> None:
    assert await stamps(desk) == 0
    given = await give(left, ANNA)
    assert told(given) == ["stamp"]
    assert await stamps(desk) == 1
    row = await db.fetchrow('SELECT verb, delta, "on", visit FROM loyalty_entry ORDER BY id DESC LIMIT 1')
    assert row is not None
    assert tuple(row) == ("earn", 1, NOW.date(), left.result["visit"])
    await all_is_well()


async def test_it_is_taken_back_and_given_again(desk: Desk, left: Outcome[Any]) -> None:
    back = await take_back(await give(left))
    assert await stamps(desk) == 0
    await take_back(back)
    assert await stamps(desk) == 1
    await all_is_well()


async def test_given_once_more_meanwhile_it_is_not_taken_by_giving_it_again(desk: Desk, left: Outcome[Any]) -> None:
    back = await take_back(await give(left))
    await give(left)
    with pytest.raises(NoStampLeft):
        await take_back(back)
    assert await stamps(desk) == 1


async def test_it_completes_a_card_like_any_other(desk: Desk) -> None:
    for ago in (4, 3, 2):
        await desk.come(ago)
    first, second = await desk.come(), await desk.come(due=190_000)
    await take_back(first)
    assert told(await give(second)) == ["stamp", "free_issued"]
    await take_back(second)
    card = await desk.card_of()
    assert (card["stamps"], card["free_visits"]) == (3, 0)
    await all_is_well()


async def test_a_full_refund_offers_it_too(desk: Desk) -> None:
    first, second = await desk.come(), await desk.come()
    refunded = await desk.refund(first.result["visit"], USUAL)
    assert told(refunded)[-1] == "other_unstamped"
    await give(second)
    with pytest.raises(NoStampLeft):
        await give(first)
    assert await stamps(desk) == 1


async def test_there_is_one_stamp_a_day_whoever_asks(desk: Desk, left: Outcome[Any]) -> None:
    third = await desk.come()
    assert await stamps(desk) == 1  # the visit that came next has it
    for one in (left, third):
        with pytest.raises(NoStampLeft):
            await give(one)
    assert await stamps(desk) == 1


async def test_none_is_given_where_none_was_given_up(desk: Desk) -> None:
    first, second = await desk.come(), await desk.come()
    alone = await desk.come(3, lines=[desk.bar], due=35_000)
    for one in (first, second, alone):
        with pytest.raises(NoStampLeft):
            await give(one)


async def test_none_is_given_to_a_visit_that_was_taken_back_and_goes_with_it(desk: Desk, left: Outcome[Any]) -> None:
    given = await give(left)
    await take_back(left)
    assert await stamps(desk) == 0
    with pytest.raises(VisitTakenBack):
        await take_back(given)
    with pytest.raises(VisitTakenBack):
        await give(left)


async def test_the_first_visit_done_again_leaves_it_to_the_other(desk: Desk) -> None:
    first, second = await desk.come(), await desk.come()
    back = await take_back(first)
    await give(second)
    await take_back(back)
    assert await stamps(desk) == 1
    await all_is_well()


async def test_the_desk_gives_none_of_a_date_that_only_a_manager_may_finish_a_visit_on(desk: Desk) -> None:
    first, second = await desk.come(5), await desk.come(5)
    await take_back(first)
    with pytest.raises(Forbidden):
        await give(second, ANNA)
    given = await give(second, VERA)
    with pytest.raises(Forbidden):
        await take_back(given, ANNA, now=NOW + timedelta(1))
