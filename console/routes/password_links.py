"""A forgotten password, and the links that let somebody choose one."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.errors import DomainError, Invalid
from console.domain.ids import ActorId
from console.domain.intent import Actor, Intent
from console.domain.secret import Secret
from console.domain.team import door, passwords, queries
from console.domain.team.rules import MIN_PASSWORD, Permission
from console.routes import _fields as f
from console.routes._bodies import DOOR_LIMIT
from console.routes._entry import cookies_of, enter, is_shared, keep_shared
from console.routes._errors import status_of
from console.routes._forms import Form
from console.routes._guards import PUBLIC
from console.routes._page import Req, done, page
from console.routes._session import browser
from console.services import NEW_LINK, as_typed

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
    if link.language in spoken and not cookies_of(request).read(request, "language"):
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
    own = request.scope["state"]["visitor"] or cookies_of(request).read(request, "session")
    return uuid5(UUID(form.intent), own)


async def _spent(request: Req) -> Response[Any]:
    return await page(request, "door/link_spent.html", i18n.gettext("title.link_spent"), status=410)


@get("/links/{token:str}", opt=PUBLIC)
async def choose_page(request: Req, token: FromPath[str]) -> Response[Any]:
    link = await queries.link(token, clock.now())
    if link is None:
        return await _spent(request)
    _in_their_language(request, link)
    return await _choose_page(request, link, Form.blank(request, "choose", CHOOSE, {"shared": is_shared(request)}))


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
    keep_shared(request, answer, values["shared"])
    return answer


ROUTES = [
    forgotten_page,
    forgotten,
    forgotten_sent,
    choose_page,
    choose,
]
