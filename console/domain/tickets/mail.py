"""Use cases of mail that comes in: into the ticket that it belongs to, into a new one, or aside."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import asyncpg

from console.domain import db
from console.domain.clients.duplicates import alone, duplicates
from console.domain.clients.rules import Email, Names
from console.domain.errors import Invalid, NotFound, Problem, Refused, constraint
from console.domain.ids import ClientId, TicketId, TicketMailId
from console.domain.messages import outcomes
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.text import fold
from console.domain.tickets import files, steps
from console.domain.tickets.contents import Upload
from console.domain.tickets.mail_rules import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    LONGEST_QUOTE,
    MOST_AN_HOUR,
    MOST_OF_STRANGERS,
    OF_PEOPLE,
    TWICE,
    Arrived,
    Envelope,
    LeftOut,
    MailAside,
    MailKind,
    since,
    titled,
)
from console.domain.tickets.rules import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    About,
    EntryKind,
    TicketChannel,
    TicketStatus,
    Why,
)
from console.domain.tickets.tables import Ticket, TicketMail


class MailKnown(Refused):
    """A mail comes in once."""

    key = "refused.mail_known"


class HasClient(Refused):
    """A ticket has a client already: who wrote is nobody to be looked for."""

    key = "refused.ticket_has_client"


constraint("ticket_mail_key", MailKnown)
constraint("ticket_stranger_check", HasClient)

_NUMBERED = "SELECT id FROM ticket WHERE number = $1 AND retired_at IS NULL"
_FOLLOWED = (
    "SELECT m.ticket FROM ticket_mail m JOIN ticket t ON t.id = m.ticket"
    " WHERE m.key = ANY($1::bytea[]) AND t.retired_at IS NULL ORDER BY m.id DESC LIMIT 1"
)
_TWICE = (
    "SELECT t.id FROM ticket t WHERE t.opened_at > $3 AND t.folded = $2 AND t.status = 'open'"
    " AND t.retired_at IS NULL AND EXISTS (SELECT FROM ticket_mail m WHERE m.ticket = t.id AND m.sender = $1"
    " AND m.kind IN ('ordinary', 'form'))"
    " AND NOT EXISTS (SELECT FROM ticket_entry e WHERE e.ticket = t.id AND e.kind = 'out')"
    " ORDER BY t.id DESC LIMIT 1"
)
_UNREAD = (
    "SELECT EXISTS (SELECT FROM message WHERE id = $1 AND kind = 'ticket.reply' AND (variables ->> 'entry')::bigint ="
    " (SELECT max(id) FROM ticket_entry WHERE ticket = $2 AND kind = 'out' AND retired_at IS NULL))"
)
"""Whether a message is the last reply in a ticket."""
_ASIDE = "SELECT id FROM ticket_mail WHERE aside IS NOT NULL AND retired_at IS NULL"
_LATELY = (
    "SELECT count(*) FROM ticket_mail"
    " WHERE origin = $1 AND at > $2::timestamptz - interval '1 hour' AND kind <> 'bounce'"
)

_OF_STRANGERS = (
    "SELECT count(*) FROM (SELECT id, client, sender FROM ticket ORDER BY id DESC LIMIT 1000) AS latest"
    " WHERE client IS NULL AND sender IS NOT NULL"
    " AND (SELECT min(at) FROM ticket_mail WHERE ticket = latest.id) > $1::timestamptz - interval '1 hour'"
)


@operation("ticket_mail.receive", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def receive(op: Operation, mail: Arrived) -> dict[str, int]:
    """Write down a mail that came in, once.

    What somebody wrote in answer reopens a ticket that waited for them or was solved; after a closed one it opens
    another that goes on from it. Whoever filled in a form may not be whose address stands there: it is no client's
    until somebody says so. What a machine wrote changes no status, and opens none. A bounce of one of our messages lets
    that message have failed, and the ticket in which it is the last reply waits for its client no more. Raises
    `MailKnown`.
    """
    sender = mail.envelope.sender
    await alone(Names(), (), (Email(sender),))
    many = await db.fetchval(_LATELY, mail.envelope.origin, op.now) >= MOST_AN_HOUR
    kind = MailKind.AUTOMATIC if many and mail.kind in OF_PEOPLE else mail.kind
    known = await _clients_of(sender) if mail.kind is not MailKind.FORM else set()
    state = await _standing(op, await _meant(mail) or await _twice(op, mail))
    bounced = mail.bounced
    if bounced and not await outcomes.bounced(bounced.message, bounced.told, op.now, bounced.said):
        bounced = None
    if state is not None and state["status"] != TicketStatus.CLOSED:
        unread = bounced and await db.fetchval(_UNREAD, bounced.message, state["id"])
        why = Why.ANSWERED if kind in OF_PEOPLE else Why.NOT_DELIVERED if unread else None
        return await _answered(op, state, mail, kind, known, why)
    if kind in OF_PEOPLE:
        if state is None and not known and await _flooded(op):
            return await _aside(op, mail.envelope, kind, MailAside.FLOOD)
        return await _opened(op, mail, kind, known, state)
    machine = MailAside.BOUNCE if kind is MailKind.BOUNCE else MailAside.AUTOMATIC
    return await _aside(op, mail.envelope, kind, MailAside.TOO_MANY if many else machine)


@operation("ticket_mail.set_aside", permission=Permission.TICKET_CHANGE, undo=FINAL)
async def set_aside(op: Operation, envelope: Envelope, why: MailAside, uid: int | None = None) -> dict[str, int]:
    """Note that a mail came in, by its number in the mailbox, that is in no ticket. Raises `MailKnown`."""
    return await _aside(op, envelope, MailKind.UNREAD, why, uid)


@operation("ticket_mail.dismiss", permission=Permission.TICKET_CHANGE, undo=FINAL)
async def dismiss(op: Operation, mail: TicketMailId) -> dict[str, int]:
    """Show a mail that was set aside no more; who wrote it is forgotten. Raises `NotFound`."""
    await op.lock(TicketMail, [mail])
    if not await db.fetchval(f"{_ASIDE} AND id = $1", mail):
        raise NotFound
    await op.update(TicketMail, mail, None, {"retired_at": op.now})
    # Nothing of it was ever changed, so that no former value of it is kept anywhere.
    await db.execute(
        "UPDATE ticket_mail SET sender = NULL, sender_name = NULL, subject = NULL, message_id = NULL WHERE id = $1",
        mail,
    )
    return {"ticket_mail": mail}


@operation("ticket.stranger", permission=Permission.TICKET_CHANGE, undo=steps.restore_ticket)
async def is_stranger(op: Operation, ticket: TicketId) -> dict[str, int]:
    """Say that who wrote is no client of ours: nobody is suggested any more. Raises `HasClient`, `TicketClosed`."""
    state = await steps.lock(op, ticket)
    if state["client"] is not None:
        raise HasClient
    await op.update(Ticket, ticket, None, {"stranger_since": op.now})
    return {"ticket": ticket}


async def is_known(envelope: Envelope) -> bool:
    """Whether a mail came in before; another one of the same name did not, where it is kept what each says."""
    sql = "SELECT EXISTS (SELECT FROM ticket_mail WHERE key = $1 AND (content = $2) IS NOT FALSE)"
    return bool(await db.fetchval(sql, envelope.key, envelope.content))


async def _clients_of(sender: str) -> set[ClientId]:
    """Whose address it is; those in the archive only where it is nobody else's."""
    found = await duplicates(Names(), (), (Email(sender),))
    here = {one.client.id for one in found if one.client.retired_at is None}
    return here or {one.client.id for one in found}


