"""What stands before every handler: who is signed in, in which language, and whether a form is really ours.

A session lives in PostgreSQL. A form must carry a token made for its session (or, at the door, for
its browser), and the browser must say that the request came from our own pages.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from console import i18n
from console.config import Settings
from console.domain import clock
from console.domain.business import queries as business
from console.domain.errors import Refused, SignedOut
from console.domain.team.browsers import Browser
from console.domain.team.queries import signed_in
from console.routes._bodies import CSRF, DOOR_LIMIT, read_body
from console.routes._hosts import Hosts

PROMPT_SECONDS = 1.0
"""A body that takes longer may come after the end of its session."""
YEAR = 365 * 24 * 3600
"""Seconds for which a browser keeps what somebody chose in it."""
SAFE = {"GET", "HEAD", "OPTIONS"}
AUTO, LIGHT, DARK = THEMES = ("auto", "light", "dark")


class NotOurForm(Refused):
    """A form that another site sent, or that was rendered for another session."""

    key = "refused.not_our_form"


class TooLate(Refused):
    """A form of ours, as the browser vouches, of a session that has ended or is another one now.

    What was typed is in the request's state; `_again` shows it and sends it again.
    """

    key = "refused.too_late"


class Cookies:
    """The console's cookies: `__Host-` and Secure where browsers reach it over TLS."""

    def __init__(self, settings: Settings) -> None:
        self.secure = settings.https

    def name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name

    def read(self, request: Request[Any, Any, Any], name: str) -> str:
        return request.cookies.get(self.name(name), "")

    def make(self, name: str, value: str, max_age: int | None = None) -> Cookie:
        """A cookie that scripts cannot read; `max_age` in seconds, None until the browser closes, 0 to remove it."""
        return Cookie(
            key=self.name(name),
            value=value,
            path="/",
            max_age=max_age,
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )


@dataclass(frozen=True)
class Held:
    """The language chosen at the door, for the session that follows and no other; empty where none was.

    What the account itself says stays so for its other sessions, and holds here again after the next sign-in.
    """

    at_the_door: str = ""
    of_this_session: str = ""

    @classmethod
    def read(cls, request: Request[Any, Any, Any]) -> Held:
        cookies = Cookies(request.app.state.settings)
        language, _, mark = cookies.read(request, "held").partition(".")
        if language not in i18n.LANGUAGES:
            return cls()
        if not mark:
            return cls(at_the_door=language)
        token = cookies.read(request, "session")
        return cls(of_this_session=language) if token and _same(mark, _mark(token)) else cls()

    @staticmethod
    def of(language: str, token: str) -> str:
        """What the cookie says of a language that is held for the session of this token."""
        return f"{language}.{_mark(token)}"


def _mark(token: str) -> str:
    """What a session is known by where its token is not to stand."""
    return hashlib.sha256(f"held:{token}".encode()).hexdigest()[:16]


