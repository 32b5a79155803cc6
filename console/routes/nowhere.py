"""Addresses that do not exist: looked up with the session, so that somebody signed in stays in their frame."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath

from console.domain.errors import NotFound
from console.routes._guards import PUBLIC


@get("/{rest:path}", opt=PUBLIC)
async def nowhere(rest: FromPath[str]) -> None:
    raise NotFound


ROUTES = [nowhere]
