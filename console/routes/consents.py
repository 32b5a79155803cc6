"""What a client consents to: one form for all channels and purposes, and everything that was ever said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.clients import consents, parts, queries
from console.domain.clients.rules import TOLD, Channel, Consented, ConsentSource, Purpose
from console.domain.errors import NotFound
from console.domain.ids import ClientId
from console.domain.team.rules import Permission
from console.routes import _erased
from console.routes._client_card import url
from console.routes._client_parts import CHANNELS, consent_fields, consent_history, purposes, tick
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, page, today
from console.routes._submit import Saved, submit

ALL = "/clients/{client:int}/consents"


async def _page(request: Req, client: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.client(client)
    if one.erased_at:
        raise NotFound
    return await page(
        request,
        "clients/consents.html",
        i18n.gettext("title.consents"),
        status=status,
        form=form,
        client=one,
        base=url(client),
        purposes=purposes(),
        rows=[
            {"channel": i18n.gettext(word), "names": [tick(channel, purpose) for purpose in Purpose]}
            for channel, word in CHANNELS.items()
        ],
        history=await consent_history(request, await parts.consent_log(client)),
        may_change=request.user.actor.may(Permission.CLIENT_CHANGE),
    )


async def _saved(request: Req, client: int) -> Saved:
    """What holds; the version is the number of entries, which only grows."""
    log = await parts.consent_log(client)
    ticks = {tick(*pair): given for pair, given in parts.holding(log).items()}
    source = log[0].source if log and log[0].source in TOLD else None
    said = {**ticks, "source": source, "on": today(request)}
    return Saved(said, len(log), log[0].operation if log else 0)


@get(ALL, opt=needs(Permission.CLIENT_READ))
async def show(request: Req, client: FromPath[int]) -> Response[Any]:
    saved = await _saved(request, client)
    values = {**saved.values, "source": ConsentSource.IN_PERSON}
    return await _page(request, client, Form.blank(request, "consents", consent_fields(), values, saved.version))


@post(ALL, opt=needs(Permission.CLIENT_CHANGE), request_max_body_size=FORM_LIMIT)
async def change(request: Req, client: FromPath[int]) -> Response[Any]:
    return await submit(
        request,
        "consents",
        consent_fields(),
        act=lambda intent, v: consents.set_consents(
            intent, ClientId(client), v["version"], _wanted(v), ConsentSource(v["source"]), v["on"]
        ),
        show=_erased.unless(client, lambda asked, form, status: _page(asked, client, form, status)),
        then=url(client),
        saved=lambda _: _collided(request, client),
    )


async def _collided(request: Req, client: int) -> Saved:
    """What holds, and of whom."""
    return replace(await _saved(request, client), name=(await queries.client(client)).names.shown)


def _wanted(values: dict[str, Any]) -> tuple[Consented, ...]:
    return tuple(Consented(c, purpose, values[tick(c, purpose)]) for c in Channel for purpose in Purpose)


ROUTES = [show, change]
