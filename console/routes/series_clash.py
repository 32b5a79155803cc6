"""A date of a series that clashed: booked at one of the places offered, at another time, or left out."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking import series, series_views
from console.domain.booking.places import instant
from console.domain.booking.series_views import ClashView, SeriesView
from console.domain.clock import NoSuchTime, TwiceThatDay, WallTime
from console.domain.errors import Invalid
from console.domain.ids import BookableId, ClashId
from console.domain.operation import Intent, Outcome
from console.routes import _bookings, _places, _series
from console.routes import _fields as f
from console.routes._bookings import CHANGE
from console.routes._fields import Bad
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._page import Req, page
from console.routes._submit import press, submit
from console.routes.series import places_of

ONE = "/series/clashes/{clash:int}"
NAME = "clash"


def _place(typed: str) -> tuple[int, BookableId | None]:
    """A place that was pressed: minutes since the epoch, and by whom (0: by anyone who can)."""
    start, _, who = typed.partition(".")
    if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in (start, who)):
        raise Bad("problem.choice")
    return int(start), BookableId(int(who)) if int(who) else None


PLACE = f.hidden("place", _place, required=False, limit=20, label="field.start")


async def _fields() -> tuple[f.Field, ...]:
    return (
        f.day("on", _bookings.FIRST, _bookings.LAST, label="field.booked_on"),
        _bookings.wall_time("time", label="field.booked_at"),
        await _series.person_field("person", "words.anyone_who_can", label="field.series_person"),
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
    values = {"on": one.on, "time": of.minute, "person": of.asked.person or ""}
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
        client=names.get(of.client, ""),
        rule=i18n.upper_first(_series.rule_words(of.rule, of.minute)),
    )


@post(f"{ONE}/booking", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def book(request: Req, clash: FromPath[int]) -> Response[Any]:
    """Book it at the place that was pressed, or at the time that was typed."""
    one, of = await _of_done(request, clash)
    pressed = (await read_body(request)).first("place")

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        if pressed:
            problem = form.problems.get("place") or form.refusal
            form = Form.blank(
                asked, NAME, await _fields(), {"on": one.on, "time": of.minute, "person": of.asked.person or ""}
            )
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
            start, who = values["place"]
            return await series.place(intent, clash, instant(start), who)
        starts_at = WallTime(values["on"], values["time"]).at(zone)
        return await series.place(intent, clash, starts_at, _series.as_bookable(values["person"]))
    except (NoSuchTime, TwiceThatDay) as none:
        raise Invalid({"time": none.problem}) from none
    except Invalid as wrong:
        wrong = _places.meanwhile(wrong, shown=bool(values.get("place")))
        name = "place" if values.get("place") else "time"
        raise Invalid({name if key == "starts" else key: what for key, what in wrong.problems.items()}) from wrong


@post(f"{ONE}/omission", opt=CHANGE)
async def omission(request: Req, clash: FromPath[int]) -> Response[Any]:
    """Leave it out."""
    return await press(
        request, lambda intent: series.leave_out(intent, ClashId(clash)), lambda ids: _series.url(ids["series"])
    )


ROUTES = [show, book, omission]
