"""Parts of tickets' use cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from console.domain import db
from console.domain.clients.steps import Erased, erasures, lock_to_edit
from console.domain.clients.tables import Client
from console.domain.errors import Invalid, NotFound, Problem, Refused, constraint
from console.domain.ids import ClientId, StaffId, TicketId
from console.domain.running import Done, Operation
from console.domain.text import fold
from console.domain.tickets import contents, drafts, holds
from console.domain.tickets.dues import settle
from console.domain.tickets.rules import UNSOLVED, About, EntryKind, TicketChannel, TicketStatus, Why, may_follow
from console.domain.tickets.tables import (
    Ticket,
    TicketEntry,
    TicketFile,
    TicketMail,
    TicketRating,
    TicketRemedy,
    TicketStatusChange,
)
from console.domain.undo import restore, standing_on
from console.domain.visits.steps import next_number


class TicketClosed(Refused):
    """A closed ticket stays as it is: what comes later is another one."""

    key = "refused.ticket_closed"


class FilesTooLarge(Refused):
    """A reply by mail with a file that was taken from it, and with what took its place: no mail server takes both."""

    key = "refused.files_too_large"


class TicketElsewhere(Refused):
    """A ticket's status is another one than it was taken for: it cannot come to the one asked for from there."""

    key = "refused.ticket_status"


class RemedyWaits(Refused):
    """A ticket is not closed while something that it is to put right waits for a second person."""

    key = "refused.remedy_waits"


constraint("ticket_remedy_waits", RemedyWaits)

_WAITS = "SELECT EXISTS (SELECT FROM ticket_remedy WHERE ticket = $1 AND status = 'proposed' AND retired_at IS NULL)"
_STATES = (
    "SELECT t.id, t.number, t.version, t.client, t.status, t.assignee, t.tags, t.channel, t.sender, t.retired_at,"
    " c.erased_at IS NOT NULL AS erased, (SELECT max(s.at) FROM ticket_status s WHERE s.ticket = t.id"
    "  AND s.retired_at IS NULL) AS moved_at FROM ticket t LEFT JOIN client c ON c.id = t.client"
    " WHERE t.id = ANY($1::bigint[]) ORDER BY t.id"
)


async def lock_all(op: Operation, tickets: Sequence[int], *clients: ClientId | None) -> list[asyncpg.Record]:
    """Lock tickets after whose they are, and further clients; those that there are, as they stand."""
    rows = await db.fetch("SELECT client FROM ticket WHERE id = ANY($1::bigint[]) AND client IS NOT NULL", tickets)
    whose = {row["client"] for row in rows} | {one for one in clients if one is not None}
    await op.lock(Client, whose)
    await op.lock(Ticket, tickets)
    states = [row for row in await db.fetch(_STATES, tickets) if row["retired_at"] is None]
    await op.lock(Client, whose | {row["client"] for row in states if row["client"] is not None})
    return states


async def lock(op: Operation, ticket: TicketId, *clients: ClientId | None) -> asyncpg.Record:
    """Lock a ticket after whose it is, and further clients. Raises `NotFound`, `Erased`, `TicketClosed`."""
    states = await lock_all(op, [ticket], *clients)
    if not states:
        raise NotFound
    refuse(states[0])
    return states[0]


def refuse(state: asyncpg.Record) -> None:
    """Raise why nothing may be done with a ticket that is locked: `Erased`, `TicketClosed`."""
    if state["erased"]:
        raise Erased
    if state["status"] == TicketStatus.CLOSED:
        raise TicketClosed


async def begin(
    op: Operation,
    about: About,
    channel: TicketChannel,
    client: ClientId | None,
    at: datetime | None = None,
    **more: Any,
) -> asyncpg.Record:
    """Open a ticket in which nothing is said yet, and answer it; `at`: since when it is open, if not since now.

    Raises `NotFound` for a client who is gone.
    """
    if client is not None:
        await lock_to_edit(op, client)
    status, at = TicketStatus.OPEN, at or op.now
    ticket = await op.insert(
        Ticket,
        number=await next_number("ticket"),
        client=client,
        channel=channel.value,
        opened_at=at,
        **columns(about),
        **status_values(status, at),
        **more,
    )
    await op.insert(TicketStatusChange, ticket=ticket, status=status.value, why=Why.OPENED.value, at=at)
    return (await db.fetch(_STATES, [ticket]))[0]  # nobody else can lock what nobody sees yet


