"""The cashbook of a day: every payment, tip, refund and fee of a location, with who and when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get

from console import i18n
from console.domain.team.rules import Permission
from console.domain.visits import tills_queries as queries
from console.routes import _tills
from console.routes._guards import needs
from console.routes._listing import Column, Filter, asked, file
from console.routes._page import Req, page
from console.routes._values import date_words


def _what(row: dict[str, Any]) -> str:
    """What a move was for, and that it was undone or is an undo."""
    return ", ".join(filter(None, (row["what"], row["mark"])))


COLUMNS: tuple[Column[dict[str, Any]], ...] = (
    Column("time", "column.cashbook.time", lambda row: row["time"], sorts=False),
    Column("what", "column.cashbook.what", _what, sorts=False),
    Column("why", "column.cashbook.why", lambda row: row["why"], shown=False, sorts=False),
    Column("client", "column.cashbook.client", lambda row: row["client"], sorts=False),
    Column("method", "column.cashbook.method", lambda row: row["method"], sorts=False),
    Column("money", "column.cashbook.money", lambda row: row["amount"], numeric=True, sorts=False),
    Column("currency", "column.cashbook.currency", lambda row: row["currency"], shown=False, sorts=False),
    Column("who", "column.cashbook.who", lambda row: row["who"], sorts=False),
)


@get("/cashbook", opt=needs(Permission.TILL_CLOSE))
async def show(request: Req) -> Response[Any]:
    """`?location=`, `?on=` a date; as a file with `?as=csv` or `?as=xlsx`."""
    here, known = await _tills.chosen(request)
    title = i18n.gettext("title.cashbook")
    if here is None:
        return await page(request, "tills/cashbook.html", i18n.gettext("nav.till"), location=None)
    zone = ZoneInfo(here.zone)
    on = _tills.day_of(request, zone)
    found = await queries.cashbook(here.id, on, zone)
    rows = await _tills.moves(request, found, zone)
    places = [(str(one.id), one.name) for one in known]
    filters = [Filter("location", i18n.gettext("field.location_of"), places), Filter("on", "", day=True)]
    of = replace(asked(request, COLUMNS, filters), rows=rows, total=len(rows))
    if answer := file(request, f"{title} {on.isoformat()} {here.name}", of):
        return answer
    closes = [await _tills.close_row(request, one) for one in await queries.closes_on(here.id, on)]
    return await page(
        request,
        "tills/cashbook.html",
        i18n.gettext("nav.till"),
        asked=of,
        location=here,
        places=known,
        on=on,
        day=i18n.upper_first(date_words(on)),
        rows=rows,
        totals=_tills.totals(request, found),
        closes=closes,
        close_url=f"/tills/of/{here.id}",
    )


ROUTES = [show]
