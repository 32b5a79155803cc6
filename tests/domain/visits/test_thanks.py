"""Who came is thanked, once for a date, some hours later, and not for what was taken back or written down late."""

from __future__ import annotations

import json
from datetime import timedelta

from console.domain import db
from console.domain.intent import Intent
from console.domain.messages import settings
from console.domain.messages.rules import MessageKind
from console.domain.messages.settings_rules import MessageSettings
from console.domain.undo import undo
from tests.cast import NOW, VERA
from tests.till import USUAL, Desk
from tests.yard import intent

HOUR = timedelta(hours=1)


async def thanks() -> list[dict[str, object]]:
    """What is due of thanks."""
    rows = await db.fetch(
        "SELECT variables FROM message WHERE kind = 'visit.thanks' AND status = 'due' AND retired_at IS NULL"
    )
    return [json.loads(row["variables"]) for row in rows]


async def test_a_visit_is_thanked_for_two_hours_after_it_was_finished(desk: Desk) -> None:
    done = await desk.come()
    [told] = await thanks()
    assert told["visit"] == done.result["visit"]
    assert told["location"] == desk.yard.location
    row = await db.fetchrow("SELECT due_at, ends_at FROM message WHERE kind = 'visit.thanks'")
    assert row is not None
    assert tuple(row) == (NOW + 2 * HOUR, NOW + 2 * HOUR + timedelta(days=2))


async def test_a_visit_that_was_taken_back_is_not_until_it_is_finished_again(desk: Desk) -> None:
    done = await desk.come()
    back = await undo(intent(VERA), done.operation_id)
    assert await thanks() == []
    await undo(intent(VERA), back.operation_id)
    assert len(await thanks()) == 1


async def test_two_visits_of_a_date_are_thanked_for_once(desk: Desk) -> None:
    for _ in range(2):
        await desk.come()
    assert len(await thanks()) == 1


async def test_a_visit_that_is_written_down_days_later_is_not(desk: Desk) -> None:
    await desk.come(3)
    assert await thanks() == []


async def test_nobody_is_thanked_where_the_business_does_not_want_it(desk: Desk) -> None:
    wanted = MessageSettings(off=frozenset({MessageKind.VISIT_THANKS}))
    await settings.choose(Intent(intent().id, VERA.actor, NOW), 0, wanted)
    await desk.come()
    assert await thanks() == []


async def test_the_other_visit_of_a_date_is_thanked_for_where_the_first_is_taken_back(desk: Desk) -> None:
    first, second = await desk.come(), await desk.come()
    back = await undo(intent(VERA), first.operation_id)
    assert [told["visit"] for told in await thanks()] == [second.result["visit"]]
    await undo(intent(VERA), back.operation_id)
    assert [told["visit"] for told in await thanks()] == [second.result["visit"]]


async def test_a_visit_that_is_refunded_in_full_is_not_until_the_refund_is_undone(desk: Desk) -> None:
    done = await desk.come()
    back = await desk.refund(done.result["visit"], USUAL)
    assert await thanks() == []
    await undo(intent(VERA), back.operation_id)
    assert [told["visit"] for told in await thanks()] == [done.result["visit"]]


async def test_a_visit_that_is_refunded_in_part_still_is(desk: Desk) -> None:
    done = await desk.come()
    await desk.refund(done.result["visit"], USUAL - 1)
    assert [told["visit"] for told in await thanks()] == [done.result["visit"]]


async def test_the_other_visit_of_a_date_is_thanked_for_where_the_first_is_refunded_in_full(desk: Desk) -> None:
    first, second = await desk.come(), await desk.come()
    await desk.refund(first.result["visit"], USUAL)
    assert [told["visit"] for told in await thanks()] == [second.result["visit"]]
