"""Locations: the list, opening one, changing it, closing it and opening it again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.business import actions, queries, rules
from console.domain.ids import LocationId
from console.domain.team.rules import Permission
from console.routes import _fees, _to_move
from console.routes import _fields as f
from console.routes._choices import only_zone, zone_of, zones
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._hours import hours, week_words
from console.routes._page import Req, page
from console.routes._submit import Saved, Show, press, submit

LIST = "/settings/locations"
OPT = needs(Permission.LOCATION_CHANGE)
WORKING_DAYS = 5

LOCATION = (
    f.text("name", limit=80, label="field.location_name"),
    f.area("address", required=False, limit=300),
    f.phone("phone", required=False),
    f.choice("zone", zones),
    f.whole("notice_hours", 0, 720, hint="hint.notice_hours"),
    *(hours(weekday) for weekday in rules.WEEKDAYS),
)


@get(LIST, opt=OPT)
async def listed(request: Req) -> Response[Any]:
    rows = [
        {"location": one, "zone": i18n.zone_name(one.zone), "week": week_words(one.hours)}
        for one in await queries.locations()
    ]
    return await page(request, "locations/list.html", i18n.gettext("title.locations"), rows=rows)


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    return await page(request, "locations/new.html", i18n.gettext("title.location_new"), status=status, form=form)


@get(f"{LIST}/new", opt=OPT)
async def new(request: Req) -> Response[Any]:
    known = (await queries.open_locations())[:1]
    zone = known[0].zone if known else only_zone(i18n.region() or "")
    likely = {"zone": zone, "notice_hours": known[0].notice_hours if known else rules.USUAL_NOTICE}
    values = {**likely, **_days(known[0].hours if known else rules.USUAL_HOURS)}
    return await _new(request, Form.blank(request, "location", LOCATION, values))


def _days(week: rules.Week) -> dict[str, Any]:
    return dict(zip(rules.WEEKDAYS, week, strict=True))


def _place(values: dict[str, Any]) -> actions.Place:
    week = tuple(values[weekday] for weekday in rules.WEEKDAYS)
    names = ("name", "address", "phone", "notice_hours")
    return actions.Place(hours=week, zone=zone_of(values["zone"]), **{name: values[name] for name in names})


async def _with_monday_copied(request: Req, show: Show) -> Response[Any] | None:
    """The form as it was typed, with Monday's hours on the other working days, where that button was pressed."""
    if not (await read_body(request)).first("copy"):
        return None
    form = await Form.read(request, "location", LOCATION)
    for weekday in rules.WEEKDAYS[1:WORKING_DAYS]:
        form.texts[weekday] = list(form.texts["monday"])
    response = await show(request, form, 200)
    response.headers.update({"HX-Push-Url": "false", "HX-Reswap": "outerHTML show:none"})
    return response


@post(LIST, opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await _with_monday_copied(request, _new) or await submit(
        request,
        "location",
        LOCATION,
        act=lambda intent, values: actions.add_location(intent, _place(values)),
        show=_new,
        then=LIST,
        saved=lambda ids: _saved(ids["location"]),
        fresh=lambda ids: f"{LIST}/{ids['location']}",
    )


async def _saved(location: int) -> Saved:
    one = await queries.location(location)
    return Saved({**asdict(one), **_days(one.hours)}, one.version, one.operation, one.name)


async def _shown(request: Req, location: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.location(location)
    others = [other for other in await queries.locations() if other.retired_at is None and other.id != one.id]
    since = one.retired_at and i18n.moment(one.retired_at, request.scope["state"]["business"].zone)
    return await page(
        request,
        "locations/location.html",
        one.name,
        status=status,
        form=form,
        location=one,
        closed_since=since,
        may_close=bool(others),
        expected=await _to_move.expected_at(LocationId(location)) if others and not since else None,
        fees=await _fees.rules_facts(location),
        astray=await _to_move.callout(request, LocationId(location)),
    )


@get(f"{LIST}/{{location:int}}", opt=OPT)
async def show(request: Req, location: FromPath[int]) -> Response[Any]:
    saved = await _saved(location)
    return await _shown(request, location, Form.blank(request, "location", LOCATION, saved.values, saved.version))


@post(f"{LIST}/{{location:int}}", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req, location: FromPath[int]) -> Response[Any]:
    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        return await _shown(asked, location, form, status)

    return await _with_monday_copied(request, again) or await submit(
        request,
        "location",
        LOCATION,
        act=lambda intent, values: actions.change_location(
            intent, LocationId(location), values["version"], _place(values)
        ),
        show=again,
        then=f"{LIST}/{location}",
        saved=lambda _: _saved(location),
    )


@post(f"{LIST}/{{location:int}}/closure", opt=OPT)
async def closure(request: Req, location: FromPath[int]) -> Response[Any]:
    """Close the location."""
    return await press(request, lambda intent: actions.close_location(intent, LocationId(location)), LIST)


@post(f"{LIST}/{{location:int}}/reopening", opt=OPT)
async def reopening(request: Req, location: FromPath[int]) -> Response[Any]:
    """Open a closed location again."""
    return await press(request, lambda intent: actions.reopen_location(intent, LocationId(location)), LIST)


ROUTES = [listed, new, add, show, change, closure, reopening]
