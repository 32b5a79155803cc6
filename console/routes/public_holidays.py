"""The public holidays of a country: which of them would come, where and under which names, and adding them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain, count, groupby
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from console import i18n
from console.domain.business import holidays, public_holidays, queries, rules
from console.domain.ids import LocationId
from console.domain.intent import Intent, Outcome
from console.routes import _fields as f
from console.routes._choices import countries, country_of, place_words, regions
from console.routes._forms import FORM_LIMIT, Bound, Form, Option, read_body
from console.routes._hours import days_words
from console.routes._page import Req, done, page, today
from console.routes._submit import submit
from console.routes.holidays import EVERYWHERE, LIST, OPT

PLANNING = 10
"""The month from which on the next year is what people plan."""


def _offered(request: Req) -> list[tuple[str, str]]:
    """What can be chosen: a year, or this one and the next at once; what is sent, and its words."""
    this = today(request).year
    both = str(this), str(this + 1)
    single = [str(year) for year in range(this - 1, this + 4)]
    return [("-".join(both), i18n.listing(list(both))), *((year, year) for year in single)]


def _years(chosen: str) -> tuple[int, ...]:
    return tuple(map(int, chosen.split("-")))


def _since(request: Req, years: tuple[int, ...]) -> date | None:
    """Of this year only what is still to come."""
    day = today(request)
    return day if day.year in years else None


async def _likely(request: Req, country: str, region: str) -> str:
    """This year; from October on the next one, and while the rest of this one is not in the calendar both."""
    now = today(request)
    if now.month < PLANNING:
        return str(now.year)
    days = public_holidays.days(country, region or None, now.year, i18n.current(), now) if country else ()
    there = await queries.dates_taken(now.year)
    both = not country or any(day not in there for day, _ in days)
    return f"{now.year}-{now.year + 1}" if both else str(now.year + 1)


async def _fields(request: Req, country: str) -> tuple[f.Field, ...]:
    """The regions are those of the country, the places those that are open."""
    years, areas = _offered(request), [("", i18n.gettext("words.whole_country"))]
    if country in public_holidays.countries():
        areas += regions(country)
    where = [(EVERYWHERE, i18n.gettext("words.everywhere")), *((str(one.id), one.name) for one in await _open())]
    return (
        f.choice("country", countries, label="field.country"),
        f.choice("region", lambda: areas, required=False, label="field.region"),
        f.choice("year", lambda: years, label="field.year"),
        f.choice("location", lambda: where, label="field.where"),
    )


async def _open() -> list[queries.LocationView]:
    return await queries.open_locations()


async def _asked(request: Req, sent: Mapping[str, str]) -> dict[str, str]:
    """What can be used of what was asked for; where the place is, and the likeliest year, where nothing was."""
    known = public_holidays.countries()
    places = {str(one.id): ZoneInfo(one.zone) for one in await _open()}
    location = sent.get("location", "")
    country = sent.get("country", country_of(places.get(location, request.scope["state"]["business"].zone)))
    country = country if country in known else ""
    region = sent.get("region", "")
    region = region if country and region in known[country] else ""
    year = sent.get("year", "")
    if year not in {one for one, _ in _offered(request)}:
        year = await _likely(request, country, region)
    where = location if location in places else EVERYWHERE
    return {"country": country, "region": region, "year": year, "location": where}


def _where(asked: Mapping[str, str]) -> LocationId | None:
    return None if asked["location"] == EVERYWHERE else LocationId(int(asked["location"]))


@dataclass(frozen=True)
class Run:
    """Days in a row of one name, and what the calendar has on them already."""

    first: date
    last: date
    names: rules.Names
    there: str | None

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=offset) for offset in range((self.last - self.first).days + 1)]


def _known(request: Req, asked: Mapping[str, str]) -> list[tuple[date, rules.Names]]:
    """All days of the years that are meant, what is over as well: a press sent again speaks of the same days."""
    if not asked["country"]:
        return []
    facts, region = request.scope["state"]["business"], asked["region"] or None
    named = (
        public_holidays.named_days(asked["country"], region, year, facts.languages, facts.language)
        for year in _years(asked["year"])
    )
    return list(chain.from_iterable(named))


async def _runs(days: Sequence[tuple[date, rules.Names]], asked: Mapping[str, str], since: date | None) -> list[Run]:
    """The days from a date on, those in a row as one."""
    years = _years(asked["year"])
    there = {
        one.date: i18n.spoken(one.names)
        for one in await queries.holidays(years[0], years[-1])
        if one.location in {None, _where(asked)}
    }
    runs: list[Run] = []
    for on, names in days:
        if since is not None and on < since:
            continue
        last = runs[-1] if runs else None
        if last and (last.last + timedelta(days=1), last.names, last.there) == (on, names, there.get(on)):
            runs[-1] = replace(last, last=on)
        else:
            runs.append(Run(on, on, names, there.get(on)))
    return runs


def _lacking(request: Req, country: str) -> list[str]:
    """The languages of the business in which the library does not name a country's days."""
    languages = request.scope["state"]["business"].languages
    return [one for one in languages if country and not public_holidays.speaks(country, one)]


