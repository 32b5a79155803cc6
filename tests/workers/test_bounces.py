"""Mails of ours that come back, whenever they do."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from console import threads
from console.domain import clock, db
from console.domain.clients.rules import Channel
from console.domain.messages import outbox, outcomes
from console.domain.messages.keys import key
from console.domain.messages.outbox import Claimed
from console.domain.tickets import actions
from console.domain.tickets.rules import TicketChannel, TicketStatus
from tests.domain.tickets.desk import intent, opened
from tests.meeting import waits
from tests.workers import letters
from tests.workers.box import client, replied
from tests.workers.conftest import Postman
from tests.workers.dovecot import Dovecot
from workers.mailbox import poll_mailbox

pytestmark = pytest.mark.usefixtures("never_quiet")


async def test_what_comes_back_while_it_is_still_being_sent_has_failed_and_is_not_sent_after_it(
    looking: dict[str, Any], dovecot: Dovecot
) -> None:
    ticket = await opened(await client())
    await actions.reply(intent(), ticket, None, "It is there.", TicketStatus.PENDING, TicketChannel.EMAIL)
    await db.execute("UPDATE message SET try_at = now() - interval '1 hour', due_at = now() - interval '1 hour'")
    one = await outbox.claim(clock.now(), {Channel.EMAIL: False})
    assert isinstance(one, Claimed)
    dovecot.deliver(letters.bounce(threads.message_id(looking["settings"], key(one.outgoing), 1)))
    await poll_mailbox(looking)
    assert not await outcomes.sent(one, clock.now())
    assert await db.fetchval("SELECT (status, reason, claimed_until IS NULL) FROM message") == (
        "failed", "bounced", True,
    )  # fmt: skip


async def test_of_a_mail_that_comes_back_the_client_is_locked_before_the_message(
    looking: dict[str, Any], dovecot: Dovecot, postman: Postman, as_owner: asyncpg.Connection
) -> None:
    zoe = await client()
    await replied(looking, await opened(zoe))
    dovecot.deliver(letters.bounce(postman.letters[0]["Message-ID"]))
    async with as_owner.transaction():
        await as_owner.execute("SELECT FROM client WHERE id = $1 FOR NO KEY UPDATE", zoe)
        looked = asyncio.create_task(poll_mailbox(looking))
        await waits(looked)
        await as_owner.execute("SELECT FROM message FOR NO KEY UPDATE NOWAIT")
    assert await looked == 1
    assert await db.fetchval("SELECT status FROM message") == "failed"
