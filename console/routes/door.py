"""The door: signing in and out, and the second step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

from litestar import Response, get, post

from console import i18n
from console.domain import clock
from console.domain.errors import Invalid
from console.domain.team import door, endings, queries
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes._bodies import DOOR_LIMIT
from console.routes._entry import cookies_of, enter, is_shared, keep_shared
from console.routes._forms import Form
from console.routes._guards import PUBLIC, needs
from console.routes._page import TOAST_SECONDS, Req, done, frame, local, page, rendered
from console.routes._session import browser
from console.routes._toasts import RECOVERED
from console.services import FIRST_OWNER, NEW_LINK, as_typed

SIGN_IN = (
    f.email(label="field.email_own", autocomplete="username"),
    f.secret("password", autocomplete="current-password"),
    f.tick("shared", hint="hint.shared"),
    f.hidden("next", required=False, limit=1000, empty=""),
)
CODE = (f.text("code", kind="otp", limit=30, hint="hint.code"), f.hidden("next", required=False, limit=1000, empty=""))
SAID_FOR = 60
"""Seconds within which the door says that one has signed out."""


async def _sign_in_page(request: Req, form: Form, status: int = 200) -> Response[Any]:
    facts = request.scope["state"]["business"]
    demo = request.app.state.settings.demo and facts.demo
    left = status == 200 and cookies_of(request).read(request, "left") == "1"
    ended = await _ended(request) if status == 200 else None
    return await page(
        request,
        "door/sign_in.html",
        i18n.gettext("title.sign_in"),
        status=status,
        form=form,
        demo=await queries.demo_roles() if demo else (),
        ended=i18n.gettext("words.signed_out_here") if left else ended,
        first_steps=None if demo or await queries.has_owner(by_password=True) else _first_steps(request),
        cookies=[cookies_of(request).make("left", "", 0)] if left else [],
    )


ENDS = {
    endings.End.PASSWORD: "words.ended_password",
    endings.End.TWO_STEP: "words.ended_two_step",
    endings.End.SIGNED_OUT: "words.ended_signed_out",
    endings.End.ELSEWHERE: "words.ended_elsewhere",
    endings.End.CLOSED: "words.ended_closed",
    endings.End.CHANGED: "words.ended_changed",
}
"""Keys of the words why this browser's session ended."""


async def _ended(request: Req) -> str | None:
    """Why this browser's session ended, in words; None where it was signed out of here."""
    ended = await endings.ended(cookies_of(request).read(request, "session"), clock.now())
    if ended is None:
        return None
    return i18n.gettext(ENDS[ended.how]) if ended.how in ENDS else _limit(ended)


