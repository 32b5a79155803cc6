"""What a ticket is about: choosing one of its client's bookings and visits, and taking one away again."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.audit import naming
from console.domain.errors import NotFound
from console.domain.ids import BookingId, TicketLinkId, VisitId
from console.domain.intent import Intent, Outcome
from console.domain.tickets import links, queries
from console.domain.tickets.queries import TicketRow
from console.routes import _fields as f
from console.routes import _tickets as words
from console.routes._forms import FORM_LIMIT, Form
from console.routes._page import Req, page
from console.routes._submit import press, submit
from console.routes._tickets import CHANGE

ALL = f"{words.LIST}/{{number:int}}/links"
MOST = 20
"""So many bookings and visits are offered."""


async def _fields(request: Req, one: TicketRow) -> tuple[f.Field, ...]:
    """Which it is; of visits with when they were finished, for there are several on a date."""
    there = await links.linkable(one.id, one.client, clock.now(), MOST) if one.client else {}
    names, zone = await naming.names(there), request.scope["state"]["business"].zone
    options = []
    for (what, of), at in there.items():
        said = words.link_words(what, names[what, of])
        options.append((f"{what}:{of}", f"{said}, {i18n.time_of_day(at, zone)}" if what == "visit" else said))
    return (f.choice("what", lambda: options, kind="radio", label="field.ticket_link"),)


async def _show(request: Req, one: TicketRow, form: Form, status: int = 200) -> Response[Any]:
    return await page(
        request, "tickets/link.html", i18n.gettext("title.ticket_link"), status=status, ticket=one, form=form
    )


@get(f"{ALL}/new", opt=CHANGE)
async def new(request: Req, number: FromPath[int]) -> Response[Any]:
    one = await queries.by_number(number)
    return await _show(request, one, Form.blank(request, "ticket_link", await _fields(request, one)))


@post(ALL, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def link(request: Req, number: FromPath[int]) -> Response[Any]:
    """Say that a ticket is about a booking or a visit."""
    one = await queries.by_number(number)
    return await submit(
        request,
        "ticket_link",
        await _fields(request, one),
        act=lambda intent, values: _link(intent, one, values["what"]),
        show=lambda asked, form, status: _show(asked, one, form, status),
        then=words.url(number),
    )


async def _link(intent: Intent, one: TicketRow, chosen: str) -> Outcome[Any]:
    what, _, of = chosen.partition(":")
    if what == "booking":
        return await links.to_booking(intent, one.id, BookingId(int(of)))
    return await links.to_visit(intent, one.id, VisitId(int(of)))


@post(f"{ALL}/{{link_id:int}}/removal", opt=CHANGE)
async def unlink(request: Req, number: FromPath[int], link_id: FromPath[int]) -> Response[Any]:
    """Say that it is not about that."""
    if link_id not in {one.id for one in (await queries.conversation(number)).links}:
        raise NotFound
    return await press(request, lambda intent: links.unlink(intent, TicketLinkId(link_id)), words.url(number))


ROUTES = [new, link, unlink]
