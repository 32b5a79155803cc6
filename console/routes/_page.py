"""Answers: a page in its frame (whole, or as a fragment for htmx), and a redirect after something was done."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote, unquote

from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect, Template

from console import i18n
from console.config import Settings
from console.domain import clock
from console.domain.intent import Outcome
from console.domain.messages import outbox_queries
from console.domain.team import mail
from console.domain.team.queries import Signed
from console.domain.team.rules import Permission, may_manage
from console.domain.tickets import listing
from console.domain.waiting import Waiting
from console.routes._session import SAFE, THEMES, Cookies, host_of
from console.routes._toasts import Toast, toast_of

TOAST_SECONDS = 60
PASSED_ON = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path", "extensions")
"""What a page that is asked for from the application itself takes over of the request."""
PANEL = "panel"
"""The id of the agenda's panel."""

Req = Request[Any, Any, Any]


def today(request: Req) -> date:
    """The date of the business, where its first location is. What is at a location has the date of that one."""
    return clock.business_date(clock.now(), request.scope["state"]["business"].zone)


@dataclass
class Item:
    """An entry of the navigation. `count`: how much waits there, and `told` what; `urgent`: too long by now."""

    label: str
    url: str
    icon: str
    current: bool = False
    count: int | None = None
    urgent: bool = False
    told: str = ""


@dataclass
class Person:
    name: str
    role: str
    initials: str
    profile_url: str


@dataclass(frozen=True)
class Idle:
    """After how many seconds without a touch a shared desk goes to the door, and by which address."""

    seconds: int
    url: str


@dataclass
class Frame:
    """What surrounds the content of every page; see templates/layouts.

    `asks`: the id of the part that htmx asks for; `panel`: the page, or a part of it, stands in the agenda's panel.
    `may`: whether the person has a permission. `answer`: it answers a form, and what was typed stands in it alone.
    """

    title: str
    csrf: str
    language: str
    languages: list[dict[str, Any]]
    theme: str
    business: dict[str, Any]
    htmx: dict[str, str]
    fragment: bool
    demo: bool
    person: Person | None = None
    nav: list[Item] = field(default_factory=list)
    settings_nav: list[Item] = field(default_factory=list)
    search_url: str | None = None
    toast: Toast | None = None
    asks: str = ""
    panel: bool = False
    answer: bool = False
    idle: Idle | None = None
    may: Callable[[str], bool] = lambda permission: False


SETTINGS_PAGES: Sequence[tuple[str, str, str, Permission]] = (
    ("nav.business", "/settings/business", "business", Permission.BUSINESS_CHANGE),
    ("nav.locations", "/settings/locations", "place", Permission.LOCATION_CHANGE),
    ("nav.holidays", "/settings/holidays", "holidays", Permission.HOLIDAY_CHANGE),
    ("nav.reasons", "/settings/reasons", "note", Permission.BUSINESS_CHANGE),
    ("nav.messages", "/settings/messages", "mail", Permission.BUSINESS_CHANGE),
    ("nav.tickets", "/settings/tickets", "tickets", Permission.TICKET_SETTINGS),
    ("nav.payment_methods", "/settings/payment-methods", "card", Permission.BUSINESS_CHANGE),
    ("nav.import", "/settings/import", "upload", Permission.IMPORT_RUN),
    ("nav.staff", "/settings/staff", "staff", Permission.STAFF_READ),
    ("nav.history", "/settings/history", "clock", Permission.AUDIT_READ),
    ("nav.mailbox", "/settings/mailbox", "mail", Permission.MAILBOX_READ),
)
"""Key of the word, address, icon and permission of each page of the settings."""

_TILL = "/(cashbook|tills|visits)|/bookings/[^/]+/visit$|/operations/[^/]+/consequences$"
RAIL: Sequence[tuple[str, str, str, Permission | None, str]] = (
    ("nav.overview", "/", "home", None, "/(hours)?$"),
    ("nav.agenda", "/agenda", "agenda", Permission.BOOKING_READ, "/(agenda|bookings|series|visits|operations)"),
    ("nav.clients", "/clients", "clients", Permission.CLIENT_READ, "/(clients|fees)"),
    ("nav.tickets", "/tickets", "tickets", Permission.TICKET_READ, "/tickets"),
    ("nav.programme", "/programme", "programme", Permission.PROGRAMME_READ, "/programme"),
    ("nav.outbox", "/messages", "messages", Permission.CLIENT_READ, "/messages"),
    ("nav.till", "/cashbook", "card", Permission.TILL_CLOSE, _TILL),
    ("nav.catalogue", "/catalogue/services", "catalogue", Permission.CATALOGUE_READ, "/catalogue"),
    ("nav.team", "/team/people", "staff", Permission.ROSTER_READ, "/team"),
)
"""Key of the word, address, icon, permission and pages of each entry; a page is of the last entry that has it."""


