"""A date of a series that clashed: booked at one of the places offered, at another time, or left out."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import series, series_views
from console.domain.booking.places import instant
from console.domain.booking.question import ServiceOff
from console.domain.booking.series_views import ClashView, SeriesView
from console.domain.clock import NoSuchTime, TwiceThatDay, WallTime
from console.domain.errors import Invalid, Problem
from console.domain.ids import ClashId
from console.domain.intent import Intent, Outcome
from console.routes import _bookings, _doing, _places, _series
from console.routes import _fields as f
from console.routes._bookings import CHANGE
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._page import Req, page
from console.routes._submit import press, submit
from console.routes.series import places_of
from console.series_wording import rule_words

ONE = "/series/clashes/{clash:int}"
NAME = "clash"


PLACE = _places.start_field("place")


async def _fields() -> tuple[f.Field, ...]:
    doers = [(str(one.id), one.name) for one in await _bookings.doers() if one.retired_at is None]
    as_agreed, anyone = i18n.gettext("words.as_agreed"), i18n.gettext("words.anyone_who_can")
    people = [("", as_agreed), (_doing.ANYONE, anyone), *doers]
    return (
        f.day("on", _bookings.FIRST, _bookings.LAST, label="field.booked_on"),
        _bookings.wall_time("time", label="field.booked_at"),
        f.choice("person", lambda: people, required=False, label="field.series_person"),
    )


async def _of(clash: int) -> tuple[ClashView, SeriesView]:
    """A date that clashed and its series. Raises `NotFound` for one that was dealt with, `SeriesEnded`."""
    one = await series_views.clash(clash)
    of = await series_views.one_series(one.series)
    if of.retired_at is not None:
        raise series.SeriesEnded
    return one, of


@get(ONE, opt=CHANGE)
async def show(request: Req, clash: FromPath[int]) -> Response[Any]:
    one, of = await _of(clash)
    values = {"on": one.on, "time": of.minute}
    return await _show(request, one, of, Form.blank(request, NAME, await _fields(), values))


async def _show(request: Req, one: ClashView, of: SeriesView, form: Form, status: int = 200) -> Response[Any]:
    names = await _series.names_of([of.client])
    at = form.usable().get("time")
    line, day = _series.clash_line(one, of.zone, of.minute), _series.day_in_sentence(one.on, of.zone)
    return await page(
        request,
        "series/clash.html",
        i18n.words("title.series_clash", {"name": names.get(of.client, ""), "day": day}),
        status=status,
        form=form,
        clash={**line, "places": (await places_of(of, [one], at)).get(one.id, [])},
        base=_series.url(of.id),
        off=await _series.off(request, of),
        goes_on=await series_views.goes_on(of.id, clock.now()),
        client=names.get(of.client, ""),
        rule=i18n.upper_first(rule_words(of.rule, of.minute)),
    )


@post(f"{ONE}/booking", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def book(request: Req, clash: FromPath[int]) -> Response[Any]:
    """Book it at the place that was pressed, or at the time that was typed."""
    one, of = await _of_done(request, clash)
    pressed = (await read_body(request)).first("place")

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        if pressed:
            problem = form.problems.get("place") or form.refusal
            form = Form.blank(asked, NAME, await _fields(), {"on": one.on, "time": of.minute})
            form.problems = {"time": problem} if problem else {}
        return await _show(asked, one, of, form, status)

    return await submit(
        request,
        NAME,
        (PLACE,) if pressed else await _fields(),
        act=lambda intent, v: _book(intent, ClashId(clash), v, of.zone),
        show=again,
        then=_series.url(of.id),
    )


async def _of_done(request: Req, clash: int) -> tuple[ClashView, SeriesView]:
    """As `_of`, also for a date that was dealt with: the same form sent twice is answered as it was."""
    one = await series_views.clash(clash, dealt_with=True)
    return one, await series_views.one_series(one.series)


async def _book(intent: Intent, clash: ClashId, values: dict[str, Any], zone: ZoneInfo) -> Outcome[Any]:
    try:
        if values.get("place"):
            at, whom = values["place"]
            moment = _bookings.within_dates(instant(at), zone)
            return await series.place(intent, clash, moment, rather=whom)
        starts_at = WallTime(values["on"], values["time"]).at(zone)
        if values["person"] == _doing.ANYONE:
            return await series.place(intent, clash, starts_at, rather=())
        return await series.place(intent, clash, starts_at, _series.as_bookable(values["person"]))
    except (NoSuchTime, TwiceThatDay) as none:
        raise Invalid({"time": none.problem}) from none
    except ServiceOff as none:
        raise Invalid({"services": Problem("problem.service_off")}) from none
    except Invalid as wrong:
        wrong = _places.meanwhile(wrong, shown=bool(values.get("place")))
        names = {"starts": "place", "on": "place"} if values.get("place") else {"starts": "time"}
        raise Invalid({names.get(key, key): what for key, what in wrong.problems.items()}) from wrong


@post(f"{ONE}/omission", opt=CHANGE)
async def omission(request: Req, clash: FromPath[int]) -> Response[Any]:
    """Leave it out."""
    return await press(
        request, lambda intent: series.leave_out(intent, ClashId(clash)), lambda ids: _series.url(ids["series"])
    )


ROUTES = [show, book, omission]
