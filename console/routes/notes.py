"""Notes on clients: added on the card itself, changed on a page of their own."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.clients import notes, parts
from console.domain.ids import ClientId, NoteId
from console.domain.team.rules import Permission
from console.routes import _client_card
from console.routes._client_card import url
from console.routes._client_parts import NOTE, part_page
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req
from console.routes._submit import Saved, press, submit

CHANGE = needs(Permission.CLIENT_CHANGE)
ONE = "/clients/notes/{note:int}"


@post("/clients/{client:int}/notes", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req, client: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "note",
        NOTE,
        act=lambda intent, v: notes.add(intent, ClientId(client), v["text"], v["loud"]),
        show=lambda asked, form, status: _client_card.show(asked, client, status, notes={"form": form, "open": True}),
        then=url(client),
        saved=lambda ids: _saved(ids["note"]),
        fresh=url(client),
    )


async def _saved(note: int) -> Saved:
    one = await parts.note(note)
    return Saved({"text": one.text, "loud": one.loud}, one.version, one.operation)


async def _page(request: Req, note: int, form: Form, status: int = 200) -> Response[Any]:
    one = await parts.note(note)
    return await part_page(
        request,
        one.client,
        i18n.gettext("title.note"),
        form,
        f"/clients/notes/{note}",
        status,
        removal=i18n.gettext("words.remove_note"),
    )


@get(ONE, opt=CHANGE)
async def show(request: Req, note: FromPath[int]) -> Response[Any]:
    saved = await _saved(note)
    return await _page(request, note, Form.blank(request, "note", NOTE, saved.values, saved.version))


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, note: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "note",
        NOTE,
        act=lambda intent, v: notes.change(intent, NoteId(note), v["version"], v["text"], v["loud"]),
        show=lambda asked, form, status: _page(asked, note, form, status),
        then=lambda ids: url(ids["client"]),
        saved=lambda _: _saved(note),
    )


@post(f"{ONE}/removal", opt=CHANGE)
async def removal(request: Req, note: FromPath[int]) -> Response[Any]:
    read = (await Form.read(request, "button", ())).version or 0
    return await press(request, lambda intent: notes.remove(intent, NoteId(note), read), lambda ids: url(ids["client"]))


ROUTES = [add, show, change, removal]
