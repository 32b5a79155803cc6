"""The demo's door: one click per role. Registered in demo mode only, and only a demo's database opens it."""

from __future__ import annotations

from typing import Any

from litestar import Response, post

from console import i18n
from console.domain import clock
from console.domain.errors import NotFound
from console.domain.team import door, queries
from console.domain.team.rules import Role
from console.routes import _fields as f
from console.routes._entry import enter
from console.routes._forms import Form
from console.routes._guards import PUBLIC
from console.routes._page import Req
from console.routes._session import YEAR, Cookies, browser

DOOR = (
    f.choice("role", lambda: [(role.value, role.value) for role in Role]),
    f.hidden("next", required=False, limit=1000, empty=""),
)


@post("/demo/sessions", opt=PUBLIC)
async def choose_role(request: Req) -> Response[Any]:
    """Sign in as the demo's person of a role, in the language of the door."""
    if not request.scope["state"]["business"].demo:
        raise NotFound
    values = (await Form.read(request, "demo", DOOR, once=False)).check()
    staff = await queries.demo_person(Role(values["role"]))
    token = await door.open_session(staff, browser(request), clock.now())
    answer = await enter(request, door.Entered(token, needs_code=False), values["next"])
    answer.cookies.append(Cookies(request.app.state.settings).make("language", i18n.current(), YEAR))
    return answer


ROUTES = [choose_role]