class Gate(ASGIMiddleware):
    """Loads the session and the business, sets the language, and turns away forms that are not ours."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "no_session"

    def __init__(self, settings: Settings, key: bytes) -> None:
        self.settings = settings
        self.key = key
        self.cookies = Cookies(settings)
        self.hosts = Hosts(settings)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        fresh = await self.look(request)
        send = self._with_cookies(send, self._kept(request, fresh))
        if request.method not in SAFE and self._changes_something(request):
            began = time.monotonic()
            await self._check_form(request, self._accepted(request))
            if request.scope["user"] is not None and time.monotonic() - began > PROMPT_SECONDS:
                await self._look_again(request)
        await next_app(scope, receive, send)

    def _changes_something(self, request: Request[Any, Any, Any]) -> bool:
        """Whether a form is to be ours: not where none is taken, nor where it ends a session and there is none."""
        opt, nobody = request.scope["route_handler"].opt, request.scope["user"] is None
        over = opt.get("of_a_session") and nobody and request.scope["state"]["half_signed"] is None
        return not (opt.get("takes_no_form") or over)

    async def look(self, request: Request[Any, Any, Any]) -> bool:
        """Find out who asks, of which business and in which language; whether the browser is a new visitor."""
        scope, state = request.scope, request.scope["state"]
        token = self.cookies.read(request, "session")
        handler = scope.get("route_handler")
        attended = handler is None or not handler.opt.get("unattended")
        signed = await signed_in(token, clock.now(), attended=attended) if token else None
        state["half_signed"] = signed if signed and not signed.verified else None
        scope["user"] = signed if signed and signed.verified else None
        scope["auth"] = None
        state["business"] = await business.business()
        i18n.use(language_of(request, state["business"]))
        i18n.use_default(state["business"].language)
        i18n.use_region(state["business"].phone, state["business"].zone.key)
        visitor = self.cookies.read(request, "visitor")
        link = self._link(request)
        fresh = not signed and not visitor and not link
        state["visitor"] = secrets.token_urlsafe(18) if fresh else visitor
        state["csrf"] = self._token(link or (token if signed else state["visitor"]))
        return fresh

    @staticmethod
    def _link(request: Request[Any, Any, Any]) -> str:
        """What proves by itself who asks, where an address has it: its forms are good in whichever browser has it."""
        handler = request.scope.get("route_handler")
        named = handler.opt.get("by_link") if handler else None
        return f"link:{request.path_params[named]}" if named else ""

    async def _look_again(self, request: Request[Any, Any, Any]) -> None:
        """After a body that came slowly. Raises `SignedOut`; an operation looks once more by itself."""
        signed = await signed_in(self.cookies.read(request, "session"), clock.now())
        if signed is None or signed.role is not request.scope["user"].role:
            raise SignedOut

    def _token(self, bound_to: str) -> str:
        return self._signed(f"form:{bound_to}")

    def session_of(self, intent: str, link: str) -> str:
        """The token of the session that a link's form opens: the same however often it is sent."""
        return self._signed(f"session:{intent}:{link}")

    def _signed(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def _accepted(self, request: Request[Any, Any, Any]) -> list[str]:
        """The tokens of forms that this browser was shown: in its session, or at the door.

        A form of the door stays good when the browser has signed in meanwhile, but opens nothing behind the door.
        """
        if link := self._link(request):
            return [self._token(link)]
        token, visitor = self.cookies.read(request, "session"), request.scope["state"]["visitor"]
        public = request.scope["route_handler"].opt.get("permission") == "public"
        return [self._token(one) for one in (token, visitor if public or not token else "") if one]

    async def _check_form(self, request: Request[Any, Any, Any], accepted: list[str]) -> None:
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        if site is not None and site not in {"same-origin", "none"}:
            raise NotOurForm
        if origin is not None and not self.hosts.sent_from_here(origin, request.scope):
            raise NotOurForm
        behind_the_door = request.scope["route_handler"].opt.get("permission") != "public"
        vouched = behind_the_door and (site == "same-origin" or origin is not None)
        if vouched and request.scope["user"] is None and request.scope["state"]["half_signed"] is None:
            await _keep(request)
        given = [request.headers.get("x-csrf-token", ""), (await read_body(request)).first(CSRF)]
        if not any(_same(one, right) for one in given for right in accepted):
            if vouched:
                await _keep(request)
            raise NotOurForm

    def _kept(self, request: Request[Any, Any, Any], fresh: bool) -> list[Cookie]:
        """What the browser is to keep: whose forms are its own, and the language last used in it, for the door."""
        jar = [self.cookies.make("visitor", request.scope["state"]["visitor"])] if fresh else []
        used = i18n.current()
        if request.scope["user"] and request.method in SAFE and self.cookies.read(request, "language") != used:
            jar.append(self.cookies.make("language", used, YEAR))
        return jar

    @staticmethod
    def _with_cookies(send: Send, jar: Sequence[Cookie]) -> Send:
        headers = [cookie.to_encoded_header() for cookie in jar]

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        return wrapped if headers else send


def language_of(request: Request[Any, Any, Any], facts: business.Facts) -> str:
    """The language that a visitor reads in, of those that the business has."""
    own = request.scope["user"].language if request.scope["user"] else None
    here = Cookies(request.app.state.settings).read(request, "language")
    if request.scope["user"] and (held := Held.read(request).of_this_session) in facts.languages:
        return held
    asked = (here or own) if facts.demo else (own or here)  # many visitors are one person of the demo
    if asked in facts.languages:
        return str(asked)
    if request.scope["user"]:
        return str(facts.language)
    return i18n.negotiate(request.headers.get("accept-language", ""), facts.languages, facts.language)


async def _keep(request: Request[Any, Any, Any]) -> None:
    """Raise `TooLate` with what was typed, unless a stranger sends more than the door takes."""
    length = request.headers.get("content-length", "")
    if request.scope["user"] is None and not (length.isdigit() and int(length) <= DOOR_LIMIT):
        return
    await read_body(request)
    raise TooLate


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def host_of(url: str) -> str:
    """The host and port of an address; empty where it is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def browser(request: Request[Any, Any, Any]) -> Browser:
    """Where a request came from, for sessions and throttles."""
    address = request.client.host if request.client else "unknown"
    known = Cookies(request.app.state.settings).read(request, "known")
    return Browser(address, request.headers.get("user-agent", ""), known[:1000])
