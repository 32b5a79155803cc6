"""What pages read of the outbox: the messages of a client or of everybody, and how the outbox is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from console.domain import db
from console.domain.ids import ClientId, MessageId, TicketId
from console.domain.messages.rules import WRITTEN, MessageKind, MessageStatus, may_go_again
from console.domain.waiting import Waiting

LATE = timedelta(minutes=10)
"""What should have left this long ago is late."""
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """A message as a list shows it. `withdrawn`: it is not so any more; `error`: what the other side said.

    `starts`: when the booking begins that it tells of, if it tells of one. `ends_at`: from when on nobody wants it.
    `series`: whose bookings it tells of together; `last`: when the last of them begins, and `count`: how many they are.
    `wants_none`: the client wants no messages.
    `entry`: that of a ticket that it carries. `client`: None of a reply to somebody who is none.
    """

    id: MessageId
    kind: MessageKind
    client: ClientId | None
    status: MessageStatus
    withdrawn: bool
    due_at: datetime
    try_at: datetime
    sent_at: datetime | None
    channel: str | None
    reason: str | None
    error: str | None
    starts: datetime | None
    ends_at: datetime | None
    series: int | None
    last: datetime | None
    count: int | None
    entry: int | None
    wants_none: bool

    @property
    def is_unwanted(self) -> bool:
        """Whether it waits for nothing but to be skipped, as its client wants no messages."""
        waits = self.status is MessageStatus.DUE and not self.withdrawn
        return waits and self.wants_none and self.kind not in WRITTEN

    @property
    def may_stop(self) -> bool:
        return self.status is MessageStatus.DUE and self.channel is None and not self.withdrawn

    @property
    def may_have_arrived(self) -> bool:
        return self.status is MessageStatus.UNKNOWN

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def may_go_again(self, now: datetime) -> bool:
        return not (self.withdrawn or self.is_over(now)) and may_go_again(self.kind, self.status, self.reason)


_WANTS_NONE = "EXISTS (SELECT FROM client_profile p WHERE p.client = message.client AND p.channel = 'none')"
_LINES = (
    "SELECT id, kind, client, status, retired_at IS NOT NULL AS withdrawn, due_at, try_at, sent_at, channel, reason,"  # noqa: S608
    " error, (variables ->> 'starts')::timestamptz AS starts, ends_at,"
    " (variables ->> 'series')::bigint AS series, (variables ->> 'last_starts')::timestamptz AS last,"
    " (variables ->> 'count')::int AS count,"
    " (variables ->> 'entry')::bigint AS entry,"
    f" {_WANTS_NONE} AS wants_none"
    " FROM message"
)


async def of_client(client: ClientId, most: int) -> list[Line]:
    """A client's messages: those to come, the next one first, then the latest; withdrawn ones among them."""
    rows = await db.fetch(
        f"{_LINES} WHERE client = $1"
        " ORDER BY CASE WHEN status = 'due' AND retired_at IS NULL THEN try_at END, coalesce(sent_at, due_at) DESC,"
        " id DESC LIMIT $2",
        client,
        most,
    )
    return _lines(rows)


async def of_replies(ticket: TicketId) -> dict[int, Line]:
    """The messages that carry the replies of a ticket, by the ids of their entries; withdrawn ones before none."""
    rows = await db.fetch(
        f"{_LINES} WHERE kind = $2 AND kind LIKE 'ticket.%' AND (variables ->> 'ticket')::bigint = $1"
        " ORDER BY retired_at IS NULL, id",
        ticket,
        MessageKind.TICKET_REPLY.value,
    )
    return {one.entry: one for one in _lines(rows) if one.entry is not None}


class After(NamedTuple):
    """A message of a list by when it was to be tried, as the list had it: it may have been put off since."""

    try_at: datetime
    id: int


async def waiting(most: int, after: After | None = None) -> list[Line]:
    """What is due, the one that is tried next first; those after one of them."""
    rows = await db.fetch(
        f"{_LINES} WHERE retired_at IS NULL AND status = 'due'"
        " AND ($2::timestamptz IS NULL OR (try_at, id) > ($2, $3)) ORDER BY try_at, id LIMIT $1",
        most,
        *(after or (None, 0)),
    )
    return _lines(rows)


