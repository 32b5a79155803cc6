"""Coming in: the session that a browser goes on in, and what it keeps of that."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from console.domain import clock
from console.domain.team import door
from console.domain.team.browsers import KNOWN_FOR
from console.routes._page import Req, done, local
from console.routes._session import YEAR, Cookies, Held


def cookies_of(request: Req) -> Cookies:
    """What reads and makes the console's cookies."""
    return Cookies(request.app.state.settings)


async def enter(request: Req, entered: door.Entered, url: str = "/") -> Redirect:
    """Go on in the session entered; the one that this browser had before ends."""
    before = request.scope.get("user") or request.scope["state"]["half_signed"]
    if before and cookies_of(request).read(request, "session") != entered.token:
        await door.sign_out(before.session, clock.now())
    url = local(url)
    if entered.needs_code:
        url = f"/sign-in/code?next={quote(url)}" if url != "/" else "/sign-in/code"
    return done(request, url, cookies=entry_cookies(request, entered, Held.read(request).at_the_door))


def entry_cookies(request: Req, entered: door.Entered, held: str) -> list[Cookie]:
    """What a browser keeps of having come in: its session, the language `held` for it, for a year that it is known."""
    cookies = cookies_of(request)
    known = [cookies.make("known", entered.known, int(KNOWN_FOR.total_seconds()))] if entered.known else []
    holds = [cookies.make("held", Held.of(held, entered.token))] if held and not entered.needs_code else []
    return [cookies.make("session", entered.token), *known, *holds]


def is_shared(request: Req) -> bool:
    """Whether this browser was last signed in to as a shared desk."""
    return cookies_of(request).read(request, "shared") == "1"


def keep_shared(request: Req, answer: Response[Any], shared: bool) -> None:
    """Let the browser keep whether it is a shared desk."""
    answer.cookies.append(cookies_of(request).make("shared", "1" if shared else "", YEAR * shared))
