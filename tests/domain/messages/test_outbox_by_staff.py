"""What staff do with messages: one that waits is stopped, one that may not have arrived is sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from console.domain import clock, db
from console.domain.errors import Refused
from console.domain.ids import ClientId, MessageId
from console.domain.messages import actions, checks, outbox_queries
from console.domain.messages.rules import MessageStatus
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, NOW
from tests.domain.messages.test_outbox import BOTH, MAIL, somebody
from tests.statements import counted
from tests.yard import intent

UNKNOWN = "status = 'unknown', channel = 'email', attempts = 4"
FAILED = "status = 'failed', channel = 'sms', attempts = 4, reason = 'trouble', error = 'refused: 550 no such user'"
SENT = "status = 'sent', channel = 'sms', sent_at = due_at"


@pytest.fixture
async def client(database: None) -> ClientId:
    await factories.staff(ANNA)
    return await somebody(emails=MAIL)


async def message(client: int, key: str = "1", become: str = "status = 'due'", minutes: int = 60) -> MessageId:
    """A message that is due in so many minutes, or what became of it."""
    made = await db.fetchval(
        "INSERT INTO message (version, operation, kind, client, due_at, try_at, variables, dedupe_key, status)"
        " VALUES (1, (SELECT min(id) FROM operation), 'booking.reminder', $1, $2, $2, '{}', $3, 'due') RETURNING id",
        client,
        NOW + timedelta(minutes=minutes),
        key,
    )
    await db.execute(f"UPDATE message SET {become} WHERE id = $1", made)
    return MessageId(made)


async def stands(one: MessageId) -> tuple[str, str | None, str | None, int]:
    row = await db.fetchrow("SELECT status, reason, channel, attempts FROM message WHERE id = $1", one)
    assert row is not None
    return tuple(row)


async def test_what_is_due_is_stopped_and_sent_after_all(client: ClientId) -> None:
    one = await message(client)
    await actions.stop(intent(), one)
    assert await stands(one) == ("skipped", "staff", None, 0)
    await actions.send_again(intent(), one)
    assert await stands(one) == ("due", None, None, 0)
    assert await db.fetchval("SELECT try_at FROM message") == NOW


BOUND = "channel = 'sms', attempts = 1"
"""Due, though it may have gone before."""


@pytest.mark.parametrize("become", [UNKNOWN, FAILED, SENT, BOUND, "retired_at = due_at"])
async def test_what_is_not_due_is_not_stopped(client: ClientId, become: str) -> None:
    one = await message(client, become=become)
    with pytest.raises(actions.NotDueAnyMore):
        await actions.stop(intent(), one)


async def test_what_was_stopped_waits_for_its_own_time_again_once_that_is_undone(client: ClientId) -> None:
    one = await message(client)
    stopped = await actions.stop(intent(), one)
    await undo(intent(), stopped.operation_id)
    assert await stands(one) == ("due", None, None, 0)
    assert await db.fetchval("SELECT try_at FROM message") == NOW + timedelta(minutes=60)
    stopped = await actions.stop(intent(), one)
    await actions.send_again(intent(), one)
    with pytest.raises(Refused):
        await undo(intent(), stopped.operation_id)


@pytest.mark.parametrize("become", [FAILED, UNKNOWN])
async def test_what_is_dismissed_is_seen_to_and_never_sent_again(client: ClientId, become: str) -> None:
    one = await message(client, become=f"{become}, try_at = now()")
    now = clock.now()
    assert (await outbox_queries.to_see_to(now)).count == 1
    await actions.dismiss(intent(), one)
    assert (await stands(one))[1] == "dismissed"
    found = await outbox_queries.health(now, BOTH)
    assert (found.failed, found.unknown, found.doubtful) == (0, 0, 0)
    assert (await outbox_queries.to_see_to(now)).count == 0
    assert await outbox_queries.not_through(now) == {}
    for act in (actions.send_again, actions.dismiss):
        with pytest.raises(Refused):
            await act(intent(), one)
    with pytest.raises(actions.NothingToSend):
        await actions.send_unknown(intent())
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE message SET status = 'due', reason = NULL")
    (line,) = await outbox_queries.of_client(client, 5, BOTH)
    assert (line.by, line.may_go_again(NOW), line.is_open) == (ANNA.actor.id, False, False)


@pytest.mark.parametrize("become", [SENT, "status = 'due'", "status = 'skipped', reason = 'staff'"])
async def test_nothing_else_is_dismissed(client: ClientId, become: str) -> None:
    one = await message(client, become=become)
    with pytest.raises(actions.NotOpen):
        await actions.dismiss(intent(), one)


async def test_what_failed_goes_again_by_any_channel_and_what_may_have_gone_by_its_own(client: ClientId) -> None:
    failed, unknown = await message(client, "1", FAILED), await message(client, "2", UNKNOWN)
    await actions.send_again(intent(), failed)
    await actions.send_again(intent(), unknown)
    assert await stands(failed) == ("due", None, None, 0)
    assert await stands(unknown) == ("due", None, "email", 0)


@pytest.mark.parametrize(
    "become", [SENT, "status = 'due'", "status = 'skipped', reason = 'no_consent'", f"{FAILED}, retired_at = due_at"]
)
async def test_nothing_else_is_sent_again(client: ClientId, become: str) -> None:
    one = await message(client, become=become)
    before = await stands(one)
    with pytest.raises(actions.NothingToSend):
        await actions.send_again(intent(), one)
    assert await stands(one) == before


async def test_all_that_may_not_have_arrived_goes_again_and_nothing_else(client: ClientId) -> None:
    other = await factories.client("Ольга", "Мороз")
    unknown = [await message(client, "1", UNKNOWN), await message(other, "2", UNKNOWN)]
    rest = [await message(client, "3", FAILED), await message(other, "4", SENT)]
    done = await actions.send_unknown(intent())
    assert done.result == {"count": 2}
    assert [(await stands(one))[0] for one in unknown + rest] == ["due", "due", "failed", "sent"]
    with pytest.raises(actions.NothingToSend):
        await actions.send_unknown(intent())


async def test_nobody_who_was_erased_is_in_the_way_of_the_others(client: ClientId, as_superuser: Any) -> None:
    gone = await message(await factories.client("Ольга", "Мороз"), "1", UNKNOWN)
    here = await message(client, "2", UNKNOWN)
    await as_superuser.execute(
        "UPDATE client SET erased_at = now(), retired_at = now() WHERE id = (SELECT client FROM message WHERE id = $1)",
        gone,
    )
    assert (await actions.send_unknown(intent())).result == {"count": 1}
    assert [(await stands(one))[0] for one in (gone, here)] == ["unknown", "due"]
    with pytest.raises(actions.NothingToSend):
        await actions.send_again(intent(), gone)


async def test_sending_again_rings_the_doorbell(client: ClientId, rung: list[frozenset[str]]) -> None:
    await actions.send_again(intent(), await message(client, become=UNKNOWN))
    assert rung == [frozenset({"message"})]


async def test_a_client_s_messages_are_those_to_come_and_then_the_latest(client: ClientId) -> None:
    old = await message(client, "1", SENT, minutes=-90)
    late = await message(client, "2", SENT, minutes=-30)
    then = await message(client, "3", minutes=100)
    first = await message(client, "4", minutes=10)
    found = await outbox_queries.of_client(client, 10, BOTH)
    assert [one.id for one in found] == [first, then, late, old]
    assert [one.may_stop for one in found] == [True, True, False, False]
    assert not any(one.may_go_again(NOW) for one in found)


async def test_the_outbox_says_since_when_it_is_late_and_counts_what_waits_and_what_is_wrong(client: ClientId) -> None:
    await message(client, "1", minutes=60)
    assert (await outbox_queries.health(NOW, BOTH)).late is None
    await message(client, "2", minutes=-11)
    for key, become in (("3", UNKNOWN), ("4", FAILED), ("5", "retired_at = due_at")):
        await message(client, key, become)
    found = await outbox_queries.health(NOW, BOTH)
    oldest = NOW - timedelta(minutes=11)
    assert found == outbox_queries.Health(
        2, 0, first=oldest, late=oldest, claimed=0, unknown=1, doubtful=1, failed=1, sent=0
    )
    assert [one.status for one in await outbox_queries.waiting(5, BOTH)] == [MessageStatus.DUE, MessageStatus.DUE]


async def test_what_the_client_says_to_have_is_sent_and_told_apart_from_what_we_know(client: ClientId) -> None:
    one = await message(client, "1", f"{UNKNOWN}, reason = 'trouble', error = 'silent'")
    tried = NOW - timedelta(hours=2)
    await db.execute(
        "INSERT INTO message_attempt (message, at, channel, outcome) VALUES ($1, $2, 'email', 'unknown')", one, tried
    )
    await actions.arrived(intent(), one)
    assert await stands(one) == ("sent", None, "email", 4)
    assert await db.fetchval("SELECT sent_at FROM message") == tried
    log = (await outbox_queries.attempts([one]))[one]
    assert [(each.at, each.channel, each.outcome) for each in log] == [
        (tried, "email", "unknown"),
        (NOW, "email", "arrived"),
    ]
    assert await checks.sent_messages_left() == []
    with pytest.raises(actions.NotUnknown):
        await actions.arrived(intent(), one)


@pytest.mark.parametrize("become", [FAILED, SENT, "status = 'due'"])
async def test_of_nothing_else_a_client_says_that_it_arrived(client: ClientId, become: str) -> None:
    one = await message(client, "1", become)
    with pytest.raises(actions.NotUnknown):
        await actions.arrived(intent(), one)


async def test_what_was_sent_is_listed_in_the_order_of_an_index(as_owner: asyncpg.Connection, client: ClientId) -> None:
    one = await message(client, "1", SENT)
    await as_owner.execute(
        "INSERT INTO message (version, operation, kind, client, due_at, try_at, variables, dedupe_key, status, channel,"
        " sent_at) SELECT version, operation, kind, client, due_at, try_at, variables, 'more' || n, status, channel,"
        " sent_at - n * interval '1 minute' FROM message, generate_series(1, 6000) n WHERE id = $1",
        one,
    )
    await as_owner.execute("ANALYZE message")
    with counted() as asked:
        first = await outbox_queries.latest(MessageStatus.SENT, 50, BOTH)
        last = outbox_queries.After(first[-1].told_at, first[-1].id)
        await outbox_queries.latest(MessageStatus.SENT, 50, BOTH, last)
    for sql, after in zip(asked, (None, last), strict=True):
        plan = await db.fetch(f"EXPLAIN {sql}", MessageStatus.SENT.value, 50, *(after or (None, 0)))
        assert any("Backward using message_told" in row[0] for row in plan)
