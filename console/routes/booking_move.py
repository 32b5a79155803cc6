"""Moving a booking, and bringing one back that was called off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking import actions, cards, rearranging, settled
from console.domain.booking.arranging import Arrangement
from console.domain.booking.cards import BookingView
from console.domain.booking.places import instant, minute
from console.domain.booking.rearranging import LONGEST, SHORTEST
from console.domain.booking.rules import CALLED_OFF, MOVABLE, ReasonUse, Status
from console.domain.booking.steps import TakenBack
from console.domain.clients import queries as clients
from console.domain.clock import NoSuchTime, TwiceThatDay, WallTime
from console.domain.errors import Invalid, Problem
from console.domain.ids import BookableId
from console.domain.intent import Intent, Outcome
from console.routes import _bookings as words
from console.routes import _fees, _names, _places
from console.routes import _fields as f
from console.routes._bookings import CHANGE
from console.routes._fields import Bad
from console.routes._forms import FORM_LIMIT, Form
from console.routes._page import Req, done, page
from console.routes._places import Found
from console.routes._submit import Saved, submit
from console.routes.booking import title_of

ONE = "/bookings/{booking:int}"
AS_BEFORE = "-0"
"""Behind a place: those do it who did, whoever was typed."""
TO_CONFIRM = f.tick("to_confirm", label="field.to_confirm", hint="hint.to_confirm")
"""Of a confirmed booking: its client has not agreed yet to where it is moved."""


@dataclass(frozen=True)
class Way:
    """One of the two forms. `statuses`: of bookings that have it."""

    path: str
    title: str
    statuses: tuple[Status, ...]
    act: Callable[[Intent, Arrangement, Mapping[str, Any]], Awaitable[Outcome[Any]]]


def _move(intent: Intent, place: Arrangement, values: Mapping[str, Any]) -> Awaitable[Outcome[Any]]:
    over = words.reason_of(values, "over")
    return actions.move(intent, place, values["version"], over, to_confirm=values.get(TO_CONFIRM.name, False))


def _bring_back(intent: Intent, place: Arrangement, values: Mapping[str, Any]) -> Awaitable[Outcome[Any]]:
    return actions.bring_back(intent, place, values["version"], words.reason_of(values, "over"))


MOVE = Way("move", "title.booking_move", MOVABLE, _move)
RETURN = Way("return", "title.booking_return", CALLED_OFF, _bring_back)


def _start(typed: str) -> tuple[int, bool]:
    """A place's minutes since the epoch, and whether those do it there who did."""
    digits = typed.removesuffix(AS_BEFORE)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9):
        raise Bad("problem.choice")
    return int(digits), typed.endswith(AS_BEFORE)


async def _fields(request: Req, one: BookingView) -> tuple[f.Field, ...]:
    """Where it shall be. `from` and `to`: who did it and who shall; `minutes`: of all services together."""
    own = [(str(who.id), who.name) for who in one.people]
    able = await settled.able(one.id) | {doer.id for doer in one.people}
    others = [
        (str(who.id), who.name if who.id in able else i18n.words("words.does_not_do_it", {"name": who.name}))
        for who in await words.doers()
        if who.retired_at is None or who.id in {doer.id for doer in one.people}
    ]
    return (
        f.day("on", words.FIRST, words.LAST, label="field.booked_on"),
        words.wall_time("time", label="field.booked_at", hint="hint.booked_at"),
        f.choice("from", lambda: [("", i18n.gettext("words.nobody_else")), *own], required=False, label="field.from"),
        f.choice("to", lambda: [("", i18n.gettext("words.as_before")), *others], required=False, label="field.to"),
        f.whole("minutes", SHORTEST, LONGEST, required=False, label="field.all_minutes", hint=_minutes_hint(one)),
        f.Field("start", _start, kind="hidden", required=False, limit=20, label="field.start"),
        words.SURE,
        await words.reason_field(request, ReasonUse.OVERBOOKING, "over"),
        *([TO_CONFIRM] if one.status is Status.CONFIRMED else []),
    )


def _minutes_hint(one: BookingView) -> str:
    """What becomes of the length where none is said."""
    return "hint.set_minutes" if one.by_hand else "hint.all_minutes"


