"""What came of an attempt to send a message; each is logged, and a lease that has ended writes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import datetime

import asyncpg

from console.domain import db
from console.domain.clients.rules import Channel
from console.domain.ids import MessageId
from console.domain.messages import keys
from console.domain.messages.outbox import Claimed
from console.domain.messages.rules import MessageKind, Outgoing, Reason
from console.domain.team.mail import WAITS
from console.domain.team.trouble import Cause, Trouble

MOST_ATTEMPTS = len(WAITS) + 1
LONGEST = 500
_WHO = re.compile(r"[^\s<>]*@[^\s<>]*|\+?\d(?:[ ().-]{0,2}\d){6,}")
"""Addresses and phones, which what the other side says may quote."""

_ENDED = """
    WITH ended AS (
        UPDATE message SET claimed_until = NULL, status = $7, error = $6, reason = $8, try_at = $9, channel = $10,
            sent_at = $11
        WHERE id = $1 AND status = 'claimed' AND claimed_until = $2 RETURNING id
    ), noted AS (
        INSERT INTO message_attempt (message, at, channel, outcome, error) SELECT id, $3, $4, $5, $6 FROM ended
    )
    SELECT count(*) FROM ended
"""


async def sent(one: Claimed, now: datetime) -> bool:
    """The other side took it. False where the lease had ended, and others judge it."""
    return await _end(one, now, "sent", "sent", None)


async def refused(one: Claimed, now: datetime, why: Trouble) -> bool:
    """The channel does not take it for good: it goes another way, if there is one and it cannot have gone before."""
    if one.bound:
        return await _end(one, now, "failed", "unknown", why)
    return await _end(one, now, "failed", "due", why, try_at=now)


async def not_sent(one: Claimed, now: datetime, why: Trouble) -> bool:
    """It did not go for sure this time: it waits for the next attempt, or has failed; or nobody knows, as before."""
    if one.attempts >= MOST_ATTEMPTS:
        return await _end(one, now, "later", "unknown" if one.bound else "failed", why)
    return await _end(one, now, "later", "due", why, try_at=now + WAITS[one.attempts - 1], bound=one.bound)


async def unsure(one: Claimed, now: datetime, why: Trouble, *, deduplicates: bool) -> bool:
    """Nobody knows whether it went: it is tried again by the same channel where a second copy is taken for one."""
    if deduplicates and one.attempts < MOST_ATTEMPTS:
        return await _end(one, now, "unknown", "due", why, try_at=now + WAITS[one.attempts - 1], bound=True)
    return await _end(one, now, "unknown", "unknown", why)


async def park(now: datetime, deduplicating: Collection[Channel]) -> int:
    """Messages whose worker died with them: nobody knows whether they went. Answers how many.

    They are due again where a second copy is taken for one; the others wait for somebody to look.
    """
    count: int = await db.fetchval(
        "WITH lost AS (SELECT id, channel FROM message WHERE status = 'claimed' AND claimed_until < $1"
        "  ORDER BY id FOR UPDATE SKIP LOCKED),"
        " ended AS (UPDATE message m SET claimed_until = NULL, error = $3, reason = 'trouble', try_at = $1,"
        "  status = CASE WHEN m.channel = ANY($2::text[]) AND attempts < $4 THEN 'due' ELSE 'unknown' END"
        "  FROM lost WHERE m.id = lost.id RETURNING m.id, m.channel),"
        " noted AS (INSERT INTO message_attempt (message, at, channel, outcome, error)"
        "  SELECT id, $1, channel, 'unknown', $3 FROM ended) SELECT count(*) FROM ended",
        now,
        [one.value for one in deduplicating],
        str(Trouble(Cause.KILLED)),
        MOST_ATTEMPTS,
    )
    return count


async def bounced(message: MessageId, told: str, now: datetime, said: str) -> bool:
    """A mail server further on could not deliver what left by mail: it has failed. False where it is no such message.

    It may come back before whoever sends it has heard that it left: their lease ends with it. `told`: what its
    Message-ID has beside its id, which nobody else knows.
    """
    row = await db.fetchrow(
        "SELECT id, kind, client, variables FROM message WHERE id = $1 AND channel = 'email'"
        " AND status IN ('claimed', 'sent', 'unknown') FOR NO KEY UPDATE",
        message,
    )
    if row is None or told != keys.told(_outgoing(row)):
        return False
    error = noted(Trouble(Cause.RECIPIENT, said))
    await db.execute(
        "WITH ended AS (UPDATE message SET status = 'failed', reason = $4, error = $3, sent_at = NULL,"
        "  claimed_until = NULL WHERE id = $1 RETURNING id)"
        " INSERT INTO message_attempt (message, at, channel, outcome, error)"
        " SELECT id, $2, 'email', 'failed', $3 FROM ended",
        message,
        now,
        error,
        Reason.BOUNCED.value,
    )
    return True


def _outgoing(row: asyncpg.Record) -> Outgoing:
    return Outgoing(row["id"], MessageKind(row["kind"]), row["client"], "", json.loads(row["variables"]))


def noted(why: Trouble) -> str:
    """What is kept of what the other side said: nothing of whom it was to."""
    return str(Trouble(why.cause, _WHO.sub("…", why.said)))[:LONGEST]


async def _end(
    one: Claimed,
    now: datetime,
    outcome: str,
    status: str,
    why: Trouble | None,
    *,
    try_at: datetime | None = None,
    bound: bool = False,
) -> bool:
    channel = one.way.channel.value
    ended: int = await db.fetchval(
        _ENDED,
        one.outgoing.id,
        one.until,
        now,
        channel,
        outcome,
        noted(why) if why else None,
        status,
        "trouble" if why else None,
        try_at or now,
        None if status == "due" and not bound else channel,
        now if status == "sent" else None,
    )
    return ended > 0
