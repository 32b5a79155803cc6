"""What pages read of the outbox: the messages of a client or of everybody, and how the outbox is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from console.domain import db
from console.domain.clients.rules import Channel
from console.domain.ids import ActorId, ClientId, MessageId, TicketId
from console.domain.messages.rules import MessageKind, MessageStatus, Reason, is_open, may_go_again
from console.domain.messages.skipping import BY_HAND, PROFILE, skipped
from console.domain.messages.tables import OPEN
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
    `skipped`: why it will be, as the client wishes and channels are set up. `to`: where what did not get through goes
    as things are now. `by`: who stopped or dismissed it. `zone`: of the clock that keeps its quiet hours, None: the
    business's.
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
    skipped: Reason | None
    to: str | None
    by: ActorId | None
    zone: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to see to it."""
        return not self.withdrawn and is_open(self.status, self.reason)

    @property
    def is_dismissed(self) -> bool:
        return self.reason == Reason.DISMISSED

    @property
    def goes(self) -> bool:
        """Whether it waits for its time, and does so for more than to be skipped."""
        return self.waits and self.skipped is None

    @property
    def waits(self) -> bool:
        return self.status is MessageStatus.DUE and not self.withdrawn

    @property
    def told_at(self) -> datetime:
        """When it left, or was tried last, or goes or would have gone."""
        return self.sent_at or (self.try_at if self.waits or self.is_open else self.due_at)

    @property
    def may_stop(self) -> bool:
        return self.waits and self.channel is None

    @property
    def may_have_arrived(self) -> bool:
        return self.status is MessageStatus.UNKNOWN and not self.is_dismissed

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def may_go_again(self, now: datetime) -> bool:
        return not (self.withdrawn or self.is_over(now)) and may_go_again(self.kind, self.status, self.reason)


def _select(set_up: Collection[Channel]) -> str:
    return (
        "SELECT m.id, m.kind, m.client, m.status, m.retired_at IS NOT NULL AS withdrawn, m.due_at, m.try_at, m.sent_at,"  # noqa: S608
        " m.channel, m.reason, m.error, (variables ->> 'starts')::timestamptz AS starts, ends_at,"
        " (variables ->> 'series')::bigint AS series, (variables ->> 'last_starts')::timestamptz AS last,"
        " (variables ->> 'count')::int AS count,"
        " (variables ->> 'entry')::bigint AS entry,"
        f" {skipped(set_up)} AS skipped,"
        f" CASE WHEN NOT ({BY_HAND}) AND {OPEN} THEN"
        "  CASE m.channel WHEN 'email' THEN p.emails #>> '{0,address}' ELSE p.phones #>> '{0,number}' END END AS to,"
        " CASE WHEN m.reason IN ('staff', 'dismissed') THEN (SELECT o.actor FROM operation o WHERE o.id = m.operation)"
        "  END AS by,"
        " coalesce(p.zone, (SELECT l.zone FROM location l WHERE l.id = (m.variables ->> 'location')::bigint)) AS zone"
        f" FROM message m {PROFILE}"
    )


async def of_client(client: ClientId, most: int, set_up: Collection[Channel]) -> list[Line]:
    """A client's messages: those to come, the next one first, then the latest; withdrawn ones among them."""
    rows = await db.fetch(
        f"{_select(set_up)} WHERE client = $1"
        " ORDER BY CASE WHEN status = 'due' AND retired_at IS NULL THEN try_at END, coalesce(sent_at, due_at) DESC,"
        " id DESC LIMIT $2",
        client,
        most,
    )
    return _lines(rows)


_WAITS = "(m.status = 'due' AND m.retired_at IS NULL)"


async def glance(client: ClientId, most: int, to_come: int, set_up: Collection[Channel]) -> list[Line]:
    """So many of a client's messages to come, the next one first, then the latest; what is left over fills up."""
    rows = await db.fetch(
        f"{_select(set_up)} WHERE m.client = $1 ORDER BY m.retired_at IS NOT NULL, CASE WHEN NOT {_WAITS} THEN 1"
        f" WHEN row_number() OVER (PARTITION BY {_WAITS} ORDER BY m.try_at, m.id DESC) <= $3 THEN 0 ELSE 2 END,"
        f" CASE WHEN {_WAITS} THEN m.try_at END, coalesce(m.sent_at, m.due_at) DESC, m.id DESC LIMIT $2",
        client,
        most,
        to_come,
    )
    return _lines(rows)


