"""Changing or calling off a series from one of its bookings on, or all that is to come of it, after a look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import series_moves
from console.domain.booking import series_views as views
from console.domain.booking.rules import CancelledBy, ReasonUse
from console.domain.booking.series_moves import Scope, Shift
from console.domain.booking.series_views import OfSeries, SeriesView
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BIGINT_MAX, BookableId, BookingId, ReasonId
from console.domain.operation import Effect, Intent, Outcome
from console.routes import _bookings, _series
from console.routes import _fields as f
from console.routes._bookings import CHANGE
from console.routes._forms import FORM_LIMIT, Form
from console.routes._look_first import EXPECTED, look_first
from console.routes._page import Req, page

ONE = "/series/{series:int}"
MOST_DAYS = 6
SCOPES = {Scope.FOLLOWING: "words.this_and_following", Scope.ALL: "words.all_to_come"}


def _asked(request: Req, name: str) -> BookingId | None:
    """A booking that the address says: `from` which on, or any one of all that is to come (`of`)."""
    typed = request.query_params.get(name, "")
    good = typed.isascii() and typed.isdigit() and len(typed) < 20 and int(typed) <= BIGINT_MAX
    return BookingId(int(typed)) if good else None


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
    return _series.shift_words(days)


async def _change_fields(request: Req, coming: Sequence[OfSeries]) -> tuple[f.Field, ...]:
    days = [(str(one), _days_words(one)) for one in range(-MOST_DAYS, MOST_DAYS + 1)]
    people = await _series.doers()
    there = {who for one in coming for who in one.doers}
    now_done_by = [(str(who), name) for who, name in people.items() if request.method == "POST" or who in there]
    return (
        _scope_field(request),
        _bookings.wall_time("time", label="field.series_time"),
        f.choice("days", lambda: days, label="field.days"),
        f.choice(
            "from", lambda: [("", i18n.gettext("words.choose")), *now_done_by], required=False, label="field.from"
        ),
        await _series.person_field("to", "words.as_before", label="field.to"),
        EXPECTED,
    )


@get(f"{ONE}/change", opt=CHANGE)
async def change(request: Req, series: FromPath[int]) -> Response[Any]:
    one, booking, coming = await _subject(request, series)
    there = {who for each in coming for who in each.doers}
    values = {
        "scope": Scope.FOLLOWING if _asked(request, "from") else Scope.ALL,
        "time": one.minute,
        "days": 0,
        "from": next(iter(there)) if len(there) == 1 else "",
    }
    form = Form.blank(request, "change", await _change_fields(request, coming), values)
    return await _show(request, "series/change.html", one, booking, form)


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
        rule=i18n.upper_first(_series.rule_words(one.rule, one.minute)),
        meant=_series.booking_line(meant, one.zone) if meant else None,
        query=f"?{'from' if _asked(request, 'from') else 'of'}={booking}",
        from_it=_asked(request, "from") is not None,
        several=len({who for each in coming for who in each.doers}) > 1,
        told=_told(effects, one) if effects is not None else None,
        stays=_stays(effects, one) if effects is not None else [],
    )


def _told(effects: Sequence[Effect], of: SeriesView) -> list[str]:
    return [i18n.words(one.key, {"count": one.params["count"]}) for one in effects if "count" in one.params]


def _stays(effects: Sequence[Effect], of: SeriesView) -> list[dict[str, str]]:
    """The dates that stay where they are, and why."""
    return [
        {"day": _series.day_words(date.fromisoformat(on), of.zone), "why": _series.why_words(why)}
        for one in effects
        for on, why in one.params.get("dates", ())
    ]


@post(f"{ONE}/change", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def move(request: Req, series: FromPath[int]) -> Response[Any]:
    one, booking, coming = await _subject(request, series)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        return await _move(intent, booking, one, values)

    return await look_first(
        request,
        "change",
        await _change_fields(request, coming),
        act=act,
        show=lambda asked, form, status, effects: _show(
            asked, "series/change.html", one, booking, form, status, effects
        ),
        then=lambda ids: _series.url(ids["series"]),
    )


async def _move(intent: Intent, booking: BookingId, one: SeriesView, values: dict[str, Any]) -> Outcome[Any]:
    shift = _shift(values, one.minute)
    try:
        return await series_moves.move(intent, booking, Scope(values["scope"]), shift)
    except Invalid as wrong:
        names = {"starts": "time", "minute": "time"}
        raise Invalid({names.get(name, name): what for name, what in wrong.problems.items()}) from wrong


def _shift(values: dict[str, Any], minute: int) -> Shift:
    """How the bookings change. Raises `Invalid` where they do not, or where it is not said instead of whom."""
    before, after = values["from"], values["to"]
    if after and not before:
        raise Invalid({"from": Problem("problem.required")})
    instead = ((BookableId(int(before)), BookableId(int(after))),) if after and after != before else ()
    shift = Shift(int(values["days"]), None if values["time"] == minute else values["time"], instead)
    if shift == Shift():
        raise Invalid({"time": Problem("problem.nothing_changes")})
    return shift


async def _cancel_fields(request: Req) -> tuple[f.Field, ...]:
    by = [(one.value, i18n.gettext(key)) for one, key in _series.CANCELLERS.items()]
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
