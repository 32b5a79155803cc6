"""How somebody likes to see the console: language and theme."""

from __future__ import annotations

from typing import Any

from litestar import Response, post

from console.domain.team import profiles
from console.routes import _fields as f
from console.routes._choices import spoken
from console.routes._forms import Form
from console.routes._guards import PUBLIC
from console.routes._page import Req, back, done
from console.routes._session import THEMES, YEAR, Cookies

THEME = (f.choice("theme", lambda: [(one, one) for one in THEMES]),)


@post("/preferences/theme", opt=PUBLIC)
async def theme(request: Req) -> Response[Any]:
    """For this browser. A page that shows it already (`X-Stays`) is not answered with another one."""
    chosen = (await Form.read(request, "theme", THEME, once=False)).check()["theme"]
    cookie = Cookies(request.app.state.settings).make("theme", chosen, YEAR)
    if "x-stays" in request.headers:
        return Response(b"", status_code=204, cookies=[cookie])
    return done(request, back(request), cookies=[cookie])


@post("/preferences/language", opt=PUBLIC)
async def language(request: Req) -> Response[Any]:
    """One of the business's: for somebody signed in wherever they sign in; at the door for the session that follows."""
    offered = spoken(request.scope["state"]["business"].languages)
    form = await Form.read(request, "language", (f.choice("language", lambda: offered),), once=False)
    chosen = form.check()["language"]
    signed = request.scope.get("user")
    if signed:
        await profiles.choose_language(form.intend(signed.actor), chosen)
    cookies = Cookies(request.app.state.settings)
    held = cookies.make("held", "", 0) if signed else cookies.make("held", chosen)
    return done(request, back(request), cookies=[cookies.make("language", chosen, YEAR), held])


ROUTES = [theme, language]