def _day_fields(request: Req, days: Sequence[tuple[date, rules.Names]], country: str) -> tuple[f.Field, ...]:
    """A tick for each day, and a name for each in every language in which the library has none."""
    if not days:
        return ()
    choices = [(on.isoformat(), i18n.day(on)) for on, _ in days]
    named = [
        f.text(
            _name_of(on, language),
            required=False,
            limit=public_holidays.LONGEST_NAME,
            label="field.public_name",
            params={"language": i18n.NAMES[language], "day": i18n.weekday_and_date(on)},
        )
        for on, _ in days
        for language in _lacking(request, country)
    ]
    return (f.several("day", lambda: choices, required=False, empty=(), label="field.public_days"), *named)


def _name_of(on: date, language: str) -> str:
    return f"name_{on.isoformat()}_{language}"


def _shown(run: Run, fields: Mapping[str, Bound], lacking: Sequence[str], at: Iterator[int]) -> dict[str, Any]:
    """A run in words, and of one that is not there yet the ticks of its days, numbered on, and the fields of names."""
    ticks, names = [], []
    if not run.there:
        options = {one.value: one for one in fields["day"].options}
        ticks = [_tick(on, next(at), options[on.isoformat()]) for on in run.days]
        names = [fields[_name_of(run.first, language)] for language in lacking]
    return {
        "date": i18n.day(run.first) if len(run.days) == 1 else days_words(run.first, run.last),
        "name": i18n.spoken(run.names),
        "there": run.there,
        "ticks": ticks,
        "names": names,
    }


def _tick(on: date, at: int, option: Option) -> dict[str, Any]:
    return {
        "id": f"public-day-{at}",
        "value": option.value,
        "ticked": option.selected,
        "label": option.label,
        "number": on.day,
    }


async def _page(
    request: Req, form: Form, asked: dict[str, str], status: int = 200, *, unseen: bool = False
) -> Response[Any]:
    """`unseen`: other days were listed when they were to be added."""
    years, country = _years(asked["year"]), asked["country"]
    since = _since(request, years)
    runs, lacking = await _runs(_known(request, asked), asked, since), _lacking(request, country)
    fields, at = form.fields, count()
    return await page(
        request,
        "holidays/public.html",
        i18n.gettext("title.holidays_public"),
        status=status,
        form=form,
        asked=asked,
        listed=_as_listed(asked),
        of=await place_words(country, asked["region"], _where(asked)) if country else "",
        unseen=unseen,
        years=[
            {"year": str(year), "days": [_shown(run, fields, lacking, at) for run in those]}
            for year, those in groupby(runs, lambda run: run.first.year)
        ],
        first_year=str(years[0]),
        last_year=str(years[-1]),
        from_today=since is not None,
        missing=any(not run.there for run in runs),
        lacking=[i18n.NAMES[one] for one in lacking],
        has_regions=len(fields["region"].options) > 1,
        has_places=len(fields["location"].options) > 2,
    )


CHOICE = ("country", "region", "year", "location")


def _as_listed(asked: Mapping[str, str]) -> str:
    """What the days are listed for, as their form says it when it is sent."""
    return " ".join(asked[name] or "-" for name in CHOICE)


async def _listed(request: Req, said: str, asked: dict[str, str]) -> dict[str, str]:
    """What the days were listed for; where the form does not say it, for what was asked."""
    parts = ["" if one == "-" else one for one in said.split(" ")]
    return await _asked(request, dict(zip(CHOICE, parts, strict=True))) if len(parts) == len(CHOICE) else asked


