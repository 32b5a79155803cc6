"""The door: signing in and out, the second step, and the links that let somebody choose a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID, uuid5

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from console import i18n
from console.domain import clock
from console.domain.errors import DomainError, Invalid
from console.domain.ids import ActorId
from console.domain.intent import Actor, Intent
from console.domain.secret import Secret
from console.domain.team import door, endings, passwords, queries
from console.domain.team.browsers import KNOWN_FOR
from console.domain.team.rules import MIN_PASSWORD, Permission
from console.routes import _fields as f
from console.routes._bodies import DOOR_LIMIT
from console.routes._errors import status_of
from console.routes._forms import Form
from console.routes._guards import PUBLIC, needs
from console.routes._page import TOAST_SECONDS, Req, done, frame, local, page, rendered
from console.routes._session import YEAR, Cookies, Held, browser
from console.routes._toasts import RECOVERED
from console.services import FIRST_OWNER, NEW_LINK, as_typed

SIGN_IN = (
    f.email(label="field.email_own", autocomplete="username"),
    f.secret("password", autocomplete="current-password"),
    f.tick("shared", hint="hint.shared"),
    f.hidden("next", required=False, limit=1000, empty=""),
)
CODE = (f.text("code", kind="otp", limit=30, hint="hint.code"), f.hidden("next", required=False, limit=1000, empty=""))
FORGOTTEN = (f.email(label="field.email_own", autocomplete="username"),)
CHOOSE = (
    f.secret(
        "password",
        label="field.password_new",
        hint="hint.password",
        params={"least": MIN_PASSWORD},
        autocomplete="new-password",
    ),
    f.tick("shared", hint="hint.shared"),
)

SAID_FOR = 60
"""Seconds within which the door says that one has signed out."""


def _cookies(request: Req) -> Cookies:
    return Cookies(request.app.state.settings)


async def enter(request: Req, entered: door.Entered, url: str = "/") -> Redirect:
    """Go on in the session entered; the one that this browser had before ends."""
    before = request.scope.get("user") or request.scope["state"]["half_signed"]
    if before and _cookies(request).read(request, "session") != entered.token:
        await door.sign_out(before.session, clock.now())
    url = local(url)
    if entered.needs_code:
        url = f"/sign-in/code?next={quote(url)}" if url != "/" else "/sign-in/code"
    return done(request, url, cookies=entry_cookies(request, entered, Held.read(request).at_the_door))


def entry_cookies(request: Req, entered: door.Entered, held: str) -> list[Cookie]:
    """What a browser keeps of having come in: its session, the language `held` for it, for a year that it is known."""
    cookies = _cookies(request)
    known = [cookies.make("known", entered.known, int(KNOWN_FOR.total_seconds()))] if entered.known else []
    holds = [cookies.make("held", Held.of(held, entered.token))] if held and not entered.needs_code else []
    return [cookies.make("session", entered.token), *known, *holds]


async def _sign_in_page(request: Req, form: Form, status: int = 200) -> Response[Any]:
    facts = request.scope["state"]["business"]
    demo = request.app.state.settings.demo and facts.demo
    left = status == 200 and _cookies(request).read(request, "left") == "1"
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
        cookies=[_cookies(request).make("left", "", 0)] if left else [],
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
    ended = await endings.ended(_cookies(request).read(request, "session"), clock.now())
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
    values = {"next": wanted, "shared": _is_shared(request)}
    return await _sign_in_page(request, Form.blank(request, "sign_in", SIGN_IN, values))


def _is_shared(request: Req) -> bool:
    """Whether this browser was last signed in to as a shared desk."""
    return _cookies(request).read(request, "shared") == "1"


def _keep_shared(request: Req, answer: Response[Any], shared: bool) -> None:
    """Let the browser keep whether it is a shared desk."""
    answer.cookies.append(_cookies(request).make("shared", "1" if shared else "", YEAR * shared))


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
    _keep_shared(request, answer, values["shared"])
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
        answer.cookies.append(_cookies(request).make("done", RECOVERED, TOAST_SECONDS))
    return answer


@post("/sign-out", opt={**PUBLIC, "of_a_session": True})
async def sign_out(request: Req) -> Response[Any]:
    """End the session, if there is one. Without one anybody's form is taken, and not even the cookie changes."""
    signed = request.scope.get("user") or request.scope["state"]["half_signed"]
    if signed is None:
        return done(request, "/sign-in")
    await door.sign_out(signed.session, clock.now())
    over = [_cookies(request).make(name, "", 0) for name in ("session", "held")]
    left = [_cookies(request).make("left", "1", SAID_FOR)] if request.scope.get("user") else []
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


@get("/forgotten", opt=PUBLIC)
async def forgotten_page(request: Req) -> Response[Any]:
    return await _forgotten_page(request, Form.blank(request, "forgotten", FORGOTTEN))


