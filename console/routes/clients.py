"""Clients: taking them in with an eye on who may be there already, the card, changes, off and on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.clients import actions, lately, queries, rules
from console.domain.clients.actions import FirstNote
from console.domain.clients.duplicates import Duplicate, PossibleDuplicates, duplicates, newly_met
from console.domain.clients.queries import ClientView
from console.domain.errors import NotFound
from console.domain.ids import ClientId
from console.domain.team.rules import Permission
from console.routes import _client_card, _client_form, _erased, _page
from console.routes import _fields as f
from console.routes._client_card import PHONE, url
from console.routes._client_form import Who
from console.routes._client_parts import NOTE
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, frame, page, rendered, wants_fragment
from console.routes._submit import Saved, press, submit

READ = needs(Permission.CLIENT_READ)
CHANGE = needs(Permission.CLIENT_CHANGE)
ONE = "/clients/{client:int}"


def _ids(typed: str) -> tuple[ClientId, ...]:
    return tuple(ClientId(int(one)) for one in typed.split(",") if one.isdecimal() and len(one) < 19)


SEEN = f.hidden("seen", _ids, required=False, empty=(), limit=400, label="field.seen")
"""The clients who were shown as possibly the same."""


async def _new_fields(request: Req) -> tuple[f.Field, ...]:
    text, loud = NOTE
    note = (replace(text, name="note", required=False), loud)
    return (*await _client_form.fields(request), *note, SEEN)


@get("/clients/new", opt=CHANGE)
async def new(request: Req) -> Response[Any]:
    """The empty form; `?q=` is what was looked for in vain."""
    spec = await _new_fields(request)
    typed = request.query_params.get("q", "").strip()
    known = {"joined_on": _page.today(request), **_client_form.guessed(typed)}
    return await _new_page(request, Form.blank(request, "client", spec, known))


async def _new_page(request: Req, form: Form, status: int = 200) -> Response[Any]:
    """The form, with those who may be there already; `asks`: whether a press of the button means that they are not."""
    who = Who.so_far(form)
    found = [duplicate(one) for one in await duplicates(who.names, who.phones, who.emails)]
    title = i18n.gettext("title.client_new")
    return await page(request, "clients/new.html", title, status=status, form=form, **_question(form, found))


def _question(form: Form, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What `_asks.html` shows of those who may be the same: once they were shown, a press of the button means no."""
    refused = form.refusal is not None and form.refusal.key == PossibleDuplicates.key
    if refused:
        form.refusal = None  # the page asks in its own words
    return {
        "found": found,
        "asks": bool(found) and (refused or bool(form.fields["seen"].value)),
        "seen": ",".join(str(one["id"]) for one in found),
    }


@get("/clients/duplicates", opt=CHANGE)
async def alike(request: Req) -> Response[Any]:
    """Who may be there already, beside the form while it is being typed; without htmx the whole form."""
    form = Form.asked(request, "client", await _new_fields(request))
    if not wants_fragment(request):
        return await _new_page(request, form)
    who = Who.so_far(form)
    found = [duplicate(one) for one in await duplicates(who.names, who.phones, who.emails)]
    return rendered("clients/_duplicates.html", frame(request, ""), {"found": found}, status=200)


def duplicate(one: Duplicate) -> dict[str, Any]:
    """A possible duplicate in words."""
    same = [*map(PHONE.show, one.phones), *map(i18n.email, one.emails)]
    return {
        "id": one.client.id,
        "url": url(one.client.id),
        "name": one.client.names.listed,
        "person": one.client.names.person if one.client.is_company else "",
        "retired": one.client.retired_at is not None,
        "same": [i18n.words("words.same_reach", {"reach": reach}) for reach in same],
        "close": one.name and i18n.gettext("words.close_name"),
        "phones": [PHONE.show(phone.number) for phone in one.client.phones if phone.number not in one.phones],
        "card": rules.spaced_card(one.client.card) if one.client.card else None,
    }


@post("/clients", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "client",
        await _new_fields(request),
        act=lambda intent, v: actions.add(intent, _client_form.about(v), v["seen"], _first_note(v)),
        show=_new_page,
        then=lambda ids: url(ids["client"]),
        saved=lambda ids: _saved(ids["client"]),
        fresh=lambda ids: url(ids["client"]),
    )


def _first_note(values: Mapping[str, Any]) -> FirstNote | None:
    return FirstNote(values["note"], values["loud"]) if values["note"] else None


async def _saved(client: int) -> Saved:
    one = await queries.client(client)
    return Saved(_client_form.values(one), one.version, one.operation, one.names.shown)


@get(ONE, opt=READ)
async def show(request: Req, client: FromPath[int]) -> Response[Any]:
    """The card; opening it is remembered for those who look for somebody next."""
    answer = await _client_card.show(request, client)
    await lately.opened(request.user.actor.id, client, clock.now())
    return answer


@get(f"{ONE}/edit", opt=CHANGE)
async def edit(request: Req, client: FromPath[int]) -> Response[Any]:
    one = await _known(client)
    spec = await _edit_fields(request, one)
    return await _edit_page(request, one, Form.blank(request, "client", spec, _client_form.values(one), one.version))


async def _known(client: int) -> ClientView:
    """A client who was not erased. Raises `NotFound`."""
    one = await queries.client(client)
    if one.erased_at is not None:
        raise NotFound
    return one


async def _edit_fields(request: Req, one: ClientView) -> tuple[f.Field, ...]:
    return (*await _client_form.fields(request, one), SEEN)


async def _edit_page(request: Req, one: ClientView, form: Form, status: int = 200) -> Response[Any]:
    """The form, with the others whom they would be like by the change; those of before are not asked about."""
    who = Who.so_far(form)
    found = [duplicate(other) for other in await newly_met(one.id, who.names, who.phones, who.emails)]
    title = i18n.words("title.client_edit", {"name": one.names.shown})
    asked = _question(form, found)
    return await page(
        request, "clients/edit.html", title, status=status, form=form, client=one, base=url(one.id), **asked
    )


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, client: FromPath[int]) -> Response[Any]:
    one = await queries.client(client)
    return await submit(
        request,
        "client",
        await _edit_fields(request, one),
        act=lambda intent, v: actions.change(intent, one.id, v["version"], _client_form.about(v), v["seen"]),
        show=_erased.unless(client, lambda asked, form, status: _edit_page(asked, one, form, status)),
        then=url(client),
        saved=lambda _: _saved(client),
        fresh=url(client),
    )


@post(f"{ONE}/retirement", opt=CHANGE)
async def retirement(request: Req, client: FromPath[int]) -> Response[Any]:
    """They come no more."""
    return await press(request, lambda intent: actions.retire(intent, ClientId(client)), url(client))


@post(f"{ONE}/readmission", opt=CHANGE)
async def readmission(request: Req, client: FromPath[int]) -> Response[Any]:
    """They come again."""
    return await press(request, lambda intent: actions.readmit(intent, ClientId(client)), url(client))


ROUTES = [new, alike, add, show, edit, change, retirement, readmission]
