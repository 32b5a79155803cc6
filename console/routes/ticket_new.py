"""A new ticket: what it is about, whose, and what was said first."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from console import i18n
from console.domain.errors import NotFound
from console.domain.ids import BookingId
from console.domain.intent import Intent, Outcome
from console.domain.tickets import actions, queries
from console.domain.tickets.actions import Opening
from console.domain.tickets.rules import LONGEST_BODY, EntryKind, Priority, TicketChannel
from console.routes import _fields as f
from console.routes import _ticket_page, _whom
from console.routes import _tickets as words
from console.routes._fields import Field
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._page import Req, page
from console.routes._submit import submit
from console.routes._tickets import CHANGE
from console.routes.ticket import about, whose

NAME = "ticket"
NEW = f"{words.LIST}/new"


def _booking(typed: str) -> int:
    if (found := f.as_id(typed)) is None:
        raise f.Bad("problem.choice")
    return found


async def _fields() -> tuple[Field, ...]:
    said = [(one.value, words.kind_words(one)) for one in (EntryKind.IN, EntryKind.NOTE)]
    return (
        *_ticket_page.whose_fields("hint.ticket_who"),
        f.choice("channel", words.channel_choices, label="field.ticket_channel"),
        *await _ticket_page.about_fields(),
        f.choice("kind", lambda: said, kind="radio", label="field.said_kind"),
        f.area("body", limit=LONGEST_BODY, label="field.said_first"),
        f.hidden("booking", _booking, required=False),
    )


@get(NEW, opt=CHANGE)
async def new(request: Req) -> Response[Any]:
    """The form; `?client=` says whose, `?booking=` which of their bookings it is about."""
    given = request.query_params
    begun = {
        "client": f.as_id(given.get("client", "")),
        "booking": f.as_id(given.get("booking", "")),
        "channel": TicketChannel.PHONE.value,
        "priority": Priority.NORMAL.value,
        "assignee": request.user.staff,
        "kind": EntryKind.IN.value,
    }
    return await _show(request, Form.blank(request, NAME, await _fields(), begun))


async def _show(request: Req, form: Form, status: int = 200, *, pressed: str = "") -> Response[Any]:
    part = await _ticket_page.whose_part(form, pressed)
    return await page(request, "tickets/new.html", i18n.gettext("title.ticket_new"), status=status, **part)


@get(_ticket_page.CLIENTS, opt=CHANGE)
async def clients(request: Req) -> Response[Any]:
    """Who is meant by what is being typed, or the one who was chosen; without htmx the whole form."""
    form = Form.asked(request, NAME, await _fields())
    if request.headers.get("hx-target", "").startswith("booking-"):
        return await _whom.answered(request, form, _ticket_page.CLIENTS)
    return await _show(request, form)


@post(words.LIST, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    """Open it; or only look for the client, where that was asked for."""
    spec = await _fields()
    if pressed := (await read_body(request)).first("find"):
        form = await Form.read(request, NAME, spec)
        if pressed == "another":
            form.texts["client"] = []
        return await _show(request, form, pressed=pressed)
    taken_in: list[int] = []

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        client = await whose(intent, values)
        if client is not None:
            taken_in.append(client)
        return await actions.open_ticket(
            intent,
            Opening(
                about(values),
                values["body"],
                TicketChannel(values["channel"]),
                client,
                BookingId(values["booking"]) if values["booking"] and client else None,
                EntryKind(values["kind"]),
            ),
        )

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        if taken_in:
            form.texts["client"] = [str(taken_in[0])]
        return await _show(asked, form, status)

    return await submit(request, NAME, spec, act=act, show=again, then=lambda ids: _opened(ids["ticket"]))


async def _opened(ticket: int) -> str:
    try:
        return words.url((await queries.ticket(ticket)).number)
    except NotFound:
        return words.LIST


ROUTES = [new, clients, add]
