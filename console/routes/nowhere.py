"""Addresses that do not exist: looked up with the session, so that somebody signed in stays in their frame."""

from __future__ import annotations

from litestar import HttpMethod, route
from litestar.params import FromPath

from console.domain.errors import NotFound
from console.routes._edge import TOO_LONG, AddressTooLong
from console.routes._guards import PUBLIC
from console.routes._page import Req


@route(
    "/{rest:path}",
    http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE],
    opt={**PUBLIC, "takes_no_form": True},
)
async def nowhere(request: Req, rest: FromPath[str]) -> None:
    raise AddressTooLong if TOO_LONG in request.scope["state"] else NotFound


ROUTES = [nowhere]
