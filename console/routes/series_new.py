"""A booking that comes again: the form with its next dates beside it, and taking it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post

from console import i18n
from console.domain.booking import series, series_views
from console.domain.business.queries import open_locations
from console.domain.errors import Invalid, Problem
from console.domain.intent import Intent, Outcome
from console.routes import _doing, _series, _series_form, _whom
from console.routes._bookings import CHANGE
from console.routes._fields import Field
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._page import Req, frame, page, rendered, wants_fragment
from console.routes._series_form import NAME
from console.routes._submit import Saved, submit


@get("/series/new", opt=CHANGE)
async def new(request: Req) -> Response[Any]:
    if not await open_locations():
        return await page(request, "agenda/nowhere.html", i18n.gettext("title.series_new"))
    spec = await _series_form.fields(request)
    return await _series_form.show(request, Form.blank(request, NAME, spec, await _series_form.begun(request)))


@get("/series/dates", opt=CHANGE)
async def dates(request: Req) -> Response[Any]:
    """The next dates, beside the form while it is being typed; without htmx the whole form."""
    form = Form.asked(request, NAME, await _series_form.fields(request))
    if not wants_fragment(request):
        return await _series_form.show(request, form)
    part = await _series_form.dates_part(form)
    return rendered("series/_dates.html", frame(request, ""), part, status=200)


@get("/series/clients", opt=CHANGE)
async def clients(request: Req) -> Response[Any]:
    """Who was found, or who was chosen, while it is being typed; without htmx the whole form."""
    form = Form.asked(request, NAME, await _series_form.fields(request))
    if not wants_fragment(request):
        return await _series_form.show(request, form)
    return await _whom.answered(request, form, _series_form.CLIENTS)


@post("/series", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    """Book it; or only look: for a client, at the dates, at another time that was pressed. A newcomer is taken in."""
    spec = await _series_form.fields(request)
    sent = await read_body(request)
    find = sent.first("find")
    if find:
        form = await Form.read(request, NAME, spec)
        if find == "another":
            form.texts["client"] = []
        elif (at := find.split(" "))[0] and len(at) == 2:
            form.texts |= {"on": at[:1], "time": at[1:]}
        return await _series_form.show(request, form, pressed=find)
    return await _take_in_and_begin(request, spec)


async def _take_in_and_begin(request: Req, spec: Sequence[Field]) -> Response[Any]:
    taken_in: list[int] = []

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        if problems := _missing(values):
            raise Invalid(problems)
        try:
            if not values["client"]:
                asked, rule = _series_form.asked_of(values), _series_form.rule_of(values)
                look = series.look(intent.now, asked, values["time"], rule)
                taken_in.append(await _whom.take_in(intent, values, look))
                values = {**values, "client": taken_in[0]}
            return await _begin(intent, values)
        except Invalid as wrong:
            names = {"starts": "time", "services": "services_1_service"}
            raise Invalid({names.get(name, name): what for name, what in wrong.problems.items()}) from wrong

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        if taken_in:
            form.texts["client"] = [str(taken_in[0])]
        return await _series_form.show(asked, form, status)

    return await submit(
        request,
        NAME,
        spec,
        act=act,
        show=again,
        then=lambda ids: _series.url(ids["series"]),
        saved=lambda ids: _saved(ids["series"]),
        fresh=lambda ids: _series.url(ids["series"]),
    )


def _missing(values: dict[str, Any]) -> dict[str, Problem]:
    """What the form lacks to book anything."""
    problems = _whom.missing(values)
    if not _series_form.asked_of(values).services:
        problems["services_1_service"] = Problem("problem.required")
    return problems


async def _begin(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
    return await series.begin(intent, _series_form.asked_of(values), values["time"], _series_form.rule_of(values))


async def _saved(of: int) -> Saved:
    """The values of the form of a series that stands."""
    one = await series_views.one_series(of)
    rule = one.rule
    values = {
        "client": one.client,
        "place": one.asked.location,
        "on": rule.starts_on,
        "time": one.minute,
        "every": rule.every,
        "unit": rule.unit.value,
        "weekdays": rule.weekdays,
        "until": rule.until,
        "count": rule.count,
        "on_holiday": rule.on_holiday.value,
        "source": one.asked.source.value,
        "note": one.asked.note,
        "site": one.asked.site,
        **_doing.filled((each.service, each.by) for each in one.asked.doing),
    }
    return Saved(values, one.version, one.operation)


ROUTES = [new, dates, clients, add]