async def _meant(mail: Arrived) -> int | None:
    """The ticket that a mail belongs to by what stands in it."""
    for number in mail.numbers:
        if ticket := await db.fetchval(_NUMBERED, number):
            return int(ticket)
    followed: int | None = await db.fetchval(_FOLLOWED, list(mail.before))
    return followed


async def _twice(op: Operation, mail: Arrived) -> int | None:
    """The ticket that the same letter opened just now."""
    if mail.kind not in OF_PEOPLE:
        return None
    subject = fold(titled(mail.envelope.subject, mail.body))
    ticket: int | None = await db.fetchval(_TWICE, mail.envelope.sender, subject, since(mail, op.now) - TWICE)
    return ticket


async def _flooded(op: Operation) -> bool:
    """Whether strangers opened as many tickets of late as they may."""
    count: int = await db.fetchval(_OF_STRANGERS, op.now)
    return count >= MOST_OF_STRANGERS


async def _standing(op: Operation, ticket: int | None) -> asyncpg.Record | None:
    """A ticket, locked; None where there is none, or its client is erased."""
    states = await steps.lock_all(op, [ticket]) if ticket else []
    return next((state for state in states if not state["erased"]), None)


async def _answered(
    op: Operation, state: asyncpg.Record, mail: Arrived, kind: MailKind, known: Collection[ClientId], why: Why | None
) -> dict[str, int]:
    """`why`: the ticket is open again where it waited for the client; None: it stays as it stands."""
    ticket = TicketId(state["id"])
    stranger = state["client"] not in known if state["client"] else state["sender"] != mail.envelope.sender
    entry = await _written(op, state, mail, kind, stranger)
    waited = state["status"] in (TicketStatus.PENDING, TicketStatus.SOLVED)
    moved = await steps.moving(op, state, TicketStatus.OPEN, why) if why and waited else {}
    await steps.write(op, ticket, None, moved)
    return {"ticket": ticket, "entry": entry}


