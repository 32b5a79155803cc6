"""The receipt of a visit: asked for by a link, waited for, and each as it was handed out."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from console import i18n
from console.domain.clients import queries as clients
from console.domain.errors import NotFound
from console.domain.policies import queries
from console.domain.policies.queries import PrintedView
from console.domain.policies.rules import RECEIPT_PAPERS, Sheet
from console.domain.visits import cards
from console.domain.visits.cards import VisitView
from console.routes import _bookings as bookings
from console.routes import _receipt, visits
from console.routes._made import Made
from console.routes._page import Req, page

ONE = f"{visits.ONE}/receipt"
MADE = f"{visits.ONE}/receipts/{{digest:str}}"


@get(ONE, opt=visits.READ)
async def ask(request: Req, visit: FromPath[int]) -> Response[Any]:
    """Have it printed, unless it is there, and go where it is waited for: `?paper=&language=`."""
    one = await cards.visit(visit)
    given = request.query_params
    language = given.get("language") or await _language(one)
    paper = given.get("paper") or RECEIPT_PAPERS[0]
    if language not in i18n.LANGUAGES or paper not in RECEIPT_PAPERS:
        raise NotFound
    return await _made(one).ask(await _receipt.composed(one, language, paper))


async def _language(one: VisitView) -> str:
    """The language that the client reads, else that of whoever prints it."""
    client = await clients.client(one.client) if one.client is not None else None
    return client.language if client and client.language else i18n.current()


def _made(one: VisitView) -> Made:
    def title(sheet: Sheet) -> str:
        return f"{_receipt.title_of(one)}, {_kind(sheet)}"

    return Made(f"{visits.url(one.id)}/receipts", lambda sheet: sheet.visit == one.id, title)


def _kind(sheet: Sheet) -> str:
    return f"{i18n.NAMES[sheet.language]}, {i18n.gettext(visits.PAPER_WORDS[sheet.paper])}"


@get(MADE, opt=visits.READ)
async def made(request: Req, visit: FromPath[int], digest: FromPath[str]) -> Response[Any]:
    """How far a receipt is, the same in other languages and on other paper, and the receipt once it is there."""
    one = await cards.visit(visit)
    there = _made(one)
    if request.query_params.get("as") == "pdf":
        return await there.pdf(digest)
    sheet, state = await there.state(digest)
    return await page(
        request,
        "visits/receipt.html",
        _receipt.title_of(one),
        base=visits.url(one.id),
        of=await visits.title_of(one),
        kind=_kind(sheet),
        others=_others(request, one, sheet),
        handed_out=[_row(one, there, kept) for kept in await queries.receipts(one.id)],
        **state,
    )


def _others(request: Req, one: VisitView, shown: Sheet) -> list[dict[str, str]]:
    """The other receipts of the visit that there may be."""
    languages = request.scope["state"]["business"].languages
    return [
        {"url": f"{visits.url(one.id)}/receipt?paper={paper}&language={language}", "label": _kind(other)}
        for language in languages
        for paper in RECEIPT_PAPERS
        if (other := Sheet(shown.document, language, paper, None, one.id)) != shown
    ]


def _row(one: VisitView, there: Made, kept: PrintedView) -> dict[str, str]:
    return {
        "title": _kind(kept.sheet),
        "when": i18n.lately(kept.at, one.zone, bookings.today(one.zone)),
        "url": there.pdf_url(kept.hash),
    }


@get(f"{MADE}/progress", opt={**visits.READ, "unattended": True})
async def progress(request: Req, visit: FromPath[int], digest: FromPath[str]) -> Response[Any]:
    """The part of that page that changes while one waits."""
    return await _made(await cards.visit(visit)).progress(request, digest)


ROUTES = [ask, made, progress]
