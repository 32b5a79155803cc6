"""All bookings of a client: what is to come, what was, and the dates of their series that have no place yet."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from console import i18n
from console.domain.clients import queries
from console.routes import _called, _client_bookings
from console.routes._bookings import READ
from console.routes._page import Req, page


@get("/clients/{client:int}/bookings", opt=READ)
async def show(request: Req, client: FromPath[int]) -> Response[Any]:
    one = await queries.client(client)
    most = _client_bookings.MOST
    return await page(
        request,
        "clients/bookings.html",
        i18n.gettext("title.client_bookings"),
        client=one,
        name=_called.name(one),
        bookings=await _client_bookings.bookings(request, one, most, most),
    )


ROUTES = [show]
