"""What pages read of tickets: one with all that was said in it, lists of them, and how many there are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.clients.queries import client_names
from console.domain.errors import NotFound
from console.domain.ids import (
    ActorId,
    BookingId,
    ClientId,
    StaffId,
    TicketCategoryId,
    TicketEntryId,
    TicketId,
    TicketLinkId,
    VisitId,
)
from console.domain.tickets.rules import EntryKind, Mark, Priority, Rating, TicketChannel, TicketStatus, Why


@dataclass(frozen=True)
class TicketRow:
    """A ticket as lists show it. `subject` is None once its client is erased; `category_names`: language to
    name. `writer`: what whoever mailed it goes by. `holds`: what would expire of its client's loyalty waits for it.
    `rating`: what its client said of how it was solved last.
    """

    id: TicketId
    number: int
    version: int
    operation: int
    client: ClientId | None
    subject: str | None
    category: TicketCategoryId | None
    category_names: Mapping[str, str] | None
    channel: TicketChannel
    priority: Priority
    status: TicketStatus
    assignee: StaffId | None
    assignee_name: str | None
    tags: Sequence[str]
    opened_at: datetime
    writer: str | None
    solved_at: datetime | None
    closed_at: datetime | None
    first_replied_at: datetime | None
    first_reply_due: datetime | None
    resolution_due: datetime | None
    first_reply_mark: Mark | None
    resolution_mark: Mark | None
    due_at: datetime | None
    holds: bool
    rating: Rating | None

    @property
    def mark(self) -> Mark | None:
        """The worse one of its marks."""
        marks = {self.first_reply_mark, self.resolution_mark}
        return Mark.BREACHED if Mark.BREACHED in marks else Mark.WARNED if Mark.WARNED in marks else None


@dataclass(frozen=True)
class Said:
    """What was said in a ticket, and who wrote it down; `body` is None once it is erased.

    `address`: the one that a reply by mail was written to.
    """

    id: TicketEntryId
    operation: int
    kind: EntryKind
    channel: TicketChannel | None
    body: str | None
    address: str | None
    at: datetime
    actor: ActorId


@dataclass(frozen=True)
class Moved:
    """That a ticket came to a status, why, and by whom."""

    status: TicketStatus
    why: Why
    at: datetime
    actor: ActorId
    operation: int


@dataclass(frozen=True)
class Link:
    """What a ticket is about: a booking or a visit."""

    id: TicketLinkId
    booking: BookingId | None
    visit: VisitId | None


@dataclass(frozen=True)
class Conversation:
    """A ticket with what was said in it and where it stood, each in the order in which it happened."""

    ticket: TicketRow
    said: Sequence[Said]
    moved: Sequence[Moved]
    links: Sequence[Link] = field(default=())


COLUMNS = """
    t.id, t.number, t.version, t.operation, t.client, t.subject, t.category, k.names AS category_names, t.channel,
    t.priority, t.status, t.assignee, s.name AS assignee_name, t.tags, t.opened_at, t.solved_at, t.closed_at,
    t.first_replied_at, t.first_reply_due, t.resolution_due, t.first_reply_mark, t.resolution_mark, t.due_at,
    coalesce(t.sender_name, t.sender) AS writer,
    k.holds IS TRUE AND t.client IS NOT NULL AND t.solved_at IS NULL AS holds,
    (SELECT r.rating FROM ticket_rating r WHERE r.ticket = t.id AND r.retired_at IS NULL
        ORDER BY r.solving DESC LIMIT 1) AS rating
"""
FROM = "ticket t LEFT JOIN ticket_category k ON k.id = t.category LEFT JOIN staff s ON s.id = t.assignee"


async def ticket(ticket_id: int) -> TicketRow:
    """One ticket. Raises `NotFound`."""
    return await _one("t.id = $1", ticket_id)


async def by_number(number: int) -> TicketRow:
    """One ticket by the number that people know it by. Raises `NotFound`."""
    return await _one("t.number = $1", number)


async def from_addresses(addresses: Sequence[str]) -> list[TicketRow]:
    """The tickets that are no client's and came from one of these addresses, the latest first."""
    rows = await db.fetch(
        f"SELECT {COLUMNS} FROM {FROM} WHERE t.sender = ANY($1::text[]) AND t.client IS NULL AND t.retired_at IS NULL"  # noqa: S608
        " ORDER BY t.id DESC",
        addresses,
    )
    return [row_of(row) for row in rows]


