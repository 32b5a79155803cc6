"""Weekly hours of somebody or something at a location, from a date on."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.business import rules
from console.domain.business.queries import LocationView, location, locations
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookableId, LocationId
from console.domain.intent import Intent, Outcome
from console.domain.roster import actions, queries
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._hours import hours
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit
from console.routes._team import CHANGE, url
from console.routes.bookables import place_field

ONE = "/team/bookables/{bookable:int}/hours"


async def _fields() -> tuple[f.Field, ...]:
    return (
        await place_field(),
        f.day("valid_from", label="field.valid_from", hint="hint.hours_from"),
        f.tick("as_location", label="field.as_location", hint="hint.as_location"),
        *(hours(weekday) for weekday in rules.WEEKDAYS),
    )


async def _page(request: Req, bookable: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.bookable(bookable)
    return await page(
        request,
        "bookables/hours.html",
        i18n.words("title.hours_of", {"name": one.name}),
        status=status,
        form=form,
        bookable=one,
        base=url(bookable),
    )


@get(ONE, opt=CHANGE)
async def choose(request: Req, bookable: FromPath[int]) -> Response[Any]:
    """The form, filled with what holds today at the location that was asked for."""
    asked = request.query_params.get("location", "")
    saved = await _saved(bookable, asked, await _today(bookable, asked))
    return await _page(request, bookable, Form.blank(request, "hours", await _fields(), saved.values, saved.version))


async def _today(bookable: int, asked: str) -> date:
    """The date at the location that was asked for, if there is one, else where somebody is."""
    place = await _place(asked)
    return (
        clock.business_date(clock.now(), ZoneInfo(place.zone)) if place else await queries.today(bookable, clock.now())
    )


async def _saved(bookable: int, asked: str, day: date) -> Saved:
    """What holds on a date at the location that was asked for, or at the first."""
    version = await queries.schedules_version(bookable)
    known = await queries.schedules(bookable)
    at = next((one for one in known if one.valid_from <= day and asked in ("", str(one.location))), None)
    values: dict[str, Any] = {"valid_from": day, "location": asked or (at.location if at else "")}
    if at is not None and at.hours is not None:
        values |= dict(zip(rules.WEEKDAYS, at.hours, strict=True))
    else:
        values["as_location"] = True
        place = await _place(str(at.location) if at else asked)
        values |= dict(zip(rules.WEEKDAYS, place.hours, strict=True)) if place else {}
    return Saved(values, version.number, version.operation)


async def _place(asked: str) -> LocationView | None:
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        return None
    try:
        return await location(int(asked))
    except NotFound:
        return None


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def set_hours(request: Req, bookable: FromPath[int]) -> Response[Any]:
    await queries.bookable(bookable)
    return await submit(
        request,
        "hours",
        await _fields(),
        act=lambda intent, v: _set(intent, BookableId(bookable), v),
        show=lambda asked, form, status: _page(asked, bookable, form, status),
        then=url(bookable),
        saved=lambda _: _stands(request, bookable),
    )


async def _stands(request: Req, bookable: int) -> Saved:
    """What holds at the location and on the date that were sent."""
    sent = await read_body(request)
    asked = sent.first("location")
    try:
        day = date.fromisoformat(sent.first("valid_from"))
    except ValueError:  # typed in another spelling
        day = await _today(bookable, asked)
    return await _saved(bookable, asked, day)


async def _set(intent: Intent, bookable: BookableId, values: dict[str, Any]) -> Outcome[Any]:
    own = await _own_hours(values)
    where = LocationId(int(values["location"]))
    return await actions.set_hours(intent, bookable, where, values["valid_from"], own, values["version"])


async def _own_hours(values: dict[str, Any]) -> rules.Week | None:
    """The hours of their own, None where they are those of the location.

    Raises `Invalid` for hours typed beside the tick: those that the form was filled with are a location's.
    """
    typed = tuple(values[weekday] for weekday in rules.WEEKDAYS)
    if not values["as_location"]:
        return typed
    if any(typed) and typed not in {place.hours for place in await locations()}:
        raise Invalid({"as_location": Problem("problem.own_hours")})
    return None


@post("/team/hours/{schedule:int}/withdrawal", opt=CHANGE)
async def withdrawal(request: Req, schedule: FromPath[int]) -> Response[Any]:
    """Take back hours that have not begun, as they were read."""
    read = (await Form.read(request, "button", ())).version or 0
    return await press(
        request, lambda intent: actions.withdraw_hours(intent, schedule, read), lambda ids: url(ids["bookable"])
    )


ROUTES = [choose, set_hours, withdrawal]
