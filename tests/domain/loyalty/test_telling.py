"""What visits and nights give clients to be told, written with them and withdrawn with what it tells of."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.domain import db
from console.domain.business.queries import business
from console.domain.clock import bounds
from console.domain.ids import ClientId
from console.domain.intent import TERMINAL
from console.domain.loyalty import fixed_cards
from console.domain.loyalty.nights import night
from console.domain.messages import actions as messages
from tests.cast import NOW
from tests.domain.deeds import intent
from tests.domain.loyalty.test_accounts import TODAY, USUAL, client, come, day, kept, pay, take_back
from workers.night import do_due

__all__ = ["client"]

MORNING = datetime(2026, 5, 12, 7, tzinfo=UTC)
"""Ten o'clock in Moscow."""


async def told() -> list[tuple[str, dict[str, Any]]]:
    rows = await db.fetch(
        "SELECT kind, variables FROM message WHERE retired_at IS NULL AND status = 'due' ORDER BY kind"
    )
    return [(row["kind"], json.loads(row["variables"])) for row in rows]


async def kinds() -> list[str]:
    return [kind for kind, _ in await told()]


@pytest.fixture
async def at_home(client: ClientId) -> ClientId:
    """The same client, of a business in Moscow."""
    from tests import factories

    await factories.location()
    return client


async def test_the_visit_that_completes_a_card_tells_of_the_free_one_and_when_it_ends(at_home: ClientId) -> None:
    for visit in range(1, 4):
        await come(at_home, visit, day(40 - visit))
    assert await told() == []
    done = await come(at_home, 4, TODAY)
    last = str(TODAY + timedelta(180))
    assert await told() == [
        ("free_visit.ending", {"last": last}),
        ("free_visit.issued", {"last": last}),
        ("tier.raised", {"version": 1, "tier": 1, "before": 0}),
    ]
    rows = await db.fetch("SELECT due_at, operation FROM message ORDER BY kind")
    assert [tuple(row) for row in rows] == [(MORNING + timedelta(150), done), (NOW, done), (NOW, done)]


async def test_a_free_visit_that_is_used_or_taken_back_is_told_no_more(client: ClientId) -> None:
    for visit in range(1, 4):
        await come(client, visit, day(40 - visit))
    fourth = await come(client, 4, day(20))
    await come(client, 5, day(10), free=True)
    assert await kinds() == ["tier.raised"]
    await take_back(client, 5, day(10), await _operation(5))
    assert await kinds() == ["free_visit.ending", "free_visit.issued", "tier.raised"]
    await take_back(client, 4, day(20), fourth)
    assert await kinds() == []


async def _operation(visit: int) -> int:
    found: int = await db.fetchval("SELECT min(operation) FROM loyalty_entry WHERE visit = $1", visit)
    return found


async def test_the_night_that_warns_tells_what_would_keep_the_tier(client: ClientId) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(190 - visit))
    await night(intent(TERMINAL), client, TODAY)
    kind, warned = (await told())[-1]
    last = str(TODAY + timedelta(13))
    assert kind == "tier.warning"
    assert warned == {"version": 1, "tier": 1, "last": last, "visits": 3, "spend": 3 * USUAL, "match": "all"}
    await come(client, 5, TODAY)
    assert dict(await told())["tier.warning"] == {**warned, "visits": 2, "spend": 2 * USUAL + USUAL // 20}


async def test_who_comes_often_enough_is_warned_no_more(client: ClientId) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(190 - visit))
    await night(intent(TERMINAL), client, TODAY)
    assert "tier.warning" in await kinds()
    for visit in range(5, 9):
        await come(client, visit, TODAY)
    assert "tier.warning" not in await kinds()


async def test_a_drop_is_told(client: ClientId) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(190 - visit))
    await night(intent(TERMINAL), client, TODAY)
    await night(intent(TERMINAL), client, TODAY + timedelta(14))
    assert (await told())[-1] == ("tier.dropped", {"version": 1, "tier": 0, "before": 1})
    assert "tier.warning" not in await kinds()


