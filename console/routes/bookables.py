"""People, crews, rooms, vehicles and equipment: lists, one of them with its week, adding, changing, off and on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from console import i18n
from console.domain import clock
from console.domain.business.queries import open_locations
from console.domain.catalogue import queries as catalogue
from console.domain.errors import NotFound
from console.domain.ids import BookableId, LocationId, StaffId
from console.domain.intent import Intent, Outcome
from console.domain.roster import actions, queries
from console.domain.roster.queries import BookableView, ScheduleView
from console.domain.roster.rules import BookableKind
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _names, _page, _prices, _team, _to_move
from console.routes._forms import FORM_LIMIT, Form
from console.routes._hours import days_words, week_words
from console.routes._listing import PEOPLE_STATES, STATES, Column, file, listing
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit
from console.routes._team import CHANGE, READ, today_at, url
from console.routes.crews import members_words

LIST = "/team/{listed:str}"
ONE = "/team/bookables/{bookable:int}"
NEW_TITLES = {
    BookableKind.PERSON: "title.person_new",
    BookableKind.CREW: "title.crew_new",
    BookableKind.ROOM: "title.room_new",
    BookableKind.VEHICLE: "title.vehicle_new",
    BookableKind.EQUIPMENT: "title.equipment_new",
}


def _columns(kind: BookableKind) -> list[Column[BookableView]]:
    name = "column.staff.name" if kind is BookableKind.PERSON else "column.location.name"
    return [
        Column("name", name, lambda one: one.name),
        Column("position", "column.bookable.position", lambda one: one.position, numeric=True),
    ]


def _kind(listed: str) -> BookableKind:
    if listed not in _team.LISTS:
        raise NotFound
    return _team.LISTS[listed][0]


@get("/team", opt=READ)
async def first_list(request: Req) -> Redirect:
    """The team's first page."""
    return Redirect("/team/people")


@get(LIST, opt=READ)
async def listed(request: Req, listed: FromPath[str]) -> Response[Any]:
    kind = _kind(listed)
    asked = listing(
        request,
        _columns(kind),
        await queries.bookables(kind),
        words=lambda one: (one.name,),
        is_on=lambda one: one.retired_at is None,
        states=PEOPLE_STATES if kind is BookableKind.PERSON else STATES,
    )
    title = i18n.gettext(_team.LISTS[listed][1])
    week = await _team.week_of(request, list(asked.rows), _team.monday(request))
    return file(request, title, asked) or await page(
        request,
        "bookables/list.html",
        title,
        asked=asked,
        week=week,
        astray=await _to_move.callout(request),
        kind=kind,
        path=f"/team/{listed}",
        tabs=_team.tabs(f"/team/{listed}"),
        may_change=request.user.actor.may(Permission.ROSTER_CHANGE),
        sees_accounts=request.user.actor.may(Permission.STAFF_READ),
    )


async def _staff_field(known: StaffId | None = None) -> f.Field:
    """The accounts that are open and nobody else's, and the one that a person has."""
    taken = {one.staff for one in await queries.bookables() if one.retired_at is None} - {known}
    free = [one for one in await team.colleagues() if one.id not in taken and (not one.retired_at or one.id == known)]
    choices = [("", i18n.gettext("words.no_account")), *((str(one.id), one.name) for one in free)]
    return f.choice("staff", lambda: choices, required=False, label="field.staff", hint="hint.staff")


async def place_field() -> f.Field:
    """The locations that are open."""
    choices = [(str(one.id), one.name) for one in await open_locations()]
    return f.choice("location", lambda: choices, label="field.location_of")


async def _fields(kind: BookableKind, known: StaffId | None = None) -> tuple[f.Field, ...]:
    label = "field.name" if kind is BookableKind.PERSON else "field.name_of_it"
    own = f.text("name", limit=80, autocomplete="off", label=label)
    return (own, await _staff_field(known)) if kind is BookableKind.PERSON else (own,)


async def _new_fields(kind: BookableKind) -> tuple[f.Field, ...]:
    return (*await _fields(kind), await place_field())


async def _new(request: Req, listed: str, form: Form, status: int = 200) -> Response[Any]:
    title = i18n.gettext(NEW_TITLES[_kind(listed)])
    return await page(request, "bookables/new.html", title, status=status, form=form, path=f"/team/{listed}")


@get(f"{LIST}/new", opt=CHANGE)
async def new(request: Req, listed: FromPath[str]) -> Response[Any]:
    fields = await _new_fields(_kind(listed))
    return await _new(request, listed, Form.blank(request, "bookable", fields))


@post(LIST, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req, listed: FromPath[str]) -> Response[Any]:
    kind = _kind(listed)
    return await submit(
        request,
        "bookable",
        await _new_fields(kind),
        act=lambda intent, v: _add(intent, kind, v),
        show=lambda asked, form, status: _new(asked, listed, form, status),
        then=lambda ids: url(ids["bookable"]),
        saved=lambda ids: _saved(ids["bookable"]),
        fresh=lambda ids: url(ids["bookable"]),
    )


async def _add(intent: Intent, kind: BookableKind, values: dict[str, Any]) -> Outcome[Any]:
    where = LocationId(int(values["location"]))
    return await actions.add(intent, kind, values["name"], _staff(values), where, await today_at(where))


def _staff(values: dict[str, Any]) -> StaffId | None:
    return StaffId(int(values["staff"])) if values.get("staff") else None


async def _saved(bookable: int) -> Saved:
    one = await queries.bookable(bookable)
    values = {"name": one.name, "staff": one.staff or "", "position": one.position}
    return Saved(values, one.version, one.operation, one.name)


def _place_in_list() -> f.Field:
    return f.whole("position", 1, 9999, label="field.position", hint="hint.position")


async def _show(request: Req, bookable: int, form: Form | None = None, status: int = 200) -> Response[Any]:
    one = await queries.bookable(bookable)
    if form is None:
        saved = await _saved(bookable)
        fields = (*await _fields(one.kind, one.staff), _place_in_list())
        form = Form.blank(request, "bookable", fields, saved.values, saved.version)
    first, now = _team.monday(request), clock.now()
    day = await queries.today(bookable, now)
    return await page(
        request,
        "bookables/bookable.html",
        one.name,
        status=status,
        form=form,
        bookable=one,
        base=url(bookable),
        path=_team.list_of(one.kind),
        week=await _team.week_of(request, [one], first),
        links=_team.week_links(url(bookable), first, day),
        schedules=_schedules(await queries.schedules(bookable), now),
        off=[
            {"off": away, "what": _team.off_words(away), "when": days_words(away.first, away.last)}
            for away in await queries.time_off(bookable, day)
        ],
        skills=await _skills(request, bookable),
        astray=await _to_move.callout(request, None, one.id),
        crew=await members_words(one.id, day) if one.kind is BookableKind.CREW else None,
        may_change=request.user.actor.may(Permission.ROSTER_CHANGE),
        may_stand_in=one.kind is BookableKind.PERSON and request.user.actor.may(Permission.BOOKING_CHANGE),
        may_be_off=request.user.actor.may(Permission.TIME_OFF_CHANGE),
    )


def _schedules(schedules: list[ScheduleView], now: datetime) -> list[dict[str, Any]]:
    """Weekly hours as the page lists them; of those that have begun only the one in force at each location."""
    in_force: set[LocationId] = set()
    rows = []
    for one in schedules:
        to_come = not one.begun(now)
        if not to_come and one.location in in_force:
            continue
        if not to_come:
            in_force.add(one.location)
        week = week_words(one.hours) if one.hours is not None else [i18n.gettext("words.as_location")]
        rows.append({"schedule": one, "week": week, "since": i18n.short_day(one.valid_from), "to_come": to_come})
    return rows


async def _skills(request: Req, bookable: int) -> list[dict[str, str]]:
    known = await catalogue.skills(bookable)
    return [
        {
            "name": _names.shown(request, service.names),
            "minutes": i18n.duration(known[service.id].minutes or service.minutes),
            "price": _own_price(known[service.id]) or _prices.price_words(service.price),
            "own": "own" if known[service.id].minutes or known[service.id].minor is not None else "",
        }
        for service in await catalogue.services(_page.today(request))
        if service.id in known and service.retired_at is None
    ]


def _own_price(skill: catalogue.SkillView) -> str:
    return i18n.money(skill.minor, skill.currency) if skill.minor is not None and skill.currency else ""


@get(ONE, opt=READ)
async def show(request: Req, bookable: FromPath[int]) -> Response[Any]:
    if request.query_params.get("as") == "pdf":
        from console.routes.weeks import week_pdf

        return await week_pdf(request, [await queries.bookable(bookable)])
    return await _show(request, bookable)


@post(ONE, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, bookable: FromPath[int]) -> Response[Any]:
    one = await queries.bookable(bookable)
    return await submit(
        request,
        "bookable",
        (*await _fields(one.kind, one.staff), _place_in_list()),
        act=lambda intent, v: actions.change(
            intent, BookableId(bookable), v["version"], v["name"], _staff(v), v["position"]
        ),
        show=lambda asked, form, status: _show(asked, bookable, form, status),
        then=url(bookable),
        saved=lambda _: _saved(bookable),
    )


@post(f"{ONE}/retirement", opt=CHANGE)
async def retirement(request: Req, bookable: FromPath[int]) -> Response[Any]:
    """Take it out of the plan."""
    kind = (await queries.bookable(bookable)).kind
    return await press(request, lambda intent: actions.retire(intent, BookableId(bookable)), _team.list_of(kind))


@post(f"{ONE}/readmission", opt=CHANGE)
async def readmission(request: Req, bookable: FromPath[int]) -> Response[Any]:
    """Put it back into the plan."""
    return await press(request, lambda intent: actions.readmit(intent, BookableId(bookable)), url(bookable))


ROUTES = [first_list, listed, new, add, show, change, retirement, readmission]
