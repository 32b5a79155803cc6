"""What a client is to be told: once for each key, corrected while it is due, withdrawn with what it tells of."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from console.domain import db
from console.domain.clients.tables import Client
from console.domain.desk import actions as desk
from console.domain.desk.rules import Why
from console.domain.ids import ClientId
from console.domain.intent import TERMINAL, Outcome
from console.domain.messages import checks, steps
from console.domain.messages.rules import MessageKind, Variables
from console.domain.running import Operation
from console.domain.undo import undo, undoable
from tests import factories
from tests.cast import NOW
from tests.domain.deeds import intent, script

KEY = "tier.warning:1"
TOLD: Variables = {"tier": 2, "through": date(2026, 6, 1)}


@pytest.fixture
async def client(kernel: None) -> ClientId:
    return ClientId(await factories.client())


async def tell(client: ClientId, key: str = KEY, told: Variables = TOLD, days: int = 1) -> Outcome[Any]:
    async def body(op: Operation) -> None:
        await op.lock(Client, [client])
        await steps.due(op, MessageKind.TIER_WARNING, client, NOW + timedelta(days), told, key)

    return await script(intent(TERMINAL), body)


async def withdraw(key: str = KEY) -> Outcome[Any]:
    return await script(intent(TERMINAL), lambda op: steps.withdraw(op, key))


async def standing() -> list[tuple[str, int, str]]:
    rows = await db.fetch(
        "SELECT dedupe_key, extract(day FROM due_at - $1)::int, variables->>'through' FROM message"
        " WHERE retired_at IS NULL AND status = 'due' ORDER BY id",
        NOW,
    )
    return [tuple(row) for row in rows]


async def test_what_is_due_is_written_with_what_there_is_to_tell(client: ClientId) -> None:
    await tell(client)
    row = await db.fetchrow("SELECT kind, client, due_at, variables, status FROM message")
    assert row is not None
    assert tuple(row) == (
        "tier.warning",
        client,
        NOW + timedelta(1),
        '{"tier": 2, "through": "2026-06-01"}',
        "due",
    )


async def test_the_same_is_told_once_and_corrected_while_it_is_due(client: ClientId) -> None:
    await tell(client)
    same = await tell(client)
    assert same.operation_id == 0 or await db.fetchval("SELECT version FROM message") == 1
    await tell(client, told={"tier": 2, "through": date(2026, 6, 8)}, days=8)
    assert await standing() == [(KEY, 8, "2026-06-08")]


async def test_what_is_not_so_any_more_is_withdrawn_and_may_come_back(client: ClientId) -> None:
    await tell(client)
    await withdraw()
    assert await standing() == []
    await tell(client, days=3)
    assert await standing() == [(KEY, 3, "2026-06-01")]
    assert await db.fetchval("SELECT count(*) FROM message") == 1


async def test_what_nobody_is_told_any_more_is_neither_corrected_nor_withdrawn(client: ClientId) -> None:
    await tell(client)
    await db.execute("UPDATE message SET status = 'skipped', reason = 'quiet'")
    await tell(client, days=9)
    await withdraw()
    row = await db.fetchrow("SELECT status, due_at, retired_at, version FROM message")
    assert row is not None
    assert tuple(row) == ("skipped", NOW + timedelta(1), None, 1)


async def test_an_undo_leaves_it_to_what_it_follows_from_and_is_stopped_by_no_later_message(client: ClientId) -> None:
    done = await tell(client)
    await tell(client, days=3)
    assert await undoable(done.operation_id)
    await undo(intent(TERMINAL), done.operation_id)
    assert await standing() == [(KEY, 3, "2026-06-01")]


async def test_an_instant_is_kept_in_utc(client: ClientId) -> None:
    await tell(client, told={"starts": NOW.astimezone(ZoneInfo("Asia/Tokyo"))})
    assert await db.fetchval("SELECT (variables ->> 'starts')::timestamptz FROM message") == NOW
    assert str(await db.fetchval("SELECT variables ->> 'starts' FROM message")).endswith("Z")


@pytest.mark.parametrize("text", ["Анна", "Anna", "anna petrova", "+7 921", "a@b.example", "", "x" * 65])
async def test_a_name_has_no_place_in_a_message(client: ClientId, text: str, as_owner: asyncpg.Connection) -> None:
    with pytest.raises(TypeError, match="who of a message"):
        await tell(client, told={"who": text})
    await tell(client)
    with pytest.raises(asyncpg.CheckViolationError):
        await as_owner.execute("UPDATE message SET variables = jsonb_build_object('who', $1::text)", text)


@pytest.mark.parametrize("told", ["[]", '{"who": {"name": 1}}', '{"who": ["anna"]}'])
async def test_the_database_holds_numbers_dates_and_codes_alone(
    client: ClientId, told: str, as_owner: asyncpg.Connection
) -> None:
    await tell(client)
    with pytest.raises(asyncpg.CheckViolationError):
        await as_owner.execute("UPDATE message SET variables = $1", told)


@pytest.mark.parametrize(
    "column",
    [
        "kind = 'Warning'",
        "dedupe_key = 'tier.warning:2'",
        "status = 'gone'",
        "status = 'sent', channel = 'sms'",
        "status = 'sent', sent_at = now()",
        "status = 'claimed', channel = 'sms'",
        "status = 'claimed', claimed_until = now()",
        "status = 'unknown'",
        "status = 'skipped'",
        "status = 'failed'",
        "sent_at = now()",
        "claimed_until = now()",
        "channel = 'post'",
        "reason = 'No one'",
        "error = repeat('x', 501)",
        "attempts = -1",
        "try_at = NULL",
    ],
)
async def test_the_database_refuses_what_is_no_message(
    client: ClientId, column: str, as_owner: asyncpg.Connection
) -> None:
    await tell(client)
    await tell(client, "tier.warning:2")
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await as_owner.execute(f"UPDATE message SET {column} WHERE dedupe_key = $1", KEY)


async def test_who_is_erased_is_told_nothing_any_more(client: ClientId, as_superuser: asyncpg.Connection) -> None:
    other = ClientId(await factories.client())
    await tell(client)
    await tell(other, "tier.warning:2")
    await desk.erase(intent(TERMINAL, reason=Why.ASKED.value), client)
    assert [key for key, _, _ in await standing()] == ["tier.warning:2"]
    assert await checks.nobody_erased_is_told_anything() == []
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute("UPDATE message SET retired_at = NULL WHERE client = $1", client)
    await as_superuser.execute("SET session_replication_role = replica")
    await as_superuser.execute("UPDATE message SET retired_at = NULL")
    assert len(await checks.nobody_erased_is_told_anything()) == 1


async def test_a_message_is_tried_when_it_is_due_and_what_holds_it_up_moves_no_more_than_the_attempt(
    client: ClientId,
) -> None:
    times = "SELECT extract(day FROM due_at - $1) AS due, extract(day FROM try_at - $1) AS tried FROM message"
    await tell(client)
    await db.execute("UPDATE message SET try_at = try_at + interval '5 days', reason = 'quiet'")
    assert tuple(await db.fetchrow(times, NOW) or ()) == (1, 6)
    await tell(client, days=3)
    assert tuple(await db.fetchrow(times, NOW) or ()) == (3, 3)
    assert await db.fetchval("SELECT reason FROM message") is None


async def test_what_a_worker_has_is_not_corrected_and_not_tried_again_once_it_is_withdrawn(client: ClientId) -> None:
    await tell(client)
    await db.execute("UPDATE message SET status = 'claimed', claimed_until = now(), channel = 'sms'")
    await tell(client, days=9)
    assert await db.fetchval("SELECT due_at FROM message") == NOW + timedelta(1)
    await withdraw()
    assert await db.fetchval("SELECT retired_at IS NOT NULL FROM message WHERE status = 'claimed'")


async def test_what_a_worker_has_of_whom_is_erased_meanwhile_ends_and_is_not_tried_again(client: ClientId) -> None:
    await tell(client)
    await db.execute("UPDATE message SET status = 'claimed', claimed_until = now(), channel = 'sms'")
    await desk.erase(intent(TERMINAL, reason=Why.ASKED.value), client)
    assert await checks.nobody_erased_is_told_anything() == []
    await db.execute("UPDATE message SET status = 'due', claimed_until = NULL")
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute("UPDATE message SET status = 'claimed', claimed_until = now(), retired_at = NULL")
    await db.execute("UPDATE message SET status = 'sent', sent_at = now()")


async def test_what_is_due_at_once_wakes_a_worker(client: ClientId, rung: list[frozenset[str]]) -> None:
    await tell(client, days=1)
    assert rung == []
    await tell(client, "tier.warning:2", days=0)
    assert rung == [frozenset({"message"})]
