"""The public holidays of a country: which would come, and adding them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, groupby
from typing import Any

from litestar import Response, get, post

from console import i18n
from console.domain import clock
from console.domain.business import actions, public_holidays, queries
from console.domain.operation import Intent, Outcome
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


def _offered(request: Req) -> list[tuple[str, str]]:
    """What can be chosen: a year, or this one and the next at once; what is sent, and its words."""
    this = _today(request).year
    both = str(this), str(this + 1)
    single = [str(year) for year in range(this - 1, this + 4)]
    return [("-".join(both), i18n.listing(list(both))), *((year, year) for year in single)]


def _years(chosen: str) -> tuple[int, ...]:
    return tuple(map(int, chosen.split("-")))


def _since(request: Req, years: tuple[int, ...]) -> date | None:
    """Of this year only what is still to come."""
    today = _today(request)
    return today if today.year in years else None


async def _likely(request: Req, country: str, region: str) -> str:
    """This year; from October on the next one, and while the rest of this one is not in the calendar both."""
    today = _today(request)
    if today.month < PLANNING:
        return str(today.year)
    days = public_holidays.days(country, region or None, today.year, i18n.current(), today) if country else ()
    there = await queries.dates_taken(today.year)
    both = not country or any(day not in there for day, _ in days)
    return f"{today.year}-{today.year + 1}" if both else str(today.year + 1)


def _fields(country: str, years: list[tuple[str, str]]) -> tuple[f.Field, ...]:
    """The regions are those of the country."""
    where = [("", i18n.gettext("words.whole_country"))]
    if country in public_holidays.countries():
        where += regions(country)
    return (
        f.choice("country", countries, label="field.country"),
        f.choice("region", lambda: where, required=False, label="field.region"),
        f.choice("year", lambda: years, label="field.year"),
    )


async def _asked(request: Req, sent: Mapping[str, str]) -> dict[str, str]:
    """What can be used of what was asked for; where the business is, and the likeliest year, where nothing was."""
    known = public_holidays.countries()
    country = sent.get("country", country_of(request.scope["state"]["business"].zone))
    country = country if country in known else ""
    region = sent.get("region", "")
    region = region if country and region in known[country] else ""
    year = sent.get("year", "")
    if year not in {one for one, _ in _offered(request)}:
        year = await _likely(request, country, region)
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
    years, region = _years(asked["year"]), asked["region"] or None
    known = await queries.holidays(years[0], years[-1])
    there = {one.date: i18n.spoken(one.names) for one in known if one.location is None}
    runs: list[Run] = []
    days = (public_holidays.days(asked["country"], region, year, i18n.current(), since) for year in years)
    for on, name in chain.from_iterable(days):
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
    years = _years(asked["year"])
    since = _since(request, years)
    runs = await _preview(asked, since)
    return await page(
        request,
        "holidays/public.html",
        i18n.gettext("title.holidays_public"),
        status=status,
        form=form,
        asked=asked,
        years=[
            {"year": str(year), "days": [_shown(run) for run in those]}
            for year, those in groupby(runs, lambda run: run.first.year)
        ],
        first_year=str(years[0]),
        last_year=str(years[-1]),
        from_today=since is not None,
        missing=sum(run.count for run in runs if not run.there),
        has_regions=len(form.fields["region"].options) > 1,
    )


@get(f"{LIST}/public", opt=OPT)
async def choose(request: Req) -> Response[Any]:
    asked = await _asked(request, request.query_params)
    fields = _fields(asked["country"], _offered(request))
    return await _page(request, Form.blank(request, "public", fields, asked), asked)


@post(f"{LIST}/public", opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    sent = await read_body(request)
    asked = await _asked(request, {name: sent.first(name) for name in ("country", "region", "year")})

    async def act(intent: Intent, chosen: dict[str, Any]) -> Outcome[Any]:
        country, region, years = chosen["country"], chosen["region"], _years(chosen["year"])
        return await actions.add_public_holidays(intent, country, region, years, to_come=True)

    return await submit(
        request,
        "public",
        _fields(asked["country"], _offered(request)),
        act=act,
        show=lambda asking, form, status: _page(asking, form, asked, status),
        then=lambda ids: f"{LIST}?year={ids['year']}",
    )


ROUTES = [choose, add]
