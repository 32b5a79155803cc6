"""Time off: vacation, illness, repair; whole days or a part of one."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import cards
from console.domain.errors import Invalid, Problem
from console.domain.ids import BookableId
from console.domain.roster import actions, queries
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.team.rules import Permission
from console.routes import _bookings as words
from console.routes import _fields as f
from console.routes._forms import FORM_LIMIT, Form
from console.routes._hours import hours
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit
from console.routes._team import OFF_WORDS, TIME_OFF, url
from console.routes.booking import away_words

NEW = "/team/bookables/{bookable:int}/time-off"
ONE = "/team/time-off/{time_off:int}"
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
OF_PEOPLE = (TimeOffKind.VACATION, TimeOffKind.SICK, TimeOffKind.TRAINING, TimeOffKind.OTHER)
OF_THINGS = (TimeOffKind.REPAIR, TimeOffKind.OTHER)


def _fields(kind: BookableKind) -> tuple[f.Field, ...]:
    offered = OF_PEOPLE if kind is BookableKind.PERSON else OF_THINGS
    choices = [(one.value, i18n.upper_first(i18n.gettext(OFF_WORDS[one]))) for one in offered]
    return (
        f.choice("kind", lambda: choices, kind="radio", label="field.off_kind"),
        f.day("first", FIRST, LAST, label="field.first_day"),
        f.day("last", FIRST, LAST, required=False, label="field.last_day", hint="hint.last_day"),
        hours("hours", label="field.off_hours", hint="hint.off_hours"),
        f.text("note", limit=200, required=False, label="field.note", hint="hint.off_note"),
    )


def _away(values: dict[str, Any]) -> actions.Away:
    """One interval at most: somebody who is away twice a day is so by two entries."""
    intervals = values["hours"]
    if len(intervals) > 1:
        raise Invalid({"hours": Problem("problem.one_interval")})
    return actions.Away(
        TimeOffKind(values["kind"]),
        values["first"],
        values["last"] or values["first"],
        intervals[0] if intervals else None,
        values["note"],
    )


async def _page(
    request: Req, bookable: int, form: Form, status: int = 200, time_off: int | None = None
) -> Response[Any]:
    one = await queries.bookable(bookable)
    key = "title.time_off" if time_off else "title.time_off_new"
    return await page(
        request,
        "bookables/time_off.html",
        i18n.words(key, {"name": one.name}),
        status=status,
        form=form,
        bookable=one,
        back=url(bookable),
        time_off=time_off,
        to_move=await _to_move(request, time_off) if time_off else [],
        action=f"/team/time-off/{time_off}" if time_off else f"{url(bookable)}/time-off",
    )


async def _to_move(request: Req, time_off: int) -> list[dict[str, Any]]:
    """The bookings to come that somebody was given for when they are away."""
    if not request.user.actor.may(Permission.BOOKING_CHANGE):
        return []
    found = await cards.inside_time_off(time_off, clock.now())
    names, absent = await words.names(found), await cards.absent([one.id for one in found])
    return [
        {
            **words.line(request, one),
            "name": names[one.client],
            "why": " ".join(away_words(away) for away in absent.get(one.id, ()) if away.time_off == time_off),
        }
        for one in found
    ]


@get(NEW, opt=TIME_OFF)
async def new(request: Req, bookable: FromPath[int]) -> Response[Any]:
    kind = (await queries.bookable(bookable)).kind
    usual = TimeOffKind.VACATION if kind is BookableKind.PERSON else TimeOffKind.REPAIR
    values = {"kind": usual, "first": await queries.today(bookable, clock.now())}
    return await _page(request, bookable, Form.blank(request, "time_off", _fields(kind), values))


@post(NEW, opt=TIME_OFF, request_max_body_size=FORM_LIMIT)
async def add(request: Req, bookable: FromPath[int]) -> Response[Any]:
    kind = (await queries.bookable(bookable)).kind
    return await submit(
        request,
        "time_off",
        _fields(kind),
        act=lambda intent, v: actions.add_time_off(intent, BookableId(bookable), _away(v)),
        show=lambda asked, form, status: _page(asked, bookable, form, status),
        then=lambda ids: _with_what_lies_inside(ids["time_off"], url(bookable)),
        saved=lambda ids: _saved(ids["time_off"]),
        fresh=lambda ids: f"/team/time-off/{ids['time_off']}",
    )


async def _with_what_lies_inside(time_off: int, otherwise: str) -> str:
    """Where bookings lie in the time off, its own page follows, which lists them."""
    return f"/team/time-off/{time_off}" if await cards.inside_time_off(time_off, clock.now(), 1) else otherwise


async def _saved(time_off: int) -> Saved:
    one = await queries.one_time_off(time_off)
    values = {
        "kind": one.kind,
        "first": one.first,
        "last": one.last,
        "hours": (one.hours,) if one.hours else None,
        "note": one.note,
    }
    return Saved(values, one.version, one.operation)


@get(ONE, opt=TIME_OFF)
async def show(request: Req, time_off: FromPath[int]) -> Response[Any]:
    one = await queries.one_time_off(time_off)
    kind = (await queries.bookable(one.bookable)).kind
    saved = await _saved(time_off)
    form = Form.blank(request, "time_off", _fields(kind), saved.values, saved.version)
    return await _page(request, one.bookable, form, time_off=time_off)


@post(ONE, opt=TIME_OFF, request_max_body_size=FORM_LIMIT)
async def change(request: Req, time_off: FromPath[int]) -> Response[Any]:
    one = await queries.one_time_off(time_off)
    kind = (await queries.bookable(one.bookable)).kind
    return await submit(
        request,
        "time_off",
        _fields(kind),
        act=lambda intent, v: actions.change_time_off(intent, time_off, v["version"], _away(v)),
        show=lambda asked, form, status: _page(asked, one.bookable, form, status, time_off),
        then=lambda _: _with_what_lies_inside(time_off, url(one.bookable)),
        saved=lambda _: _saved(time_off),
    )


@post(f"{ONE}/removal", opt=TIME_OFF)
async def removal(request: Req, time_off: FromPath[int]) -> Response[Any]:
    """They are there after all."""
    read = (await Form.read(request, "button", ())).version or 0
    return await press(
        request, lambda intent: actions.remove_time_off(intent, time_off, read), lambda ids: url(ids["of"])
    )


ROUTES = [new, add, show, change, removal]
