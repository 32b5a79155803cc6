"""Plastic cards: issued and replaced on the client's card, looked at and printed on a page of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.clients import cards, queries, rules
from console.domain.clients.queries import ClientView
from console.domain.errors import NotFound
from console.domain.ids import ClientId
from console.domain.team.rules import Permission
from console.printing import Unprintable
from console.routes import _client_card, _erased
from console.routes._client_card import url
from console.routes._client_parts import CARD, LOST, qr
from console.routes._fields import Field
from console.routes._forms import FORM_LIMIT
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._printed import printed
from console.routes._submit import Act, submit
from console.templating import document

CHANGE = needs(Permission.CLIENT_CHANGE)
ALL = "/clients/{client:int}/cards"


@get("/clients/{client:int}/card", opt=needs(Permission.CLIENT_READ))
async def show(request: Req, client: FromPath[int]) -> Response[Any]:
    """The card as it is printed, on a page or as a PDF of its size."""
    one = await queries.client(client)
    if one.card is None or one.erased_at:
        raise NotFound
    face = _face(request, one, one.card)
    if request.query_params.get("as") == "pdf":
        return await printed(request, document("pdf/card.html", **face), f"{face['title']}.pdf", Unprintable)
    return await page(request, "clients/plastic.html", face["title"], client=one, base=url(client), face=face)


def _face(request: Req, one: ClientView, card: str) -> dict[str, Any]:
    number = rules.spaced_card(card)
    facts = request.scope["state"]["business"]
    return {
        "title": i18n.words("title.card", {"number": number}),
        "business": facts.name,
        "name": one.names.shown,
        "number": number,
        "qr": qr(card),
    }


@post(ALL, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def issue(request: Req, client: FromPath[int]) -> Response[Any]:
    """Give them a card: the printed one whose number was typed or scanned, else a new one."""
    return await _give(request, client, "card", lambda intent, v: cards.issue(intent, ClientId(client), v["number"]))


@post(f"{ALL}/replacement", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def replacement(request: Req, client: FromPath[int]) -> Response[Any]:
    """Their card is lost: another one takes its place."""
    return await _give(
        request, client, "lost", lambda intent, v: cards.replace(intent, ClientId(client), v["card"], v["number"]), LOST
    )


async def _give(request: Req, client: int, name: str, act: Act, spec: Sequence[Field] = CARD) -> Response[Any]:
    return await submit(
        request,
        name,
        spec,
        act=act,
        show=_erased.unless(
            client,
            lambda asked, form, status: _client_card.show(asked, client, status, card={"form": form, "open": True}),
        ),
        then=url(client),
    )


ROUTES = [show, issue, replacement]
