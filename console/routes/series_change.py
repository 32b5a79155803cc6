"""Changing or calling off a series from one of its bookings on, or all that is to come of it, after a look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import series_moves
from console.domain.booking import series_views as views
from console.domain.booking.places import instant
from console.domain.booking.recurring import OnHoliday, Plan, Unit
from console.domain.booking.rules import CancelledBy, ReasonUse
from console.domain.booking.series_making import Elsewhere
from console.domain.booking.series_mover import Shift
from console.domain.booking.series_moves import Scope
from console.domain.booking.series_views import OfSeries, SeriesView
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookableId, BookingId, ReasonId, ServiceId
from console.domain.intent import Effect, Intent, Outcome
from console.domain.plain import canonical, to_plain
from console.routes import _bookings, _doing, _places, _series, _series_form, _series_look
from console.routes import _fields as f
from console.routes._bookings import CHANGE
from console.routes._fields import Bad
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._look_first import EXPECTED, Choosing, look_first
from console.routes._page import Req, page
from console.series_wording import rule_words, shift_words

ONE = "/series/{series:int}"
MOST_DAYS = 6
PLACE = re.compile(r"place_(\d{4}-\d{2}-\d{2})")
MOST_PLACES = 400
"""Dates for which a form may say a place: as many as can have none."""
SCOPES = {Scope.FOLLOWING: "words.this_and_following", Scope.ALL: "words.all_to_come"}


def _asked(request: Req, name: str) -> BookingId | None:
    """A booking that the address says: `from` which on, or any one of all that is to come (`of`)."""
    found = f.as_id(request.query_params.get(name, ""))
    return None if found is None else BookingId(found)


async def _subject(request: Req, number: int) -> tuple[SeriesView, BookingId, list[OfSeries]]:
    """A series, the booking that is meant, and those that may still move. Raises `NotFound` where none may."""
    one = await views.one_series(number)
    coming = views.movable(await views.to_come(one.id, clock.now()))
    booking = _asked(request, "from") or _asked(request, "of") or (coming[0].id if coming else None)
    if booking is None:
        raise NotFound
    return one, booking, coming


def _scope_field(request: Req) -> f.Field:
    offered = SCOPES if _asked(request, "from") else {Scope.ALL: SCOPES[Scope.ALL]}
    choices = [(one.value, i18n.gettext(key)) for one, key in offered.items()]
    return f.choice("scope", lambda: choices, kind="radio", label="field.scope")


def _days_words(days: int) -> str:
    if days == 0:
        return i18n.gettext("words.same_day")
    return shift_words(days)


async def _change_fields(request: Req, one: SeriesView) -> tuple[f.Field, ...]:
    days = [(str(each), _days_words(each)) for each in range(-MOST_DAYS, MOST_DAYS + 1)]
    by = [(each.value, i18n.gettext(key)) for each, key in _bookings.WHO_CANCELS.items()]
    sent = (await read_body(request)).texts if request.method == "POST" else {}
    return (
        _scope_field(request),
        _bookings.wall_time("time", label="field.series_time"),
        f.choice("days", lambda: days, label="field.days"),
        *await _series_form.doing_fields(request, _bookings.today(one.zone), one.asked),
        *(replace(each, hint="hint.count_from_here") if each.name == "count" else each for each in _series_form.RULE),
        f.choice("by", lambda: by, kind="radio", label="field.cancelled_by"),
        *[_places.start_field(name, "radio") for name in sorted(sent) if _place_of(name) and any(sent[name])][
            :MOST_PLACES
        ],
        f.hidden("stood", _stood, limit=400, label="field.expected"),
        EXPECTED,
    )


@dataclass(frozen=True)
class Stood:
    """How a series stood when its form was rendered: what the form says otherwise is what shall change."""

    minute: int
    doing: tuple[tuple[ServiceId, BookableId | None], ...]
    plan: Plan

    @property
    def text(self) -> str:
        """As the form carries it along."""
        return canonical([self.minute, self.doing, *to_plain(self.plan).values()]).decode()


def _stood(typed: str) -> Stood:
    try:
        minute, doing, every, unit, days, until, count, on_holiday = json.loads(typed)
        last = date.fromisoformat(until) if until else None
        plan = Plan(every, Unit(unit), tuple(map(int, days)), last, count, OnHoliday(on_holiday))
        return Stood(minute, tuple((service, by) for service, by in doing), plan)
    except (ValueError, TypeError):
        raise Bad("problem.form") from None


@get(f"{ONE}/change", opt=CHANGE)
async def change(request: Req, series: FromPath[int]) -> Response[Any]:
    one, booking, coming = await _subject(request, series)
    plan = await _plan(one, booking, coming)
    values = {
        "scope": Scope.FOLLOWING if _asked(request, "from") else Scope.ALL,
        "time": one.minute,
        "days": 0,
        **_doing.filled((each.service, each.by) for each in one.asked.doing),
        "every": plan.every,
        "unit": plan.unit.value,
        "weekdays": plan.weekdays,
        "until": plan.until,
        "count": plan.count,
        "on_holiday": plan.on_holiday.value,
        "by": CancelledBy.CLIENT,
        "stood": Stood(one.minute, tuple((each.service, each.by) for each in one.asked.doing), plan).text,
    }
    form = Form.blank(request, "change", await _change_fields(request, one), values)
    return await _show(request, "series/change.html", one, booking, form)


async def _plan(one: SeriesView, booking: BookingId, coming: Sequence[OfSeries]) -> Plan:
    """How often and until when, seen from the booking that is meant, or from the first to come."""
    on = next((each.on for each in coming if each.id == booking), coming[0].on if coming else one.rule.starts_on)
    return await views.plan_from(one, on)


async def _show(
    request: Req,
    template: str,
    one: SeriesView,
    booking: BookingId,
    form: Form,
    status: int = 200,
    effects: Sequence[Effect] | None = None,
) -> Response[Any]:
    names = await _series.names_of([one.client])
    coming = views.movable(await views.to_come(one.id, clock.now()))
    meant = next((each for each in coming if each.id == booking), None)
    title = "title.series_change" if template == "series/change.html" else "title.series_cancellation"
    return await page(
        request,
        template,
        i18n.gettext(title),
        status=status,
        form=form,
        series=one,
        base=_series.url(one.id),
        client=names.get(one.client, ""),
        rule=i18n.upper_first(rule_words(one.rule, one.minute)),
        meant=_series.booking_line(meant, one.zone) if meant else None,
        query=f"?{'from' if _asked(request, 'from') else 'of'}={booking}",
        from_it=_asked(request, "from") is not None,
        look=await _looked(request, effects, one, form) if effects is not None else None,
    )


async def _looked(request: Req, effects: Sequence[Effect], of: SeriesView, form: Form) -> dict[str, Any]:
    """What a form would do, and places for the dates that have none."""
    values = form.usable()
    after = of
    if "stood" in values:
        shift = _shift(values)
        after = replace(of, asked=shift.of(of.asked), minute=of.minute if shift.minute is None else shift.minute)
    coming = views.movable(await views.to_come(of.id, clock.now()))
    looked = await _series_look.shown(effects, after, form, coming)
    heard = form.heard.words if form.heard else ""
    return {**looked, "heard": heard, "services": await _series_look.services_words(request, of, after)}


@post(f"{ONE}/change", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def move(request: Req, series: FromPath[int]) -> Response[Any]:
    one, booking, _ = await _subject(request, series)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        return await _move(intent, booking, values)

    return await look_first(
        request,
        "change",
        await _change_fields(request, one),
        act=act,
        show=lambda asked, form, status, effects: _show(
            asked, "series/change.html", one, booking, form, status, effects
        ),
        then=lambda ids: _series.url(ids["series"]),
        choosing=Choosing(lambda name: _place_of(name) is not None, _series_look.without_place),
    )


async def _move(intent: Intent, booking: BookingId, values: dict[str, Any]) -> Outcome[Any]:
    shift = _shift(values)
    if not _doing.doing(values):
        raise Invalid({"services_1_service": Problem("problem.required")})
    if replace(shift, elsewhere=(), cancelled=Shift().cancelled) == Shift():
        raise Invalid({"time": Problem("problem.nothing_changes")})
    try:
        for one in shift.elsewhere:
            _bookings.within_dates(one.starts_at, ZoneInfo("UTC"))
        return await series_moves.move(intent, booking, Scope(values["scope"]), shift)
    except Invalid as wrong:
        names = {"on": "time", "starts": "time", "minute": "time", "services": "services_1_service"}
        raise Invalid({names.get(name, name): what for name, what in wrong.problems.items()}) from wrong


def _shift(values: Mapping[str, Any]) -> Shift:
    """How the bookings change: what the form says otherwise than it stood."""
    stood: Stood = values["stood"]
    doing = tuple((each.service, each.by) for each in _doing.doing(values))
    plan = Plan(
        values["every"],
        Unit(values["unit"]),
        _series_form.weekdays(values) or stood.plan.weekdays,
        values["until"],
        values["count"],
        OnHoliday(values["on_holiday"]),
    )
    changed = doing != stood.doing
    return Shift(
        int(values["days"]),
        None if values["time"] == stood.minute else values["time"],
        services=tuple(service for service, _ in doing) if changed else (),
        by=tuple(by for _, by in doing) if changed else (),
        plan=None if plan == stood.plan else plan,
        cancelled=CancelledBy(values["by"]),
        elsewhere=tuple(_chosen(values)),
    )


def _chosen(values: Mapping[str, Any]) -> Iterator[Elsewhere]:
    """The places that were chosen for dates that find none by themselves."""
    for name, pick in sorted(values.items()):
        if pick and (on := _place_of(name)):
            yield Elsewhere(on, instant(pick.at), pick.whom)


def _place_of(name: str) -> date | None:
    """The date for which a field says a place; None: it says something else."""
    said = PLACE.fullmatch(name)
    with suppress(ValueError):
        return date.fromisoformat(said[1]) if said else None
    return None


async def _cancel_fields(request: Req) -> tuple[f.Field, ...]:
    by = [(one.value, i18n.gettext(key)) for one, key in _bookings.WHO_CANCELS.items()]
    return (
        _scope_field(request),
        f.choice("by", lambda: by, kind="radio", label="field.cancelled_by"),
        await _bookings.reason_field(request, ReasonUse.CANCELLATION),
        EXPECTED,
    )


@get(f"{ONE}/cancellation", opt=CHANGE)
async def cancellation(request: Req, series: FromPath[int]) -> Response[Any]:
    one, booking, _ = await _subject(request, series)
    scope = Scope.FOLLOWING if _asked(request, "from") else Scope.ALL
    values = {"scope": scope, "by": CancelledBy.CLIENT}
    form = Form.blank(request, "cancellation", await _cancel_fields(request), values)
    return await _show(request, "series/cancellation.html", one, booking, form)


@post(f"{ONE}/cancellation", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def cancel(request: Req, series: FromPath[int]) -> Response[Any]:
    one, booking, _ = await _subject(request, series)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        return await _cancel(intent, booking, values)

    return await look_first(
        request,
        "cancellation",
        await _cancel_fields(request),
        act=act,
        show=lambda asked, form, status, effects: _show(
            asked, "series/cancellation.html", one, booking, form, status, effects
        ),
        then=_series.url(one.id),
    )


async def _cancel(intent: Intent, booking: BookingId, values: dict[str, Any]) -> Outcome[Any]:
    reason = ReasonId(int(values["reason"])) if values["reason"] else None
    return await series_moves.cancel(intent, booking, Scope(values["scope"]), CancelledBy(values["by"]), reason)


ROUTES = [change, move, cancellation, cancel]
