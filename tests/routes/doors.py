"""Going in and out by the door itself, with the cookies that it hands out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx
from litestar import Litestar

from console.domain import db
from tests.cast import PASSWORD, Person
from tests.page import Page, Visitor
from tests.routes.conftest import BASE


async def come_in(visitor: Visitor, person: Person, *, password: str = PASSWORD, **typed: Any) -> Page:
    """Sign in by the form; the page that follows is one's profile."""
    door = await visitor.open("/sign-in?next=/profile")
    return await visitor.send(door, "/sign-in", email=person.email, password=password, **typed)


async def is_in(visitor: Visitor) -> bool:
    """Whether this browser is let into the console."""
    return (await visitor.open("/profile")).path == "/profile"


def token(visitor: Visitor) -> str:
    """The session cookie that this browser holds; empty where it holds none."""
    return visitor.http.cookies.get("session") or ""


def holding(app: Litestar, token: str = "", address: str = "127.0.0.1") -> Visitor:
    """A browser somewhere that holds a session cookie, however it came by it."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 50_000))
    client = httpx.AsyncClient(transport=transport, base_url=BASE, headers={"accept-language": "en"})
    if token:
        client.cookies.set("session", token, domain="console.test", path="/")
    return Visitor(client)


async def sessions(person: Person) -> list[dict[str, Any]]:
    """The rows of somebody's sessions, oldest first."""
    rows: Iterable[Any] = await db.fetch("SELECT * FROM staff_session WHERE staff = $1 ORDER BY id", person.id)
    return [dict(row) for row in rows]


async def live(person: Person) -> int:
    """How many sessions of somebody are not revoked."""
    return sum(row["revoked_at"] is None for row in await sessions(person))
