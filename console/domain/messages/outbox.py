"""The outbox: one message at a time is claimed with a lease, and every attempt ends in a word that staff can see."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import db
from console.domain.business.queries import Facts, business
from console.domain.clients import parts
from console.domain.clients.queries import ClientView, client
from console.domain.clients.rules import Channel
from console.domain.errors import NotFound
from console.domain.ids import MessageId
from console.domain.messages.leaving import counts, held
from console.domain.messages.pacing import Held, held_up, needed_by
from console.domain.messages.rules import OUT, WRITTEN, MessageKind, MessageStatus, Outgoing, Reason
from console.domain.messages.settings_queries import message_settings
from console.domain.messages.ways import BARRED_ALONE, WRITTEN_TO, Reach, Way, way
from console.domain.team.trouble import Cause, Trouble

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
ASIDE = timedelta(minutes=30)
"""How long a message waits that could not be judged."""
ONE_BY_ONE = 0x5F_1F7F
"""The lock under which messages are claimed: two claims at once would each find room for the last one of a day."""

Adapters = Mapping[Channel, bool]
"""The channels that are set up, and whether the other side of each takes a second copy for what it is."""


@dataclass(frozen=True)
class Claimed:
    """A message that this worker alone may send until its lease ends. `name`: what its client goes by, if it has one.

    `bound`: it may have gone by this way before. `refusals`: how often it was refused there for good, where the other
    side takes a second copy for what it is: it would say the same to one.
    """

    outgoing: Outgoing
    way: Way
    name: str
    attempts: int
    until: datetime
    bound: bool = False
    refusals: int = 0


@dataclass(frozen=True)
class Passed:
    """A message that is not to be sent now."""

    id: MessageId


_READ = (
    "id, kind, client, variables, ends_at, channel, attempts,"
    " (SELECT l.zone FROM location l WHERE l.id = (variables ->> 'location')::bigint) AS zone"
)
_DUE = (
    f"SELECT {_READ} FROM message"  # noqa: S608
    " WHERE retired_at IS NULL AND status = 'due' AND try_at <= $1"
    " ORDER BY try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
)


async def claim(now: datetime, adapters: Adapters) -> Claimed | Passed | None:
    """Look at the message that waits longest: claim it, or say at it why it is not sent now. None: nothing waits.

    Whoever corrects it does so before the claim, or finds it claimed.
    """
    async with db.ENGINE.transaction():
        await db.execute("SELECT pg_advisory_xact_lock($1)", ONE_BY_ONE)
        row = await db.fetchrow(_DUE, now)
        if row is None:
            return None
        try:
            async with db.savepoint():
                return await _claimed(row, now, adapters)
        except Exception as error:
            await _set_aside(row, now, error)
            log.exception("nobody can say whether message %s is to be sent", row["id"])
            return Passed(row["id"])


async def _claimed(row: asyncpg.Record, now: datetime, adapters: Adapters) -> Claimed | Passed:
    facts, them = await business(), await client(row["client"]) if row["client"] else None
    bound = Channel(row["channel"]) if row["channel"] else None
    found = await _way(row, them, now, adapters, bound)
    if isinstance(found, Reason):
        return await _given_up(row, found, bound)
    if waits := await _held(row, them, facts, now):
        return await _postponed(row, waits, bound)
    until = now + LEASE
    await db.execute(
        "UPDATE message SET status = 'claimed', claimed_until = $2, channel = $3, attempts = attempts + 1,"
        " reason = NULL WHERE id = $1",
        row["id"],
        until,
        found.channel.value,
    )
    language = (them and them.language) or facts.language
    outgoing = Outgoing(row["id"], MessageKind(row["kind"]), row["client"], language, json.loads(row["variables"]))
    refusals = await _refusals(row["id"], found.channel) if adapters[found.channel] else 0
    name = them.names.shown if them else ""
    return Claimed(outgoing, found, name, row["attempts"] + 1, until, bound is not None, refusals)


@dataclass(frozen=True)
class Foreseen:
    """By which channel a message goes, and when. `zone`: of the clock that keeps the client's quiet hours."""

    channel: Channel
    at: datetime
    zone: ZoneInfo | None = field(default=None, compare=False)


async def foreseen(message: MessageId, now: datetime, adapters: Adapters) -> Foreseen | Reason:
    """How a message goes as things stand, or went; or why it does not."""
    row = await db.fetchrow(
        f"SELECT {_READ}, status, reason, try_at FROM message WHERE id = $1",  # noqa: S608
        message,
    )
    if row is None:
        raise NotFound
    if row["status"] != MessageStatus.DUE:
        return Foreseen(Channel(row["channel"]), now) if row["status"] in OUT else Reason(row["reason"])
    facts, them = await business(), await client(row["client"]) if row["client"] else None
    at, bound = max(now, row["try_at"]), Channel(row["channel"]) if row["channel"] else None
    found = await _way(row, them, at, adapters, bound)
    if isinstance(found, Reason):
        return found
    waits = (await held([row["client"]], now)).get(message) if row["client"] else None
    if waits and _is_over(row, waits.until):
        return Reason.TOO_LATE
    return Foreseen(found.channel, waits.until if waits else at, _zone(row, them, facts))