@pytest.fixture
async def dropped(client: ClientId) -> ClientId:
    """The client lost their tier this morning: next to nothing was paid for the visits that they came to since."""
    for visit, ago in ((1, 195), (2, 194), (3, 193), (4, 192)):
        await come(client, visit, day(ago))
    for visit in (5, 6, 7):
        await come(client, visit, day(40), 1)
    for ago in (14, 0):  # the second visit leaves the window
        await do_due(bounds(day(ago), (await business()).zone)[0] + timedelta(hours=4))
    assert await told() == [LOST]
    return client


LOST = ("tier.dropped", {"version": 1, "tier": 0, "before": 1})


async def test_a_drop_that_a_debt_received_makes_never_to_have_been_is_not_told(dropped: ClientId) -> None:
    await pay(dropped, 5, day(40), await _operation(5), 4 * USUAL)
    assert (await kept(dropped))["tier"] == "silver"
    assert "tier.dropped" not in await kinds()
    await pay(dropped, 5, day(40), await _operation(5), -4 * USUAL)
    assert await kinds() == ["tier.raised", "tier.warning"]  # who lost it by an undo drops on another day


async def test_nor_is_one_that_a_visit_dated_back_makes_so(dropped: ClientId) -> None:
    await come(dropped, 8, day(20), 4 * USUAL)
    assert (await kept(dropped))["tier"] == "silver"
    assert "tier.dropped" not in await kinds()


async def test_what_was_told_is_neither_withdrawn_nor_told_again(dropped: ClientId) -> None:
    await db.execute("UPDATE message SET status = 'skipped', reason = 'quiet'")
    before = await db.fetch("SELECT id, version, status, retired_at FROM message ORDER BY id")
    late = await come(dropped, 8, day(20), 4 * USUAL)
    await take_back(dropped, 8, day(20), late)
    after = await db.fetch("SELECT id, version, status, retired_at FROM message WHERE status = 'skipped' ORDER BY id")
    assert after == before
    assert "tier.dropped" not in await kinds()


async def test_a_free_visit_of_before_messages_were_written_is_not_announced_late(client: ClientId) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(40 - visit))
    await db.execute("UPDATE message SET kind = 'visit.thanks', dedupe_key = id")
    await come(client, 5, TODAY)
    assert "free_visit.issued" not in await kinds()


async def test_who_holds_a_fixed_card_is_told_of_the_tier_once_they_hold_none_any_more(client: ClientId) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(190 - visit))
    given = await fixed_cards.give(intent(TERMINAL), client, 700, None, None)
    await night(intent(TERMINAL), client, TODAY)
    assert "tier.warning" not in await kinds()
    await fixed_cards.withdraw(intent(TERMINAL), client, given.result["card"])
    assert "tier.warning" in await kinds()


async def test_a_warning_is_withdrawn_from_whom_a_fixed_card_is_given(client: ClientId) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(190 - visit))
    await night(intent(TERMINAL), client, TODAY)
    await fixed_cards.give(intent(TERMINAL), client, 700, None, None)
    assert "tier.warning" not in await kinds()


@pytest.mark.parametrize("stands", ["status = 'due'", "status = 'claimed', claimed_until = try_at"])
async def test_what_a_worker_has_of_a_free_visit_is_not_tried_again_once_it_is_used(
    client: ClientId, stands: str
) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(40 - visit))
    await db.execute(f"UPDATE message SET {stands}, channel = 'sms' WHERE kind = 'free_visit.ending'")
    await come(client, 5, day(10), free=True)
    ending = "SELECT retired_at IS NULL FROM message WHERE kind = 'free_visit.ending'"
    assert not await db.fetchval(ending)
    await take_back(client, 5, day(10), await _operation(5))
    assert await db.fetchval(ending)


@pytest.mark.parametrize("become", ["failed", "unknown"])
async def test_what_staff_may_send_again_of_a_free_visit_is_withdrawn_once_it_is_used(
    client: ClientId, become: str
) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(40 - visit))
    ending = await db.fetchval(
        "UPDATE message SET status = $1, channel = 'sms', reason = 'trouble', attempts = 9"
        " WHERE kind = 'free_visit.ending' RETURNING id",
        become,
    )
    await come(client, 5, day(10), free=True)
    with pytest.raises(messages.NothingToSend):
        await messages.send_again(intent(TERMINAL), ending)
    await take_back(client, 5, day(10), await _operation(5))
    await messages.send_again(intent(TERMINAL), ending)