def columns(about: About) -> dict[str, Any]:
    """The columns that say what a ticket is about."""
    subject = " ".join(about.subject.split())
    return {
        "subject": subject,
        "folded": fold(subject),
        "category": about.category,
        "priority": about.priority.value,
        "tags": list(about.tags),
        "assignee": about.assignee,
    }


async def write(op: Operation, ticket: int, version: int | None, values: Mapping[str, Any]) -> None:
    """Change a ticket, which is another version from now on also where only its parts are others. Raises `Stale`."""
    if not await op.update(Ticket, ticket, version, values):
        await op.touch(Ticket, ticket)


def said_by(state: asyncpg.Record, channel: TicketChannel | None) -> TicketChannel:
    """How something is said in a ticket: as its client first came to us, where nothing else is meant."""
    return channel or TicketChannel(state["channel"])


async def say(
    op: Operation,
    state: asyncpg.Record,
    kind: EntryKind,
    body: str,
    channel: TicketChannel | None,
    address: str | None = None,
    at: datetime | None = None,
) -> int:
    """Write down what was said in a ticket, now or `at` another time; a reply by mail to an `address`."""
    how = None if kind == EntryKind.NOTE else said_by(state, channel).value
    values = {"kind": kind.value, "channel": how, "body": body, "folded": fold(body), "address": address}
    return await op.insert(TicketEntry, ticket=state["id"], client=state["client"], at=at or op.now, **values)


