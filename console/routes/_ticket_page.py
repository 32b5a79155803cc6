"""A ticket's page: the list it stands in, what was said in it, what is said next, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from litestar import Response

from console import i18n
from console.domain import clock
from console.domain.audit import naming
from console.domain.clients import queries as clients
from console.domain.clients.queries import ClientView
from console.domain.desk import queries as desk
from console.domain.team.rules import Permission
from console.domain.tickets import addresses, listing, queries
from console.domain.tickets.queries import Link, TicketRow
from console.domain.tickets.remedies import queries as put_right
from console.domain.tickets.rules import LONGEST_SUBJECT, MOVES, TicketStatus
from console.routes import _fields as f
from console.routes import (
    _loyalty,
    _page,
    _remedies,
    _ticket_files,
    _ticket_mail,
    _ticket_reply,
    _ticket_said,
    _ticket_views,
    _timeline,
    _whom,
)
from console.routes import _tickets as words
from console.routes._forms import Form
from console.routes._page import Req, page
from console.routes._submit import Saved
from console.routes._values import in_language

BESIDE = 30
"""Tickets of the list that stand beside one."""
TOLD = 8
"""Of what happened to the client lately so much stands beside."""
MOVE_WORDS = {
    TicketStatus.OPEN: "words.move_open",
    TicketStatus.PENDING: "words.move_pending",
    TicketStatus.ON_HOLD: "words.move_on_hold",
    TicketStatus.SOLVED: "words.move_solved",
    TicketStatus.CLOSED: "words.move_closed",
}
CLIENTS = f"{words.LIST}/clients"


async def about_fields(one: TicketRow | None = None) -> tuple[f.Field, ...]:
    """What a ticket is about."""
    nothing = ("", i18n.gettext("words.ticket_no_category"))
    nobody = ("", words.nobody())
    categories = [nothing, *await words.category_choices(one.category if one else None)]
    people = [nobody, *await words.assignee_choices(one)]
    return (
        f.text("subject", limit=LONGEST_SUBJECT, label="field.ticket_subject"),
        f.choice("category", lambda: categories, required=False, label="field.ticket_category"),
        f.choice("priority", words.priority_choices, label="field.ticket_priority"),
        f.choice("assignee", lambda: people, required=False, label="field.ticket_assignee"),
        f.words("tags", limit=400, required=False, label="field.tags", hint="hint.tags"),
    )


def saved_about(one: TicketRow) -> Saved:
    """The values of the form of what a ticket is about."""
    values = {
        "subject": one.subject,
        "category": one.category or "",
        "priority": one.priority.value,
        "assignee": one.assignee or "",
        "tags": ", ".join(one.tags),
    }
    return Saved(values, one.version, one.operation, words.subject_words(one))


async def show(
    request: Req,
    number: int,
    status: int = 200,
    reply: Form | None = None,
    about: Form | None = None,
    whose: Form | None = None,
    pressed: str = "",
    problem: str | None = None,
) -> Response[Any]:
    """The page, with a form that came back, and why nothing was done by a button. Raises `NotFound`."""
    told = await queries.conversation(number)
    one = told.ticket
    asked = await _ticket_views.asked(request)
    along = f"?{asked.query}" if asked.query else ""
    saved = saved_about(one)
    beside = await listing.page(asked.wanted, most=BESIDE)
    them = await clients.client(one.client) if one.client else None
    to = await addresses.choices(one.id, one.client)
    said, draft = await _ticket_reply.form(request, told, to, reply)
    remedies = await put_right.of_ticket(one.id)
    files = await _ticket_files.rows(one.id, one.number)
    may_change = request.user.actor.may(Permission.TICKET_CHANGE) and one.status is not TicketStatus.CLOSED
    return await page(
        request,
        "tickets/ticket.html",
        words.subject_words(one),
        status=status,
        ticket=_head(request, one),
        back={"url": asked.of.url(), "label": asked.label},
        beside={
            "title": asked.label,
            "url": asked.of.url(),
            "rows": await words.rows(request, beside.rows, asked.query),
        },
        entries=await _ticket_said.entries(request, told, them, to, remedies, files),
        reply=said,
        once_answered=_ticket_reply.once_answered(one),
        draft=draft,
        mailed_to=_ticket_reply.mailed_to(to, known=them is not None),
        about=about or Form.blank(request, "ticket", await about_fields(one), saved.values, saved.version),
        facts=_facts(request, one),
        links=await _links(one.number, told.links),
        problem=problem,
        base=words.url(one.number),
        along=along,
        may_change=may_change,
        files=files,
        remedies=await _remedies.rows(request, remedies, one.number),
        writer=await _ticket_mail.writer(one),
        may_remedy=may_change and request.user.actor.may(Permission.TICKET_REMEDY),
        **await _client(request, one, them, whose, pressed),
    )


def _head(request: Req, one: TicketRow) -> dict[str, Any]:
    zone = request.scope["state"]["business"].zone
    return {
        "number": one.number,
        "version": one.version,
        "subject": words.subject_words(one),
        "status": words.status_words(one.status),
        "priority": words.priority_words(one.priority),
        "due": words.due(one, zone),
        "rating": words.rating_words(one.rating),
        "mine": one.assignee == request.user.staff,
        "moves": [{"value": then.value, "label": i18n.gettext(MOVE_WORDS[then])} for then in MOVES[one.status]],
    }


def _facts(request: Req, one: TicketRow) -> list[tuple[str, Any]]:
    zone, today = request.scope["state"]["business"].zone, _page.today(request)

    def told(moment: datetime | None) -> str:
        return i18n.lately(moment, zone, today) if moment else ""

    def due(moment: datetime | None, done: datetime | None) -> str:
        return words.soon(moment, zone, clock.now()) if moment and not done else ""

    pairs = [
        ("column.ticket.priority", words.priority_words(one.priority)["label"]),
        ("column.ticket.category", in_language(one.category_names) if one.category_names else ""),
        ("column.ticket.assignee", one.assignee_name or words.nobody()),
        ("column.ticket.channel", words.channel_words(one.channel)),
        ("column.ticket.tags", ", ".join(one.tags)),
        ("column.ticket.opened_at", told(one.opened_at)),
        ("column.ticket.first_reply_due", due(one.first_reply_due, one.first_replied_at)),
        ("column.ticket.first_replied_at", told(one.first_replied_at)),
        ("column.ticket.resolution_due", due(one.resolution_due, one.solved_at)),
        ("column.ticket.solved_at", told(one.solved_at)),
        ("column.ticket.closed_at", told(one.closed_at)),
        ("column.ticket.holds", i18n.gettext("words.ticket_holds") if one.holds else ""),
    ]
    return words.facts(pairs)


async def _links(ticket: int, links: Sequence[Link]) -> list[dict[str, str]]:
    """The bookings and visits that it is about, in words, with their pages, and what takes each away."""
    keys = [("booking", one.booking) if one.booking else ("visit", one.visit or 0) for one in links]
    known = await naming.names(keys)
    return [
        {
            "url": f"/{what}s/{number}",
            "words": words.link_words(what, known[what, number]),
            "removal": f"{words.url(ticket)}/links/{link.id}/removal",
        }
        for link, (what, number) in zip(links, keys, strict=True)
        if (what, number) in known
    ]


async def _client(
    request: Req, one: TicketRow, whose: ClientView | None, form: Form | None, pressed: str
) -> dict[str, Any]:
    """Whose it is, with what they hold and what happened to them; or the form that says whose."""
    if whose is None:
        asked = form or Form.blank(request, "whose", whose_fields(), {}, one.version)
        return {"client": None, "erased": False, "whose": await whose_part(asked, pressed)}
    if whose.erased_at is not None:
        return {"client": None, "erased": True}
    lately = await desk.timeline(whose.id, most=TOLD)
    return {
        "client": await _whom.client_words(whose),
        "loyalty": await _loyalty.part(request, whose),
        "told": await _timeline.rows(request, lately.entries, 0),
    }


def whose_fields(hint: str = "") -> tuple[f.Field, ...]:
    """Whom a ticket is of."""
    return tuple(replace(one, hint=hint) if one.name == "who" else one for one in _whom.CLIENT if one.name != "site")


async def whose_part(form: Form, pressed: str = "") -> dict[str, Any]:
    """What `bookings/_client.html` shows of it."""
    return {**await _whom.client_part(form, CLIENTS, pressed), "sites": [], "begins": False}