def _rail(signed: Signed, path: str) -> list[Item]:
    seen = [one for one in RAIL if one[3] is None or signed.actor.may(one[3])]
    here = [url for _, url, _, _, pages in seen if re.match(pages, path)][-1:]
    return [Item(i18n.gettext(key), url, icon, current=url in here) for key, url, icon, _, _ in seen]


def settings_items(request: Req) -> list[Item]:
    """The pages of the settings that the signed-in person may open."""
    signed: Signed | None = request.scope.get("user")
    config: Settings = request.app.state.settings
    path = request.url.path
    return [
        Item(i18n.gettext(key), url, icon, current=path == url or path.startswith(url + "/"))
        for key, url, icon, permission in SETTINGS_PAGES
        if signed and signed.actor.may(permission) and (url != "/settings/mailbox" or not config.smtp_url)
    ]


def frame(request: Req, title: str) -> Frame:
    """The frame of a page; also for errors, with whatever of the session is known."""
    state = request.scope.get("state", {})
    config: Settings = request.app.state.settings
    signed: Signed | None = request.scope.get("user")
    facts = state.get("business")
    language = i18n.current()
    theme = Cookies(config).read(request, "theme")
    answer = request.method not in SAFE or "refused" in state
    made = Frame(
        title=title,
        csrf=state.get("csrf", ""),
        language=language,
        languages=[
            {"code": code, "label": i18n.NAMES[code], "url": None, "current": code == language}
            for code in (facts.languages if facts and not answer else ())
        ],
        theme=theme if theme in THEMES else THEMES[0],
        business={"name": facts.name if facts else "Fifth Visit", "logo_url": facts.logo_url if facts else None},
        htmx={"url": config.htmx_url, "integrity": config.htmx_integrity},
        fragment=wants_fragment(request),
        asks=request.headers.get("hx-target", "") if wants_fragment(request) else "",
        demo=bool(facts and facts.demo),
        answer=answer,
    )
    if signed:
        path = request.url.path
        settings = settings_items(request)
        made.person = Person(signed.name, i18n.gettext(f"role.{signed.role}"), initials(signed.name), "/profile")
        made.nav = _rail(signed, path)
        if settings:
            made.nav.append(
                Item(i18n.gettext("nav.settings"), settings[0].url, "settings", current=path.startswith("/settings"))
            )
        made.settings_nav = settings if path.startswith("/settings") else []
        made.search_url = "/search"
        made.idle = _idle(request, signed)
        made.may = signed.actor.may
    return made


def _idle(request: Req, signed: Signed) -> Idle | None:
    asked = address(request) if request.method == "GET" else back(request)
    return Idle(signed.idle_seconds, f"/session?next={quote(asked)}") if signed.shared else None


def address(request: Req) -> str:
    """The path that was asked for, with its query."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def wants_fragment(request: Req) -> bool:
    """Whether htmx asked for the page's own part; a restored history entry always gets the whole page."""
    headers = request.headers
    return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"


async def page(
    request: Req,
    template: str,
    title: str,
    *,
    status: int = 200,
    cookies: Sequence[Cookie] = (),
    panel: bool = False,
    **context: Any,
) -> Response[Any]:
    """Render a page. The toast of what was just done is shown once. `panel`: the agenda's panel may show it."""
    made = frame(request, title)
    made.panel = panel and made.asks not in ("", "page")
    jar = list(cookies)
    if made.person:
        _count_links(made, len(await links_waiting(request)))
        if made.asks in ("", "page"):
            await _count_waiting(made, request.user)
        made.toast = await toast_of(request)
        ours = Cookies(request.app.state.settings)
        if made.toast or ours.read(request, "done"):
            jar.append(ours.make("done", "", 0))
    pushed = status == 200 and not made.panel
    return rendered(template, made, context, status=status, cookies=jar, push=address(request) if pushed else None)


async def links_waiting(request: Req) -> list[mail.Waiting]:
    """The links that the signed-in person may hand over, where no mail server brings them."""
    signed: Signed = request.user
    if request.app.state.settings.smtp_url or not signed.actor.may(Permission.STAFF_CHANGE):
        return []
    return [one for one in await mail.waiting(clock.now()) if may_manage(signed.role, one.role)]