def _values(one: BookingView) -> dict[str, Any]:
    wall = WallTime.of(one.starts_at, one.zone)
    people = one.people
    return {
        "on": wall.on,
        "time": wall.minute,
        "from": people[0].id if len(people) == 1 else "",
        "to": people[0].id if len(people) == 1 else "",
        "minutes": one.minutes if one.by_hand else "",
    }


def _instead(one: BookingView, values: Mapping[str, Any]) -> tuple[tuple[BookableId, BookableId], ...]:
    """Who does it in place of whom. Raises `Invalid` where it is not said whom somebody stands in for."""
    if not values.get("to") or (values.get("start") or (0, False))[1]:
        return ()
    people = one.people
    shall = BookableId(int(values["to"]))
    if values.get("from"):
        did = BookableId(int(values["from"]))
    elif len(people) == 1:
        did = people[0].id
    else:
        raise Invalid({"from": Problem("problem.required")})
    if did not in {who.id for who in people}:
        raise Invalid({"to": Problem("problem.others_do_it")})
    return () if did == shall else ((did, shall),)


def _arrangement(one: BookingView, values: Mapping[str, Any], moment: datetime) -> Arrangement:
    instead, minutes = _instead(one, values), values.get("minutes")
    return Arrangement(one.id, moment, instead, None if minutes == one.minutes and not instead else minutes)


def _moment(one: BookingView, values: Mapping[str, Any]) -> datetime:
    if values["start"] is not None:
        return _ask(one, values, words.within_dates(instant(values["start"][0]), one.zone))
    if _stays(one, values):
        return one.starts_at
    try:
        return _ask(one, values, WallTime(values["on"], values["time"]).at(one.zone))
    except (NoSuchTime, TwiceThatDay) as refused:
        raise Invalid({"time": refused.problem}) from None


def _ask(one: BookingView, values: Mapping[str, Any], moment: datetime) -> datetime:
    far = words.ask_if_far(moment, one.zone, values, one.starts_at)
    return words.ask_if_begun(far, one.zone, values, one.starts_at)


def _stays(one: BookingView, values: Mapping[str, Any]) -> bool:
    """Whether it shall be when it is: of a time that comes twice that day it stays at the one that it has."""
    wall = WallTime.of(one.starts_at, one.zone)
    return (values.get("on"), values.get("time")) == (wall.on, wall.minute)


def _comes_twice(one: BookingView) -> bool:
    return len(WallTime.of(one.starts_at, one.zone).instants(one.zone)) > 1


async def _look(one: BookingView, values: Mapping[str, Any], refused: bool) -> tuple[Found, bool]:
    """Places for what the form says; where those who were typed can at no time, those of the ones who do it now."""
    start = values.get("start")
    on = values.get("on") or words.business_day(one)
    at = values.get("time") if refused else None
    pick = _places.Pick(start[0]) if start else None
    if pick is None and at is not None and _comes_twice(one) and _stays(one, values):
        pick = _places.Pick(minute(one.starts_at))
    most = _places.NEAREST if refused else _places.MOST
    try:
        meant = _arrangement(one, values, one.starts_at)
    except Invalid:
        meant = Arrangement(one.id, one.starts_at)
    first: Found | None = None
    for arrangement in (meant, Arrangement(one.id, one.starts_at)):
        try:
            question = await rearranging.question(one.location, arrangement)
        except Invalid:
            continue
        except TakenBack:
            break
        found = await _places.find(question, one.zone, on, at, pick, most)
        if found.places:
            return found, arrangement != meant
        first = first or found
    return first or Found(one.zone, asked=True), False


async def _kept(request: Req, one: BookingView) -> list[str]:
    """What it keeps though it could not be chosen any more, and why, in words."""
    return [
        i18n.words(
            "words.keeps_service" if kept.who is None else "words.keeps_person",
            {"service": _names.shown(request, kept.service), **({"who": kept.who} if kept.who else {})},
        )
        for kept in await settled.kept(one.id)
    ]


def _differs(one: BookingView, values: Mapping[str, Any]) -> bool:
    """Whether somebody else shall do it, or for another time: then its own time is a place, too."""
    try:
        meant = _arrangement(one, values, one.starts_at)
    except Invalid:
        return False
    return bool(meant.instead) or meant.minutes is not None


