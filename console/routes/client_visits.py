"""All visits of a client."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from console import i18n
from console.domain.clients import queries
from console.domain.team.rules import Permission
from console.routes import _called, _client_visits
from console.routes._guards import needs
from console.routes._page import Req, page


@get("/clients/{client:int}/visits", opt=needs(Permission.VISIT_READ))
async def show(request: Req, client: FromPath[int]) -> Response[Any]:
    one = await queries.client(client)
    return await page(
        request,
        "clients/visits.html",
        i18n.gettext("title.client_visits"),
        client=one,
        name=_called.name(one),
        visits=await _client_visits.visits(request, one, _client_visits.MOST),
    )


ROUTES = [show]
