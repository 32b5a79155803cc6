"""Accounts against the database: entries, balances and tiers stay in step through visits, nights and undoing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from console.domain import db
from console.domain.clients.tables import Client
from console.domain.ids import ClientId
from console.domain.intent import TERMINAL
from console.domain.loyalty import actions, checks, queries, steps
from console.domain.loyalty.nights import due, night
from console.domain.loyalty.presets import both
from console.domain.loyalty.rules.pricing import Asked, price
from console.domain.loyalty.rules.visits import Finished, percentage
from console.domain.running import Operation
from tests import factories
from tests.cast import NOW
from tests.domain.deeds import intent, script

TODAY = NOW.date()
USUAL = 200_000


@pytest.fixture
async def client(kernel: None) -> ClientId:
    """A client of a business whose programme has been in force for long."""
    one = await queries.draft()
    assert one is not None
    await actions.change_draft(intent(TERMINAL), one.id, one.version, both(USUAL))
    await actions.publish(intent(TERMINAL), one.id, one.version + 1, date(2020, 1, 1))
    return ClientId(await factories.client())


def day(ago: int) -> date:
    return TODAY - timedelta(ago)


async def come(client: ClientId, visit: int, on: date, minor: int = USUAL, *, free: bool = False) -> int:
    """A visit with one service line, paid at once; the operation that finished it."""

    async def body(op: Operation) -> None:
        await op.lock(Client, [client])
        held = await steps.opened(op, client, on)
        programme = held.versions.on(on)
        priced = price(programme, [Asked(minor, service="1")], percentage(programme, held.card), free_visit=free)
        await steps.finish(op, held, Finished(on, priced, priced.due, 0, visit))

    return (await script(intent(TERMINAL), body, f"visit {visit}")).operation_id


async def take_back(client: ClientId, visit: int, on: date, operation: int) -> None:
    async def body(op: Operation) -> None:
        await op.lock(Client, [client])
        await steps.take_back(op, await steps.opened(op, client, TODAY), visit, on, operation)

    await script(intent(TERMINAL), body, f"undo {visit}")


async def pay(client: ClientId, visit: int, on: date, operation: int, more: int) -> None:
    async def body(op: Operation) -> None:
        await op.lock(Client, [client])
        await steps.pay(op, await steps.opened(op, client, TODAY), visit, on, operation, more)

    await script(intent(TERMINAL), body, f"pay {visit} {more}")


async def kept(client: ClientId) -> dict[str, Any]:
    row = await db.fetchrow(
        "SELECT stamps, free_visits, tier, drops_on, night, next_night FROM loyalty_account WHERE client = $1", client
    )
    assert row is not None
    return dict(row)


async def ladder(client: ClientId) -> Sequence[tuple[str, date, str]]:
    rows = await db.fetch('SELECT event, "on", tier FROM tier_entry WHERE client = $1 ORDER BY id', client)
    return [tuple(row) for row in rows]


async def test_four_paid_visits_make_a_free_one_and_raise_the_tier(client: ClientId) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(40 - visit))
    found = await kept(client)
    assert (found["stamps"], found["free_visits"], found["tier"]) == (0, 1, "silver")
    assert await ladder(client) == [("raised", day(36), "silver")]
    await come(client, 5, day(30), free=True)
    assert (await kept(client))["free_visits"] == 0
    entries = await db.fetch("SELECT unit, verb, delta FROM loyalty_entry WHERE visit = 5")
    assert [tuple(row) for row in entries] == [("free_visit", "redeem", -1)]


async def test_a_visit_taken_back_leaves_the_account_as_if_it_had_not_been(client: ClientId) -> None:
    for visit in range(1, 4):
        await come(client, visit, day(40 - visit))
    before = await kept(client)
    operation = await come(client, 4, TODAY)
    assert (await kept(client))["tier"] == "silver"
    await take_back(client, 4, TODAY, operation)
    after = await kept(client)
    assert after == {**before, "night": TODAY, "next_night": after["next_night"]}
    assert await ladder(client) == [("raised", TODAY, "silver"), ("retraced", TODAY, "base")]
    sums = await db.fetch("SELECT unit, sum(delta)::int AS sum FROM loyalty_entry GROUP BY unit ORDER BY unit")
    assert [tuple(row) for row in sums] == [("free_visit", 0), ("spend", 3 * USUAL), ("stamp", 3), ("visit", 3)]


async def test_who_stays_away_is_warned_by_nights_that_are_due_with_full_grace_from_the_telling(
    client: ClientId,
) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(190 - visit))
    assert await due(day(9), 10) == []  # the first visit leaves the window: the three others keep the tier
    assert await due(day(8), 10) == [client]
    for to in (day(8), day(8), TODAY):
        await night(intent(TERMINAL), client, to)
    events = [(event, tier) for event, _, tier in await ladder(client)]
    assert events == [("raised", "silver"), ("warned", "silver")]
    found = await kept(client)
    assert found["drops_on"] == TODAY + timedelta(14)  # nobody was told before today
    assert await due(TODAY, 10) == []


async def test_a_night_waits_for_nobody_who_has_the_client_locked(
    client: ClientId, as_owner: asyncpg.Connection
) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(190 - visit))
    async with as_owner.transaction():
        await as_owner.execute("SELECT 1 FROM client WHERE id = $1 FOR NO KEY UPDATE", client)
        await night(intent(TERMINAL), client, TODAY)
    assert (await kept(client))["night"] < TODAY
    await night(intent(TERMINAL), client, TODAY)
    assert (await kept(client))["night"] == TODAY


async def test_a_visit_dated_back_counts_for_its_own_date(client: ClientId) -> None:
    for visit, ago in enumerate((40, 30, 20), 1):
        await come(client, visit, day(ago))
    await come(client, 4, day(25))
    found = await kept(client)
    assert (found["stamps"], found["free_visits"], found["tier"], found["night"]) == (0, 1, "silver", day(20))
    issued = await db.fetchrow("SELECT \"on\", lot FROM loyalty_entry WHERE verb = 'issue'")
    assert tuple(issued) == (day(20), 1)  # complete with the stamp of the last of the four


async def test_a_refund_lowers_the_spend_and_may_take_a_tier_that_it_made(client: ClientId) -> None:
    operations = [await come(client, visit, day(40 - visit)) for visit in range(1, 5)]
    await pay(client, 4, day(36), operations[3], -1)
    assert (await kept(client))["tier"] == "base"
    await pay(client, 4, day(36), operations[3], 1)
    assert (await kept(client))["tier"] == "silver"


async def test_the_same_is_not_posted_twice_for_one_visit(client: ClientId) -> None:
    await come(client, 1, day(3))
    with pytest.raises(asyncpg.UniqueViolationError):
        await come(client, 1, day(2))
    assert (await kept(client))["stamps"] == 1


@pytest.mark.parametrize("table", ["loyalty_entry", "tier_entry"])
async def test_what_is_written_in_a_ledger_stays(client: ClientId, table: str, as_owner: asyncpg.Connection) -> None:
    for visit in range(1, 5):
        await come(client, visit, day(40 - visit))
    for statement in (f"UPDATE {table} SET snapshot = '[]'", f"DELETE FROM {table}"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await as_owner.execute(statement)


async def test_the_database_refuses_a_free_visit_below_zero(client: ClientId, as_owner: asyncpg.Connection) -> None:
    await come(client, 1, day(3))
    with pytest.raises(asyncpg.CheckViolationError):
        await as_owner.execute("UPDATE loyalty_account SET free_visits = -1")


async def test_another_version_is_due_for_everybody_in_the_night_that_it_begins(client: ClientId) -> None:
    for visit in range(1, 4):
        await come(client, visit, day(3 - visit))
    await actions.start_draft(intent(TERMINAL), both(USUAL))
    one = await queries.draft()
    assert one is not None
    assert one.programme.counter is not None
    fewer = replace(one.programme, counter=replace(one.programme.counter, stamps_required=3))
    await actions.change_draft(intent(TERMINAL), one.id, one.version, fewer)
    await actions.publish(intent(TERMINAL), one.id, one.version + 1, TODAY + timedelta(1))
    assert await due(TODAY, 10) == []
    assert await due(TODAY + timedelta(1), 10) == [client]
    await night(intent(TERMINAL), client, TODAY + timedelta(1))
    found = await kept(client)
    assert (found["stamps"], found["free_visits"]) == (0, 1)


async def test_a_first_version_leaves_those_who_came_before_it_where_they_are(kernel: None) -> None:
    client = ClientId(await factories.client())
    await come(client, 1, TODAY)
    draft = await queries.draft()
    assert draft is not None
    await actions.publish(intent(TERMINAL), draft.id, draft.version, TODAY)
    assert await checks.tiers_are_those_of_their_last_entries() == []
    await come(client, 2, TODAY)
    assert (await kept(client))["tier"] == "base"
    assert await checks.tiers_are_those_of_their_last_entries() == []