async def _forgotten_page(request: Req, form: Form, status: int = 200) -> Response[Any]:
    title = i18n.gettext("title.forgotten")
    context: dict[str, Any] = {
        "form": form,
        "by_mail": _by_mail(request),
        "at_the_server": await at_the_server(request),
    }
    return await page(request, "door/forgotten.html", title, status=status, **context)


def _by_mail(request: Req) -> bool:
    """Whether letters leave this console at all."""
    return request.app.state.settings.smtp_url is not None


async def at_the_server(request: Req) -> str | None:
    """The command that prints an only owner's link, where no letter brings it and nobody else may hand it over.

    It is said to whoever asks, so that nobody learns whose address the owner's is. Where others reach the console it
    names no directory of ours.
    """
    if _by_mail(request) or await queries.has_two_owners():
        return None
    config = request.app.state.settings
    return as_typed(config, NEW_LINK) if config.only_here else f".venv/bin/{NEW_LINK}"


@post("/forgotten", opt=PUBLIC, request_max_body_size=DOOR_LIMIT)
async def forgotten(request: Req) -> Response[Any]:
    form = await Form.read(request, "forgotten", FORGOTTEN)
    try:
        values = form.check()
        intent = uuid5(UUID(form.intent), values["email"])  # the address is no part of what an operation keeps
        await door.ask(intent, values["email"], browser(request), clock.now())
    except Invalid as error:
        form.note(error)
        return await _forgotten_page(request, form, 422)
    return done(request, "/forgotten/sent")


@get("/forgotten/sent", opt=PUBLIC)
async def forgotten_sent(request: Req) -> Response[Any]:
    by_mail = _by_mail(request)
    title = i18n.gettext("title.forgotten_sent" if by_mail else "title.forgotten_asked")
    only_owner = await at_the_server(request)
    return await page(request, "door/forgotten_sent.html", title, by_mail=by_mail, at_the_server=only_owner)


def _in_their_language(request: Req, link: queries.Link) -> None:
    """The page of a link speaks the language chosen for whom it is for, until one is chosen in this browser."""
    spoken = request.scope["state"]["business"].languages
    if link.language in spoken and not _cookies(request).read(request, "language"):
        i18n.use(link.language)


async def _choose_page(request: Req, link: queries.Link, form: Form, status: int = 200) -> Response[Any]:
    title = "title.invitation" if link.purpose == "invitation" else "title.reset"
    signed = request.scope.get("user")
    other = signed.name if signed and signed.staff != link.staff else None
    return await page(
        request, "door/choose.html", i18n.gettext(title), status=status, form=form, link=link, signed_in=other
    )


def _of_this_browser(request: Req, form: Form) -> UUID:
    """The form's intent as this browser's own: sent again from anywhere else it is another one."""
    own = request.scope["state"]["visitor"] or _cookies(request).read(request, "session")
    return uuid5(UUID(form.intent), own)


async def _spent(request: Req) -> Response[Any]:
    return await page(request, "door/link_spent.html", i18n.gettext("title.link_spent"), status=410)


@get("/links/{token:str}", opt=PUBLIC)
async def choose_page(request: Req, token: FromPath[str]) -> Response[Any]:
    link = await queries.link(token, clock.now())
    if link is None:
        return await _spent(request)
    _in_their_language(request, link)
    return await _choose_page(request, link, Form.blank(request, "choose", CHOOSE, {"shared": _is_shared(request)}))


@post("/links/{token:str}", opt=PUBLIC, request_max_body_size=DOOR_LIMIT)
async def choose(request: Req, token: FromPath[str]) -> Response[Any]:
    now = clock.now()
    form = await Form.read(request, "choose", CHOOSE)
    intent = _of_this_browser(request, form)
    link = await queries.link(token, now, intent=intent)
    if link is None:
        return await _spent(request)
    _in_their_language(request, link)
    try:
        values = form.check()
        actor = Actor(ActorId(link.staff), frozenset({Permission.PASSWORD_CHOOSE}))
        given = Intent(intent, actor, now)
        await passwords.choose_password(given, link, Secret(token), values["password"], language=i18n.current())
    except passwords.LinkSpent:
        return await _spent(request)
    except DomainError as error:
        form.note(error)
        return await _choose_page(request, link, form, status_of(error))
    session = request.app.state.gate.session_of(form.intent, token)
    entered = await door.enter(link.staff, browser(request), now, shared=values["shared"], token=session)
    answer = await enter(request, entered)
    _keep_shared(request, answer, values["shared"])
    return answer


ROUTES = [
    sign_in_page,
    sign_in,
    code_page,
    give_code,
    sign_out,
    session,
    touch,
    forgotten_page,
    forgotten,
    forgotten_sent,
    choose_page,
    choose,
]