def status_values(then: TicketStatus, now: datetime, state: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The columns that say where a ticket stands, once it comes there."""
    if then == TicketStatus.SOLVED:
        return {"status": then.value, "solved_at": now, "closed_at": None}
    if then == TicketStatus.CLOSED:
        solved = {} if state is not None and state["status"] == TicketStatus.SOLVED else {"solved_at": now}
        return {"status": then.value, "closed_at": now, **solved}
    return {"status": then.value, "solved_at": None, "closed_at": None}


async def moving(op: Operation, state: asyncpg.Record, then: TicketStatus, why: Why) -> dict[str, Any]:
    """Note that a ticket comes to a status, and answer what is to be written of it: nothing where it is there.

    Effects: `effect.remedy_waits_still` with its `number`, where it is solved before that. Raises `TicketElsewhere`,
    `RemedyWaits`.
    """
    now = TicketStatus(state["status"])
    if now == then:
        return {}
    reopens = why == Why.REPLIED and now == TicketStatus.SOLVED and then in UNSOLVED
    if not (reopens or may_follow(now, then)):
        raise TicketElsewhere
    if then in (TicketStatus.SOLVED, TicketStatus.CLOSED) and await db.fetchval(_WAITS, state["id"]):
        if then == TicketStatus.CLOSED:
            raise RemedyWaits
        op.effect("effect.remedy_waits_still", number=state["number"])
    return await _come(op, state, then, why)


async def _come(op: Operation, state: asyncpg.Record, then: TicketStatus, why: Why) -> dict[str, Any]:
    """The same without a question. It is no earlier than where the ticket came to last, whatever this clock shows."""
    at = max(op.now, state["moved_at"] or op.now)
    await op.insert(TicketStatusChange, ticket=state["id"], status=then.value, why=why.value, at=at)
    return status_values(then, at, state)


async def move_parts(op: Operation, ticket: int, client: int | None) -> None:
    """Let all that belongs to a ticket be of its client."""
    for table in (TicketEntry, TicketFile, TicketMail, TicketRating):
        sql = f"SELECT id FROM {table._meta.tablename} WHERE ticket = $1 AND client IS DISTINCT FROM $2 ORDER BY id"  # noqa: S608
        for row in await db.fetch(sql, ticket, client):
            await op.update(table, row["id"], None, {"client": client}, even_gone=True)


async def close_all(op: Operation, client: ClientId) -> None:
    """Close the tickets of a client who is to be erased, and is locked: what anybody was about to say goes.

    That goes of tickets, too, that were opened by mistake.
    """
    rows = await db.fetch("SELECT id FROM ticket WHERE client = $1 ORDER BY id", client)
    tickets = [row["id"] for row in rows]
    waiting = "SELECT id FROM ticket_remedy WHERE ticket = ANY($1::bigint[]) AND status = 'proposed' ORDER BY id"
    states = await lock_all(op, tickets)
    for row in await db.fetch(waiting, tickets):
        await op.update(TicketRemedy, row["id"], None, {"status": "declined"})
    for state in states:
        if state["status"] != TicketStatus.CLOSED:
            await op.update(Ticket, state["id"], None, await _come(op, state, TicketStatus.CLOSED, Why.ERASED))
    await drafts.drop_of(tickets)
    await holds.keep(op, tickets)
    await settle(tickets, op.now)


async def is_category(category: int | None) -> None:
    """Raise `Invalid` (`category`) for one that there is not, or no more."""
    sql = "SELECT EXISTS (SELECT FROM ticket_category WHERE id = $1 AND retired_at IS NULL)"
    if category is not None and not await db.fetchval(sql, category):
        raise Invalid({"category": Problem("problem.choice")})


async def is_colleague(assignee: StaffId | None) -> None:
    """Raise `Invalid` (`assignee`) for somebody who is not there any more."""
    sql = "SELECT EXISTS (SELECT FROM staff WHERE id = $1 AND retired_at IS NULL)"
    if assignee is not None and not await db.fetchval(sql, assignee):
        raise Invalid({"assignee": Problem("problem.choice")})


_TOO_LARGE = (
    "SELECT EXISTS (SELECT FROM ticket_entry e JOIN ticket_file f ON f.entry = e.id AND f.retired_at IS NULL"
    " WHERE e.ticket = ANY($1::bigint[]) AND e.kind = 'out' AND e.channel = 'email'"
    " GROUP BY e.id HAVING sum(f.size) > $2)"
)


@standing_on(erasures)
async def restore_ticket(op: Operation, done: Done) -> None:
    """The inverse of what was done with tickets: clients are locked first, then they, as by every use case.

    Raises `Erased` where one of the clients was, `FilesTooLarge`.
    """
    rows = await db.fetch(
        "SELECT DISTINCT t.id FROM change c JOIN ticket t ON t.id = CASE c.entity"
        " WHEN 'ticket' THEN c.entity_id"
        " WHEN 'ticket_entry' THEN (SELECT ticket FROM ticket_entry WHERE id = c.entity_id)"
        " WHEN 'ticket_status' THEN (SELECT ticket FROM ticket_status WHERE id = c.entity_id)"
        " WHEN 'ticket_rating' THEN (SELECT ticket FROM ticket_rating WHERE id = c.entity_id)"
        " WHEN 'ticket_file' THEN (SELECT ticket FROM ticket_file WHERE id = c.entity_id)"
        " WHEN 'ticket_mail' THEN (SELECT ticket FROM ticket_mail WHERE id = c.entity_id)"
        " WHEN 'ticket_link' THEN (SELECT ticket FROM ticket_link WHERE id = c.entity_id) END"
        " WHERE c.operation = $1",
        done.id,
    )
    tickets = [row["id"] for row in rows]
    former = await db.fetch(
        "SELECT DISTINCT (f.values ->> 'client')::bigint AS client FROM change c JOIN former f ON f.change = c.id"
        " WHERE c.operation = $1 AND c.entity = 'ticket' AND f.values ->> 'client' IS NOT NULL",
        done.id,
    )
    states = await lock_all(op, tickets, *(ClientId(row["client"]) for row in former))
    if any(state["erased"] for state in states):
        raise Erased
    await restore(op, done)
    if await db.fetchval(_TOO_LARGE, tickets, contents.MOST_BY_MAIL):
        raise FilesTooLarge


@standing_on(erasures)
async def unsay(op: Operation, done: Done) -> None:
    """The same of what one of us said: whoever takes their own back has it as a draft, until it is said after all."""
    await restore_ticket(op, done)
    said = await db.fetch(
        "SELECT e.ticket, e.kind, e.body, e.retired_at FROM change c JOIN ticket_entry e ON e.id = c.entity_id"
        " WHERE c.operation = $1 AND c.entity = 'ticket_entry' AND e.body IS NOT NULL",
        done.id,
    )
    for one in said:
        mine = await drafts.of(one["ticket"], op.actor.id)
        if one["retired_at"] is not None and mine is None and op.actor.id == done.actor:
            await drafts.keep(one["ticket"], op.actor.id, EntryKind(one["kind"]), one["body"], op.now)
        elif one["retired_at"] is None and mine is not None and mine.body == one["body"]:
            await drafts.drop(one["ticket"], op.actor.id)