def _limit(ended: endings.Ended) -> str:
    """Which limit was over of a session that ended by itself."""
    minutes = ended.lasted // timedelta(minutes=1)
    if ended.how is endings.End.HALF:
        return i18n.words("words.minutes_without_code", {"count": minutes})
    if ended.how is endings.End.OLD:
        return i18n.words("words.days_signed_in", {"count": ended.lasted.days})
    if minutes < 60:
        return i18n.words("words.minutes_untouched", {"count": minutes})
    return i18n.words("words.hours_untouched", {"count": minutes // 60})


def _first_steps(request: Req) -> dict[str, str]:
    """The commands by which a console without an owner gets one."""
    config = request.app.state.settings
    return {"owner": as_typed(config, FIRST_OWNER), "link": as_typed(config, NEW_LINK)}


@get("/sign-in", opt=PUBLIC)
async def sign_in_page(request: Req) -> Response[Any]:
    wanted = local(request.query_params.get("next", ""), "")
    if request.scope.get("user"):
        return done(request, wanted or "/")
    values = {"next": wanted, "shared": is_shared(request)}
    return await _sign_in_page(request, Form.blank(request, "sign_in", SIGN_IN, values))


async def _read(request: Req, name: str, spec: Sequence[f.Field]) -> Form:
    """A form that says where to go on; what is no such address of ours is dropped: nobody has typed it."""
    form = await Form.read(request, name, spec, once=False)
    form.texts["next"] = [local(form.texts["next"][0], "") if form.texts["next"] else ""]
    return replace(form, cut=form.cut - {"next"})


@post("/sign-in", opt=PUBLIC, request_max_body_size=DOOR_LIMIT)
async def sign_in(request: Req) -> Response[Any]:
    form = await _read(request, "sign_in", SIGN_IN)
    try:
        values = form.check()
        entered = await door.sign_in(
            values["email"], values["password"], browser(request), clock.now(), shared=values["shared"]
        )
    except Invalid as error:
        form.note(error)
        return await _sign_in_page(request, form, 422)
    answer = await enter(request, entered, values["next"])
    keep_shared(request, answer, values["shared"])
    return answer


@get("/sign-in/code", opt=PUBLIC)
async def code_page(request: Req) -> Response[Any]:
    if request.scope["state"]["half_signed"] is None:
        return done(request, "/sign-in")
    return await _code_page(
        request, Form.blank(request, "code", CODE, {"next": local(request.query_params.get("next", ""), "")})
    )


async def _code_page(request: Req, form: Form, status: int = 200) -> Response[Any]:
    chosen = await endings.chose_password(request.scope["state"]["half_signed"].session)
    return await page(request, "door/code.html", i18n.gettext("title.code"), status=status, form=form, chosen=chosen)


@post("/sign-in/code", opt=PUBLIC, request_max_body_size=DOOR_LIMIT)
async def give_code(request: Req) -> Response[Any]:
    half = request.scope["state"]["half_signed"]
    if half is None:
        return done(request, "/sign-in")
    form = await _read(request, "code", CODE)
    try:
        values = form.check()
        entered = await door.give_code(half, values["code"], browser(request), clock.now())
    except Invalid as error:
        form.note(error)
        return await _code_page(request, form, 422)
    answer = await enter(request, entered, values["next"])
    if entered.recovered:
        answer.cookies.append(cookies_of(request).make("done", RECOVERED, TOAST_SECONDS))
    return answer


@post("/sign-out", opt={**PUBLIC, "of_a_session": True})
async def sign_out(request: Req) -> Response[Any]:
    """End the session, if there is one. Without one anybody's form is taken, and not even the cookie changes."""
    signed = request.scope.get("user") or request.scope["state"]["half_signed"]
    if signed is None:
        return done(request, "/sign-in")
    await door.sign_out(signed.session, clock.now())
    over = [cookies_of(request).make(name, "", 0) for name in ("session", "held")]
    left = [cookies_of(request).make("left", "1", SAID_FOR)] if request.scope.get("user") else []
    return done(request, "/sign-in", cookies=[*over, *left])


@get("/session", opt={**PUBLIC, "unattended": True})
async def session(request: Req) -> Response[Any]:
    """Where the pages of a shared desk go that nobody touches: to wait here while the session lasts, then to the door.

    The Refresh header says how many seconds that is; static/idle.js reads it.
    """
    wanted = quote(local(request.query_params.get("next", "")))
    signed = request.scope.get("user")
    if signed is None:
        return done(request, f"/sign-in?next={wanted}" if wanted != "/" else "/sign-in")
    left = await queries.seconds_left(signed.session, clock.now())
    made = frame(request, i18n.gettext("title.untouched"))
    made.idle = None
    response = rendered("door/untouched.html", made, {"wanted": unquote(wanted)}, status=200)
    response.headers["Refresh"] = f"{left + 1}; url=/session?next={wanted}"
    return response


@post("/session/touches", opt=needs(Permission.OVERVIEW_READ), status_code=204)
async def touch(request: Req) -> None:
    """Somebody types: the gate has noted it, as with whatever a person asks."""


ROUTES = [
    sign_in_page,
    sign_in,
    code_page,
    give_code,
    sign_out,
    session,
    touch,
]
