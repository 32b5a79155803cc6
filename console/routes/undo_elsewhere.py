"""Undoing what moved several bookings, once places where they were are taken: each of those comes to another place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.booking import cards, former
from console.domain.booking.cards import BookingView
from console.domain.booking.former import Back, Chosen
from console.domain.booking.places import instant
from console.domain.booking.undoing import SEVERAL, UNSAID, undo_elsewhere
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookableId, BookingId, OperationId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.undo import offered
from console.routes import _agenda, _places, _series
from console.routes import _bookings as words
from console.routes import _fields as f
from console.routes._errors import error_page
from console.routes._fields import Bad
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._submit import submit
from console.routes._times import time_words

ONE = "/operations/{operation:int}/places"
NAME = "elsewhere"
FIELD = re.compile("b[0-9]{1,18}")
UNDO = needs(Permission.OPERATION_UNDO)
STAYS = "stays"
"""In place of another place: it stays where it is now."""


def url(operation: int) -> str:
    """The form that undoes an operation with other places for what has lost its own."""
    return f"/operations/{operation}/places"


def _start(typed: str) -> int | str:
    """Minutes since the epoch, or that it stays."""
    if typed == STAYS:
        return typed
    if not (typed.isascii() and typed.isdigit() and len(typed) < 9):
        raise Bad("problem.choice")
    return int(typed)


def _name(booking: int) -> str:
    return f"b{booking}"


def _field(booking: int) -> f.Field:
    return f.Field(_name(booking), _start, kind="radio", limit=20, label="field.start")


async def _backs(request: Req, operation: int, chosen: Chosen | None = None) -> list[Back]:
    """What an undo would bring back. Raises `NotFound` where it is not offered to whoever asks."""
    deed = (await audit.deeds([operation])).get(operation)
    if deed is None or deed.kind not in SEVERAL:
        raise NotFound
    if not await offered([operation], request.user.actor):
        raise NotFound
    return await former.backs(operation, clock.now(), _places.NEAREST, chosen)


@get(ONE, opt=UNDO)
async def elsewhere(request: Req, operation: FromPath[int]) -> Response[Any]:
    """Which of the bookings cannot be where they were, each with the three nearest places."""
    backs = await _backs(request, operation)
    lost = [one for one in backs if one.problem]
    values = {_name(one.former.booking): one.nearest.start.at if one.nearest else STAYS for one in lost}
    form = Form.blank(request, NAME, [_field(one.former.booking) for one in lost], values)
    return await _show(request, operation, backs, form)


async def _show(request: Req, operation: int, backs: Sequence[Back], form: Form, status: int = 200) -> Response[Any]:
    known = {one.id: one for one in await cards.those([one.former.booking for one in backs])}
    people, names = await _series.doers(), await words.names(known.values())
    lost = [one for one in backs if one.problem]
    again = (await audit.deeds([operation]))[operation].undos % 2 == 1
    return await page(
        request,
        "bookings/elsewhere.html",
        i18n.gettext("title.redo_elsewhere" if again else "title.undo_elsewhere"),
        status=status,
        form=form,
        action=url(operation),
        free=len(backs) - len(lost),
        lost=[_lost(one, known[one.former.booking], people, names) for one in lost],
        again=again,
        home=await _home(operation),
    )


def _lost(one: Back, of: BookingView, people: Mapping[BookableId, str], names: Mapping[int, str]) -> dict[str, Any]:
    """A booking that has lost its place, in words."""
    was = clock.business_date(one.former.starts_at, of.zone)
    buttons = [_series.place_button(place, was, of.zone, people) for place in one.places]
    return {
        "field": _name(one.former.booking),
        "client": names.get(of.client, ""),
        "url": "" if one.gone else words.url(of.id),
        "was": f"{_series.day_in_sentence(was, of.zone)}, {time_words(one.former.starts_at, of.zone)}",
        "why": i18n.problem(one.problem) if one.problem else "",
        "places": [{**said, "value": str(place.start.at)} for said, place in zip(buttons, one.places, strict=True)],
        "off": one.off,
        "gone": one.gone,
        "now": "" if one.off or one.gone else words.when_words(of),
    }


async def _home(operation: int) -> str:
    """Where one goes on: the series of what was moved, or the agenda of its day."""
    moved = list(await former.now(operation))
    if not moved:
        return _agenda.PATH
    one = await cards.booking(moved[0])
    return _series.url(one.series) if one.series else await words.home_url(one)


@post(ONE, opt=UNDO, request_max_body_size=FORM_LIMIT)
async def undo(request: Req, operation: FromPath[int]) -> Response[Any]:
    """Undo it, all or nothing."""
    sent = [int(name[1:]) for name in (await read_body(request)).texts if FIELD.fullmatch(name)]

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        asked = _chosen(values, sent)
        if far := [of for of, at in asked.items() if at and not words.is_within_dates(at, ZoneInfo("UTC"))]:
            raise Invalid({_name(of): Problem("problem.choice") for of in far})
        try:
            return await undo_elsewhere(intent, OperationId(operation), tuple(sorted(asked.items())))
        except Invalid as wrong:
            blamed = {_name(of): why for of, why in wrong.by_entity.items() if of in asked}
            raise (Invalid(blamed) if blamed else wrong) from wrong

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        try:
            backs = await _backs(asked, operation, _chosen(form.usable(), sent))
        except NotFound:
            return error_page(asked, 409, problem=form.problem)
        form.spec = [_field(one.former.booking) for one in backs if one.problem]
        form.problems |= {one.name: UNSAID for one in form.spec if not any(form.texts.get(one.name, ()))}
        if form.problems and form.refusal == UNSAID:
            form.refusal = None
        return await _show(asked, operation, backs, form, status)

    return await submit(
        request, NAME, [_field(one) for one in sent], act=act, show=again, then=lambda _: _home(operation)
    )


def _chosen(values: Mapping[str, Any], sent: Sequence[int]) -> dict[BookingId, datetime | None]:
    """When each shall begin, as far as the form says it; None: it stays."""
    known = {BookingId(of): values.get(_name(of)) for of in sent}
    return {of: None if at == STAYS else instant(at) for of, at in known.items() if at is not None}


ROUTES = [elsewhere, undo]
