"""The queue of tickets: its views, its search, what is done with many of them at once, and lists that one saves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from console import i18n
from console.domain import clock
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import StaffId, TicketId, TicketViewId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.tickets import actions, listing, queries, ratings, views
from console.domain.tickets.actions import Together
from console.domain.tickets.listing import Edge
from console.domain.tickets.rules import TicketStatus
from console.routes import _fields as f
from console.routes import _ticket_file
from console.routes import _ticket_views as lists
from console.routes import _tickets as words
from console.routes._forms import FORM_LIMIT, Form
from console.routes._listing import file_kind
from console.routes._page import Req, frame, page, rendered
from console.routes._submit import press, submit
from console.routes._ticket_views import Asked
from console.routes._tickets import CHANGE, LIST, READ

ROWS = 50
FEW = 10
"""Ratings of which a share would say nothing."""
SAVING = (f.text("name", limit=views.LONGEST_NAME, label="field.view_name"), f.hidden("filter", limit=2000, empty=""))
UNCHANGED = ""


@get(LIST, opt=READ)
async def listed(request: Req) -> Response[Any] | Stream:
    """A page of the list that the address asks for, or all of it as a file."""
    one = await lists.asked(request)
    if kind := file_kind(request):
        return _ticket_file.file(request, kind, one)
    return await _show(request, one)


async def _show(
    request: Req, one: Asked, status: int = 200, saving: Form | None = None, bulk: Form | None = None
) -> Response[Any]:
    found = await listing.page(one.wanted, await _edge(one), most=ROWS)
    of = replace(one.of, next_url=one.of.url(after=str(found.rows[-1].id)) if found.has_more else None)
    if of.after:
        of = replace(of, previous_url=one.of.url())
    return await page(
        request,
        "tickets/page.html",
        i18n.gettext("nav.tickets"),
        status=status,
        asked=of,
        rows=await words.rows(request, found.rows, one.query),
        along=f"?{one.query}" if one.query else "",
        narrowed=one.narrowed,
        empty=i18n.gettext(lists.EMPTY[one.view]),
        all_url=lists.LIST_URL[one.view],
        saving=saving or Form.blank(request, "ticket_view", SAVING, {"filter": one.query}),
        removable=f"{LIST}/views/{one.current.id}/removal" if one.current else None,
        bulk=bulk or Form.blank(request, "bulk", _bulk_fields(one)),
        may_change=request.user.actor.may(Permission.TICKET_CHANGE),
        satisfaction=await _satisfaction(),
        **await lists.part(request, one),
    )


async def _satisfaction() -> str:
    """How many of those who said so lately were glad; nothing while nobody said anything."""
    found = await ratings.figures(clock.now())
    if not found.all:
        return ""
    told = {"good": found.good, "all": found.all, "days": ratings.LATELY.days}
    if found.all < FEW:
        return i18n.words("words.satisfaction_few", told)
    share = i18n.percent(round(found.good / found.all * 100) * 100)
    return i18n.words("words.satisfaction", {**told, "share": share, "count": found.all})


async def _edge(one: Asked) -> Edge | None:
    if one.of.after is None:
        return None
    try:
        last = await queries.ticket(one.of.after)
    except NotFound:
        return None
    return Edge(last.id, last.due_at)


@get(lists.COUNTS, opt={**READ, "unattended": True})
async def counts(request: Req) -> Response[Any]:
    """The views with how many tickets each has now."""
    context = await lists.part(request, await lists.asked(request))
    return rendered("tickets/_views.html", frame(request, i18n.gettext("nav.tickets")), context, status=200)


@post(f"{LIST}/views", opt=READ, request_max_body_size=FORM_LIMIT)
async def save(request: Req) -> Response[Any]:
    """Save the list as it is narrowed."""

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        return await views.save(intent, values["name"], lists.kept(values["filter"]))

    return await submit(
        request,
        "ticket_view",
        SAVING,
        act=act,
        show=lambda asked, form, status: _again(asked, status, saving=form),
        then=lambda ids: _of_saved(request, ids["ticket_view"]),
    )


async def _of_saved(request: Req, view: int) -> str:
    known = {one.id: one for one in await views.saved(request.user.actor.id)}
    one = known.get(TicketViewId(view))
    return lists.saved_url(one) if one else LIST


async def _again(request: Req, status: int, **forms: Form) -> Response[Any]:
    return await _show(request, await lists.asked(request), status, **forms)


@post(f"{LIST}/views/{{view:int}}/removal", opt=READ)
async def remove(request: Req, view: FromPath[int]) -> Response[Any]:
    """Take a saved list away."""
    return await press(request, lambda intent: views.remove(intent, TicketViewId(view)), LIST)


def _bulk_fields(one: Asked) -> tuple[f.Field, ...]:
    listed = next(of.choices for of in one.of.filters if of.name == "assignee")
    people = [(UNCHANGED, i18n.gettext("words.bulk_assignee")), *listed]
    statuses = [(UNCHANGED, i18n.gettext("words.bulk_status")), *words.status_choices()]
    return (
        f.choice("assignee", lambda: people, required=False, label="field.ticket_assignee"),
        f.choice("status", lambda: statuses, required=False, label="field.ticket_status"),
        f.text("tag", limit=40, required=False, label="field.ticket_tag", placeholder=i18n.gettext("words.bulk_tag")),
        f.hidden("do", required=False, limit=40, empty=""),
        f.Field("ticket", _seen, many=True, required=False, limit=40, empty=None),
    )


def _seen(typed: str) -> tuple[TicketId, int]:
    """A ticket and its version as it was read, as a row of the list has them."""
    ticket, _, version = typed.partition("-")
    if (one := f.as_id(ticket)) is None or (of := f.as_id(version)) is None:
        raise f.Bad("problem.choice")
    return TicketId(one), of


@post(f"{LIST}/changes", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req) -> Response[Any]:
    """Change the tickets that are ticked, or the one whose own button was pressed."""
    one = await lists.asked(request)
    return await submit(
        request,
        "bulk",
        _bulk_fields(one),
        act=lambda intent, values: _change(request, intent, values),
        show=lambda asked, form, status: _show(asked, one, status, bulk=form),
        then=one.of.url(),
    )


async def _change(request: Req, intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
    do, _, one = values["do"].partition(":")
    if one:
        only = {
            "mine": Together(assign=True, assignee=request.user.staff),
            "solved": Together(status=TicketStatus.SOLVED),
        }
        if do not in only:
            raise Invalid({"do": Problem("problem.choice")})
        try:
            ticket, version = _seen(one)
        except f.Bad as bad:
            raise Invalid({"do": bad.problem}) from None
        return await actions.change_together(intent, {ticket: version}, only[do])
    if not values["ticket"]:
        raise Invalid({"ticket": Problem("problem.none_ticked")})
    assignee = values["assignee"]
    what = Together(
        assign=bool(assignee),
        assignee=StaffId(int(assignee)) if assignee and assignee != lists.NOBODY else None,
        status=TicketStatus(values["status"]) if values["status"] else None,
        tag=values["tag"],
    )
    if what == Together():
        raise Invalid({"do": Problem("problem.nothing_chosen")})
    return await actions.change_together(intent, dict(values["ticket"]), what)


ROUTES = [listed, counts, save, remove, change]
