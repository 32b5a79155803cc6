"""Places of clients' where the work is done."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.clients import contacts, parts
from console.domain.clients.contacts import AboutSite
from console.domain.ids import ClientId, SiteId
from console.domain.team.rules import Permission
from console.routes._client_card import url
from console.routes._client_parts import SITE, part_page
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req
from console.routes._submit import Saved, press, submit

CHANGE = needs(Permission.CLIENT_CHANGE)
ALL = "/clients/{client:int}/sites"
ONE = "/clients/sites/{site:int}"


async def _new(request: Req, client: int, form: Form, status: int = 200) -> Response[Any]:
    return await part_page(request, client, i18n.gettext("title.site_new"), form, f"{url(client)}/sites", status)


@get(f"{ALL}/new", opt=CHANGE)
async def new(request: Req, client: FromPath[int]) -> Response[Any]:
    return await _new(request, client, Form.blank(request, "site", SITE))


@post(ALL, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req, client: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "site",
        SITE,
        act=lambda intent, v: contacts.add_site(intent, ClientId(client), _about(v)),
        show=lambda asked, form, status: _new(asked, client, form, status),
        then=url(client),
        saved=lambda ids: _saved(ids["client_site"]),
        fresh=url(client),
    )


def _about(values: dict[str, Any]) -> AboutSite:
    return AboutSite(**{field.name: values[field.name] for field in SITE})


async def _saved(site: int) -> Saved:
    one = await parts.site(site)
    return Saved({field.name: getattr(one, field.name) for field in SITE}, one.version, one.operation)


async def _page(request: Req, site: int, form: Form, status: int = 200) -> Response[Any]:
    one = await parts.site(site)
    remove = i18n.gettext("words.remove_site")
    return await part_page(request, one.client, one.shown, form, f"/clients/sites/{site}", status, removal=remove)


@get(ONE, opt=CHANGE)
async def show(request: Req, site: FromPath[int]) -> Response[Any]:
    saved = await _saved(site)
    return await _page(request, site, Form.blank(request, "site", SITE, saved.values, saved.version))


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, site: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "site",
        SITE,
        act=lambda intent, v: contacts.change_site(intent, SiteId(site), v["version"], _about(v)),
        show=lambda asked, form, status: _page(asked, site, form, status),
        then=lambda ids: url(ids["of"]),
        saved=lambda _: _saved(site),
    )


@post(f"{ONE}/removal", opt=CHANGE)
async def removal(request: Req, site: FromPath[int]) -> Response[Any]:
    return await press(request, lambda intent: contacts.remove_site(intent, SiteId(site)), lambda ids: url(ids["of"]))


ROUTES = [new, add, show, change, removal]
