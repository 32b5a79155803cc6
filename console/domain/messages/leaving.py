"""When messages that are due will really leave: after the night where the client is, as many a day as are enough."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.business.queries import business
from console.domain.clients.rules import Channel
from console.domain.clock import bounds, business_date
from console.domain.ids import ClientId, MessageId
from console.domain.messages.pacing import Held, Today, held_up, needed_by
from console.domain.messages.rules import WRITTEN, MessageKind
from console.domain.messages.settings_queries import message_settings
from console.domain.messages.settings_rules import MessageSettings
from console.domain.messages.skipping import PROFILE, skipped

_COUNTED = """
    SELECT CASE WHEN client = ANY($3::bigint[]) THEN client END AS client, count(*) AS count FROM (
        SELECT id, client FROM message WHERE status = 'claimed'
        UNION SELECT m.id, m.client FROM message_attempt a JOIN message m ON m.id = a.message
            WHERE a.at >= $1 AND a.outcome IN ('sent', 'unknown') AND m.kind <> ALL($2::text[])) told
    GROUP BY 1
"""
_WAITING = f"""
    SELECT m.id, m.kind, m.client, m.variables, m.try_at, m.ends_at,
        coalesce(p.zone, (SELECT l.zone FROM location l WHERE l.id = (m.variables ->> 'location')::bigint)) AS zone
    FROM message m {PROFILE}
    WHERE m.client = ANY($1::bigint[]) AND m.status = 'due' AND m.retired_at IS NULL AND m.kind <> ALL($2::text[])
        AND {skipped(tuple(Channel))} IS NULL
    ORDER BY m.id
"""  # noqa: S608


@dataclass(frozen=True)
class _Waiting:
    id: MessageId
    kind: MessageKind
    client: ClientId
    told: Mapping[str, Any]
    ends_at: datetime | None
    zone: ZoneInfo


@dataclass(frozen=True)
class Counts:
    """How many messages went, or may have gone, on a business date: to some clients each, and to all."""

    on: date
    of: Mapping[ClientId, int]
    all: int

    def today(self, client: ClientId) -> Today:
        return Today(self.of.get(client, 0), self.all)


async def counts(clients: Collection[ClientId], now: datetime, home: ZoneInfo) -> Counts:
    """Of the business date of an instant. What one of us wrote by hand is not counted."""
    on = business_date(now, home)
    rows = await db.fetch(_COUNTED, bounds(on, home)[0], list(WRITTEN), list(clients))
    of = {row["client"]: row["count"] for row in rows}
    return Counts(on, {client: of[client] for client in of if client is not None}, sum(of.values()))


async def leaves(messages: Collection[MessageId], now: datetime) -> Mapping[MessageId, datetime]:
    """When those of some messages leave that wait for their time."""
    rows = await db.fetch(
        "SELECT id, client, try_at FROM message WHERE id = ANY($1::bigint[]) AND status = 'due' AND retired_at IS NULL",
        list(messages),
    )
    later = await held({row["client"] for row in rows if row["client"]}, now)
    return {row["id"]: later[row["id"]].until if row["id"] in later else row["try_at"] for row in rows}


async def held(clients: Collection[ClientId], now: datetime) -> Mapping[MessageId, Held]:
    """Those of all that is due to some clients that will not leave when they are tried next: until when, and why."""
    rows = await db.fetch(_WAITING, list(clients), list(WRITTEN)) if clients else []
    if not rows:
        return {}
    home = (await business()).zone
    waiting = []
    for row in rows:
        zone = ZoneInfo(row["zone"]) if row["zone"] else home
        told = json.loads(row["variables"])
        one = _Waiting(row["id"], MessageKind(row["kind"]), row["client"], told, row["ends_at"], zone)
        waiting.append((max(now, row["try_at"]), one))
    return _played(waiting, home, await message_settings(), await counts(clients, now, home))


def _played(
    waiting: Sequence[tuple[datetime, _Waiting]], home: ZoneInfo, settings: MessageSettings, counted: Counts
) -> Mapping[MessageId, Held]:
    """The days to come played through, as workers will take what waits: the one that is tried first before others.

    How many go to all is known of today alone.
    """
    queue = [(at, one.id) for at, one in waiting]
    heapq.heapify(queue)
    those = {one.id: one for _, one in waiting}
    found: dict[MessageId, Held] = {}
    went = Counter({(client, counted.on): count for client, count in counted.of.items()})
    while queue:
        at, number = heapq.heappop(queue)
        one, on = those[number], business_date(at, home)
        today = Today(went[one.client, on], counted.all if on == counted.on else 0)
        waits = held_up(at, one.zone, home, settings, today, needed_by(one.kind, one.told, at))
        if waits is None:
            went[one.client, on] += 1
            continue
        found[number] = waits
        if one.ends_at is None or waits.until < one.ends_at:
            heapq.heappush(queue, (waits.until, number))
    return found
