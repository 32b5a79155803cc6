"""What the demo's tickets say is what its cards show: each complaint has its evidence."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from console import embedded
from console.domain import clock, db
from console.domain.ids import ClientId
from console.domain.tickets.remedies import evidence
from console.domain.tickets.remedies.rules import Cause
from tests.server import Keeper


@pytest.fixture
async def filled(clean: None, keeper: Keeper, postgres_server: embedded.Postgres) -> AsyncIterator[None]:
    await keeper.demo("en")
    async with db.pool(postgres_server.app_url):
        yield


async def wrong_of(number: int) -> set[Cause]:
    """What could be put right for the client of a ticket; of missing stamps those that the rules give."""
    ticket = await db.fetchrow("SELECT client, opened_at FROM ticket WHERE number = $1", number)
    assert ticket is not None
    there = await evidence.found(ClientId(ticket["client"]), ticket["opened_at"], clock.now())
    return {one.remedy.cause for one in there if one.remedy.cause is not Cause.MISSING_STAMP or one.by_rules}


async def card_of(number: int) -> tuple[int, int]:
    """The stamps and the free visits of the client of a ticket."""
    row = await db.fetchrow(
        "SELECT stamps, free_visits FROM loyalty_account WHERE client = (SELECT client FROM ticket WHERE number = $1)",
        number,
    )
    assert row is not None
    return row["stamps"], row["free_visits"]


TIERS = (
    "SELECT e.event, e.tier FROM tier_entry e JOIN ticket t ON t.client = e.client WHERE t.number = $1 ORDER BY e.id"
)
TUESDAYS = "SELECT s.weekdays FROM series s JOIN ticket t ON t.client = s.client WHERE t.number = 4"
VISITS = "SELECT count(*) FROM visit v JOIN ticket t ON t.client = v.client WHERE t.number = $1"


@pytest.mark.usefixtures("filled")
async def test_a_stamp_is_missing_a_free_visit_lapsed_and_a_question_has_its_answer() -> None:
    assert Cause.MISSING_STAMP in await wrong_of(1)
    assert await card_of(1) == (3, 0)
    assert Cause.REWARD_LAPSED in await wrong_of(7)
    assert await card_of(7) == (0, 0)
    assert await card_of(8) == (3, 2)
    assert await db.fetch(TIERS, 2) == [("raised", "silver"), ("warned", "silver"), ("dropped", "base")]
    assert await db.fetchval(f"{VISITS} AND v.due > 0 AND v.at > now() - interval '12 days'", 3) == 1
    assert await db.fetchval(TUESDAYS) == [1]
