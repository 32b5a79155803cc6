"""Series: all dates that are still to be arranged, and one with its rule, its bookings and its clashes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.booking import series as actions
from console.domain.booking import series_places
from console.domain.booking import series_views as views
from console.domain.booking.series_views import ClashView, SeriesView
from console.domain.errors import NotFound
from console.domain.ids import SeriesId
from console.domain.team.rules import Permission
from console.routes import _bookings, _series
from console.routes._bookings import CHANGE, READ
from console.routes._page import Req, page
from console.routes._submit import press
from console.series_wording import rule_words

MOST_LISTED = 200
ON_A_PAGE = 50
"""Bookings to come that stand on one page of a series."""
MOST_LOOKED_FOR = 6
"""Clashes on a page for which places are looked for; each of the others has a page of its own."""


@get("/series", opt=READ)
async def to_arrange(request: Req) -> Response[Any]:
    """Every date that clashed and that nobody has dealt with, the next first."""
    now = clock.now()
    clashes = await views.clashes(now, most=MOST_LISTED)
    known = await views.several([one.series for one in clashes])
    names = await _series.names_of([one.client for one in known.values()])
    rows = []
    for one in clashes:
        of = known[one.series]
        rule = i18n.upper_first(rule_words(of.rule, of.minute))
        line = _series.clash_line(one, of.zone, of.minute)
        rows.append({**line, "client": names.get(of.client, ""), "series": _series.url(of.id), "rule": rule})
    return await page(
        request,
        "series/list.html",
        i18n.gettext("title.series_list"),
        rows=rows,
        running=await _running(request, now),
        may_change=request.user.actor.may(Permission.BOOKING_CHANGE),
    )


async def _running(request: Req, now: datetime) -> list[dict[str, Any]]:
    """The series that go on."""
    known = await views.running(now, MOST_LISTED)
    names = await _series.names_of([one.client for one in known])
    services = await _series.service_names(request)
    return [
        {
            "url": _series.url(one.id),
            "client": names.get(one.client, ""),
            "rule": i18n.upper_first(rule_words(one.rule, one.minute)),
            "what": i18n.listing([services[each] for each in one.asked.services if each in services]),
            "place": one.location_name,
        }
        for one in known
    ]


def _page_of(request: Req) -> int:
    """Which page of the bookings to come was asked for, from 1 on."""
    typed = request.query_params.get("page", "")
    return max(int(typed), 1) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 1


def _page_url(series: SeriesId, at: int) -> str:
    return f"{_series.url(series)}{f'?page={at}' if at > 1 else ''}#upcoming"


@get("/series/{series:int}", opt=READ)
async def show(request: Req, series: FromPath[int]) -> Response[Any]:
    one = await views.one_series(series)
    now = clock.now()
    at = _page_of(request)
    coming = await views.some_to_come(one.id, now, (at - 1) * ON_A_PAGE, ON_A_PAGE + 1)
    goes_on = await views.goes_on(one.id, now)
    clashes = await views.clashes(now, one.id)
    may = request.user.actor.may(Permission.BOOKING_CHANGE)
    names = await _series.names_of([one.client])
    until = await views.booked_until(one)
    return await page(
        request,
        "series/series.html",
        names.get(one.client, ""),
        series=one,
        base=_series.url(one.id),
        client_url=f"/clients/{one.client}",
        rule=i18n.upper_first(rule_words(one.rule, one.minute)),
        facts=await _series.facts(request, one),
        coming=[_series.booking_line(each, one.zone) for each in coming[:ON_A_PAGE]],
        before=_page_url(one.id, at - 1) if at > 1 else "",
        after=_page_url(one.id, at + 1) if len(coming) > ON_A_PAGE else "",
        past=[_series.booking_line(each, one.zone) for each in await views.past(one.id, now)],
        clashes=await _clashes(one, clashes, may),
        off=await _series.off(request, one) if clashes else None,
        booked_until=i18n.short_day(until) if until else "",
        skipped=[_series.day_in_sentence(on, one.zone) for on in await views.skipped(one, _bookings.today(one.zone))],
        may_change=may,
        goes_on=goes_on,
        may_end=may and not goes_on and one.retired_at is None and (bool(clashes) or await views.goes_further(one)),
    )


async def _clashes(of: SeriesView, clashes: Sequence[ClashView], look: bool) -> list[dict[str, Any]]:
    """The dates that clashed, the first of them with places."""
    places = await places_of(of, clashes[:MOST_LOOKED_FOR]) if look and clashes else {}
    return [{**_series.clash_line(one, of.zone, of.minute), "places": places.get(one.id, [])} for one in clashes]


async def places_of(
    of: SeriesView, clashes: Sequence[ClashView], at: int | None = None
) -> dict[int, list[dict[str, str]]]:
    """The three places nearest to each date that clashed, as buttons; none where its services are off by now."""
    people = await _series.doers()
    try:
        dates = [one.on for one in clashes]
        found = await series_places.alternatives(of, dates, of.minute if at is None else at, clock.now())
    except NotFound:
        return {}
    return {
        one.id: [_series.place_button(place, one.on, of.zone, people) for place in found[one.on]] for one in clashes
    }


@post("/series/{series:int}/end", opt=CHANGE)
async def end(request: Req, series: FromPath[int]) -> Response[Any]:
    """End what nothing is to come of."""
    return await press(request, lambda intent: actions.end(intent, SeriesId(series)), _series.url(series))


ROUTES = [to_arrange, show, end]
