"""Why a client holds what they hold: what happened and by which rules, as a page or beneath the card."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from console import i18n
from console.domain.clients import queries
from console.domain.errors import NotFound
from console.domain.ids import ClientId
from console.domain.team.rules import Permission
from console.routes import _why
from console.routes._guards import needs
from console.routes._page import Req, frame, page, rendered, wants_fragment

READ = needs(Permission.PROGRAMME_READ)
BASE = "/clients/{client:int}/loyalty"


@get(f"{BASE}/stamps", opt=READ)
async def stamps(request: Req, client: FromPath[int]) -> Response[Any]:
    return await _show(request, client, "title.why_stamps", "stamp", _why.stamps)


@get(f"{BASE}/free-visits", opt=READ)
async def free_visits(request: Req, client: FromPath[int]) -> Response[Any]:
    return await _show(request, client, "title.why_free_visits", "free-visit", _why.free_visits)


@get(f"{BASE}/tier", opt=READ)
async def tier(request: Req, client: FromPath[int]) -> Response[Any]:
    return await _show(request, client, "title.why_tier", "tier", _why.tier)


async def _show(
    request: Req, client: int, key: str, term: str, gather: Callable[[Req, ClientId], Awaitable[dict[str, Any]]]
) -> Response[Any]:
    """`gather` says what is told, `term` explains what of. Raises `NotFound` also for a client who was erased."""
    one = await queries.client(client)
    if one.erased_at is not None:
        raise NotFound
    title = i18n.gettext(key)
    context: dict[str, Any] = {"client": one, "why": await gather(request, one.id), "term": term}
    if wants_fragment(request) and request.headers.get("hx-target") == "why":
        return rendered("loyalty/_why.html", frame(request, title), context, status=200)
    return await page(request, "loyalty/why.html", title, **context)


ROUTES = [stamps, free_visits, tier]
