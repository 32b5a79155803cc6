"""Clients: the card, off and on."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console.domain import clock
from console.domain.clients import actions, finding
from console.domain.ids import ClientId
from console.domain.team.rules import Permission
from console.routes import _client_card
from console.routes._client_card import url
from console.routes._guards import needs
from console.routes._page import Req
from console.routes._submit import press

READ = needs(Permission.CLIENT_READ)
CHANGE = needs(Permission.CLIENT_CHANGE)
ONE = "/clients/{client:int}"


@get(ONE, opt=READ)
async def show(request: Req, client: FromPath[int]) -> Response[Any]:
    """The card; opening it is remembered for those who look for somebody next."""
    answer = await _client_card.show(request, client)
    await finding.opened(request.user.actor.id, client, clock.now())
    return answer


@post(f"{ONE}/retirement", opt=CHANGE)
async def retirement(request: Req, client: FromPath[int]) -> Response[Any]:
    """They come no more."""
    return await press(request, lambda intent: actions.retire(intent, ClientId(client)), url(client))


@post(f"{ONE}/readmission", opt=CHANGE)
async def readmission(request: Req, client: FromPath[int]) -> Response[Any]:
    """They come again."""
    return await press(request, lambda intent: actions.readmit(intent, ClientId(client)), url(client))


ROUTES = [show, retirement, readmission]