async def _one(condition: str, value: int) -> TicketRow:
    row = await db.fetchrow(f"SELECT {COLUMNS} FROM {FROM} WHERE {condition} AND t.retired_at IS NULL", value)  # noqa: S608
    if row is None:
        raise NotFound
    return row_of(row)


async def conversation(number: int) -> Conversation:
    """A ticket by its number with all that was said in it. Raises `NotFound`."""
    found = await by_number(number)
    said = await db.fetch(
        "SELECT e.id, e.operation, e.kind, e.channel, e.body, e.address, e.at, o.actor FROM ticket_entry e"
        " JOIN change c ON c.entity = 'ticket_entry' AND c.entity_id = e.id AND c.created"
        " JOIN operation o ON o.id = c.operation"
        " WHERE e.ticket = $1 AND e.retired_at IS NULL ORDER BY e.at, e.id",
        found.id,
    )
    moved = await db.fetch(
        "SELECT s.status, s.why, s.at, o.actor, s.operation FROM ticket_status s JOIN operation o ON o.id = s.operation"
        " WHERE s.ticket = $1 AND s.retired_at IS NULL ORDER BY s.id",
        found.id,
    )
    links = await db.fetch(
        "SELECT id, booking, visit FROM ticket_link WHERE ticket = $1 AND retired_at IS NULL ORDER BY id", found.id
    )
    return Conversation(
        found,
        [
            Said(
                **{
                    **one,
                    "kind": EntryKind(one["kind"]),
                    "channel": TicketChannel(one["channel"]) if one["channel"] else None,
                }
            )
            for one in said
        ],
        [Moved(**{**one, "status": TicketStatus(one["status"]), "why": Why(one["why"])}) for one in moved],
        [Link(**one) for one in links],
    )


def row_of(row: Mapping[str, Any]) -> TicketRow:
    """A row of `COLUMNS`."""
    marks = {name: row[name] and Mark(row[name]) for name in ("first_reply_mark", "resolution_mark")}
    words = {
        "channel": TicketChannel(row["channel"]),
        "priority": Priority(row["priority"]),
        "status": TicketStatus(row["status"]),
        "rating": row["rating"] and Rating(row["rating"]),
        "category_names": json.loads(row["category_names"]) if row["category_names"] else None,
    }
    return TicketRow(**{**row, **words, **marks})


@named("ticket")
async def ticket_names(ids: Sequence[int]) -> dict[int, Name]:
    """The numbers that tickets go by."""
    return await numbers("SELECT id, number FROM ticket", ids)


@named("ticket_entry")
async def entry_names(ids: Sequence[int]) -> dict[int, Name]:
    """In which tickets something was said."""
    return await numbers("SELECT x.id, t.number FROM ticket_entry x JOIN ticket t ON t.id = x.ticket", ids)


@named("ticket_status")
async def status_names(ids: Sequence[int]) -> dict[int, Name]:
    """Which tickets came to a status."""
    return await numbers("SELECT x.id, t.number FROM ticket_status x JOIN ticket t ON t.id = x.ticket", ids)


@named("ticket_mail")
async def mail_names(ids: Sequence[int]) -> dict[int, Name]:
    """To which tickets mails came."""
    return await numbers("SELECT x.id, t.number FROM ticket_mail x JOIN ticket t ON t.id = x.ticket", ids)


@named("ticket_link")
async def link_names(ids: Sequence[int]) -> dict[int, Name]:
    """Which tickets are about something."""
    return await numbers("SELECT x.id, t.number FROM ticket_link x JOIN ticket t ON t.id = x.ticket", ids)


async def numbers(rows: str, ids: Sequence[int]) -> dict[int, Name]:
    """The numbers of tickets by the ids of what SQL says belongs to them."""
    found = await db.fetch(f"SELECT id, number FROM ({rows}) numbered WHERE id = ANY($1::bigint[])", list(ids))  # noqa: S608
    return {row["id"]: Name(str(row["number"])) for row in found}


async def whose(rows: Sequence[TicketRow]) -> dict[ClientId, Name]:
    """What the clients of tickets are called."""
    named_ = await client_names(sorted({row.client for row in rows if row.client is not None}))
    return {ClientId(one): name for one, name in named_.items()}
