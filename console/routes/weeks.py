"""Everybody's week on one page, to look at, to print, and as a PDF."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from console import i18n
from console.domain.roster import queries
from console.domain.roster.queries import BookableView
from console.printing import WeekUnprintable, check_rows
from console.routes import _page, _team
from console.routes._page import Req, page
from console.routes._printed import printed
from console.routes._team import READ, WEEK
from console.templating import document


@get(WEEK, opt=READ)
async def week(request: Req) -> Response[Any]:
    everybody = [one for one in await queries.bookables() if one.retired_at is None]
    if request.query_params.get("as") == "pdf":
        return await week_pdf(request, everybody)
    first = _team.monday(request)
    return await page(
        request,
        "bookables/week.html",
        i18n.gettext("title.week"),
        week=await _team.week_of(request, everybody, first),
        links=_team.week_links(WEEK, first, _page.today(request)),
        tabs=_team.tabs(WEEK),
    )


async def week_pdf(request: Req, bookables: list[BookableView]) -> Response[Any]:
    """The week that was asked for as a document to look at."""
    check_rows(len(bookables))
    shown = await _team.week_of(request, bookables, _team.monday(request))
    title = bookables[0].name if len(bookables) == 1 else i18n.gettext("title.week")
    html = document("pdf/week.html", title=title, business=request.scope["state"]["business"].name, week=shown)
    return await printed(request, html, f"{title}, {shown['title']}.pdf", WeekUnprintable)


ROUTES = [week]
