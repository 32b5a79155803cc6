"""The form of a series: whom, what, by whom, when and how often; all of it may still be open while one types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response

from console import i18n
from console.domain import clock
from console.domain.booking import recurring, seeking, series_places
from console.domain.booking.arranging import Asked
from console.domain.booking.recurring import OnHoliday, Recurrence, Unit
from console.domain.booking.rules import MOST_SERVICES, Source
from console.domain.booking.series_places import Foreseen
from console.domain.business.queries import LocationView, open_locations
from console.domain.catalogue.queries import services
from console.domain.clock import WallTime
from console.domain.errors import NotFound
from console.domain.ids import ClientId, LocationId
from console.routes import _bookings, _doing, _fees, _names, _page, _series, _whom
from console.routes import _fields as f
from console.routes._forms import Form
from console.routes._page import Req, page
from console.series_wording import rule_words

NAME = "series"
CLIENTS = "/series/clients"
SHOWN = 8
"""Dates that are shown beside the form."""


REST = (
    f.area("note", limit=_bookings.LONGEST_NOTE, required=False, label="field.booking_note", hint="hint.booking_note"),
    f.choice(
        "source",
        _bookings.source_choices,
        kind="radio",
        label="field.came_by",
    ),
)
RULE = (
    f.whole("every", 1, recurring.MOST_EVERY, label="field.every"),
    f.choice(
        "unit", lambda: [(one.value, i18n.gettext(key)) for one, key in _series.UNITS.items()], label="field.unit"
    ),
    f.several(
        "weekdays",
        lambda: [(str(at), name) for at, name in enumerate(i18n.weekdays())],
        required=False,
        empty=(),
        label="field.weekdays",
        hint="hint.weekdays",
    ),
    f.day("until", _bookings.FIRST, _bookings.LAST, required=False, label="field.until"),
    f.whole("count", 1, recurring.MOST_COUNT, required=False, label="field.count", hint="hint.series_count"),
    f.choice(
        "on_holiday",
        lambda: [(one.value, i18n.gettext(key)) for one, key in _series.HOLIDAYS.items()],
        kind="radio",
        label="field.on_holiday",
    ),
)


async def fields(request: Req) -> tuple[f.Field, ...]:
    """All fields. Choices are what is on; the first date is today or later."""
    day = _page.today(request)
    places = [(str(one.id), one.name) for one in await open_locations()]
    return (
        *_whom.CLIENT,
        *await doing_fields(request, day),
        f.choice("place", lambda: places, label="field.location_of"),
        f.day("on", day, _bookings.LAST, label="field.first_date"),
        _bookings.wall_time("time", label="field.series_time", hint="hint.series_time"),
        *RULE,
        *REST,
    )


async def doing_fields(request: Req, day: date, of: Asked | None = None) -> tuple[f.Field, ...]:
    """Services and who does each, of what is on, and of what a series has."""
    had = {one.service for one in of.doing} if of else set()
    who = {one.by for one in of.doing} if of else set()
    known = [one for one in await services(day) if one.retired_at is None or one.id in had]
    people = [one for one in await _bookings.doers() if one.retired_at is None or one.id in who]
    return _doing.fields(
        [(str(one.id), f"{_names.shown(request, one.names)}, {i18n.duration(one.minutes)}") for one in known],
        [(str(one.id), one.name) for one in people],
        "field.series_person",
    )


async def begun(request: Req) -> dict[str, Any]:
    """The values of the form as it is first shown, from the address; what is no such thing is left out."""
    asked = request.query_params
    places = await open_locations()
    place = next((one for one in places if str(one.id) == asked.get("place")), places[0] if places else None)
    if place is None:
        raise NotFound
    today = _bookings.today(ZoneInfo(place.zone))
    values = Form.asked(request, NAME, await fields(request)).usable()
    rows = [one for one in asked.getall("services", []) if one]
    return {
        "client": values.get("client"),
        "place": place.id,
        "person": values.get("person"),
        "on": max(values.get("on") or today, today),
        "time": values.get("time"),
        "every": 1,
        "unit": Unit.WEEK,
        "on_holiday": OnHoliday.SKIP,
        "source": Source.DESK,
        **{f"services_{at}_service": one for at, one in enumerate(rows[:MOST_SERVICES], 1)},
    }


def asked_of(values: Mapping[str, Any]) -> Asked:
    """What is booked, from the values of the form or of a part of it."""
    doing = _doing.doing(values)
    return Asked(
        ClientId(values.get("client") or 0),
        LocationId(int(values["place"])),
        tuple(one.service for one in doing),
        None,
        Source(values.get("source") or Source.DESK),
        values.get("note"),
        by=tuple(one.by for one in doing),
        site=_whom.read_site(values),
    )


def rule_of(values: Mapping[str, Any]) -> Recurrence:
    """How often, from the values of the form; no weekday is that of the first date."""
    on: date = values["on"]
    return Recurrence(
        on,
        values["every"],
        Unit(values["unit"]),
        weekdays(values) or (on.weekday(),),
        values["until"],
        values["count"],
        OnHoliday(values["on_holiday"]),
    )


def weekdays(values: Mapping[str, Any]) -> tuple[int, ...]:
    """The weekdays that are ticked, 0 is Monday."""
    return tuple(sorted(int(one) for one in values["weekdays"] if one))


async def dates_part(form: Form) -> dict[str, Any]:
    """What `_dates.html` shows: what a late cancellation costs there, and the next dates."""
    there = {str(one.id): one for one in await open_locations()}
    place = there.get(form.usable().get("place") or "")
    return {
        **await _dates_part(form, place),
        "policy": await _fees.policy(place.id, place.notice_hours) if place else "",
    }


async def _dates_part(form: Form, place: LocationView | None) -> dict[str, Any]:
    """The rule in words and its next dates, once there is enough to tell them."""
    values = form.usable()
    there = all(values.get(name) is not None for name in ("on", "time", "every", "unit", "on_holiday"))
    if place is None or not (there and {"weekdays", "until", "count"} <= values.keys()):
        return {"dates": None}
    asked, rule = asked_of(values), rule_of(values)
    if not asked.services or recurring.problems(rule):
        return {"dates": None}
    zone = ZoneInfo(place.zone)
    try:
        found = await series_places.foresee(asked, values["time"], rule, SHOWN)
        nearest = [] if _any_free(found) else await _nearest(asked, rule.starts_on, values["time"], zone)
    except NotFound:
        return {"dates": None}
    return {
        "dates": [_date(one, zone) for one in found],
        "rule": i18n.upper_first(rule_words(rule, values["time"])),
        "free": sum(1 for one in found if one.held and one.problem is None),
        "clashing": any(one.problem for one in found),
        "moves": rule.on_holiday is OnHoliday.MOVE,
        "nearest": nearest,
    }


def _any_free(found: list[Foreseen]) -> bool:
    return any(one.held is not None and one.problem is None for one in found)


async def _nearest(asked: Asked, on: date, at: int, zone: ZoneInfo) -> list[dict[str, str]]:
    """The places nearest to the first date where none of the dates has one."""
    people = await _series.doers()
    question = series_places.question(asked)
    around = WallTime(on, at).bound(zone)
    most = series_places.OFFERED
    places = await seeking.nearest(question, on, now=clock.now(), around=around, most=most, spread=True)
    return [
        {
            **_series.place_button(one, on, zone, people),
            "value": f"{clock.business_date(one.starts_at, zone)} {i18n.time_of_day(one.starts_at, zone)}",
        }
        for one in places
    ]


def _date(one: Foreseen, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "day": _series.day_words(one.held or one.on, zone),
        "by_rule": _series.day_in_sentence(one.on, zone) if one.held and one.held != one.on else "",
        "skipped": one.held is None,
        "why": _series.why_words(one.problem.key) if one.problem else "",
    }


async def show(request: Req, form: Form, status: int = 200, pressed: str = "") -> Response[Any]:
    """The whole form. `pressed`: what was looked for."""
    places = await open_locations()
    if not places:
        raise NotFound
    response = await page(
        request,
        "series/new.html",
        i18n.gettext("title.series_new"),
        status=status,
        several=len(places) > 1,
        entered=pressed == _whom.ENTER and bool(form.texts.get("time")),
        **{**await _whom.client_part(form, CLIENTS, pressed), **await dates_part(form)},
    )
    if request.method == "POST" and "HX-Push-Url" in response.headers:
        response.headers["HX-Push-Url"] = "/series/new"
    return response
