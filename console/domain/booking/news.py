"""Whether clients are told of what an operation did with their bookings, how and when, or why they are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from console.domain import db
from console.domain.booking.rules import STANDING
from console.domain.booking.telling_rules import CANCELLED, CONFIRMATION, MOVED
from console.domain.ids import ClientId
from console.domain.messages.news import heard
from console.domain.messages.outbox import Adapters, Foreseen
from console.domain.messages.rules import MessageKind, Reason
from console.domain.messages.settings_queries import message_settings


class Silence(StrEnum):
    """Why no message was written of a booking that an operation changed."""

    SAME_TIME = "same_time"
    """It begins when it did, and that is all that a client is told."""
    BEGUN = "begun"
    UNREAD = "unread"
    """The client has read nothing of what does not take place."""
    KNOWN = "known"
    """The client has read of it as it is now."""


@dataclass(frozen=True)
class News:
    """Of one client: how what was done reaches them, or why it does not. `client`: None of who wrote and is none."""

    client: ClientId | None
    how: Foreseen | Reason | Silence


_CHANGED = """
    SELECT b.client, b.starts_at, b.retired_at IS NULL AND b.status = ANY($2::text[]) AS stands,
        bool_or(c.created OR c.fields && '{status,retired_at}') AS comes_or_goes,
        bool_or('starts_at' = ANY(c.fields)) AS moves
    FROM change c JOIN booking b ON b.id = c.entity_id
    WHERE c.operation = $1 AND c.entity = 'booking' GROUP BY b.id ORDER BY b.starts_at, b.id
"""
"""Whose people alone are others is another booking, too."""


async def news(operation: int, now: datetime, adapters: Adapters) -> list[News]:
    """What an operation brings to the clients of the bookings that it changed, each of them once."""
    found = await heard(operation, (CONFIRMATION, MOVED, CANCELLED), now, adapters)
    silent: dict[ClientId, Reason | Silence] = {}
    off = (await message_settings()).off
    for row in await db.fetch(_CHANGED, operation, [one.value for one in STANDING]):
        if row["client"] not in found:
            silent.setdefault(row["client"], _why(row, now, off))
    return [News(client, how) for client, how in (found | silent).items()]


def _why(row: Mapping[str, Any], now: datetime, off: frozenset[MessageKind]) -> Reason | Silence:
    if row["starts_at"] <= now:
        return Silence.BEGUN
    if not (row["comes_or_goes"] or row["moves"]):
        return Silence.SAME_TIME
    kind = CANCELLED if not row["stands"] else CONFIRMATION if row["comes_or_goes"] else MOVED
    if kind in off:
        return Reason.NOT_TOLD
    return Silence.KNOWN if row["stands"] else Silence.UNREAD