def _is_typed(request: Req, one: BookingView, values: Mapping[str, Any]) -> bool:
    """Whether the address says where it shall be, and that is not where it is."""
    own = _values(one)
    elsewhere = any(values.get(name) != own[name] for name in ("on", "time")) or _differs(one, values)
    return elsewhere and values.get("time") is not None and "time" in request.query_params


async def _page(request: Req, way: Way, booking: int, form: Form, status: int = 200) -> Response[Any]:
    one = await cards.booking(booking)
    open_to_it = one.retired_at is None and one.status in way.statuses
    if way is RETURN and open_to_it:
        open_to_it = (await clients.client(one.client)).erased_at is None
    if not open_to_it and (status == 200 or form.problem is None):
        return done(request, words.url(booking))
    values = form.usable()
    comes_back = way is RETURN or words.BACK in request.query_params
    judged = comes_back or _is_typed(request, one, values)
    found, as_before = Found(one.zone, asked=False), False
    if open_to_it:
        found, as_before = await _look(one, values, status != 200 or judged)
    if judged and found.problem and "time" not in form.problems:
        form.problems["time"] = found.problem
    if "from" in form.problems and len(one.people) < 2:
        form.problems["to"] = Problem("problem.others_do_it")
        del form.problems["from"]
    if request.query_params.get(words.BACK) == words.UNABLE and not form.problems:
        form.problems["to"] = Problem("problem.did_it_before")
    form.texts["start"] = []
    if found.places and way is MOVE and not as_before:
        elsewhere = [place for place in found.places if place.starts_at != one.starts_at or _differs(one, values)]
        found = replace(found, places=elsewhere)
    return await page(
        request,
        "bookings/move.html",
        i18n.gettext(way.title),
        status=status,
        form=form,
        base=words.url(booking),
        action=f"{words.url(booking)}/{way.path}",
        of=await title_of(one),
        booking=one,
        places=_places.shown(found, await _places.service_names(request, found)),
        suffix=AS_BEFORE if as_before else "",
        refused="time" in form.problems,
        comes_back=comes_back,
        kept=await _kept(request, one),
        fees=await _fees.standing(booking) if way is RETURN else [],
        verb=i18n.gettext(way.title) if way is RETURN else "",
        panel=True,
        home=words.agenda_or(request, await words.home_url(one)),
        may_overbook=words.asks_why(request, form, refused=status != 200),
    )


async def _shown(request: Req, way: Way, booking: int) -> Response[Any]:
    """The form as the booking stands, with what the address says: it is still being typed."""
    one = await cards.booking(booking)
    spec = await _fields(request, one)
    form = Form.blank(request, "move", spec, _values(one), one.version)
    for name, texts in Form.asked(request, "move", spec).texts.items():
        if texts:
            form.texts[name] = texts
    return await _page(request, way, booking, form)


async def _sent(request: Req, way: Way, booking: int) -> Response[Any]:
    one = await cards.booking(booking)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        arrangement = _arrangement(one, values, _moment(one, values))
        try:
            return await way.act(intent, arrangement, values)
        except Invalid as refused:
            problems = _places.meanwhile(refused, shown=values["start"] is not None).problems.items()
            raise Invalid({"time" if name == "starts" else name: what for name, what in problems}) from None

    return await submit(
        request,
        "move",
        await _fields(request, one),
        act=act,
        show=lambda asked, form, status: _page(asked, way, booking, form, status),
        then=lambda _: words.onward(request, booking),
        saved=lambda _: _saved(booking),
        fresh=words.url(booking),
    )


async def _saved(booking: int) -> Saved:
    one = await cards.booking(booking)
    return Saved(_values(one), one.version, one.operation)


@get(f"{ONE}/move", opt=CHANGE)
async def moving(request: Req, booking: FromPath[int]) -> Response[Any]:
    return await _shown(request, MOVE, booking)


@post(f"{ONE}/move", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def move(request: Req, booking: FromPath[int]) -> Response[Any]:
    """What dragging posts as well."""
    return await _sent(request, MOVE, booking)


@get(f"{ONE}/return", opt=CHANGE)
async def returning(request: Req, booking: FromPath[int]) -> Response[Any]:
    return await _shown(request, RETURN, booking)


@post(f"{ONE}/return", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def bring_back(request: Req, booking: FromPath[int]) -> Response[Any]:
    """Book again what was called off, where there is a place now."""
    return await _sent(request, RETURN, booking)


ROUTES = [moving, move, returning, bring_back]
