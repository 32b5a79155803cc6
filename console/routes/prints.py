"""Prints of the programme: which there are, asking for one, waiting for it, and each as it was handed out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from console import i18n, prints
from console.config import Settings
from console.domain.errors import NotFound
from console.domain.loyalty.queries import VersionView
from console.domain.policies import queries
from console.domain.policies.queries import PrintedView
from console.domain.policies.rules import PAPERS, Sheet, offered
from console.domain.team.rules import Permission
from console.routes import _page
from console.routes._guards import needs
from console.routes._made import Made
from console.routes._page import Req, page

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


@get(PATH, opt=READ)
async def show(request: Req) -> Response[Any]:
    """The documents of a version, and those that were handed out."""
    config: Settings = request.app.state.settings
    try:
        one = await _version(request)
    except NotFound:
        if "version" in request.query_params:
            raise
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
    return await MADE.ask(made)


@get(PATH + "/made/{digest:str}", opt=READ)
async def made(request: Req, digest: FromPath[str]) -> Response[Any]:
    """How far a print is, and the print itself once it is there."""
    if request.query_params.get("as") == "pdf":
        return await MADE.pdf(digest)
    sheet, state = await MADE.state(digest)
    return await page(request, "prints/made.html", _title(sheet), all=PATH, **state)


@get(PATH + "/made/{digest:str}/progress", opt={**READ, "unattended": True})
async def progress(request: Req, digest: FromPath[str]) -> Response[Any]:
    """The part of that page that changes while one waits."""
    return await MADE.progress(request, digest)


def _title(sheet: Sheet) -> str:
    words = i18n.gettext(WORDS[sheet.document][0])
    return f"{words}, {i18n.NAMES[sheet.language]}, {sheet.paper.upper()}"


MADE = Made(f"{PATH}/made", lambda sheet: sheet.visit is None, _title)


def _row(request: Req, one: PrintedView) -> dict[str, Any]:
    zone = request.scope["state"]["business"].zone
    return {
        "title": _title(one.sheet),
        "number": one.number,
        "withdrawn": one.withdrawn,
        "when": i18n.lately(one.at, zone, _page.today(request)),
        "url": MADE.pdf_url(one.hash),
    }


ROUTES = [show, ask, made, progress]
