"""What a message of a kind would tell a client: of their next booking, latest visit or card, to try its text with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from console.domain import clock, db
from console.domain.booking.rules import STANDING, Status
from console.domain.ids import ClientId, MessageId
from console.domain.loyalty import queries as loyalty
from console.domain.messages.rules import MessageKind, Outgoing, Variables, plain

SOON = timedelta(14)
INVENTED = ("booking.moved", "free_visit.", "tier.")
"""Begins of kinds that may tell what is not so of the client: when it was before, a tier, a last day."""


Told = Mapping[str, int | str | None]


@dataclass(frozen=True)
class Sample:
    """A message that is not sent. `invented`: what it tells is an example, and nothing of its client."""

    outgoing: Outgoing
    invented: bool


async def sample(kind: MessageKind, client: ClientId, language: str, today: date) -> Sample | None:
    """With what the client was told last, or can be told as they are; else, of their card or of a move, an example.

    None: they have no booking, visit or ticket yet, or the programme no tiers, that such a message could tell of.
    """
    before = await _before(kind, client) if kind.startswith(INVENTED) else None
    told = before or await _told(kind, client, today)
    if told is None:
        return None
    return Sample(Outgoing(MessageId(0), kind, client, language, told), before is None and kind.startswith(INVENTED))


async def _before(kind: MessageKind, client: ClientId) -> Told | None:
    """What they were, or are to be, told last."""
    row = await db.fetchrow(
        "SELECT variables FROM message WHERE client = $1 AND kind = $2 AND retired_at IS NULL ORDER BY id DESC LIMIT 1",
        client,
        kind.value,
    )
    return json.loads(row["variables"]) if row else None


async def _told(kind: MessageKind, client: ClientId, today: date) -> Told | None:
    if kind.startswith("booking."):
        return await _of_booking(kind, client)
    if kind == MessageKind.VISIT_THANKS:
        return await _of_visit(client)
    if kind == MessageKind.TICKET_SATISFACTION:
        return await _of_ticket(client)
    last = (today + SOON).isoformat()
    if kind.startswith("tier."):
        tiers = await _of_tiers()
        return plain({**tiers, "last": last}) if tiers else None
    return {"last": last}


_OF_BOOKING = """
    WITH fitting AS (
        SELECT b.* FROM booking b WHERE b.client = $1 AND b.retired_at IS NULL AND b.status = ANY($2::text[])
    ), latest AS (SELECT * FROM fitting
        ORDER BY starts_at > $4 DESC, CASE WHEN starts_at > $4 THEN starts_at END, starts_at DESC, id DESC LIMIT 1)
    SELECT b.id, b.location, b.starts_at, b.ends_at, b.series, l.starts_at AS last, s.count,
        (SELECT string_agg(i.service::text, '.' ORDER BY i.id) FROM booking_item i
            WHERE i.booking = b.id AND i.retired_at IS NULL) AS services
    FROM latest l CROSS JOIN LATERAL (SELECT count(*) AS count, min(f.starts_at) AS first FROM fitting f
        WHERE f.series = l.series) s
    JOIN fitting b ON CASE WHEN $3 AND l.series IS NOT NULL THEN b.series = l.series AND b.starts_at = s.first
        ELSE b.id = l.id END
    ORDER BY b.id LIMIT 1
"""


async def _of_booking(kind: MessageKind, client: ClientId) -> Told | None:
    """Of one of a series, what tells of all of it: a cancellation of what was called off, the rest of what stands."""
    of_all = kind != MessageKind.BOOKING_REMINDER
    fitting = (Status.CANCELLED,) if kind == MessageKind.BOOKING_CANCELLED else STANDING
    row = await db.fetchrow(_OF_BOOKING, client, list(fitting), of_all, clock.now())
    if row is None or row["services"] is None:
        return None
    of_series = row["series"] is not None and of_all
    starts = row["starts_at"]
    told: Variables = {
        "booking": row["id"],
        "location": row["location"],
        "starts": starts,
        "ends": starts + (row["ends_at"] - row["starts_at"]),
        "before": starts - timedelta(hours=1),
        "services": row["services"],
    }
    several: Variables = {"series": row["series"], "last_starts": row["last"], "count": row["count"]}
    return plain({**told, **several} if of_series else told)


async def _of_visit(client: ClientId) -> Told | None:
    row = await db.fetchrow(
        'SELECT v.id, v.location, v."on" FROM visit v WHERE v.client = $1 AND v.retired_at IS NULL'
        " ORDER BY v.id DESC LIMIT 1",
        client,
    )
    if row is None:
        return None
    return {"visit": row["id"], "location": row["location"], "on": row["on"].isoformat()}


async def _of_ticket(client: ClientId) -> Told | None:
    row = await db.fetchrow(
        "SELECT t.id, (SELECT s.id FROM ticket_status s WHERE s.ticket = t.id ORDER BY s.id DESC LIMIT 1) AS status"
        " FROM ticket t WHERE t.client = $1 AND t.retired_at IS NULL ORDER BY t.id DESC LIMIT 1",
        client,
    )
    return {"ticket": row["id"], "solving": row["status"]} if row else None


async def _of_tiers() -> Variables | None:
    """Of the second tier, as one is raised to it, or warned of its end: what keeps it whole is missing."""
    for one in await loyalty.published():
        tiers = one.programme.tiers
        if tiers is not None and len(tiers.ladder) > 1:
            keep = tiers.ladder[1].keep
            told: Variables = {"version": one.number, "tier": 1, "before": 0, "match": tiers.match.value}
            return {**told, "visits": keep.visits, "spend": keep.spend}
    return None