def _count_links(made: Frame, count: int) -> None:
    """Say in the navigation that links wait: at the settings, and there at the mailbox, or at the accounts."""
    if not count:
        return
    lists = [one for one in made.settings_nav if one.url in {"/settings/staff", "/settings/mailbox"}]
    for item in [*(one for one in made.nav if one.icon == "settings"), *lists[-1:]]:
        item.count, item.urgent = count, True


WAITING: Mapping[str, tuple[Callable[[Signed], Awaitable[Waiting]], str]] = {
    "tickets": (lambda signed: listing.waiting(signed.actor.id), "words.tickets_wait"),
    "messages": (lambda signed: outbox_queries.to_see_to(clock.now()), "words.messages_wait"),
}
"""By the icon of an entry of the navigation how much waits there, and the key of what it is."""


async def _count_waiting(made: Frame, signed: Signed) -> None:
    """Say in the navigation what waits for the signed-in person, or for anybody."""
    for item in made.nav:
        if item.icon in WAITING:
            read, key = WAITING[item.icon]
            waiting = await read(signed)
            if waiting.count:
                item.count, item.urgent, item.told = waiting.count, waiting.late, i18n.gettext(key)


def rendered(
    template: str,
    made: Frame,
    context: dict[str, Any],
    *,
    status: int,
    cookies: Sequence[Cookie] = (),
    push: str | None = None,
) -> Response[Any]:
    """Render a template in a frame; `push` is the address that htmx shows for a fragment."""
    headers = {"Vary": "HX-Request, HX-Target, Cookie, Accept-Language"}
    if made.fragment and push:
        headers["HX-Push-Url"] = push
    if made.asks == PANEL and not made.panel:
        headers.update({"HX-Retarget": "#page", "HX-Reswap": "outerHTML show:window:top"})
    return Template(
        template_name=template,
        context={"frame": made, **context},
        status_code=status,
        headers=headers,
        cookies=list(cookies),
    )


def done(request: Req, url: str, outcome: Outcome[Any] | None = None, *, cookies: Sequence[Cookie] = ()) -> Redirect:
    """Go to a page after something was done; it shows what was done, with Undo where there is one, or that nothing was
    to be done.
    """
    jar = list(cookies)
    if outcome is not None:
        jar.append(Cookies(request.app.state.settings).make("done", str(outcome.operation_id), TOAST_SECONDS))
    return Redirect(url, status_code=303, cookies=jar)


def stays(made: Frame, toast: Toast, status: int) -> Response[Any]:
    """To htmx: the page beneath stays as it is, with what was typed, and a toast says why nothing was done."""
    made.toast = toast
    response = rendered("errors/_toast.html", made, {}, status=status)
    response.headers.update({"HX-Retarget": "#toasts", "HX-Reswap": "innerHTML"})
    return response


async def shown_again(request: Req, url: str, refusal: Toast, status: int) -> Response[Any] | None:
    """The page that a form was sent from, as it stands now, with why nothing was done; None if there is none.

    The page is asked for from the application itself, by the same browser.
    """
    path, _, query = url.partition("?")
    scope = {
        **{name: request.scope[name] for name in PASSED_ON if name in request.scope},  # type: ignore[literal-required]
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [one for one in request.scope["headers"] if not one[0].startswith(b"content-")],
        "state": {"refused": refusal},
    }
    sent: list[Any] = []

    async def nothing() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def keep(message: Any) -> None:
        sent.append(message)

    await request.app(scope, nothing, keep)  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    if sent[0]["status"] != 200 or not headers.get("content-type", "").startswith("text/html"):
        return None
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Response(body, status_code=status, media_type=MediaType.HTML, headers={"Vary": headers.get("vary", "")})


def back(request: Req, otherwise: str = "/") -> str:
    """The page of ours that a form was sent from."""
    referer = request.headers.get("hx-current-url") or request.headers.get("referer") or ""
    host = host_of(referer)
    ours = (request.headers.get("host"), host_of(request.app.state.settings.public_url))
    if not host or host not in ours:
        return otherwise
    return local(referer.partition(host)[2].partition("#")[0] or "/", otherwise)


def local(url: str, otherwise: str = "/") -> str:
    """The url if it stays on this site."""
    safe = url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable()
    return url if safe and len(url) < 1000 else otherwise


def initials(name: str) -> str:
    return "".join(part[0] for part in name.split()[:2]).upper()
