"""Holidays: a year's list, and one day added, changed or removed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from itertools import groupby
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.business import holidays as actions
from console.domain.business import queries
from console.domain.errors import NotFound, Problem
from console.domain.ids import HolidayId, LocationId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _names, _page, _to_move
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._hours import day_words, days_words, hours
from console.routes._page import Req, page
from console.routes._submit import Saved, press, submit
from console.routes._values import date_words

LIST = "/settings/holidays"
OPT = needs(Permission.HOLIDAY_CHANGE)
FIRST_YEAR, LAST_YEAR = 2000, 2100
EVERYWHERE = "0"
"""In place of a location."""


def _year(request: Req, otherwise: int) -> int:
    asked = request.query_params.get("year", "")
    known = asked.isascii() and asked.isdigit() and len(asked) == 4 and FIRST_YEAR <= int(asked) <= LAST_YEAR
    return int(asked) if known else otherwise


@get(LIST, opt=OPT)
async def listed(request: Req) -> Response[Any]:
    today = _page.today(request)
    year = _year(request, today.year)
    runs = await queries.holiday_runs(date(year, 1, 1), date(year, 12, 31))
    here = year == today.year
    years = sorted({*await queries.holiday_years(), today.year, today.year + 1, year})
    return await page(
        request,
        "holidays/list.html",
        i18n.gettext("title.holidays"),
        months=_months([run for run in runs if run.last >= today or not here], year),
        over=_months([run for run in runs if run.last < today and here], year),
        count=len({one.date for run in runs for one in run.days if one.date.year == year}),
        offered=[{"label": str(one), "url": f"{LIST}?year={one}", "current": one == year} for one in years],
        year=str(year),
        astray=await _to_move.callout(request),
    )


def _months(runs: list[queries.HolidayRun], year: int) -> list[dict[str, Any]]:
    """Runs by the month of a year that they begin in; what began before it is of its first."""
    return [
        {"name": i18n.month(first), "runs": [_run(run) for run in those]}
        for first, those in groupby(runs, lambda run: max(run.first, date(year, 1, 1)).replace(day=1))
    ]


def _run(run: queries.HolidayRun) -> dict[str, Any]:
    first = run.days[0]
    return {
        "url": url_of(run),
        "version": run.version,
        "name": i18n.spoken(first.names),
        "place": first.location_name,
        "date": i18n.day(run.first) if len(run.days) == 1 else days_words(run.first, run.last),
        "count": len(run.days),
        "hours": day_words(first.hours),
    }


def url_of(run: queries.HolidayRun) -> str:
    """Where a holiday is changed: a single day, or days in a row as one."""
    first = f"{LIST}/{run.days[0].id}"
    return first if len(run.days) == 1 else f"{first}/to/{run.days[-1].id}"


def _earliest(request: Req, day: queries.HolidayView | None) -> date:
    """From when on a day can be noted: since the last year, as public holidays are offered; before it is a slip."""
    since = date(_page.today(request).year - 1, 1, 1)
    return min(day.date, since) if day else since


async def _fields(request: Req, day: queries.HolidayView | None = None) -> tuple[f.Field, ...]:
    """The fields of a day; the places are those that are open, and those that the day and the form have."""
    known = {str(day.location), (await read_body(request)).first("location")} if day else set()
    places = [one for one in await queries.locations() if one.retired_at is None or str(one.id) in known]
    where = [(EVERYWHERE, i18n.gettext("words.everywhere")), *((str(one.id), one.name) for one in places)]
    return (
        f.day("date", _earliest(request, day), date(LAST_YEAR, 12, 31), label="field.first_day"),
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


async def _all_fields(request: Req, day: queries.HolidayView | None = None) -> tuple[f.Field, ...]:
    """Those of a holiday that may last for several days."""
    on, *others = await _fields(request, day)
    return (on, LAST, *others)


async def _in_the_way(form: Form, own: Sequence[int] = ()) -> int | None:
    """The holiday on whose date another one, of its `own` days, was to be; the form names it.

    None where that was not the problem.
    """
    if "date" not in form.problems or form.problems["date"].key != "problem.holiday_taken":
        return None
    first = date.fromisoformat(form.fields["date"].value)
    last = date.fromisoformat(form.fields["last"].value) if form.fields["last"].value else first
    where = None if form.fields["location"].value == EVERYWHERE else int(form.fields["location"].value)
    days = await queries.holidays_between(first, last)
    there = [one for one in days if one.location == where and one.id not in own]
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
    return await _new(request, Form.blank(request, "holiday", await _all_fields(request)))


@post(LIST, opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "holiday",
        await _all_fields(request),
        act=lambda intent, values: actions.add_holiday(intent, _day(values), values["last"]),
        show=_new,
        then=_list_of_year,
        saved=lambda ids: _saved(_first(ids)),
        fresh=lambda ids: f"{LIST}/{_first(ids)}",
    )


def _first(ids: dict[str, Any]) -> int:
    said = ids["holiday"] if "holiday" in ids else ids["holidays"]
    return int(said if isinstance(said, int) else said[0])


def _list_of_year(ids: dict[str, int]) -> str:
    return f"{LIST}?year={ids['year']}"


async def _saved(holiday: int) -> Saved:
    return _saved_run(queries.HolidayRun([await queries.holiday(holiday)]))


def _saved_run(run: queries.HolidayRun) -> Saved:
    """A closure as its form has it; where it is a single day, without a last one."""
    one = run.days[0]
    values = {"date": one.date, **_names.values(one.names), "location": one.location or EVERYWHERE, "hours": one.hours}
    last = {"last": run.last} if len(run.days) > 1 else {}
    return Saved({**values, **last}, run.version, max(day.operation for day in run.days))


async def _shown(request: Req, run: queries.HolidayRun, form: Form, status: int = 200) -> Response[Any]:
    days = [] if len(run.days) == 1 else [{"url": f"{LIST}/{one.id}", "date": i18n.day(one.date)} for one in run.days]
    return await page(
        request,
        "holidays/holiday.html",
        i18n.spoken(run.days[0].names),
        status=status,
        form=form,
        url=url_of(run),
        year=str(run.first.year),
        days=days,
        taken=await _in_the_way(form, [one.id for one in run.days]),
    )


async def _opened(request: Req, run: queries.HolidayRun) -> Response[Any]:
    saved = _saved_run(run)
    fields = await _all_fields(request, run.days[0])
    return await _shown(request, run, Form.blank(request, "holiday", fields, saved.values, saved.version))


@get(f"{LIST}/{{holiday:int}}", opt=OPT)
async def show(request: Req, holiday: FromPath[int]) -> Response[Any]:
    return await _opened(request, queries.HolidayRun([await queries.holiday(holiday)]))


@get(f"{LIST}/{{first:int}}/to/{{last:int}}", opt=OPT)
async def show_run(request: Req, first: FromPath[int], last: FromPath[int]) -> Response[Any]:
    return await _opened(request, await queries.holiday_run(first, last))


@post(f"{LIST}/{{holiday:int}}", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change(request: Req, holiday: FromPath[int]) -> Response[Any]:
    """Change a single day, or make it the first of several."""
    one = await queries.holiday(holiday)
    of = HolidayId(holiday)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        day, last = _day(values), values["last"]
        if last is None or last == day.date:
            return await actions.change_holiday(intent, of, values["version"], day)
        return await actions.change_holidays(intent, of, of, values["version"], day, last)

    return await submit(
        request,
        "holiday",
        await _all_fields(request, one),
        act=act,
        show=lambda asked, form, status: _shown(asked, queries.HolidayRun([one]), form, status),
        then=_list_of_year,
        saved=lambda _: _saved(holiday),
    )


@post(f"{LIST}/{{first:int}}/to/{{last:int}}", opt=OPT, request_max_body_size=FORM_LIMIT)
async def change_run(request: Req, first: FromPath[int], last: FromPath[int]) -> Response[Any]:
    """Change days in a row as one: their dates, name, place and hours."""
    known = await _one_of(first, last)

    async def show(asked: Req, form: Form, status: int) -> Response[Any]:
        return await _shown(asked, await queries.holiday_run(first, last), form, status)

    async def stands(_: Any) -> Saved:
        return _saved_run(await queries.holiday_run(first, last))

    return await submit(
        request,
        "holiday",
        await _all_fields(request, known),
        act=lambda intent, values: actions.change_holidays(
            intent, HolidayId(first), HolidayId(last), values["version"], _day(values), values["last"]
        ),
        show=show,
        then=_list_of_year,
        saved=stands,
    )


async def _one_of(first: int, last: int) -> queries.HolidayView:
    """The first of days in a row; the last where that went with what is now sent again. Raises `NotFound`."""
    with suppress(NotFound):
        return await queries.holiday(first)
    return await queries.holiday(last)


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


ROUTES = [listed, new, add, show, show_run, change, change_run, removal, removal_of_run]
