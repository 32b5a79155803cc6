"""Errors as pages, once: what the domain refuses, what HTTP refuses, and what nobody expected."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import asyncpg
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.response import Redirect
from litestar.types import ASGIApp, ExceptionHandlersMap, Receive, Scope, Send

from console import i18n
from console.config import Settings
from console.domain import errors
from console.domain.team.door import AskedOften, PhoneOften
from console.embedded import NO_ROOM, lacks_room
from console.routes._again import asked_again
from console.routes._bodies import DamagedForm, LongHead, NoForm, Sent, TooManyFields
from console.routes._edge import Left, TooSlow
from console.routes._guards import MethodsAsked, allowed
from console.routes._page import Req, back, frame, rendered, stays, wants_fragment
from console.routes._session import SAFE, Cookies, NotOurForm, TooLate
from console.routes._toasts import Toast

log = logging.getLogger("console.errors")

PASSED_ON = {"allow", "connection", "retry-after"}
"""Headers of a refusal that its page carries, too."""
LARGEST_ID = 2**31 - 1
FULL = {errno.ENOSPC, errno.EDQUOT}
PAGES = {400, 403, 404, 405, 408, 409, 413, 414, 421, 429, 500, 503}
STATUS: list[tuple[type[errors.DomainError], int]] = [
    (errors.Throttled, 429),
    (errors.NotFound, 404),
    (errors.Reserved, 422),
    (errors.Forbidden, 403),
    (NotOurForm, 403),
    (TooLate, 403),
    (errors.Busy, 503),
    (DamagedForm, 400),
    (LongHead, 400),
    (NoForm, 400),
    (TooManyFields, 400),
    (errors.Invalid, 422),
    (errors.DomainError, 409),
]

UNREAD = (DamagedForm, LongHead, NoForm, TooManyFields)


UNTAKEN: dict[type[HTTPException], str] = {
    TooSlow: "refused.too_slow",
    RequestEntityTooLarge: "refused.too_large",
}
"""Keys of the words why the body of a request was not taken."""


def status_of(error: errors.DomainError) -> int:
    """The HTTP status of what the domain refuses."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def error_page(request: Req, status: int, *, headers: dict[str, str] | None = None, **context: Any) -> Response[Any]:
    """The page for a status, in the frame that fits whoever asks."""
    _fall_back_language(request)
    shown = status if status in PAGES else 400
    link = _link(request) if shown == 503 else None
    if link:
        response = _link_busy(request, link)
    else:
        response = rendered(f"errors/{shown}.html", frame(request, str(status)), context, status=status)
    response.headers.update(headers or {})
    return response


def _link(request: Req) -> str | None:
    """The page of a client's link, where something of it was asked for."""
    handler = request.scope.get("route_handler")
    token = request.path_params.get(handler.opt.get("by_link", "")) if handler else None
    return f"{request.url.path.partition(token)[0]}{token}" if token else None


def _link_busy(request: Req, link: str) -> Response[Any]:
    """To somebody who does not sign in: their way back, and no word of ours."""
    answered = request.method not in SAFE
    made = frame(request, i18n.gettext("title.link_busy"))
    return rendered("links/busy.html", made, {"url": link, "answered": answered}, status=503)


def refused(request: Req, error: errors.DomainError) -> Response[Any]:
    """What the domain refuses, in words."""
    status = status_of(error)
    if isinstance(error, errors.Throttled):
        return error_page(
            request,
            status,
            headers={"Retry-After": str(error.seconds)},
            retry_after=wait_words(error),
            step=_step(request),
            asked_often=isinstance(error, AskedOften),
            phone_often=isinstance(error, PhoneOften),
            by_mail=request.app.state.settings.smtp_url is not None,
        )
    if isinstance(error, TooLate):
        return asked_again(request)
    if isinstance(error, errors.HasDependants):
        listed = "; ".join([i18n.words(f"kind.{kind}", {"name": "…"}) for _, kind, _ in error.operations[:5]])
        return error_page(request, status, problem=i18n.words(error.key, {**error.params, "operations": listed}))
    if isinstance(error, (errors.NotFound, errors.Busy)):
        return error_page(request, status)
    if type(error) is errors.Forbidden:
        return error_page(request, status)
    if isinstance(error, UNREAD) and (wants_fragment(request) or not isinstance(error, NoForm)):
        return _unread(request, words_of(error), status)
    return error_page(request, status, problem=words_of(error))


