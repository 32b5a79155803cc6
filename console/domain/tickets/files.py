"""Use cases of attachments: keeping one with a ticket, taking it away, reading it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import ActorId, ClientId, TicketEntryId, TicketFileId, TicketId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.tickets import steps
from console.domain.tickets.contents import MOST, MOST_BY_MAIL, NotTaken, Upload, kept_name, media_type
from console.domain.tickets.queries import numbers
from console.domain.tickets.tables import TicketFile


@dataclass(frozen=True)
class FileView:
    """An attachment; `name` is None once it is erased, `size` in bytes."""

    id: TicketFileId
    entry: TicketEntryId | None
    name: str | None
    media_type: str
    size: int
    at: datetime
    actor: ActorId


@dataclass(frozen=True)
class Attachment:
    """An attachment to be looked at."""

    name: str
    media_type: str
    content: bytes


_BY_MAIL = (
    "SELECT coalesce(sum(f.size), 0) FROM ticket_file f JOIN ticket_entry e ON e.id = f.entry"
    " WHERE e.id = $1 AND e.kind = 'out' AND e.channel = 'email' AND f.retired_at IS NULL"
)

_LAST = """
    SELECT e.id, e.kind = 'out' AND e.channel = 'email' AS mailed, EXISTS (SELECT FROM message m
            WHERE m.kind = 'ticket.reply' AND m.kind LIKE 'ticket.%' AND (m.variables ->> 'entry')::bigint = e.id
            AND (m.variables ->> 'ticket')::bigint = e.ticket AND m.status = 'due' AND m.retired_at IS NULL) AS waits
    FROM ticket_entry e WHERE e.ticket = $1 AND e.retired_at IS NULL ORDER BY e.id DESC LIMIT 1
"""


@operation("ticket.attach", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def attach(op: Operation, ticket: TicketId, upload: Upload, along: bool = False) -> dict[str, int]:
    """Keep a file with a ticket, with what was said in it last.

    With a reply by mail only where it is to go `along` to the client, and the reply has not left yet. Raises `Invalid`
    (`file`, `along`), `TicketClosed`.
    """
    kind = kind_of(upload)
    state = await steps.lock(op, ticket)
    last = await db.fetchrow(_LAST, ticket)
    if along and not (last and last["waits"]):
        raise Invalid({"along": Problem("problem.reply_has_left")})
    await keep(op, state, last["id"] if last and (along or not last["mailed"]) else None, upload, kind)
    await steps.write(op, ticket, None, {})
    return {"ticket": ticket}


async def may_go_along(ticket: TicketId) -> bool:
    """Whether what was said last is a reply by mail that has not left yet."""
    last = await db.fetchrow(_LAST, ticket)
    return bool(last and last["waits"])


def kind_of(upload: Upload) -> str:
    """The kind of a file. Raises `Invalid` (`file`) for one that is not taken."""
    try:
        return media_type(upload.content, upload.name)
    except NotTaken as refused:
        raise Invalid({"file": refused.problem}) from None


async def keep(op: Operation, state: asyncpg.Record, entry: int | None, upload: Upload, kind: str) -> None:
    """Keep a file with what was said in a ticket, which is locked. Raises `Invalid` (`file`)."""
    sql = "SELECT count(*) FROM ticket_file WHERE ticket = $1 AND retired_at IS NULL"
    if await db.fetchval(sql, state["id"]) >= MOST:
        raise Invalid({"file": Problem("problem.files_many", {"most": MOST})})
    if await db.fetchval(_BY_MAIL, entry) + len(upload.content) > MOST_BY_MAIL:
        raise Invalid({"file": Problem("problem.files_by_mail", {"limit": MOST_BY_MAIL // 1024**2})})
    await op.insert(
        TicketFile,
        ticket=state["id"],
        client=state["client"],
        entry=entry,
        name=kept_name(upload.name, kind),
        media_type=kind,
        size=len(upload.content),
        content=upload.content,
    )


async def of_client(client: ClientId) -> AsyncIterator[tuple[int, Attachment]]:
    """All attachments of a client's tickets, those taken away too, with the tickets' numbers; one at a time."""
    rows = await db.fetch(
        "SELECT f.id, t.number FROM ticket_file f JOIN ticket t ON t.id = f.ticket"
        " WHERE f.client = $1 AND f.content IS NOT NULL ORDER BY t.number, f.id",
        client,
    )
    for row in rows:
        one = await db.fetchrow("SELECT name, media_type, content FROM ticket_file WHERE id = $1", row["id"])
        if one and one["content"] is not None:
            yield row["number"], Attachment(one["name"] or "", one["media_type"], one["content"])


@operation("ticket.detach", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def detach(op: Operation, file: TicketFileId) -> dict[str, int]:
    """Take an attachment away. Raises `NotFound`, `TicketClosed`."""
    ticket = await db.fetchval("SELECT ticket FROM ticket_file WHERE id = $1 AND retired_at IS NULL", file)
    if ticket is None:
        raise NotFound
    await steps.lock(op, ticket)
    await op.update(TicketFile, file, None, {"retired_at": op.now})
    await steps.write(op, ticket, None, {})
    return {"ticket": ticket}


async def files(ticket: TicketId) -> list[FileView]:
    """The attachments of a ticket, in the order in which they came."""
    rows = await db.fetch(
        "SELECT f.id, f.entry, f.name, f.media_type, f.size, o.at, o.actor FROM ticket_file f"
        " JOIN change c ON c.entity = 'ticket_file' AND c.entity_id = f.id AND c.created"
        " JOIN operation o ON o.id = c.operation WHERE f.ticket = $1 AND f.retired_at IS NULL ORDER BY f.id",
        ticket,
    )
    return [FileView(**row) for row in rows]


async def attachment(number: int, file: int) -> Attachment:
    """An attachment of the ticket with a number. Raises `NotFound`, for an erased one too."""
    row = await db.fetchrow(
        "SELECT f.name, f.media_type, f.content FROM ticket_file f JOIN ticket t ON t.id = f.ticket"
        " WHERE t.number = $1 AND f.id = $2 AND f.retired_at IS NULL AND t.retired_at IS NULL"
        " AND f.content IS NOT NULL",
        number,
        file,
    )
    if row is None:
        raise NotFound
    return Attachment(**row)


@named("ticket_file")
async def file_names(ids: Sequence[int]) -> dict[int, Name]:
    """To which tickets files are attached."""
    return await numbers("SELECT x.id, t.number FROM ticket_file x JOIN ticket t ON t.id = x.ticket", ids)
