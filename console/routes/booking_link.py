"""A client's link to a booking: what, when and where it is; there they confirm it, or call it off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from litestar import HttpMethod, Response, get, post, route
from litestar.params import FromPath

from console import i18n, links
from console.domain import clock
from console.domain.booking import actions, by_link, cards
from console.domain.booking.rules import CancelledBy, Status
from console.domain.booking.told_client import ToldClient
from console.domain.errors import Busy, DomainError, Problem
from console.domain.intent import Intent
from console.domain.visits import fees_queries
from console.routes import _fees
from console.routes import _fields as f
from console.routes._forms import Form
from console.routes._links import (
    BY_LINK,
    LOOK_AGAIN,
    NO_LINK,
    calendar_file,
    costs_words,
    link_page,
    not_ours,
    nothing,
    of_link,
)
from console.routes._page import Req, done
from console.routes._session import NotOurForm

ONE = "/b/{token:str}"
CANCEL = (f.hidden("expected", required=False, label="field.expected"),)
TITLES = {Status.CONFIRMED: "title.link_confirmed", Status.CANCELLED: "title.link_cancelled"}
Again = Callable[[Req, ToldClient, int, Problem], Awaitable[Response[Any]]]


@get(ONE, opt=BY_LINK)
async def show(request: Req, token: FromPath[str]) -> Response[Any]:
    return await of_link(request, token, lambda told: _show(request, told))


async def _show(request: Req, told: ToldClient, status: int = 200, problem: Problem | None = None) -> Response[Any]:
    one = told.booking
    form = Form.blank(request, "confirmation", (), version=one.version)
    form.refusal = problem
    answers, moved = by_link.may_answer(one, clock.now()), await _moved(told)
    return link_page(
        request,
        "links/booking.html",
        "title.link_moved" if moved else TITLES.get(one.status, "title.link"),
        told,
        status,
        form=form,
        may_answer=answers,
        confirmed=one.status is Status.CONFIRMED,
        moved=moved,
        policy=await _fees.policy(one.location, one.notice_hours) if answers else "",
        cancelled=await _cancelled(one.id) if one.status is Status.CANCELLED else None,
    )


async def _moved(told: ToldClient) -> str:
    """From when to when a booking was moved since its client confirmed it; empty where it was not."""
    one = told.booking
    read = await cards.confirmed_for(one.id) if one.status is Status.CONFIRMED else None
    if read is None or read == one.starts_at:
        return ""
    before, now = _when(read, one.zone), _when(one.starts_at, one.zone)
    return i18n.words("words.link_moved", {"before": before, "now": now})


def _when(at: datetime, zone: ZoneInfo) -> str:
    day = i18n.weekday_and_date(clock.business_date(at, zone))
    return i18n.words("words.day_at_time", {"day": day, "time": i18n.time_of_day(at, zone)})


async def _cancelled(booking: int) -> dict[str, Any]:
    """By whom a booking was called off, and what is owed for it."""
    last = (await cards.statuses(booking))[-1]
    owed: dict[str, int] = {}
    for fee in await fees_queries.of_booking(booking):
        owed[fee.currency] = owed.get(fee.currency, 0) + fee.owed
    return {
        "by_client": last.cancelled_by is CancelledBy.CLIENT,
        "owed": _fees.money_words({currency: minor for currency, minor in owed.items() if minor}),
    }


@get(f"{ONE}/calendar", opt=BY_LINK)
async def calendar(request: Req, token: FromPath[str]) -> Response[Any]:
    async def file(told: ToldClient) -> Response[Any]:
        return calendar_file(request, [told])

    return await of_link(request, token, file)


@post(f"{ONE}/confirmation", opt=BY_LINK, exception_handlers={NotOurForm: not_ours})
async def confirmation(request: Req, token: FromPath[str]) -> Response[Any]:
    """The client says that they come, to the booking as they read it."""
    form = await Form.read(request, "confirmation", ())

    async def confirm(told: ToldClient) -> None:
        form.check()
        await actions.confirm(_intend(form, told), told.booking.id, form.version or 0)

    return await _answer(request, token, Status.CONFIRMED, confirm, _show)


def _intend(form: Form, told: ToldClient) -> Intent:
    """What a client means to do. All of them are one actor: the same form of another booking is another intent."""
    return Intent(uuid5(UUID(form.intent), f"booking:{told.booking.id}"), by_link.CLIENT, clock.now())


async def _answer(
    request: Req, token: str, status: Status, act: Callable[[ToldClient], Awaitable[None]], again: Again
) -> Response[Any]:
    """Bring a booking to a status, once. Where it cannot come to it any more it is shown as it is, no more."""

    async def take(told: ToldClient) -> Response[Any]:
        try:
            if told.booking.status is not status:
                by_link.refuse_answer(told.booking, clock.now())
                await act(told)
        except Busy:
            raise
        except DomainError:
            return await of_link(request, token, lambda now: again(request, now, 409, LOOK_AGAIN))
        return done(request, links.path(token))

    return await of_link(request, token, take, counted=by_link.ANSWERS)


@get(f"{ONE}/cancellation", opt=BY_LINK)
async def cancellation(request: Req, token: FromPath[str]) -> Response[Any]:
    """What calling it off would cost, found out by doing it and rolling back."""
    return await of_link(request, token, lambda told: _ask(request, told), counted=by_link.LOOKS)


async def _ask(request: Req, told: ToldClient, status: int = 200, problem: Problem | None = None) -> Response[Any]:
    one = told.booking
    if not by_link.may_answer(one, clock.now()):
        return await _show(request, told, status, problem)
    looking = Intent(uuid4(), by_link.CLIENT, clock.now(), preview=True)
    seen = await actions.cancel(looking, one.id, CancelledBy.CLIENT)
    form = Form.blank(request, "cancellation", CANCEL, {"expected": seen.fingerprint})
    form.refusal = problem
    costs = _fees.charged(seen.effects)
    meaning = costs_words(seen.effects, one.notice_hours)
    title = "title.link_cancellation"
    return link_page(request, "links/cancellation.html", title, told, status, form=form, costs=costs, meaning=meaning)


@post(f"{ONE}/cancellation", opt=BY_LINK, exception_handlers={NotOurForm: not_ours})
async def cancel(request: Req, token: FromPath[str]) -> Response[Any]:
    """Call it off, if that still means what was shown."""
    form = await Form.read(request, "cancellation", CANCEL)

    async def call_off(told: ToldClient) -> None:
        meant = replace(_intend(form, told), expected=form.check()["expected"] or "")
        await actions.cancel(meant, told.booking.id, CancelledBy.CLIENT)

    return await _answer(request, token, Status.CANCELLED, call_off, _ask)


@route(["/b", f"{ONE}/{{rest:path}}"], http_method=[HttpMethod.GET, HttpMethod.POST], opt=NO_LINK)
async def no_link(request: Req) -> Response[Any]:
    """A link that was broken on its way."""
    return nothing(request)


ROUTES = [show, calendar, confirmation, cancellation, cancel, no_link]
