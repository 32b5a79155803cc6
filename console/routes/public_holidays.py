"""The public holidays of a country: which would come, and adding them."""

from __future__ import annotations

from collections.abc import Mapping
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
from console.routes._page import Req, page
from console.routes._submit import submit

LIST = "/settings/holidays"
OPT = needs(Permission.HOLIDAY_CHANGE)


PLANNING = 10
"""The month from which on the next year is what people plan."""


def _years(request: Req) -> list[int]:
    """Those that can be chosen, the likeliest first."""
    today = clock.business_date(clock.now(), request.scope["state"]["business"].zone)
    likely = today.year + (today.month >= PLANNING)
    return sorted(range(today.year - 1, today.year + 4), key=lambda year: year != likely)


def _fields(country: str, years: list[int]) -> tuple[f.Field, ...]:
    """The regions are those of the country."""
    where = [("", i18n.gettext("words.whole_country"))]
    if country in public_holidays.countries():
        where += regions(country)
    return (
        f.choice("country", countries, label="field.country"),
        f.choice("region", lambda: where, required=False, label="field.region"),
        f.choice("year", lambda: [(str(year), str(year)) for year in sorted(years)], label="field.year"),
    )


def _asked(request: Req, sent: Mapping[str, str]) -> dict[str, str]:
    """What can be used of what was asked for; where the business is, and the likeliest year, where nothing was."""
    known = public_holidays.countries()
    country = sent.get("country", country_of(request.scope["state"]["business"].zone))
    country = country if country in known else ""
    region = sent.get("region", "")
    years = [str(year) for year in _years(request)]
    year = sent.get("year", "")
    return {
        "country": country,
        "region": region if country and region in known[country] else "",
        "year": year if year in years else years[0],
    }


async def _preview(asked: dict[str, str]) -> list[dict[str, Any]]:
    """The days that are meant, and what the calendar has on them already."""
    if not asked["country"]:
        return []
    year = int(asked["year"])
    there = {one.date: one.name for one in await queries.holidays(year) if one.location is None}
    language = (await queries.business()).language
    days = public_holidays.days(asked["country"], asked["region"] or None, year, language)
    return [{"date": i18n.day(on), "name": name, "there": there.get(on)} for on, name in days]


async def _page(request: Req, form: Form, asked: dict[str, str], status: int = 200) -> Response[Any]:
    days = await _preview(asked)
    return await page(
        request,
        "holidays/public.html",
        i18n.gettext("title.holidays_public"),
        status=status,
        form=form,
        asked=asked,
        days=days,
        missing=sum(not day["there"] for day in days),
        has_regions=len(form.fields["region"].options) > 1,
    )


@get(f"{LIST}/public", opt=OPT)
async def choose(request: Req) -> Response[Any]:
    asked = _asked(request, request.query_params)
    return await _page(request, Form.blank(request, "public", _fields(asked["country"], _years(request)), asked), asked)


@post(f"{LIST}/public", opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    sent = await read_body(request)
    asked = _asked(request, {name: sent.first(name) for name in ("country", "region", "year")})
    return await submit(
        request,
        "public",
        _fields(asked["country"], _years(request)),
        act=lambda intent, v: actions.add_public_holidays(intent, v["country"], v["region"], int(v["year"])),
        show=lambda asking, form, status: _page(asking, form, asked, status),
        then=lambda ids: f"{LIST}?year={ids['year']}",
    )


ROUTES = [choose, add]
