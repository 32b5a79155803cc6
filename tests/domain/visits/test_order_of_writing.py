"""Operations on one account are numbered in the order in which they wrote: the ladder as corrected goes by it."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from console.domain import db
from console.domain.intent import TERMINAL, Intent
from console.domain.visits import actions
from tests.cast import NOW
from tests.meeting import waits
from tests.till import DAY, Desk

CLAIMED = (
    "INSERT INTO operation (kind, actor, intent_id, payload_hash, at)"
    " SELECT 'visit.finish', $1, $2, payload_hash, at FROM operation ORDER BY id LIMIT 1"
)


async def test_who_was_claimed_first_and_writes_second_is_the_later_one(desk: Desk) -> None:
    means = Intent(uuid4(), TERMINAL, NOW)
    assert db.ENGINE.pool is not None
    async with db.ENGINE.pool.acquire() as other:
        claim = other.transaction()
        await claim.start()
        await other.execute(CLAIMED, TERMINAL.id, means.id)
        first = asyncio.create_task(actions.finish(means, desk.till(at=NOW - DAY)))
        await waits(first)
        second = await desk.come()
        await claim.rollback()
        waited = await first
    assert waited.operation_id > second.operation_id
    rows = await db.fetch(
        "SELECT operation FROM loyalty_entry WHERE client = $1 AND unit = 'visit' ORDER BY id", desk.client
    )
    assert [row["operation"] for row in rows] == [second.operation_id, waited.operation_id]