async def _opened(
    op: Operation, mail: Arrived, kind: MailKind, known: Collection[ClientId], after: asyncpg.Record | None
) -> dict[str, int]:
    """A ticket of the one client whose address it is, else of nobody, with who wrote: open since the mail came."""
    client = next(iter(known)) if len(known) == 1 else None
    written = _columns(op, mail.envelope)
    whose = {name: written[name] for name in ("sender", "sender_name")}
    about = About(titled(mail.envelope.subject, mail.body))
    at, continues = since(mail, op.now), after["id"] if after else None
    state = await steps.begin(
        op, about, TicketChannel.EMAIL, client, at, **({} if client else whose), continues=continues
    )
    entry = await _written(op, state, mail, kind, stranger=False, at=at)
    return {"ticket": state["id"], "entry": entry}


async def _written(
    op: Operation, state: asyncpg.Record, mail: Arrived, kind: MailKind, stranger: bool, at: datetime | None = None
) -> int:
    """What a mail says as an entry with its files; what is too long stands with what it quotes."""
    body, rest = mail.body[:LONGEST_BODY], mail.body[LONGEST_BODY:]
    entry = await steps.say(op, state, EntryKind.IN, body, TicketChannel.EMAIL, at=at)
    left_out = [*mail.left_out, *[one for file in mail.files if (one := await _kept(op, state, entry, file))]]
    await op.insert(
        TicketMail,
        ticket=state["id"],
        entry=entry,
        client=state["client"],
        kind=kind.value,
        stranger=stranger,
        quoted="\n".join(part for part in (rest, mail.quoted) if part)[:LONGEST_QUOTE] or None,
        left_out=[{"name": one.name, "key": one.key, "params": dict(one.params)} for one in left_out] or None,
        **_columns(op, mail.envelope),
    )
    return entry


async def _kept(op: Operation, state: asyncpg.Record, entry: int, file: Upload) -> LeftOut | None:
    try:
        await files.keep(op, state, entry, file, files.kind_of(file))
    except Invalid as refused:
        problem: Problem = refused.problems["file"]
        return LeftOut(file.name, problem.key, tuple((name, int(value)) for name, value in problem.params.items()))
    return None


async def _aside(
    op: Operation, envelope: Envelope, kind: MailKind, why: MailAside, uid: int | None = None
) -> dict[str, int]:
    values = {"kind": kind.value, "aside": why.value, "stranger": False, "uid": uid, **_columns(op, envelope)}
    return {"ticket_mail": await op.insert(TicketMail, **values)}


def _columns(op: Operation, envelope: Envelope) -> dict[str, Any]:
    return {
        "key": envelope.key,
        "content": envelope.content,
        "origin": envelope.origin,
        "at": op.now,
        "message_id": envelope.message_id,
        "sender": envelope.sender[:LONGEST_ADDRESS] or None,
        "sender_name": envelope.sender_name[:LONGEST_NAME] or None,
        "subject": envelope.subject[:LONGEST_SUBJECT] or None,
    }