async def latest(status: MessageStatus, most: int, before: int | None = None) -> list[Line]:
    """The latest messages of which that became, those before an id."""
    return _lines(
        await db.fetch(
            f"{_LINES} WHERE status = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
            status.value,
            before,
            most,
        )
    )


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    return [Line(**{**row, "kind": MessageKind(row["kind"]), "status": MessageStatus(row["status"])}) for row in rows]


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt to send a message; `arrived`: what the client said of it."""

    at: datetime
    channel: str
    outcome: str
    error: str | None


async def attempts(messages: Collection[MessageId]) -> Mapping[MessageId, Sequence[Attempt]]:
    """Every attempt of some messages, the first one first."""
    found: dict[MessageId, list[Attempt]] = defaultdict(list)
    rows = await db.fetch(
        "SELECT message, at, channel, outcome, error FROM message_attempt WHERE message = ANY($1::bigint[])"
        " ORDER BY message, id",
        list(messages),
    )
    for row in rows:
        found[row["message"]].append(Attempt(row["at"], row["channel"], row["outcome"], row["error"]))
    return found


_NOT_THROUGH = "retired_at IS NULL AND status IN ('failed', 'unknown') AND try_at >= $1"


async def not_through(now: datetime) -> Mapping[MessageStatus, int]:
    """How many of the last week failed, and of how many nobody knows whether they arrived; none that was withdrawn."""
    rows = await db.fetch(
        f"SELECT status, count(*) AS count FROM message WHERE {_NOT_THROUGH} GROUP BY status ORDER BY status",  # noqa: S608
        now - WEEK,
    )
    return {MessageStatus(row["status"]): row["count"] for row in rows}


async def to_see_to(now: datetime, most: int = 99) -> Waiting:
    """Of `not_through` how many are still wanted, counted to `most` + 1; late where one is about the next 24 hours."""
    row = await db.fetchrow(
        "SELECT count(*) AS count, coalesce(bool_or(ends_at < $3), false) AS late FROM ("  # noqa: S608
        f"SELECT ends_at FROM message WHERE {_NOT_THROUGH} AND (ends_at IS NULL OR ends_at > $2)"
        " ORDER BY ends_at LIMIT $4) AS counted",
        now - WEEK,
        now,
        now + DAY,
        most + 1,
    )
    return Waiting(**dict(row or {}))


@dataclass(frozen=True)
class Health:
    """How the outbox is. `late`: when the oldest should have left, if it is late; `sent`: in the last 24 hours.

    `unwanted`: what waits only to be skipped, and is not among `due`. `doubtful`: those of `unknown` that somebody
    still wants.
    """

    due: int
    unwanted: int
    late: datetime | None
    claimed: int
    unknown: int
    doubtful: int
    failed: int
    sent: int


async def health(now: datetime) -> Health:
    """Counts of what waits and of what is wrong; held-up messages are late only once their time has come."""
    row = await db.fetchrow(
        "SELECT"  # noqa: S608
        " waits.count - waits.unwanted AS due, waits.unwanted,"
        " (SELECT min(try_at) FROM message WHERE retired_at IS NULL AND status = 'due' AND try_at < $1) AS late,"
        " (SELECT count(*) FROM message WHERE status = 'claimed') AS claimed,"
        " (SELECT count(*) FROM message WHERE retired_at IS NULL AND status = 'unknown') AS unknown,"
        " (SELECT count(*) FROM message WHERE retired_at IS NULL AND status = 'unknown'"
        "  AND (ends_at IS NULL OR ends_at > $3)) AS doubtful,"
        " (SELECT count(*) FROM message WHERE retired_at IS NULL AND status = 'failed') AS failed,"
        " (SELECT count(*) FROM message_attempt WHERE at >= $2 AND outcome = 'sent') AS sent"
        " FROM (SELECT count(*) AS count,"
        f" count(*) FILTER (WHERE {_WANTS_NONE} AND kind <> ALL($4::text[])) AS unwanted"
        " FROM message WHERE retired_at IS NULL AND status = 'due') AS waits",
        now - LATE,
        now - DAY,
        now,
        list(WRITTEN),
    )
    return Health(**dict(row or {}))
