"""The start page: how each place stands today, the next holidays, and what is left to set up."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from console import i18n
from console.domain import clock
from console.domain.booking import ahead, series_views
from console.domain.business import actions, overview, public_holidays, rules
from console.domain.catalogue import queries as catalogue
from console.domain.roster import queries as roster
from console.domain.team import queries as team
from console.domain.team.rules import Permission, may_manage
from console.domain.tickets import listing as tickets
from console.domain.tickets.listing import Wanted
from console.routes import _bookings, _letters, _messages, _morning, _to_move
from console.routes import _fields as f
from console.routes._choices import country_of
from console.routes._guards import needs
from console.routes._hours import day_words, days_off_words, state_words
from console.routes._page import Req, links_waiting, page
from console.routes._submit import press
from console.routes._ticket_views import LIST_URL, View
from console.routes.public_holidays import PLANNING

MOST_DAYS_OFF = 3
PHONE = f.phone("phone")


@get("/", opt=needs(Permission.OVERVIEW_READ))
async def start(request: Req) -> Response[Any]:
    now = clock.now()
    here = now.astimezone(request.scope["state"]["business"].zone)
    today = here.date()
    may = request.user.actor.may
    day = await _morning.day(request, now) if may(Permission.BOOKING_READ) else None
    steps = await _steps(request, today) if may(Permission.BUSINESS_CHANGE) else None
    counts = await ahead.counted(now) if day else {}
    return await page(
        request,
        "overview/page.html",
        i18n.day(today),
        places=[_place(one, here, counts.get(one.location.id)) for one in await overview.standings(now)],
        day=day,
        may_book=may(Permission.BOOKING_CHANGE),
        days_off=[days_off_words(one) for one in await overview.next_days_off(today, MOST_DAYS_OFF)],
        links=await links_waiting(request),
        ended=await _ended_links(request),
        held_up=await _letters.held_up(request),
        not_through=await _messages.not_through(request),
        to_arrange=(await series_views.to_arrange(now))[0] if may(Permission.BOOKING_READ) else None,
        to_approve=await _to_approve(request),
        call_backs=await _morning.call_backs(request) if may(Permission.TICKET_READ) else [],
        astray=await _to_move.callout(request),
        steps=steps,
        may_change_locations=may(Permission.LOCATION_CHANGE),
        may_change_holidays=may(Permission.HOLIDAY_CHANGE),
    )


async def _to_approve(request: Req) -> dict[str, Any] | None:
    """In how many tickets a remedy waits for the signed-in person, and where they are listed; None where in none."""
    actor = request.user.actor
    if not actor.may(Permission.TICKET_APPROVE):
        return None
    count = await tickets.count(Wanted(to_approve=actor.id))
    return {"count": count, "url": LIST_URL[View.TO_APPROVE]} if count else None


async def _ended_links(request: Req) -> list[dict[str, Any]]:
    """Whose link ended unused, of those for whom the signed-in person can make a new one."""
    if not request.user.actor.may(Permission.STAFF_CHANGE):
        return []
    return [
        {"staff": staff, "name": name}
        for staff, name, role in await team.ended_links()
        if may_manage(request.user.role, role)
    ]


def _place(standing: overview.Standing, here: datetime, count: int | None) -> dict[str, Any]:
    opening, local, location = standing.opening, standing.local, standing.location
    return {
        "location": location,
        "day_url": None if count is None else _bookings.day_url(local.date(), location.id),
        "count": count,
        "open": opening.open,
        "state": state_words(opening, local.date()),
        "hours": day_words(opening.today),
        "closed_today": not opening.today,
        "special": i18n.spoken(opening.special) if opening.special else None,
        "phone": PHONE.show(location.phone) if location.phone else None,
        "elsewhere": rules.format_minute(local.hour * 60 + local.minute)
        if local.utcoffset() != here.utcoffset()
        else None,
    }


async def _steps(request: Req, today: date) -> dict[str, Any] | None:
    """What is set up and what is not, with the `years` whose holidays are to be added, in words.

    None once everything is set up, or where the steps were put away.
    """
    steps = asdict(await overview.set_up())
    if steps.pop("away"):
        return None
    planned = _planned(today)
    places = await overview.dates_by_place(date(today.year, 1, 1), date(planned, 12, 31))
    years = [
        year
        for year in range(today.year, planned + 1)
        if not all(_has_public_holidays(zone, dates, year, today) for zone, dates in places)
    ]
    steps["holidays"] = not years
    steps["services"] = bool(await catalogue.services(today))
    steps["people"] = bool(await roster.bookables())
    steps["colleague"] = len(await team.colleagues()) > 1
    if all(steps.values()):
        return None
    return {**steps, "years": i18n.listing([str(year) for year in years or range(today.year, planned + 1)])}


@post("/first-steps/removal", opt=needs(Permission.BUSINESS_CHANGE))
async def put_steps_away(request: Req) -> Response[Any]:
    """Put the first steps away, for everybody."""
    return await press(request, actions.put_steps_away, "/")


def _planned(today: date) -> int:
    """The last year that people plan: the next one from autumn on."""
    return today.year + (today.month >= PLANNING)


def _has_public_holidays(zone: ZoneInfo, dates: Set[date], year: int, today: date) -> bool:
    """Whether a place has half or more of its country's public holidays of a year; of this one those still to come.

    Where none is left to come, all of them count; where none are known, any day does.
    """
    country = country_of(zone)
    of_year = {on for on, _ in public_holidays.days(country, None, year, "en")} if country else set[date]()
    if not of_year:
        return any(on.year == year and on >= today for on in dates)
    left = {on for on in of_year if on >= today} or of_year
    return 2 * len(left & dates) >= len(left)


ROUTES = [start, put_steps_away]
