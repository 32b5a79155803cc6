"""A client's link to a series: its bookings to come, each with a link of its own, and one answer to all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4, uuid5

from litestar import HttpMethod, Response, get, post, route
from litestar.params import FromPath

from console import calendars, links
from console.domain import clock
from console.domain.booking import by_link, series, series_moves, series_views
from console.domain.booking.cards import BookingView
from console.domain.booking.rules import CancelledBy, Status
from console.domain.booking.series_moves import Scope
from console.domain.booking.told_series import ToldSeries
from console.domain.errors import Busy, Changed, DomainError, Problem
from console.domain.intent import Intent
from console.routes import _bookings as words
from console.routes import _fees
from console.routes import _fields as f
from console.routes._forms import Form
from console.routes._links import (
    BY_LINK,
    LOOK_AGAIN,
    NO_LINK,
    calendar_file,
    costs_words,
    facts,
    not_ours,
    nothing,
    of_series_link,
    page_of_link,
)
from console.routes._page import Req, done
from console.routes._session import NotOurForm

ONE = "/s/{token:str}"
EXPECTED = (f.hidden("expected", required=False, label="field.expected"),)
Again = Callable[[Req, ToldSeries, int, Problem], Awaitable[Response[Any]]]


@get(ONE, opt=BY_LINK)
async def show(request: Req, token: FromPath[str]) -> Response[Any]:
    return await of_series_link(request, token, lambda told: _show(request, told))


async def _show(request: Req, told: ToldSeries, status: int = 200, problem: Problem | None = None) -> Response[Any]:
    asked, first = _to_confirm(told), told.first.booking
    form = Form.blank(request, "confirmation", EXPECTED, {"expected": _mark(asked)})
    form.refusal = problem
    answers = bool(_open(told))
    return page_of_link(
        request,
        "links/series.html",
        _title(told),
        status,
        form=form,
        may_confirm=len(asked),
        may_cancel=answers,
        policy=await _fees.policy(first.location, first.notice_hours) if answers else "",
        **_those(request, told),
    )


def _title(told: ToldSeries) -> str:
    stand = {one.booking.status for one in told.bookings} - {Status.CANCELLED}
    if not stand:
        return "title.link_series_cancelled"
    return "title.link_series" if Status.BOOKED in stand else "title.link_series_confirmed"


def _those(request: Req, told: ToldSeries) -> dict[str, Any]:
    """The bookings in words, each with the address of its own page, and what and where the first one of them is."""
    settings = request.app.state.settings
    return {
        "url": links.series_path(settings, told.series, told.client),
        "booking": facts(told.first),
        "dates": [
            {
                **facts(one),
                "url": links.path(links.token(settings, one.booking.id, one.booking.client)),
                "status": words.status_of(one.booking.status),
                "off": one.booking.status is Status.CANCELLED,
            }
            for one in told.bookings
        ],
    }


def _open(told: ToldSeries) -> list[BookingView]:
    """Those to which the client may still answer."""
    now = clock.now()
    return [one.booking for one in told.bookings if by_link.may_answer(one.booking, now)]


def _to_confirm(told: ToldSeries) -> list[BookingView]:
    return [one for one in _open(told) if one.status is Status.BOOKED]


def _mark(those: Sequence[BookingView]) -> str:
    """What tells bookings as they are from what they were."""
    return hashlib.sha256(".".join(f"{one.id}:{one.version}" for one in those).encode()).hexdigest()[:32]


@get(f"{ONE}/calendar", opt=BY_LINK)
async def calendar(request: Req, token: FromPath[str]) -> Response[Any]:
    async def file(told: ToldSeries) -> Response[Any]:
        return calendar_file(request, [one for one in told.bookings if not calendars.is_off(one)] or told.bookings)

    return await of_series_link(request, token, file)


@post(f"{ONE}/confirmation", opt=BY_LINK, exception_handlers={NotOurForm: not_ours})
async def confirmation(request: Req, token: FromPath[str]) -> Response[Any]:
    """The client says that they come each time, to the bookings as they read them."""
    form = await Form.read(request, "confirmation", EXPECTED)

    async def confirm(told: ToldSeries) -> None:
        those = _to_confirm(told)
        if those and form.check()["expected"] != _mark(those):
            raise Changed
        if those:
            await series.confirm(_intend(form, told), told.series, tuple((one.id, one.version) for one in those))

    return await _answer(request, token, confirm, _show)


def _intend(form: Form, told: ToldSeries) -> Intent:
    """What a client means to do. All of them are one actor: the same form of another series is another intent."""
    return Intent(uuid5(UUID(form.intent), f"series:{told.series}"), by_link.CLIENT, clock.now())


async def _answer(
    request: Req, token: str, act: Callable[[ToldSeries], Awaitable[None]], again: Again
) -> Response[Any]:
    """Answer once. Where that cannot be done any more the series is shown as it is, no more."""

    async def take(told: ToldSeries) -> Response[Any]:
        try:
            await act(told)
        except Busy:
            raise
        except DomainError:
            return await of_series_link(request, token, lambda now: again(request, now, 409, LOOK_AGAIN))
        return done(request, links.series_path(request.app.state.settings, told.series, told.client))

    return await of_series_link(request, token, take, counted=by_link.ANSWERS)


@get(f"{ONE}/cancellation", opt=BY_LINK)
async def cancellation(request: Req, token: FromPath[str]) -> Response[Any]:
    """What calling all of them off would cost, found out by doing it and rolling back."""
    return await of_series_link(request, token, lambda told: _ask(request, told), counted=by_link.LOOKS)


async def _ask(request: Req, told: ToldSeries, status: int = 200, problem: Problem | None = None) -> Response[Any]:
    those = _open(told)
    if not those:
        return await _show(request, told, status, problem)
    looking = Intent(uuid4(), by_link.CLIENT, clock.now(), preview=True)
    seen = await series_moves.cancel(looking, those[0].id, Scope.ALL, CancelledBy.CLIENT)
    form = Form.blank(request, "cancellation", EXPECTED, {"expected": seen.fingerprint})
    form.refusal = problem
    off = {one.id for one in those}
    return page_of_link(
        request,
        "links/series_cancellation.html",
        "title.link_series_cancellation",
        status,
        form=form,
        costs=_fees.charged(seen.effects),
        meaning=costs_words(seen.effects, those[0].notice_hours),
        goes_on=await series_views.goes_further(await series_views.one_series(told.series)),
        **_those(request, replace(told, bookings=[one for one in told.bookings if one.booking.id in off])),
    )


@post(f"{ONE}/cancellation", opt=BY_LINK, exception_handlers={NotOurForm: not_ours})
async def cancel(request: Req, token: FromPath[str]) -> Response[Any]:
    """Call all of them off, if that still means what was shown."""
    form = await Form.read(request, "cancellation", EXPECTED)

    async def call_off(told: ToldSeries) -> None:
        if those := _open(told):
            meant = replace(_intend(form, told), expected=form.check()["expected"] or "")
            await series_moves.cancel(meant, those[0].id, Scope.ALL, CancelledBy.CLIENT)

    return await _answer(request, token, call_off, _ask)


@route(["/s", f"{ONE}/{{rest:path}}"], http_method=[HttpMethod.GET, HttpMethod.POST], opt=NO_LINK)
async def no_link(request: Req) -> Response[Any]:
    """A link that was broken on its way."""
    return nothing(request)


ROUTES = [show, calendar, confirmation, cancellation, cancel, no_link]
