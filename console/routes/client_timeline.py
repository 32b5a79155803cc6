"""Everything that happened to a client: a page of its own, or the part of the card."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from console.domain.clients import queries
from console.domain.team.rules import Permission
from console.routes import _called, _timeline
from console.routes._guards import needs
from console.routes._page import Req, frame, page, rendered, wants_fragment


@get("/clients/{client:int}/timeline", opt=needs(Permission.CLIENT_READ))
async def timeline(request: Req, client: FromPath[int]) -> Response[Any]:
    one = await queries.client(client)
    name = _called.name(one)
    context: dict[str, Any] = {"client": one, "name": name, "timeline": await _timeline.part(request, one.id)}
    if wants_fragment(request) and request.headers.get("hx-target", "").startswith("timeline"):
        return rendered("clients/_timeline_alone.html", frame(request, name), context, status=200)
    return await page(request, "clients/timeline.html", name, **context)


ROUTES = [timeline]
