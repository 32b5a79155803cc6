"""The nights of all accounts are done once by the worker, whoever stands in the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from uuid import uuid5

import asyncpg
import pytest

from console.domain import db
from console.domain.business.queries import business
from console.domain.clock import bounds
from console.domain.ids import ClientId
from console.domain.intent import SYSTEM, TERMINAL
from console.domain.loyalty import actions, checks, nights_checks
from console.domain.loyalty.nights import due
from console.domain.loyalty.presets import both
from tests import factories
from tests.domain.conftest import kernel
from tests.domain.deeds import intent
from tests.domain.loyalty.test_accounts import TODAY, USUAL, client, come, day, kept, ladder
from workers import night
from workers.night import do_due

__all__ = ["client", "kernel"]


async def at(ago: int, hour: int = 4) -> datetime:
    """An hour of the morning of a business date."""
    return bounds(day(ago), (await business()).zone)[0] + timedelta(hours=hour)


async def others(many: int) -> list[ClientId]:
    return [ClientId(await factories.client()) for _ in range(many)]


async def who_stays_away(client: ClientId, first_visit: int) -> None:
    """Four visits, of which the second leaves the window in the night nine days ago: two are not enough."""
    for visit in range(4):
        await come(client, first_visit + visit, day(190 - visit))


async def nights() -> list[tuple[int, int]]:
    rows = await db.fetch(
        "SELECT c.entity_id, count(*) FROM operation o JOIN change c ON c.operation = o.id"
        " AND c.entity = 'loyalty_account' WHERE o.kind = 'loyalty.night' GROUP BY 1 ORDER BY 1"
    )
    return [tuple(row) for row in rows]


async def test_every_account_that_is_due_is_done_once_however_often_it_runs(client: ClientId) -> None:
    clients = [client, *await others(2)]
    for at_, one in enumerate(clients):
        await who_stays_away(one, 1 + 10 * at_)
    for _ in range(3):
        await do_due(await at(9))
    assert [(await ladder(one))[-1] for one in clients] == [("warned", day(9), "silver")] * 3
    assert [many for _, many in await nights()] == [1, 1, 1]
    row = await db.fetchrow("SELECT intent_id, actor FROM operation WHERE kind = 'loyalty.night' ORDER BY id")
    assert row is not None
    assert tuple(row) == (uuid5(night.NAMESPACE, f"night:{day(9)}:client:{client}"), SYSTEM.id)


async def test_before_three_in_the_morning_it_is_the_night_before(client: ClientId) -> None:
    await who_stays_away(client, 1)
    await do_due(await at(9, hour=2))
    assert (await kept(client))["night"] < day(9)
    await do_due(await at(9, hour=3))
    assert (await kept(client))["night"] == day(9)


async def test_a_night_that_changes_nothing_is_done_without_a_word(client: ClientId) -> None:
    for visit in range(1, 8):
        await come(client, visit, day(188 - 9 * visit))
    draft = (await actions.start_draft(intent(TERMINAL), both(USUAL))).result["programme_version"]
    await actions.publish(intent(TERMINAL), draft, 1, first := day(-1))
    before = await db.fetchval("SELECT count(*) FROM operation")
    assert await due(first, 10) == [client]
    await do_due(bounds(first, (await business()).zone)[0] + timedelta(hours=4))
    found = await kept(client)
    assert (found["night"], found["next_night"] > first) == (first, True)
    assert await db.fetchval("SELECT count(*) FROM operation") == before
    assert await due(first, 10) == []


async def test_whom_the_desk_has_locked_is_left_and_done_by_the_next_run(
    client: ClientId, as_owner: asyncpg.Connection
) -> None:
    (other,) = await others(1)
    await who_stays_away(client, 1)
    await who_stays_away(other, 11)
    desk = as_owner.transaction()
    await desk.start()
    await as_owner.execute("SELECT 1 FROM client WHERE id = $1 FOR NO KEY UPDATE", client)
    await do_due(await at(9))
    assert [event for event, _, _ in await ladder(client)] == ["raised"]
    assert (await ladder(other))[-1][0] == "warned"
    assert await db.fetchval("SELECT count(*) FROM refusal") == 0
    await desk.commit()
    await do_due(await at(9))
    assert (await ladder(client))[-1][0] == "warned"


@pytest.fixture
async def failing(client: ClientId, as_owner: asyncpg.Connection) -> AsyncIterator[ClientId]:
    """A client of whom no line of the tier can be written any more."""
    await who_stays_away(client, 1)
    await as_owner.execute(
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it fails'; END $$"
    )
    await as_owner.execute(
        f"CREATE TRIGGER fails BEFORE INSERT ON tier_entry FOR EACH ROW WHEN (NEW.client = {client})"
        " EXECUTE FUNCTION fails()"
    )
    yield client
    await as_owner.execute("DROP FUNCTION fails CASCADE")


async def test_one_that_fails_stops_nobody_else_and_is_tried_again_and_the_doctor_tells_of_it(
    failing: ClientId, as_owner: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    (other,) = await others(1)
    await who_stays_away(other, 11)
    with caplog.at_level(logging.ERROR):
        await do_due(await at(9))
    assert (await ladder(other))[-1][0] == "warned"
    assert [record.message for record in caplog.records] == [f"the night of client {failing} was not done"]
    assert any(f"client {failing} waits" in told for told in await nights_checks.nights_are_done())
    await as_owner.execute("DROP TRIGGER fails ON tier_entry")
    await do_due(await at(9))
    assert (await ladder(failing))[-1][0] == "warned"


async def test_after_a_stop_the_nights_are_done_one_by_one_with_grace_from_the_telling(client: ClientId) -> None:
    await who_stays_away(client, 1)
    await do_due(await at(0))
    assert (await ladder(client))[-1] == ("warned", day(9), "silver")
    found = await kept(client)
    assert (found["night"], found["drops_on"]) == (TODAY, TODAY + timedelta(14))
    await do_due(await at(-20))
    assert (await ladder(client))[-1] == ("dropped", day(-14), "base")


async def test_what_expires_is_the_same_by_a_night_each_day_and_by_all_of_them_at_once(
    client: ClientId, as_owner: asyncpg.Connection
) -> None:
    (late,) = await others(1)
    for one, first in ((client, 1), (late, 11)):
        for visit in range(3):
            await come(one, first + visit, day(400 - 10 * visit))
    async with as_owner.transaction():
        await as_owner.execute("SELECT 1 FROM client WHERE id = $1 FOR NO KEY UPDATE", late)
        for ago in range(40, 9, -1):
            await do_due(await at(ago))
    assert await expired(late) == []
    await do_due(await at(10))
    assert await expired(client) == [("stamp", day(44 - 10 * lot), lot) for lot in (1, 2, 3)]
    assert await expired(late) == await expired(client)
    assert {**await kept(late), "night": day(14)} == await kept(client)


async def expired(client: ClientId) -> list[tuple[str, date, int]]:
    rows = await db.fetch(
        "SELECT unit, \"on\", lot FROM loyalty_entry WHERE client = $1 AND verb = 'expire' ORDER BY id", client
    )
    return [tuple(row) for row in rows]


async def test_a_run_that_is_told_to_stop_leaves_the_rest_to_the_next_one(client: ClientId) -> None:
    clients = [client, *await others(3)]
    for at_, one in enumerate(clients):
        await who_stays_away(one, 1 + 10 * at_)
    asked = iter([True, True, True, False])
    await do_due(await at(9), lambda: next(asked, False))
    done = [(await ladder(one))[-1][0] for one in clients]
    assert sorted(done) == ["raised", "raised", "warned", "warned"]
    await do_due(await at(9))
    assert {(await ladder(one))[-1][0] for one in clients} == {"warned"}


async def test_visits_finished_while_it_runs_leave_every_account_right(client: ClientId) -> None:
    clients = [client, *await others(7)]
    for at_, one in enumerate(clients):
        await who_stays_away(one, 1 + 10 * at_)
    now = await at(0)
    await asyncio.gather(
        *(do_due(now) for _ in range(2)),
        *(come(one, 5 + 10 * at_, TODAY) for at_, one in enumerate(clients)),
    )
    await do_due(await at(0))
    assert {(await kept(one))["night"] for one in clients} == {TODAY}
    assert [events.count("warned") for events in [[event for event, _, _ in await ladder(one)] for one in clients]] == [
        1
    ] * 8
    for check in checks.LEDGERS:
        assert await check() == []
