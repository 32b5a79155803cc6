"""Messages to clients while what delivers them is killed at random: none is lost, and none goes out twice."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from arq.connections import create_pool
from redis.exceptions import RedisError

from console.doctor import examine
from console.domain.messages import checks
from console.processes import free_port
from console.queue import from_json, redis_settings, to_json
from tests.faults.conftest import PATIENCE, House, Started, wait_until
from tests.workers.conftest import Postman
from tests.workers.gateway import SECRET, Gateway, gateway

MANY = 600
KILLS = 12
SLOW = 0.05
"""Seconds that the other side takes for each: so that a kill meets some of them on their way."""

FILL = """
    WITH op AS (SELECT min(id) AS id FROM operation),
    made AS (INSERT INTO client (pseudonym, version, operation)
        SELECT gen_random_uuid(), 1, op.id FROM op, generate_series(1, $1) RETURNING id),
    numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS nth FROM made),
    profile AS (INSERT INTO client_profile (client, given_name, folded, phones, emails, tags, joined_on, channel,
        version, operation)
        SELECT n.id, 'Anna', 'anna', CASE WHEN n.nth % 2 = 0 THEN
                jsonb_build_array(jsonb_build_object('number', '+7921' || 1000000 + n.nth, 'label', '')) ELSE '[]' END,
            CASE WHEN n.nth % 2 = 1 THEN
                jsonb_build_array(jsonb_build_object('address', n.nth || '@mail.example', 'label', '')) ELSE '[]' END,
            '{}', now(), NULL, 1, op.id FROM numbered n, op),
    agreed AS (INSERT INTO client_consent (client, channel, purpose, given, at, source, version, operation)
        SELECT n.id, c.channel, 'offers', TRUE, now(), 'in_person', 1, op.id
        FROM numbered n, op, (VALUES ('sms'), ('email')) c (channel))
    INSERT INTO message (kind, client, due_at, variables, dedupe_key, status, version, operation)
    SELECT 'free_visit.issued', n.id, now(), '{"last": "2026-12-31"}', 'told:' || n.id, 'due', 1, op.id
    FROM numbered n, op
"""
NEVER_QUIET = """
    INSERT INTO message_choice (id, version, operation, off, reminders, quiet_from, quiet_until, per_client, per_day,
        thanks, satisfaction)
    SELECT 1, 1, min(id), '{}', '[]', 0, 0, 0, 0, 0, 24 FROM operation
"""
SETTLED = "SELECT count(*) = 0 FROM message WHERE kind = 'free_visit.issued' AND status IN ('due', 'claimed')"
HURRY = """
    UPDATE message SET try_at = CASE WHEN status = 'due' THEN now() ELSE try_at END,
        claimed_until = CASE WHEN claimed_until < now() + interval '1 minute' THEN now() ELSE claimed_until END
    WHERE status IN ('due', 'claimed')
"""
"""What would take minutes: waits between attempts, and the leases of those who have been dead for a while."""


class SlowPostman(Postman):
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(SLOW)
        return await super().handle_DATA(server, session, envelope)


class SlowGateway(Gateway):
    """One that keeps who asks waiting while it does not go on."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on, self.is_asked = threading.Event(), threading.Event()
        self.goes_on.set()

    def take(self, headers: Any, body: bytes) -> tuple[int, str] | None:
        if not self.goes_on.is_set():
            self.is_asked.set()
            self.goes_on.wait(PATIENCE)
        time.sleep(SLOW)
        return super().take(headers, body)


@contextmanager
def mail(postman: Postman) -> Iterator[str]:
    controller = Controller(postman, hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE)
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


async def ask(url: str, sql: str, *args: object) -> Any:
    connection = await asyncpg.connect(url, timeout=PATIENCE)
    try:
        return await connection.fetch(sql, *args)
    finally:
        await connection.close()


async def flush(url: str) -> None:
    pool = await create_pool(redis_settings(url))
    await pool.flushall()
    await pool.aclose()


async def ring(url: str) -> None:
    """Wake the worker at once, under no id that a dead one holds up."""
    pool = await create_pool(redis_settings(url), job_serializer=to_json, job_deserializer=from_json)
    await pool.enqueue_job("deliver_messages")
    await pool.aclose()


@pytest.fixture
async def sent() -> AsyncIterator[tuple[SlowPostman, SlowGateway, dict[str, str]]]:
    postman = SlowPostman()
    with mail(postman) as smtp, gateway(SlowGateway()) as provider:
        env = {"DEMO": "0", "SMTP_URL": smtp, "SMS_URL": provider.url, "SMS_SECRET": SECRET}
        yield postman, provider, env


