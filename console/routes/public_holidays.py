"""The public holidays of a country: which would come, and adding them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post

from console import i18n
from console.domain import clock
from console.domain.business import actions, public_holidays, queries
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes._choices import countries, country_of, regions
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._hours import days_words
from console.routes._page import Req, page
from console.routes._submit import submit

LIST = "/settings/holidays"
OPT = needs(Permission.HOLIDAY_CHANGE)


PLANNING = 10
"""The month from which on the next year is what people plan."""


def _today(request: Req) -> date:
    return clock.business_date(clock.now(), request.scope["state"]["business"].zone)


def _years(request: Req) -> list[int]:
    """Those that can be chosen."""
    this = _today(request).year
    return list(range(this - 1, this + 4))


def _since(request: Req, year: int) -> date | None:
    """Of this year only what is still to come."""
    today = _today(request)
    return today if year == today.year else None


async def _likely(request: Req, country: str, region: str) -> int:
    """This year until the rest of it is in the calendar; from October on the next one after that."""
    today = _today(request)
    if today.month < PLANNING:
        return today.year
    days = public_holidays.days(country, region or None, today.year, i18n.current(), today) if country else ()
    there = await queries.dates_taken(today.year)
    return today.year if any(day not in there for day, _ in days) else today.year + 1


def _fields(country: str, years: list[int]) -> tuple[f.Field, ...]:
    """The regions are those of the country."""
    where = [("", i18n.gettext("words.whole_country"))]
    if country in public_holidays.countries():
        where += regions(country)
    return (
        f.choice("country", countries, label="field.country"),
        f.choice("region", lambda: where, required=False, label="field.region"),
        f.choice("year", lambda: [(str(year), str(year)) for year in years], label="field.year"),
    )


async def _asked(request: Req, sent: Mapping[str, str]) -> dict[str, str]:
    """What can be used of what was asked for; where the business is, and the likeliest year, where nothing was."""
    known = public_holidays.countries()
    country = sent.get("country", country_of(request.scope["state"]["business"].zone))
    country = country if country in known else ""
    region = sent.get("region", "")
    region = region if country and region in known[country] else ""
    year = sent.get("year", "")
    if year not in {str(one) for one in _years(request)}:
        year = str(await _likely(request, country, region))
    return {"country": country, "region": region, "year": year}


@dataclass(frozen=True)
class Run:
    """Days in a row of one name, and what the calendar has on them already."""

    first: date
    last: date
    name: str
    there: str | None

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


async def _preview(asked: dict[str, str], since: date | None) -> list[Run]:
    """The days that are meant, those in a row as one."""
    if not asked["country"]:
        return []
    year = int(asked["year"])
    there = {one.date: one.name for one in await queries.holidays(year) if one.location is None}
    runs: list[Run] = []
    for on, name in public_holidays.days(asked["country"], asked["region"] or None, year, i18n.current(), since):
        last = runs[-1] if runs else None
        if last and (last.last + timedelta(days=1), last.name, last.there) == (on, name, there.get(on)):
            runs[-1] = replace(last, last=on)
        else:
            runs.append(Run(on, on, name, there.get(on)))
    return runs


def _shown(run: Run) -> dict[str, Any]:
    when = i18n.day(run.first) if run.count == 1 else days_words(run.first, run.last)
    return {"date": when, "name": run.name, "there": run.there}


async def _page(request: Req, form: Form, asked: dict[str, str], status: int = 200) -> Response[Any]:
    since = _since(request, int(asked["year"]))
    runs = await _preview(asked, since)
    return await page(
        request,
        "holidays/public.html",
        i18n.gettext("title.holidays_public"),
        status=status,
        form=form,
        asked=asked,
        days=[_shown(run) for run in runs],
        from_today=since is not None,
        missing=sum(run.count for run in runs if not run.there),
        has_regions=len(form.fields["region"].options) > 1,
    )


@get(f"{LIST}/public", opt=OPT)
async def choose(request: Req) -> Response[Any]:
    asked = await _asked(request, request.query_params)
    return await _page(request, Form.blank(request, "public", _fields(asked["country"], _years(request)), asked), asked)


@post(f"{LIST}/public", opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    sent = await read_body(request)
    asked = await _asked(request, {name: sent.first(name) for name in ("country", "region", "year")})
    return await submit(
        request,
        "public",
        _fields(asked["country"], _years(request)),
        act=lambda intent, v: actions.add_public_holidays(
            intent, v["country"], v["region"], int(v["year"]), _since(request, int(v["year"])), i18n.current()
        ),
        show=lambda asking, form, status: _page(asking, form, asked, status),
        then=lambda ids: f"{LIST}?year={ids['year']}",
    )


ROUTES = [choose, add]