def wait_words(error: errors.Throttled) -> str:
    """When the next attempt counts: in 3 minutes."""
    return i18n.words("words.in_minutes", {"count": max(1, -(-error.seconds // 60))})


def _step(request: Req) -> str:
    """Where at the door somebody is: at the first step (`password`), at the second (`code`), or elsewhere."""
    if request.scope["state"].get("half_signed"):
        return "code"
    return "password" if request.scope["user"] is None and request.url.path == "/sign-in" else ""


def words_of(error: errors.DomainError) -> str:
    """A refusal in a sentence, or the problems of all fields."""
    if isinstance(error, errors.Invalid):
        return " ".join(i18n.problem(what) for what in error.problems.values())
    return i18n.problem(error.problem)


def refused_by_http(request: Req, error: HTTPException) -> Response[Any]:
    """What routing, parsing or the session refuses."""
    if isinstance(error, NotAuthorizedException):
        return _to_the_door(request)
    if isinstance(error, MethodsAsked):
        return Response(b"", status_code=204, headers=error.headers)
    if isinstance(error, Left):
        log.info("the client hung up at %s %s", request.method, request.url.path)
        return Response(b"", status_code=400)
    if error.status_code >= 500:
        return unexpected(request, error)
    headers = {name: value for name, value in (error.headers or {}).items() if name.lower() in PASSED_ON}
    if "allow" in headers:
        headers["allow"] = allowed(headers["allow"].split(", "))
    if type(error) in UNTAKEN:
        return _unread(request, _untaken(request, error), error.status_code, headers)
    if "csrf" not in request.scope["state"]:
        return _Unmet(lambda: error_page(request, error.status_code, headers=headers))
    return error_page(request, error.status_code, headers=headers)


def signed_out(request: Req, error: Exception) -> Response[Any]:
    """A session that ended while its form was on the way."""
    request.scope["state"].setdefault("sent", Sent({}, {}, {}))
    return _Unmet(lambda: asked_again(request))


def _untaken(request: Req, error: HTTPException) -> str:
    """Why a body was not taken; of one that is too large as the form says it at its field, where it does."""
    told = request.scope["route_handler"].opt.get("too_large") if isinstance(error, RequestEntityTooLarge) else None
    return i18n.problem(told) if told else i18n.gettext(UNTAKEN[type(error)])


def _unread(request: Req, why: str, status: int, headers: dict[str, str] | None = None) -> Response[Any]:
    """A form that did not arrive whole: to htmx its page stays, with what was typed; another page cannot know that."""
    _fall_back_language(request)
    if wants_fragment(request):
        said = f"{why} {i18n.gettext('words.typed_stays')}"
        return stays(frame(request, ""), Toast(said, refused=True), status)
    form = back(request, "")
    return error_page(request, status, headers=headers, problem=why, typed=True, form_url=form)


class _Unmet(Response[Any]):
    """A page for which the gate has not looked who asks, or not since the session ended: they stay in their frame."""

    def __init__(self, made: Callable[[], Response[Any]]) -> None:
        super().__init__(b"")
        self.made = made

    def to_asgi_response(self, app: Litestar | None, request: Req, **options: Any) -> ASGIApp:  # type: ignore[override]
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await request.app.state.gate.look(request)
            await self.made().to_asgi_response(app, request, **options)(scope, receive, send)

        return answer


def unreadable(request: Req, error: Exception) -> Response[Any]:
    """A number out of the database's range or a text that it cannot hold: nothing like that exists here."""
    named = any(isinstance(part, int) and part > LARGEST_ID for part in request.path_params.values())
    return error_page(request, 404 if named or request.method in {"GET", "HEAD"} else 400)


def unavailable(request: Req, error: Exception) -> Response[Any]:
    """The database cannot be reached, or all our connections to it are taken."""
    if ended_for_want_of_room(request.app.state.settings, error):
        return disk_full(request, error)
    log.warning("the database cannot be reached: %r", error)
    return error_page(request, 503, headers={"Retry-After": "2"})


def ended_for_want_of_room(settings: Settings, error: Exception) -> bool:
    """Whether a database that cannot be reached ended because its disk takes nothing more, as far as that is known."""
    return any(words in str(error) for words in NO_ROOM) or (settings.embedded and lacks_room(settings.data_dir))


def disk_full(request: Req, error: Exception) -> Response[Any]:
    """The database's disk, or our own, takes nothing more."""
    log.error("the disk is full, so nothing is saved until there is room again: %s", error)
    request.app.state.disk_full = True
    return error_page(request, 503, headers={"Retry-After": "60"}, full=True)


def failed(request: Req, error: OSError) -> Response[Any]:
    """What the system refuses us."""
    return (disk_full if error.errno in FULL else unexpected)(request, error)


def unexpected(request: Req, error: Exception) -> Response[Any]:
    """A fault of ours: logged under an id that the page quotes."""
    error_id = secrets.token_hex(4).upper()
    log.error("error %s at %s %s", error_id, request.method, request.url.path, exc_info=error)
    return error_page(request, 500, error_id=error_id)


def _to_the_door(request: Req) -> Response[Any]:
    state = request.scope.get("state", {})
    url = "/sign-in/code" if state.get("half_signed") else "/sign-in"
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    is_page = request.method in {"GET", "HEAD"} and (
        not wants_fragment(request) or request.headers.get("hx-boosted") == "true"
    )
    going_to = asked if is_page else back(request)
    if going_to != "/":
        url += f"?next={quote(going_to)}"
    if request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true":
        return Response(b"", status_code=200, headers={"HX-Redirect": url})
    return Redirect(url, status_code=303)


async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    """What is asked of a host that is not ours: where the console is, and nothing of what it holds."""
    request: Req = Request(scope, receive, send)
    url = request.app.state.gate.hosts.where(scope)
    answer = error_page(request, 421, url=url or request.app.state.settings.public_url, by_digits=url is not None)
    await answer.to_asgi_response(None, request)(scope, receive, send)


def _fall_back_language(request: Req) -> None:
    """Where nobody could look who asks, the browser says the language."""
    if "csrf" not in request.scope.get("state", {}):
        asked = Cookies(request.app.state.settings).read(request, "language")
        i18n.use(asked if asked in i18n.LANGUAGES else i18n.negotiate(request.headers.get("accept-language", "")))


HANDLERS: ExceptionHandlersMap = {
    errors.DomainError: refused,
    errors.SignedOut: signed_out,
    HTTPException: refused_by_http,
    asyncpg.DataError: unreadable,
    asyncpg.PostgresConnectionError: unavailable,
    asyncpg.InterfaceError: unavailable,
    asyncpg.InternalClientError: unavailable,  # a connection whose server was killed within a statement
    asyncpg.CannotConnectNowError: unavailable,
    asyncpg.LockNotAvailableError: unavailable,
    asyncpg.DeadlockDetectedError: unavailable,
    asyncpg.QueryCanceledError: unavailable,
    asyncpg.TooManyConnectionsError: unavailable,
    asyncpg.AdminShutdownError: unavailable,
    asyncpg.CrashShutdownError: unavailable,
    asyncpg.DiskFullError: disk_full,
    ConnectionError: unavailable,
    OSError: failed,
    asyncio.TimeoutError: unavailable,
    Exception: unexpected,
}
