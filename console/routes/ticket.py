"""One ticket: its page, what is said in it, or typed and not said yet; what it is about, whose, where it stands."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from console.domain import clock
from console.domain.clients.rules import tags
from console.domain.errors import Invalid, Problem, Refused, Stale
from console.domain.ids import ClientId, StaffId, TicketCategoryId
from console.domain.intent import Intent, Outcome
from console.domain.tickets import actions, addresses, drafts, mail, queries
from console.domain.tickets.contents import Upload
from console.domain.tickets.queries import TicketRow
from console.domain.tickets.rules import AFTER_A_REPLY, About, EntryKind, Priority, TicketChannel, TicketStatus
from console.routes import _fields as f
from console.routes import _ticket_page, _ticket_reply, _whom
from console.routes import _tickets as words
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._page import Req, frame, rendered, wants_fragment
from console.routes._submit import press, submit
from console.routes._tickets import CHANGE, READ

ONE = f"{words.LIST}/{{number:int}}"
STATUS = (f.choice("status", words.status_choices, label="field.ticket_status"),)
DRAFT = tuple(one for one in _ticket_reply.fields() if one.name in {"kind", "body"})


class Meanwhile(Refused):
    """Something was said or done in the ticket since it was opened here: it is shown, and what was typed with it."""

    key = "refused.ticket_meanwhile"


class MovedMeanwhile(Refused):
    """The same where a button was pressed, and nothing was typed."""

    key = "refused.ticket_moved_meanwhile"


def _then(request: Req, number: int) -> str:
    """The ticket's page, beside the list that it was opened from."""
    return words.url(number) + (f"?{request.url.query}" if request.url.query else "")


@get(ONE, opt=READ)
async def show(request: Req, number: FromPath[int]) -> Response[Any]:
    return await _ticket_page.show(request, number)


@post(f"{ONE}/entries", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def say(request: Req, number: FromPath[int]) -> Response[Any]:
    """Say something in it: a reply, what the client said, a note among us."""
    one = await queries.by_number(number)
    name = (await read_body(request)).file_names.get("file", "")
    return await submit(
        request,
        "reply",
        _ticket_reply.fields(await addresses.choices(one.id, one.client), one.status),
        act=lambda intent, values: _say(intent, one, values, name),
        show=lambda asked, form, status: _ticket_page.show(asked, number, status, reply=form),
        then=_then(request, number),
    )


async def _say(intent: Intent, one: TicketRow, values: dict[str, Any], name: str) -> Outcome[Any]:
    kind, body, channel = EntryKind(values["kind"]), values["body"], TicketChannel(values["channel"])
    upload = Upload(name, values["file"]) if values["file"] is not None else None
    if kind is EntryKind.IN:
        return await actions.receive(intent, one.id, body, channel, upload)
    if kind is EntryKind.NOTE:
        moved = TicketStatus(values["note_status"]) if values["note_status"] else None
        return await actions.note(intent, one.id, body, moved, upload)
    try:
        then = TicketStatus(values["status"] or AFTER_A_REPLY[0])
        return await actions.reply(
            intent, one.id, values["version"], body, then, channel, upload, values["address"] or None
        )
    except Stale:
        raise Meanwhile from None


@post(f"{ONE}/draft", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def draft(request: Req, number: FromPath[int]) -> Response[Any]:
    """Keep what is typed and not said yet."""
    one = await queries.by_number(number)
    form = await Form.read(request, "reply", DRAFT, once=False)
    usable, now = form.usable(), clock.now()
    kind = EntryKind(usable.get("kind") or EntryKind.OUT)
    await drafts.keep(one.id, request.user.actor.id, kind, usable.get("body") or "", now)
    if not wants_fragment(request):
        return Redirect(_then(request, number), status_code=303)
    told = _ticket_reply.draft_words(request, now) if usable.get("body") else ""
    return rendered("tickets/_draft.html", frame(request, ""), {"draft": told}, status=200)


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, number: FromPath[int]) -> Response[Any]:
    """Say what it is about, how urgent it is, and whose to deal with."""
    one = await queries.by_number(number)

    async def saved(_: Any) -> Any:
        return _ticket_page.saved_about(await queries.by_number(number))

    return await submit(
        request,
        "ticket",
        await _ticket_page.about_fields(one),
        act=lambda intent, values: actions.change(intent, one.id, values["version"], about(values)),
        show=lambda asked, form, status: _ticket_page.show(asked, number, status, about=form),
        then=_then(request, number),
        saved=saved,
        fresh=words.url(number),
    )


def about(values: dict[str, Any]) -> About:
    """What a ticket is about, from the values of a form."""
    return About(
        subject=values["subject"],
        category=TicketCategoryId(int(values["category"])) if values["category"] else None,
        priority=Priority(values["priority"]),
        tags=tags(values["tags"] or ""),
        assignee=StaffId(int(values["assignee"])) if values["assignee"] else None,
    )


@post(f"{ONE}/statuses", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def move(request: Req, number: FromPath[int]) -> Response[Any]:
    """Say where it stands."""
    one = await queries.by_number(number)
    return await submit(
        request,
        "ticket_status",
        STATUS,
        act=lambda intent, values: _move(intent, one, values),
        show=lambda asked, form, status: _ticket_page.show(asked, number, status, problem=form.problem),
        then=_then(request, number),
    )


async def _move(intent: Intent, one: TicketRow, values: dict[str, Any]) -> Outcome[Any]:
    try:
        return await actions.move(intent, one.id, TicketStatus(values["status"]), values["version"])
    except Stale:
        raise MovedMeanwhile from None


@post(f"{ONE}/assignment", opt=CHANGE)
async def take(request: Req, number: FromPath[int]) -> Response[Any]:
    """Take it upon oneself."""
    one = await queries.by_number(number)
    return await press(
        request, lambda intent: actions.assign(intent, one.id, request.user.staff), _then(request, number)
    )


@post(f"{ONE}/client", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def give(request: Req, number: FromPath[int]) -> Response[Any]:
    """Say whose it is; only look for them, where that was asked for."""
    one = await queries.by_number(number)
    spec = _ticket_page.whose_fields()
    if pressed := (await read_body(request)).first("find"):
        form = await Form.read(request, "whose", spec)
        if pressed == "another":
            form.texts["client"] = []
        return await _ticket_page.show(request, number, whose=form, pressed=pressed)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        client = await whose(intent, values)
        if client is None:
            raise Invalid({"who": Problem("problem.choose_client")})
        return await actions.give_to_client(intent, one.id, values["version"], client)

    return await submit(
        request,
        "whose",
        spec,
        act=act,
        show=lambda asked, form, status: _ticket_page.show(asked, number, status, whose=form),
        then=_then(request, number),
    )


@post(f"{ONE}/stranger", opt=CHANGE)
async def stranger(request: Req, number: FromPath[int]) -> Response[Any]:
    """Say that who wrote is no client of ours."""
    one = await queries.by_number(number)
    return await press(request, lambda intent: mail.is_stranger(intent, one.id), _then(request, number))


async def whose(intent: Intent, values: dict[str, Any]) -> ClientId | None:
    """The client who was chosen, or who is taken in; None for somebody whom nobody knows."""
    if values["client"]:
        return ClientId(values["client"])
    if problems := _whom.missing({**values, "who": None}) if values["new_phone"] else {}:
        raise Invalid(problems)
    return await _whom.take_in(intent, values, _whom.nothing()) if values["new_name"] else None


ROUTES = [show, say, draft, change, move, take, give, stranger]
