"""Prints of the programme: which there are, asking for one, waiting for it, and each as it was handed out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Redirect

from console import i18n, prints
from console.config import Settings
from console.domain import clock
from console.domain.errors import NotFound
from console.domain.loyalty.queries import VersionView
from console.domain.policies import jobs, queries
from console.domain.policies.queries import PrintedView, Waiting
from console.domain.policies.rules import PAPERS, Sheet, offered
from console.domain.team.rules import Permission
from console.routes import _page
from console.routes._guards import needs
from console.routes._listing import download
from console.routes._page import Req, frame, page, rendered

READ = needs(Permission.PROGRAMME_READ)
PATH = "/programme/prints"
DRAFT = "draft"
WORDS = {
    "rules": ("words.print_rules", "hint.print_rules"),
    "poster": ("words.print_poster", "hint.print_poster"),
    "stamps": ("words.print_stamps", "hint.print_stamps"),
    "procedures": ("words.print_procedures", "hint.print_procedures"),
}
"""What each document is called, and what it is for."""
KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}
"""What is kept under a hash never changes."""


@get(PATH, opt=READ)
async def show(request: Req) -> Response[Any]:
    """The documents of a version, and those that were handed out."""
    config: Settings = request.app.state.settings
    try:
        one = await _version(request)
    except NotFound:
        one = None
    return await page(
        request,
        "prints/page.html",
        i18n.gettext("title.prints"),
        one=one,
        documents=[_document(request, one, name) for name in offered(one.programme)] if one else [],
        handed_out=[_row(request, kept) for kept in await queries.handed_out()],
        only_here=config.only_here,
    )


async def _version(request: Req) -> VersionView:
    """The version that is asked for, else the one in force, the next one, or the draft. Raises `NotFound`."""
    asked = request.query_params.get("version", "")
    if asked == DRAFT:
        return await queries.named(0)
    if asked:
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
        if not number:
            raise NotFound
        return await queries.named(number)
    return await queries.standing(_page.today(request))


def _document(request: Req, one: VersionView, name: str) -> dict[str, Any]:
    facts = request.scope["state"]["business"]
    version = one.number or DRAFT
    return {
        "name": name,
        "title": i18n.gettext(WORDS[name][0]),
        "about": i18n.gettext(WORDS[name][1]),
        "links": [
            {
                "url": f"{PATH}/{name}?{urlencode({'version': version, 'language': language, 'paper': paper})}",
                "label": f"{i18n.NAMES[language]}, {paper.upper()}" if len(PAPERS[name]) > 1 else i18n.NAMES[language],
            }
            for paper in PAPERS[name]
            for language in facts.languages
        ],
    }


@get(PATH + "/{document:str}", opt=READ)
async def ask(request: Req, document: FromPath[str]) -> Response[Any]:
    """Have a document printed, unless it is there, and go where it is waited for."""
    if document not in PAPERS:
        raise NotFound
    given = request.query_params
    language, paper = given.get("language", i18n.current()), given.get("paper", PAPERS[document][0])
    one = await _version(request)
    if language not in i18n.LANGUAGES:
        raise NotFound
    ground = await queries.ground(one.effective_from or _page.today(request))
    wanted = Sheet(document, language, paper, one.id)
    made = await prints.composed(wanted, one, ground, request.app.state.settings.public_url)
    if await queries.printed(made.digest) is None:
        await jobs.ask(made.digest, wanted, made.html, clock.now())
    return Redirect(f"{PATH}/made/{made.digest.hex()}", status_code=303)


@get(PATH + "/made/{digest:str}", opt=READ)
async def made(request: Req, digest: FromPath[str]) -> Response[Any]:
    """How far a print is, and the print itself once it is there."""
    asked = _digest(digest)
    if request.query_params.get("as") == "pdf":
        return await _pdf(asked)
    state = await _state(request, asked)
    return await page(request, "prints/made.html", state.pop("title"), **state)


@get(PATH + "/made/{digest:str}/progress", opt={**READ, "unattended": True})
async def progress(request: Req, digest: FromPath[str]) -> Response[Any]:
    """The part of that page that changes while one waits."""
    state = await _state(request, _digest(digest))
    return rendered("prints/_state.html", frame(request, state.pop("title")), state, status=200)


def _digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        raise NotFound from None
    if len(digest) != 32 or digest.hex() != text:
        raise NotFound
    return digest


async def _pdf(digest: bytes) -> Response[Any]:
    kept, content = await queries.printed(digest), await queries.content(digest)
    if kept is None or content is None:
        raise NotFound
    answer = download(content, "application/pdf", f"{_title(kept.sheet)}.pdf", inline=True)
    answer.headers.update(KEPT)
    return answer


async def _state(request: Req, digest: bytes) -> dict[str, Any]:
    kept: PrintedView | Waiting | None = await queries.printed(digest)
    waits = None if kept else await queries.waiting(digest, clock.now())
    # Between the two looks it may have been finished: then it is there.
    found = kept or waits or await queries.printed(digest)
    if found is None:
        raise NotFound
    url = f"{PATH}/made/{digest.hex()}"
    return {"title": _title(found.sheet), "url": url, "waits": waits, "failed": _failed(waits), "all": PATH}


def _failed(waits: Waiting | None) -> str | None:
    return i18n.gettext(waits.failed) if waits and waits.failed else None


def _title(sheet: Sheet) -> str:
    words = i18n.gettext(WORDS[sheet.document][0])
    return f"{words}, {i18n.NAMES[sheet.language]}, {sheet.paper.upper()}"


def _row(request: Req, one: PrintedView) -> dict[str, Any]:
    zone = request.scope["state"]["business"].zone
    return {
        "title": _title(one.sheet),
        "number": one.number,
        "when": i18n.lately(one.at, zone, _page.today(request)),
        "url": f"{PATH}/made/{one.hash.hex()}?as=pdf",
    }


ROUTES = [show, ask, made, progress]
