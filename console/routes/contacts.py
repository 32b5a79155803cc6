"""People to speak with at a client's."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.clients import contacts, parts
from console.domain.clients.contacts import AboutContact
from console.domain.ids import ClientId, ContactId
from console.domain.team.rules import Permission
from console.routes._client_card import url
from console.routes._client_parts import CONTACT, part_page
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req
from console.routes._submit import Saved, press, submit

CHANGE = needs(Permission.CLIENT_CHANGE)
ALL = "/clients/{client:int}/contacts"
ONE = "/clients/contacts/{contact:int}"


async def _new(request: Req, client: int, form: Form, status: int = 200) -> Response[Any]:
    return await part_page(request, client, i18n.gettext("title.contact_new"), form, f"{url(client)}/contacts", status)


@get(f"{ALL}/new", opt=CHANGE)
async def new(request: Req, client: FromPath[int]) -> Response[Any]:
    return await _new(request, client, Form.blank(request, "contact", CONTACT))


@post(ALL, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req, client: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "contact",
        CONTACT,
        act=lambda intent, v: contacts.add_contact(intent, ClientId(client), _about(v)),
        show=lambda asked, form, status: _new(asked, client, form, status),
        then=url(client),
        saved=lambda ids: _saved(ids["client_contact"]),
        fresh=url(client),
    )


def _about(values: dict[str, Any]) -> AboutContact:
    return AboutContact(**{field.name: values[field.name] for field in CONTACT})


async def _saved(contact: int) -> Saved:
    one = await parts.contact(contact)
    return Saved({field.name: getattr(one, field.name) for field in CONTACT}, one.version, one.operation, one.name)


async def _page(request: Req, contact: int, form: Form, status: int = 200) -> Response[Any]:
    one = await parts.contact(contact)
    remove = i18n.gettext("words.remove_contact")
    return await part_page(request, one.client, one.name, form, f"/clients/contacts/{contact}", status, removal=remove)


@get(ONE, opt=CHANGE)
async def show(request: Req, contact: FromPath[int]) -> Response[Any]:
    saved = await _saved(contact)
    return await _page(request, contact, Form.blank(request, "contact", CONTACT, saved.values, saved.version))


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, contact: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "contact",
        CONTACT,
        act=lambda intent, v: contacts.change_contact(intent, ContactId(contact), v["version"], _about(v)),
        show=lambda asked, form, status: _page(asked, contact, form, status),
        then=lambda ids: url(ids["of"]),
        saved=lambda _: _saved(contact),
    )


@post(f"{ONE}/removal", opt=CHANGE)
async def removal(request: Req, contact: FromPath[int]) -> Response[Any]:
    return await press(
        request, lambda intent: contacts.remove_contact(intent, ContactId(contact)), lambda ids: url(ids["of"])
    )


ROUTES = [new, add, show, change, removal]
