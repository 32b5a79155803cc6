"""Use cases of tickets: opening one, what is said in it, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.domain import db
from console.domain.clients import steps as clients
from console.domain.clients.rules import tags_problem
from console.domain.clients.steps import Erased
from console.domain.errors import DomainError, Invalid, NotFound, Problem, Refused, Stale
from console.domain.ids import BookingId, ClientId, StaffId, TicketId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.text import fold
from console.domain.tickets import addresses, drafts, files, links, steps
from console.domain.tickets.contents import Upload
from console.domain.tickets.rules import (
    MOST_AT_ONCE,
    About,
    EntryKind,
    TicketChannel,
    TicketStatus,
    Why,
    about_problems,
    body_problems,
)
from console.domain.tickets.steps import RemedyWaits, TicketClosed, TicketElsewhere
from console.domain.tickets.tables import Ticket


class PutRightAlready(Refused):
    """What a ticket put right is its client's: it does not become somebody else's."""

    key = "refused.ticket_put_right"


class TagsFull(Refused):
    """A ticket has as many tags as it may have."""

    key = "refused.ticket_tags_full"


LEFT: Mapping[type[DomainError], str] = {
    Erased: "effect.tickets_left_erased",
    TicketClosed: "effect.tickets_left_closed",
    TicketElsewhere: "effect.tickets_left_status",
    RemedyWaits: "effect.tickets_left_remedy",
    TagsFull: "effect.tickets_left_tags",
    Stale: "effect.tickets_left_stale",
}
"""Why tickets are left as they are where others are changed: keys of what is told of them."""


class NoneChanged(Refused):
    """Several tickets, or the one that was chosen, are all left as they are. `left`: the numbers by keys of `LEFT`."""

    key = "refused.tickets_left"

    def __init__(self, left: Mapping[str, str]) -> None:
        super().__init__()
        self.left = left

    @property
    def problem(self) -> Problem:
        if len(self.left) > 1:
            return Problem(self.key)
        ((key, numbers),) = self.left.items()
        return Problem(key, {"numbers": numbers})


@dataclass(frozen=True)
class Opening:
    """A ticket to be: `body` is what the client said, or what one of us notes."""

    about: About
    body: str
    channel: TicketChannel
    client: ClientId | None = None
    booking: BookingId | None = None
    kind: EntryKind = EntryKind.IN


@dataclass(frozen=True)
class Together:
    """What becomes of several tickets at once: whose they are (`assign`, with None for nobody's), status, a tag."""

    assign: bool = False
    assignee: StaffId | None = None
    status: TicketStatus | None = None
    tag: str | None = None


@operation("ticket.open", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def open_ticket(op: Operation, opening: Opening) -> dict[str, int]:
    """Open a ticket with what was said first. Raises `Invalid` (`subject`, `body`, `category`, `assignee`, `tags`,
    `booking`), `NotFound` for a client who is gone.
    """
    _refuse_problems(opening.about, opening.body)
    await _refuse_choices(opening.about)
    state = await steps.begin(op, opening.about, opening.channel, opening.client)
    await steps.say(op, state, opening.kind, opening.body, opening.channel)
    if opening.booking is not None:
        await links.link_booking(op, state, opening.booking)
    return {"ticket": state["id"]}


@operation("ticket.reply", permission=Permission.TICKET_CHANGE, undo=steps.unsay)
async def reply(
    op: Operation,
    ticket: TicketId,
    version: int | None,
    body: str,
    then: TicketStatus = TicketStatus.PENDING,
    channel: TicketChannel | None = None,
    upload: Upload | None = None,
    address: str | None = None,
) -> dict[str, int]:
    """Answer the client, or who wrote, with a file perhaps; the ticket waits for them `then`, or is whatever is said.

    By mail it goes to them once there is no undo any more, to an `address` of `addresses.choices` or the first of
    these. `version`: the ticket as it was read. Raises `Stale`, `Invalid` (`body`, `file`, `address`, `channel` where
    nobody knows whom to mail to), `TicketClosed`, `TicketElsewhere`.
    """
    return await _said(op, ticket, version, EntryKind.OUT, body, then, channel, Why.REPLIED, upload, address)


@operation("ticket.receive", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def receive(
    op: Operation,
    ticket: TicketId,
    body: str,
    channel: TicketChannel | None = None,
    upload: Upload | None = None,
) -> dict[str, int]:
    """Write down what the client said: a ticket that waited for them, or was solved, is open again.

    Raises `Invalid` (`body`, `file`), `TicketClosed`.
    """
    return await _said(op, ticket, None, EntryKind.IN, body, None, channel, Why.ANSWERED, upload)


@operation("ticket.note", permission=Permission.TICKET_CHANGE, undo=steps.unsay)
async def note(
    op: Operation, ticket: TicketId, body: str, then: TicketStatus | None = None, upload: Upload | None = None
) -> dict[str, int]:
    """Note something among us. Raises `Invalid` (`body`, `file`), `TicketClosed`, `TicketElsewhere`."""
    return await _said(op, ticket, None, EntryKind.NOTE, body, then, None, Why.BY_HAND, upload)


async def _said(
    op: Operation,
    ticket: TicketId,
    version: int | None,
    kind: EntryKind,
    body: str,
    then: TicketStatus | None,
    channel: TicketChannel | None,
    why: Why,
    upload: Upload | None,
    address: str | None = None,
) -> dict[str, int]:
    if wrong := body_problems(body):
        raise Invalid(wrong)
    file = files.kind_of(upload) if upload else None
    state = await steps.lock(op, ticket)
    mailed = kind == EntryKind.OUT and steps.said_by(state, channel) == TicketChannel.EMAIL
    to = await _mailed_to(state, address) if mailed else None
    entry = await steps.say(op, state, kind, body, channel, to)
    if upload and file:
        await files.keep(op, state, entry, upload, file)
    reopens = kind == EntryKind.IN and state["status"] in (TicketStatus.PENDING, TicketStatus.SOLVED)
    then = TicketStatus.OPEN if reopens else then
    await steps.write(op, ticket, version, {} if then is None else await steps.moving(op, state, then, why))
    await drafts.drop(ticket, op.actor.id)
    return {"ticket": ticket, "entry": entry}


async def _mailed_to(state: Mapping[str, Any], address: str | None) -> str | None:
    """Where a reply goes. Raises `Invalid` (`address`, `channel`); None: nobody knows yet where the client is."""
    there = [one.address for one in await addresses.choices(state["id"], state["client"])]
    if address is not None and address not in there:
        raise Invalid({"address": Problem("problem.choice")})
    if not there and state["client"] is None:
        raise Invalid({"channel": Problem("problem.reply_to_nobody")})
    return address or next(iter(there), None)


@operation("ticket.change", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def change(op: Operation, ticket: TicketId, version: int, about: About) -> dict[str, int]:
    """Say what a ticket is about, how urgent it is and whose. Raises `Stale`, `Invalid` (as `ticket.open`)."""
    if wrong := about_problems(about):
        raise Invalid(wrong)
    await steps.lock(op, ticket)
    await _refuse_choices(about, await _chosen(ticket))
    await op.update(Ticket, ticket, version, steps.columns(about))
    return {"ticket": ticket}


@operation("ticket.assign", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def assign(op: Operation, ticket: TicketId, assignee: StaffId | None) -> dict[str, int]:
    """Give a ticket to somebody, or to nobody. Effects: `done.ticket_taken` with its `number`, where it is taken.

    Raises `Invalid` (`assignee`), `TicketClosed`.
    """
    state = await steps.lock(op, ticket)
    await steps.is_colleague(assignee)
    await op.update(Ticket, ticket, None, {"assignee": assignee})
    if assignee == StaffId(op.actor.id):
        _tell_taken(op, [state["number"]])
    return {"ticket": ticket}


@operation("ticket.move", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def move(op: Operation, ticket: TicketId, then: TicketStatus, version: int | None = None) -> dict[str, int]:
    """Say where a ticket stands. Raises `Stale`, `TicketElsewhere`, `TicketClosed`."""
    state = await steps.lock(op, ticket)
    await op.update(Ticket, ticket, version, await steps.moving(op, state, then, Why.BY_HAND))
    return {"ticket": ticket}


@operation("ticket.client", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def give_to_client(op: Operation, ticket: TicketId, version: int, client: ClientId | None) -> dict[str, int]:
    """Say whose a ticket is, with all that was said in it; links to what is another client's go.

    Raises `Stale`, `NotFound` for a client who is gone, `TicketClosed`.
    """
    state = await steps.lock(op, ticket, client)
    if client is not None:
        await clients.lock_to_edit(op, client)
    if state["client"] != client:
        if await db.fetchval("SELECT EXISTS (SELECT FROM ticket_remedy WHERE ticket = $1)", ticket):
            raise PutRightAlready
        await links.drop_all(op, ticket)
        await steps.move_parts(op, ticket, client)
    known = {} if client is None else {"stranger_since": None}
    await op.update(Ticket, ticket, version, {"client": client, **known})
    return {"ticket": ticket}


@operation("ticket.together", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def change_together(op: Operation, tickets: Mapping[TicketId, int], what: Together) -> dict[str, list[int]]:
    """The same with several tickets at once; one that it cannot be done with stays as it is, and is told.

    `tickets`: the version of each as it was read. Effects: a key of `LEFT` with their `numbers`; where they are taken
    and no more, `done.ticket_taken` with its `number` or `done.tickets_taken` with their `count`. Raises `NoneChanged`,
    `Invalid` (`tickets`, `assignee`, `tag`).
    """
    if not 0 < len(tickets) <= MOST_AT_ONCE:
        raise Invalid({"tickets": Problem("problem.choice")})
    if what.tag and (wrong := tags_problem([what.tag])):
        raise Invalid({"tag": wrong})
    states = await steps.lock_all(op, sorted(tickets))
    await steps.is_colleague(what.assignee)
    changed, left = list[int](), dict[str, str]()
    for state in states:
        try:
            async with op.attempt():
                await _one_of_many(op, state, tickets[state["id"]], what)
                changed.append(state["id"])
        except tuple(LEFT) as refused:
            key, number = LEFT[type(refused)], str(state["number"])
            left[key] = f"{left[key]}, {number}" if key in left else number
    if not states:
        raise NotFound
    if not changed:
        raise NoneChanged(left)
    for key, numbers in left.items():
        op.effect(key, numbers=numbers)
    if what == Together(assign=True, assignee=StaffId(op.actor.id)):
        _tell_taken(op, [state["number"] for state in states if state["id"] in changed])
    return {"ticket": changed}


def _tell_taken(op: Operation, numbers: Sequence[int]) -> None:
    if len(numbers) == 1:
        op.effect("done.ticket_taken", number=numbers[0])
    else:
        op.effect("done.tickets_taken", count=len(numbers))


async def _one_of_many(op: Operation, state: Mapping[str, Any], version: int, what: Together) -> None:
    steps.refuse(state)
    if state["version"] != version:
        raise Stale("ticket", state["id"])
    values: dict[str, Any] = {}
    if what.assign:
        values["assignee"] = what.assignee
    if what.tag and fold(what.tag) not in map(fold, state["tags"]):
        values["tags"] = [*state["tags"], what.tag]
        if tags_problem(values["tags"]):
            raise TagsFull
    if what.status is not None:
        values |= await steps.moving(op, state, what.status, Why.BY_HAND)
    await op.update(Ticket, state["id"], None, values)


def _refuse_problems(about: About, body: str) -> None:
    if wrong := about_problems(about) | body_problems(body):
        raise Invalid(wrong)


async def _refuse_choices(about: About, chosen: Mapping[str, Any] | None = None) -> None:
    """What was chosen before may stay chosen, also where it is not offered any more."""
    if chosen is None or chosen["category"] != about.category:
        await steps.is_category(about.category)
    if chosen is None or chosen["assignee"] != about.assignee:
        await steps.is_colleague(about.assignee)


async def _chosen(ticket: int) -> Mapping[str, Any]:
    row = await db.fetchrow("SELECT category, assignee FROM ticket WHERE id = $1", ticket)
    return dict(row or {})
