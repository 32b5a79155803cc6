"""The outermost layer: headers of every answer, addresses that never reach a handler, and bodies that never end."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import quote, urlsplit

from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from console.config import Settings
from console.links import FOLDER as LINKS
from console.routes._assets import FOLDER, is_current, is_file, without_version
from console.routes._hosts import Hosts
from console.routes._proxies import Proxies

LONGEST_PATH = 1_000
LONGEST_NAME = 255
"""Bytes between two slashes: no file has a longer name, and looking for one is an error of the system's."""
LONGEST_QUERY = 8_000
NOWHERE = "/unusable-address"
NO_LINK = f"{LINKS}-/-"
"""The same of a client's link: to whoever follows it, it is one of those that are none."""
TOO_LONG = "address_too_long"
"""What the state of a request says where its address was left out for its length."""
PIECE_SECONDS = 30.0
"""How long the next piece of a body is waited for."""
BODY_SECONDS = 300.0
"""How long a body may take as a whole: the largest one, over a slow phone."""


class AddressTooLong(HTTPException):
    """More than `LONGEST_PATH` or `LONGEST_QUERY` was asked for."""

    status_code = 414


class Left(HTTPException):
    """The client hung up before it had sent its whole request: nobody is there to be answered."""

    status_code = 400


class TooSlow(HTTPException):
    """The body of a request did not come on."""

    status_code = 408


class Edge:
    """An ASGI layer around the whole application, so that 404, 405 and files carry the headers too."""

    def __init__(self, app: ASGIApp, settings: Settings, elsewhere: ASGIApp) -> None:
        """`elsewhere` answers what another host is asked for."""
        self.app = app
        self.elsewhere = elsewhere
        self.hosts = Hosts(settings)
        self.proxies = Proxies(settings, self.hosts)
        self.headers = [
            (name.encode(), value.encode())
            for name, value in {
                "content-security-policy": policy(settings),
                "cross-origin-opener-policy": "same-origin",
                "cross-origin-resource-policy": "same-origin",
                "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
                "referrer-policy": "same-origin",
                "x-content-type-options": "nosniff",
                "x-frame-options": "DENY",
                "x-robots-tag": "noindex, nofollow",
                **({"strict-transport-security": "max-age=31536000"} if settings.https else {}),
            }.items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        self.proxies.look(scope)
        scope = dict(scope)  # type: ignore[assignment]  # the server's own stays as it came: it answers by its method
        too_long = len(scope["raw_path"]) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY
        if too_long:
            scope["state"] = {**scope.get("state", {}), TOO_LONG: True}
        named = all(len(part.encode()) <= LONGEST_NAME for part in scope["path"].split("/"))
        if too_long or not named or "\x00" in scope["path"]:
            nowhere = NO_LINK if scope["path"].startswith(LINKS) else NOWHERE
            scope["path"], scope["raw_path"], scope["query_string"] = nowhere, nowhere.encode(), b""
        static = scope["path"].startswith(FOLDER)
        if static and not is_file(scope["path"]):
            scope["path"], scope["raw_path"] = NOWHERE, NOWHERE.encode()
        current = is_current(scope["path"], scope["query_string"])
        plain = without_version(scope["path"])
        if plain != scope["path"]:
            scope["path"], scope["raw_path"] = plain, quote(plain).encode()
        head = scope["method"] == HttpMethod.HEAD
        if head:
            scope["method"] = HttpMethod.GET  # a page is asked for by GET alone; here its body is left out

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = (
                    [pair for pair in message["headers"] if pair[0].lower() != b"cache-control"]
                    if static
                    else list(message["headers"])
                )
                if not any(name.lower() == b"cache-control" for name, _ in kept):
                    immutable = current and message["status"] in {200, 304}
                    kept.append(
                        (b"cache-control", b"public, max-age=31536000, immutable" if immutable else b"no-store")
                    )
                message = {**message, "headers": [*kept, *self.headers]}
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        app = self.app if self.hosts.take(scope) else self.elsewhere
        await app(scope, whole(receive), sending)


def whole(receive: Receive) -> Receive:
    """`receive` for the body of a request. Raises `Left` where the client hangs up before its end, `TooSlow`."""
    began, more = time.monotonic(), True

    async def receiving() -> Any:
        nonlocal more
        if not more:
            return await receive()
        try:
            async with asyncio.timeout(min(PIECE_SECONDS, began + BODY_SECONDS - time.monotonic())):
                message = await receive()
        except TimeoutError:
            raise TooSlow(headers={"connection": "close"}) from None
        if message["type"] == "http.disconnect":
            raise Left
        more = bool(message.get("more_body"))
        return message

    return receiving


def policy(settings: Settings) -> str:
    """The content security policy: our own files, and the one pinned script."""
    htmx = urlsplit(settings.htmx_url)
    script = f"{htmx.scheme}://{htmx.netloc}{htmx.path}" if htmx.netloc else ""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' {script}".strip(),
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )
