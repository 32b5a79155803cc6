"""Holidays: a year's list, and one day added, changed or removed by hand."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.business import actions, queries
from console.domain.errors import Problem
from console.domain.ids import HolidayId, LocationId
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _names, _to_move
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._hours import day_words, days_words, hours
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit
from console.routes._trail import date_words

LIST = "/settings/holidays"
OPT = needs(Permission.HOLIDAY_CHANGE)
FIRST_YEAR, LAST_YEAR = 2000, 2100
EVERYWHERE = "0"
"""In place of a location."""


def _today(request: Req) -> date:
    return clock.business_date(clock.now(), request.scope["state"]["business"].zone)


def _year(request: Req, otherwise: int) -> int:
    asked = request.query_params.get("year", "")
    known = asked.isascii() and asked.isdigit() and len(asked) == 4 and FIRST_YEAR <= int(asked) <= LAST_YEAR
    return int(asked) if known else otherwise


@get(LIST, opt=OPT)
async def listed(request: Req) -> Response[Any]:
    today = _today(request)
    year = _year(request, today.year)
    runs = await queries.holiday_runs(date(year, 1, 1), date(year, 12, 31))
    here = year == today.year
    years = sorted({*await queries.holiday_years(), today.year, today.year + 1, year})
    return await page(
        request,
        "holidays/list.html",
        i18n.gettext("title.holidays"),
        months=_months([run for run in runs if run.last >= today or not here]),
        over=_months([run for run in runs if run.last < today and here]),
        count=sum(len(run.days) for run in runs),
        offered=[{"label": str(one), "url": f"{LIST}?year={one}", "current": one == year} for one in years],
        year=str(year),
        astray=await _to_move.callout(request),
    )


def _months(runs: list[queries.HolidayRun]) -> list[dict[str, Any]]:
    """Runs by the month that they begin in."""
    return [
        {"name": i18n.month(first), "runs": [_run(run) for run in those]}
        for first, those in groupby(runs, lambda run: run.first.replace(day=1))
    ]


def _run(run: queries.HolidayRun) -> dict[str, Any]:
    days = [{"id": one.id, "version": one.version, "date": i18n.day(one.date)} for one in run.days]
    date_of = i18n.day(run.first) if len(days) == 1 else days_words(run.first, run.last)
    first = run.days[0]
    return {
        "id": first.id,
        "version": sum(one.version for one in run.days),
        "name": i18n.spoken(first.names),
        "place": first.location_name,
        "date": date_of,
        "days": days,
        "hours": day_words(first.hours),
    }


def _earliest(request: Req, day: queries.HolidayView | None) -> date:
    """From when on a day can be noted: since the last year, as public holidays are offered; before it is a slip."""
    since = date(_today(request).year - 1, 1, 1)
    return min(day.date, since) if day else since


async def _fields(request: Req, day: queries.HolidayView | None = None) -> tuple[f.Field, ...]:
    """The fields of a day; the places are those that are open, and those that the day and the form have."""
    known = {str(day.location), (await read_body(request)).first("location")} if day else set()
    places = [one for one in await queries.locations() if one.retired_at is None or str(one.id) in known]
    where = [(EVERYWHERE, i18n.gettext("words.everywhere")), *((str(one.id), one.name) for one in places)]
    return (
        f.day("date", _earliest(request, day), date(LAST_YEAR, 12, 31), label="field.date"),
        *_names.fields(request, limit=200, known=day.names if day else None),
        f.choice("location", lambda: where, label="field.where"),
        hours("hours", label="field.hours_that_day", hint="hint.hours_that_day"),
    )


def _day(values: dict[str, Any]) -> actions.DayOff:
    where = None if values["location"] == EVERYWHERE else LocationId(int(values["location"]))
    return actions.DayOff(values["date"], _names.read(values), where, values["hours"])


LAST = f.day(
    "last",
    date(FIRST_YEAR, 1, 1),
    date(LAST_YEAR, 12, 31),
    required=False,
    label="field.last_day",
    hint="hint.last_day",
)


async def _new_fields(request: Req) -> tuple[f.Field, ...]:
    """Those of a new holiday, which may last for several days."""
    on, *others = await _fields(request)
    return (on, LAST, *others)


async def _in_the_way(form: Form) -> int | None:
    """The holiday on whose date another one was to be; the form names it. None where that was not the problem."""
    if "date" not in form.problems or form.problems["date"].key != "problem.holiday_taken":
        return None
    first = date.fromisoformat(form.fields["date"].value)
    last = (
        date.fromisoformat(form.fields["last"].value) if "last" in form.fields and form.fields["last"].value else first
    )
    where = None if form.fields["location"].value == EVERYWHERE else int(form.fields["location"].value)
    there = [day for run in await queries.holiday_runs(first, last) for day in run.days if day.location == where]
    if not there:
        return None
    named = i18n.words("words.quoted", {"name": i18n.spoken(there[0].names)})
    form.problems["date"] = Problem("problem.holiday_there", {"name": named, "date": date_words(there[0].date)})
    return there[0].id


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    title = i18n.gettext("title.holiday_new")
    taken = await _in_the_way(form)
    return await page(request, "holidays/new.html", title, status=status, form=form, taken=taken)


@get(f"{LIST}/new", opt=OPT)
async def new(request: Req) -> Response[Any]:
    return await _new(request, Form.blank(request, "holiday", await _new_fields(request)))


@post(LIST, opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "holiday",
        await _new_fields(request),
        act=lambda intent, values: actions.add_holiday(intent, _day(values), values["last"]),
        show=_new,
        then=_list_of_year,
        saved=lambda ids: _saved(_first(ids)),
        fresh=lambda ids: f"{LIST}/{_first(ids)}",
    )


def _first(ids: dict[str, Any]) -> int:
    return int(ids["holiday"] if "holiday" in ids else ids["holidays"][0])


def _list_of_year(ids: dict[str, int]) -> str:
    return f"{LIST}?year={ids['year']}"


async def _saved(holiday: int) -> Saved:
    one = await queries.holiday(holiday)
    values = {"date": one.date, **_names.values(one.names), "location": one.location or EVERYWHERE, "hours": one.hours}
    return Saved(values, one.version, one.operation)


async def _shown(request: Req, holiday: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.holiday(holiday)
    title, taken = i18n.spoken(one.names), await _in_the_way(form)
    return await page(request, "holidays/holiday.html", title, status=status, form=form, day=one, taken=taken)


@get(f"{LIST}/{{holiday:int}}", opt=OPT)
async def show(request: Req, holiday: FromPath[int]) -> Response[Any]:
    saved = await _saved(holiday)
    fields = await _fields(request, await queries.holiday(holiday))
    return await _shown(request, holiday, Form.blank(request, "holiday", fields, saved.values, saved.version))


@post(f"{LIST}/{{holiday:int}}", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req, holiday: FromPath[int]) -> Response[Any]:
    one = await queries.holiday(holiday)
    return await submit(
        request,
        "holiday",
        await _fields(request, one),
        act=lambda intent, values: actions.change_holiday(intent, HolidayId(holiday), values["version"], _day(values)),
        show=lambda asked, form, status: _shown(asked, holiday, form, status),
        then=_list_of_year,
        saved=lambda _: _saved(holiday),
    )


@post(f"{LIST}/{{holiday:int}}/removal", opt=OPT)
async def removal(request: Req, holiday: FromPath[int]) -> Response[Any]:
    """Take the day off the calendar, as it was read."""
    read = (await Form.read(request, "button", ())).version or 0
    return await press(request, lambda intent: actions.remove_holiday(intent, HolidayId(holiday), read), _list_of_year)


@post(f"{LIST}/{{first:int}}/to/{{last:int}}/removal", opt=OPT)
async def removal_of_run(request: Req, first: FromPath[int], last: FromPath[int]) -> Response[Any]:
    """Take days in a row off the calendar: those that the list showed as one."""
    days = await queries.days_between(first, last)
    read = (await Form.read(request, "button", ())).version or 0
    return await press(request, lambda intent: actions.remove_holidays(intent, days, read), _list_of_year)


ROUTES = [listed, new, add, show, change, removal, removal_of_run]