async def of_replies(ticket: TicketId) -> dict[int, Line]:
    """The messages that carry the replies of a ticket, by the ids of their entries; withdrawn ones before none."""
    rows = await db.fetch(
        f"{_select(())} WHERE kind = $2 AND kind LIKE 'ticket.%' AND (variables ->> 'ticket')::bigint = $1"
        " ORDER BY retired_at IS NULL, id",
        ticket,
        MessageKind.TICKET_REPLY.value,
    )
    return {one.entry: one for one in _lines(rows) if one.entry is not None}


class After(NamedTuple):
    """A message of a list by when the list told it to be tried, or to have been: it may have been put off since."""

    at: datetime
    id: int


async def waiting(
    most: int, set_up: Collection[Channel], after: After | None = None, wanted: bool | None = None
) -> list[Line]:
    """What is due, the one that is tried next first; those after one of them.

    `wanted`: only what will leave, or where it is False only what will be skipped.
    """
    only = "" if wanted is None else f" AND ({skipped(set_up)}) IS {'' if wanted else 'NOT '}NULL"
    rows = await db.fetch(
        f"{_select(set_up)} WHERE retired_at IS NULL AND status = 'due'{only}"
        " AND ($2::timestamptz IS NULL OR (try_at, id) > ($2, $3)) ORDER BY try_at, id LIMIT $1",
        most,
        *(after or (None, 0)),
    )
    return _lines(rows)


_TOLD_AT = f"coalesce(sent_at, CASE WHEN retired_at IS NULL AND {OPEN} THEN try_at ELSE due_at END)"
"""`Line.told_at` of what is not due."""


async def latest(
    status: MessageStatus, most: int, set_up: Collection[Channel], before: After | None = None
) -> list[Line]:
    """The latest messages of which that became; those before one of them."""
    rows = await db.fetch(
        f"{_select(set_up)} JOIN (SELECT id AS chosen, {_TOLD_AT} AS told_at FROM message WHERE status = $1"  # noqa: S608
        f" AND ($3::timestamptz IS NULL OR ({_TOLD_AT}, id) < ($3, $4)) ORDER BY told_at DESC, id DESC LIMIT $2)"
        " AS latest ON m.id = chosen ORDER BY told_at DESC, m.id DESC",
        status.value,
        most,
        *(before or (None, 0)),
    )
    return _lines(rows)


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    return [
        Line(
            **{
                **row,
                "kind": MessageKind(row["kind"]),
                "status": MessageStatus(row["status"]),
                "skipped": Reason(row["skipped"]) if row["skipped"] else None,
            }
        )
        for row in rows
    ]


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


_NOT_THROUGH = f"retired_at IS NULL AND {OPEN} AND try_at >= $1"


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

    `unwanted`: what waits only to be skipped, and is not among `due`, of which `first` is tried next. `doubtful`: those
    of `unknown` that somebody still wants.
    """

    due: int
    unwanted: int
    first: datetime | None
    late: datetime | None
    claimed: int
    unknown: int
    doubtful: int
    failed: int
    sent: int


async def health(now: datetime, set_up: Collection[Channel]) -> Health:
    """Counts of what waits and of what is wrong; held-up messages are late only once their time has come."""
    row = await db.fetchrow(
        "SELECT waits.*,"  # noqa: S608
        " (SELECT min(try_at) FROM message WHERE retired_at IS NULL AND status = 'due' AND try_at < $1) AS late,"
        " (SELECT count(*) FROM message WHERE status = 'claimed') AS claimed,"
        f" (SELECT count(*) FROM message WHERE retired_at IS NULL AND {OPEN} AND status = 'unknown') AS unknown,"
        f" (SELECT count(*) FROM message WHERE retired_at IS NULL AND {OPEN} AND status = 'unknown'"
        "  AND (ends_at IS NULL OR ends_at > $3)) AS doubtful,"
        f" (SELECT count(*) FROM message WHERE retired_at IS NULL AND {OPEN} AND status = 'failed') AS failed,"
        " (SELECT count(*) FROM message_attempt WHERE at >= $2 AND outcome = 'sent') AS sent"
        " FROM (SELECT count(*) FILTER (WHERE skipped IS NULL) AS due, count(skipped) AS unwanted,"
        "  min(try_at) FILTER (WHERE skipped IS NULL) AS first"
        f" FROM (SELECT m.try_at, {skipped(set_up)} AS skipped FROM message m {PROFILE}"
        "  WHERE m.retired_at IS NULL AND m.status = 'due') AS waiting) AS waits",
        now - LATE,
        now - DAY,
        now,
    )
    return Health(**dict(row or {}))