def _same_days(asked: Mapping[str, str], listed: Mapping[str, str]) -> bool:
    return all(asked[name] == listed[name] for name in ("country", "region", "year"))


async def _missing(request: Req, asked: Mapping[str, str]) -> set[date]:
    """The dates that are offered to be added."""
    runs = await _runs(_known(request, asked), asked, _since(request, _years(asked["year"])))
    return {on for run in runs if not run.there for on in run.days}


async def _unseen(request: Req, asked: Mapping[str, str], listed: Mapping[str, str]) -> set[date] | None:
    """The dates that would be offered for what is chosen and were not listed; None where all of them were."""
    if asked == listed:
        return None
    if not _same_days(asked, listed):
        return await _missing(request, asked)
    return (await _missing(request, asked) - await _missing(request, listed)) or None


async def _all_fields(request: Req, asked: Mapping[str, str]) -> tuple[f.Field, ...]:
    days = _day_fields(request, _known(request, asked), asked["country"])
    return (*await _fields(request, asked["country"]), *days)


@get(f"{LIST}/public", opt=OPT)
async def choose(request: Req) -> Response[Any]:
    """The days are all ticked at first."""
    asked = await _asked(request, request.query_params)
    days = [on.isoformat() for on, _ in _known(request, asked)]
    form = Form.blank(request, "public", await _all_fields(request, asked), {**asked, "day": days})
    return await _page(request, form, asked)


@post(f"{LIST}/public", opt=OPT, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    """Add the ticked days for what is chosen now; where that means other days than were listed, show these first."""
    sent = await read_body(request)
    chosen = {name: sent.first(name) for name in CHOICE}
    asked = await _asked(request, chosen)
    listed = await _listed(request, sent.first("listed"), asked)
    another_country = asked["country"] != listed["country"]
    usable = all(asked[name] == chosen[name] for name in CHOICE if name != "region" or not another_country)
    if usable and sent.first("show"):
        return done(request, f"{LIST}/public?{urlencode(asked)}")
    if usable and (unseen := await _unseen(request, asked, listed)) is not None:
        return await _first_shown(request, asked, listed, unseen)

    async def act(intent: Intent, chosen: dict[str, Any]) -> Outcome[Any]:
        country, region, years = chosen["country"], chosen["region"], _years(chosen["year"])
        return await holidays.add_public_holidays(
            intent,
            country,
            region,
            years,
            location=_where(chosen),
            only=tuple(date.fromisoformat(one) for one in chosen.get("day", ()) if one),
            called=_called(request, _known(request, asked), chosen),
        )

    return await submit(
        request,
        "public",
        await _all_fields(request, asked),
        act=act,
        show=lambda asking, form, status: _page(asking, form, asked, status),
        then=lambda ids: f"{LIST}?year={ids['year']}",
    )


async def _first_shown(
    request: Req, asked: dict[str, str], listed: Mapping[str, str], unseen: set[date]
) -> Response[Any]:
    """The days for what is chosen, before they are added: what was ticked and typed stays where it is of the same."""
    spec = await _all_fields(request, asked)
    if _same_days(asked, listed):
        form = await Form.read(request, "public", spec)
        form.texts["day"] = [*form.texts["day"], *(on.isoformat() for on in sorted(unseen))]
    else:
        days = [on.isoformat() for on, _ in _known(request, asked)]
        form = Form.blank(request, "public", spec, {**asked, "day": days})
    return await _page(request, form, asked, 422, unseen=True)


def _called(
    request: Req, days: Sequence[tuple[date, rules.Names]], chosen: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """What days are called by hand, by their dates; of days in a row all are called as the one that was named."""
    called: dict[str, dict[str, str]] = {}
    lacking, typed, before = _lacking(request, chosen["country"]), dict[str, str](), None
    for on, names in days:
        here = {one: text for one in lacking if (text := chosen.get(_name_of(on, one)))}
        goes_on = before == (on - timedelta(days=1), names)
        typed = {**(typed if goes_on else {}), **here}
        before = on, names
        if typed:
            called[on.isoformat()] = typed
    return called


ROUTES = [choose, add]