async def test_none_is_lost_none_goes_twice_and_whatever_is_doubtful_is_said_to_be(
    new_house: House, sent: tuple[SlowPostman, SlowGateway, dict[str, str]]
) -> None:
    postman, provider, env = sent
    up = await asyncio.to_thread(lambda: new_house.up(**env))
    told = new_house.run_json()
    database, queue = str(told["database_owner_url"]), str(told["redis_url"])
    await ask(database, NEVER_QUIET)
    await ask(database, FILL, MANY)
    await ring(queue)

    def gone() -> int:
        return len(postman.letters) + len(provider.sent)

    await killed_under_way(new_house, up, provider)
    await flush(queue)
    await swept(gone)
    await killed_at_random(new_house, up, queue, gone)
    await settled(database, queue)
    rows = await ask(database, "SELECT channel, status, count(*) AS many FROM message GROUP BY 1, 2")
    became = {(row["channel"], row["status"]): row["many"] for row in rows}
    letters = Counter(letter["To"].addresses[0].addr_spec for letter in postman.letters)
    phones = Counter(one["to"] for one in provider.sent.values())
    assert became[("sms", "sent")] == len(phones) == MANY // 2
    assert set(phones.values()) == set(letters.values()) == {1}
    assert len(provider.asked) > len(provider.sent)
    assert became.keys() <= {("sms", "sent"), ("email", "sent"), ("email", "unknown")}
    assert became[("email", "sent")] + became.get(("email", "unknown"), 0) == MANY // 2
    doubtful = await of_mail(database, "unknown")
    assert await of_mail(database, "sent") <= letters.keys() <= await of_mail(database, "sent") | doubtful
    mine = {check.__name__ for check in checks.CHECKS}
    assert [one for one in await examine(str(told["database_url"])) if one.check in mine and one.broken] == []
    print(f"{KILLS} kills: {became}, of the unknown {len(doubtful & letters.keys())} had arrived")  # noqa: T201


async def of_mail(database: str, status: str) -> set[str]:
    rows = await ask(
        database,
        "SELECT p.emails->0->>'address' AS address FROM message m JOIN client_profile p ON p.client = m.client"
        " WHERE m.channel = 'email' AND m.status = $1",
        status,
    )
    return {row["address"] for row in rows}


async def killed_under_way(house: House, up: Started, provider: SlowGateway) -> None:
    """Kill the worker while the gateway has a message that it has not answered yet."""
    provider.goes_on.clear()
    assert await asyncio.to_thread(provider.is_asked.wait, PATIENCE)
    await asyncio.to_thread(up.kill_child, "console.cli worker")
    asked = len(provider.asked)
    provider.goes_on.set()
    await asyncio.to_thread(wait_until, lambda: len(provider.asked) > asked and house.status("/readyz") == 200)
    await asyncio.to_thread(up.child, "console.cli worker")


async def swept(gone: Callable[[], int]) -> None:
    """Wait until the sweep has found by itself what waits: nobody rings, and the queue is empty."""
    before = gone()
    await until_more_than(gone, before + 1)
    assert gone() > before


async def killed_at_random(house: House, up: Started, queue: str, gone: Any) -> None:
    """Kill a worker, Valkey or PostgreSQL while messages leave, or empty the queue; each comes back by itself."""
    chance = random.Random(0)
    for at in range(1, KILLS):
        await asyncio.sleep(0.2 + chance.random())
        await until_more_than(gone, at * MANY // (KILLS + 2))
        victim = chance.choice(["console.cli worker", "console.cli worker", "valkey-server", "postgres -D"])
        await asyncio.to_thread(up.kill_child, victim)
        await asyncio.to_thread(wait_until, lambda: house.status("/readyz") == 200)
        await asyncio.to_thread(up.child, victim)
        await once_it_answers(flush if at % 3 == 0 else ring, queue)
        await once_it_answers(ring, queue)


async def until_more_than(gone: Any, many: int) -> None:
    until = time.monotonic() + 90
    while gone() < many and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def once_it_answers(what: Any, queue: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await what(queue)
            except (OSError, RedisError):
                await asyncio.sleep(0.1)


async def settled(database: str, queue: str) -> None:
    """Wait until each message came to an end."""
    until = time.monotonic() + 4 * PATIENCE
    while not (await ask(database, SETTLED))[0][0]:
        assert time.monotonic() < until, await ask(
            database, "SELECT status, reason, error, count(*) FROM message GROUP BY 1, 2, 3"
        )
        await ask(database, HURRY)
        await once_it_answers(ring, queue)
        await asyncio.sleep(2)
