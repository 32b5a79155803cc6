"""Closing a till: the form that counts, and the sheet that was signed."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.business.queries import LocationView
from console.domain.business.queries import location as location_of
from console.domain.ids import LocationId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.visits import tills, tills_queries
from console.domain.visits.tills_queries import Open
from console.printing import Unprintable
from console.routes import _tills
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._printed import printed
from console.routes._submit import submit
from console.templating import document

OPT = needs(Permission.TILL_CLOSE)
OF = "/tills/of/{location:int}"


async def _show(request: Req, here: LocationView, till: Open, form: Form, status: int = 200) -> Response[Any]:
    form.texts["seen"] = [tills.mark(till)]
    zone = ZoneInfo(here.zone)
    return await page(
        request,
        "tills/new.html",
        i18n.gettext("title.till_close"),
        status=status,
        form=form,
        location=here,
        since=i18n.moment(till.since, zone) if till.since else "",
        first=i18n.moment(till.first, zone) if till.first else "",
        rows=_tills.rows(request, till, form),
        left=await _tills.left(request, here.id, zone),
        action=f"/tills/of/{here.id}",
    )


@get(OF, opt=OPT)
async def new(request: Req, location: FromPath[int]) -> Response[Any]:
    """What the till should hold, to be counted."""
    here = await location_of(LocationId(location))
    till = await tills_queries.open_till(location)
    form = Form.blank(request, "till", await _tills.fields(request, till), _tills.likely(till))
    return await _show(request, here, till, form)


@post(OF, opt=OPT, request_max_body_size=FORM_LIMIT)
async def close(request: Req, location: FromPath[int]) -> Response[Any]:
    """Count it, if nothing went into it since it was shown."""
    here = await location_of(LocationId(location))
    till = await tills_queries.open_till(location)

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        stands = await tills_queries.open_till(location)
        form.spec = await _tills.fields(asked, stands)
        return await _show(asked, here, stands, form, status)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        return await tills.close(intent, LocationId(location), values["seen"] or "", _tills.counts(till, values))

    return await submit(
        request,
        "till",
        await _tills.fields(request, till),
        act=act,
        show=again,
        then=lambda done: f"/tills/{done['till_close']}",
    )


@get("/tills/{close:int}", opt=OPT)
async def show(request: Req, close: FromPath[int]) -> Response[Any]:
    """The sheet of a close, to be printed again: as a document with `?as=pdf`."""
    one = await tills_queries.close_of(close)
    title = i18n.words("title.till_closed", {"location": one.name, "day": i18n.weekday_and_date(one.on)})
    row = await _tills.close_row(request, one)
    row["facts"] += await _tills.left_then(one)
    if request.query_params.get("as") == "pdf":
        called = request.scope["state"]["business"].name
        html = document("pdf/till.html", title=title, business=called, close=row)
        return await printed(request, html, f"{title}.pdf", Unprintable)
    back = f"/cashbook?location={one.location}&on={one.on.isoformat()}"
    return await page(request, "tills/close.html", title, close=row, back=back)


ROUTES = [new, close, show]
