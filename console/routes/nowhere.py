"""Addresses that do not exist: looked up with the session, so that somebody signed in stays in their frame."""

from __future__ import annotations

from litestar import HttpMethod, route
from litestar.params import FromPath

from console.domain.errors import NotFound
from console.routes._guards import PUBLIC


@route(
    "/{rest:path}",
    http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE],
    opt={**PUBLIC, "takes_no_form": True},
)
async def nowhere(rest: FromPath[str]) -> None:
    raise NotFound


ROUTES = [nowhere]
