"""Attachments of a ticket: putting a file to it, taking one away, keeping one. None is ever shown in the page."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.ids import TicketFileId
from console.domain.team.rules import Permission
from console.domain.tickets import contents, queries
from console.domain.tickets import files as tickets
from console.domain.tickets.contents import Upload
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._listing import download
from console.routes._page import Req, page
from console.routes._submit import press, submit

ALL = "/tickets/{number:int}/attachments"
ONE = f"{ALL}/{{file:int}}"
READ = needs(Permission.TICKET_READ)
CHANGE = needs(Permission.TICKET_CHANGE)
UPLOAD = (
    f.file("file", bytes, required=True, hint="hint.attachment", params={"limit": contents.LARGEST // 1024**2}),
    f.tick("along", label="field.file_goes_along"),
)
LOCKED_IN = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-store"}
"""Whatever a file holds, a browser that opens it all the same runs none of it and fetches nothing."""


def _url(number: int) -> str:
    return f"/tickets/{number}"


async def _show(request: Req, number: int, form: Form, status: int = 200) -> Response[Any]:
    ticket = await queries.by_number(number)
    title = i18n.gettext("title.attachment")
    may = form.problems.get("along") is not None or await tickets.may_go_along(ticket.id)
    return await page(request, "tickets/attachment.html", title, status=status, ticket=ticket, form=form, may_go=may)


@get(f"{ALL}/new", opt=CHANGE)
async def new(request: Req, number: FromPath[int]) -> Response[Any]:
    return await _show(request, number, Form.blank(request, "attachment", UPLOAD))


@post(ALL, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def attach(request: Req, number: FromPath[int]) -> Response[Any]:
    """Put a file to a ticket."""
    ticket = await queries.by_number(number)
    name = (await read_body(request)).file_names.get("file", "")

    return await submit(
        request,
        "attachment",
        UPLOAD,
        act=lambda intent, values: tickets.attach(intent, ticket.id, Upload(name, values["file"]), values["along"]),
        show=lambda asked, form, status: _show(asked, number, form, status),
        then=_url(number),
    )


@get(ONE, opt=READ)
async def keep(number: FromPath[int], file: FromPath[int]) -> Response[bytes]:
    """Download a file."""
    found = await tickets.attachment(number, file)
    answer = download(found.content, found.media_type, found.name)
    answer.headers.update(LOCKED_IN)
    return answer


@post(f"{ONE}/removal", opt=CHANGE)
async def remove(request: Req, number: FromPath[int], file: FromPath[int]) -> Response[Any]:
    """Take a file away."""
    await tickets.attachment(number, file)
    return await press(request, lambda intent: tickets.detach(intent, TicketFileId(file)), _url(number))


ROUTES = [new, attach, keep, remove]