async def _set_aside(row: asyncpg.Record, now: datetime, error: Exception) -> None:
    """A message that nobody can judge holds up no other; it is looked at again."""
    await db.execute(
        "UPDATE message SET try_at = $2, reason = 'trouble', error = $3 WHERE id = $1",
        row["id"],
        now + ASIDE,
        str(Trouble(Cause.OURS, type(error).__name__)),
    )


async def _way(
    row: asyncpg.Record, them: ClientView | None, now: datetime, adapters: Adapters, bound: Channel | None
) -> Way | Reason:
    if them is not None and them.erased_at is not None:
        return Reason.ERASED
    if _is_over(row, now):
        return Reason.TOO_LATE
    if bound and not await _goes_again(row, bound, adapters):
        return Reason.TROUBLE if bound in adapters else BARRED_ALONE[bound, Reason.NO_CHANNEL]
    kind = MessageKind(row["kind"])
    if kind in (await message_settings()).off:
        return Reason.NOT_TOLD
    refused = await _refused(row["id"], row["attempts"])
    reach = await _reach(them) if them else Reach(None, {}, {})
    return way(kind, await _written_to(row, reach) if kind in WRITTEN else reach, adapters, refused, bound)


async def _goes_again(row: asyncpg.Record, bound: Channel, adapters: Adapters) -> bool:
    """Whether what may have gone by a channel goes by it once more.

    Where staff said so it goes by any, as long as each attempt since, which are those that count, was put off.
    """
    if bound not in adapters or adapters[bound]:
        return bound in adapters
    put_off = await db.fetchval(
        "SELECT count(*) FILTER (WHERE outcome = 'later') FROM (SELECT outcome FROM message_attempt WHERE message = $1"
        "  ORDER BY id DESC LIMIT $2) latest",
        row["id"],
        row["attempts"],
    )
    return bool(put_off == row["attempts"])


def _is_over(row: asyncpg.Record, at: datetime) -> bool:
    return row["ends_at"] is not None and at >= row["ends_at"]


async def _reach(them: ClientView) -> Reach:
    first = {Channel.SMS: [one.number for one in them.phones], Channel.EMAIL: [one.address for one in them.emails]}
    addresses = {channel: found[0] for channel, found in first.items() if found}
    return Reach(them.channel, addresses, await parts.consents(them.id))


async def _written_to(row: asyncpg.Record, reach: Reach) -> Reach:
    """Where what one of us wrote goes: to the address that it was written to, and to nobody else."""
    first = reach.addresses.get(Channel.EMAIL)
    address = await WRITTEN_TO[MessageKind(row["kind"])](json.loads(row["variables"]), first)
    return replace(reach, addresses={Channel.EMAIL: address} if address else {})


async def _refused(message: int, attempts: int) -> Collection[Channel]:
    """The channels that did not take a message for good, in the attempts that count."""
    rows = await db.fetch(
        "SELECT channel FROM (SELECT channel, outcome FROM message_attempt WHERE message = $1"
        "  ORDER BY id DESC LIMIT $2) latest WHERE outcome = 'failed'",
        message,
        attempts,
    )
    return {Channel(row["channel"]) for row in rows}


async def _refusals(message: int, channel: Channel) -> int:
    count: int = await db.fetchval(
        "SELECT count(*) FROM message_attempt WHERE message = $1 AND channel = $2 AND outcome = 'failed'",
        message,
        channel.value,
    )
    return count


async def _held(row: asyncpg.Record, them: ClientView | None, facts: Facts, now: datetime) -> Held | None:
    """Whether it waits, for the morning by their clock: else by that of the location that it tells of."""
    if them is None or row["kind"] in WRITTEN:
        return None
    zone = _zone(row, them, facts)
    by, today = (
        needed_by(MessageKind(row["kind"]), json.loads(row["variables"]), now),
        await counts([them.id], now, facts.zone),
    )
    return held_up(now, zone, facts.zone, await message_settings(), today.today(them.id), by)


def _zone(row: asyncpg.Record, them: ClientView | None, facts: Facts) -> ZoneInfo:
    there = (them and them.zone) or row["zone"]
    return ZoneInfo(there) if there else facts.zone


async def _given_up(row: asyncpg.Record, why: Reason, bound: Channel | None) -> Passed:
    """It is skipped; or has failed, where nothing takes it; or nobody knows, where it may have gone before."""
    status = "unknown" if bound else "failed" if why is Reason.TROUBLE else "skipped"
    await db.execute("UPDATE message SET status = $2, reason = $3 WHERE id = $1", row["id"], status, why.value)
    return Passed(row["id"])


async def _postponed(row: asyncpg.Record, waits: Held, bound: Channel | None) -> Passed:
    """It waits; or is skipped, where nobody wants it by then."""
    if _is_over(row, waits.until):
        return await _given_up(row, Reason.TOO_LATE, bound)
    await db.execute(
        "UPDATE message SET try_at = $2, reason = $3 WHERE id = $1", row["id"], waits.until, waits.reason.value
    )
    return Passed(row["id"])
