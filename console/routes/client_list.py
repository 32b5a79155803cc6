"""The list of clients: those that a search finds, else those opened last."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from console import i18n
from console.domain.clients import finding, queries
from console.domain.team.rules import Permission
from console.routes._guards import needs
from console.routes._page import Req, page

LONGEST_SEARCH = 200


@get("/clients", opt=needs(Permission.CLIENT_READ))
async def listed(request: Req) -> Response[Any]:
    query = request.query_params.get("q", "").strip()[:LONGEST_SEARCH]
    if query:
        ids = [hit.client for hit in await finding.find(query)]
    else:
        ids = await finding.recent(request.user.actor.id)
    return await page(
        request, "clients/list.html", i18n.gettext("nav.clients"), query=query, clients=await queries.clients(ids)
    )


ROUTES = [listed]
