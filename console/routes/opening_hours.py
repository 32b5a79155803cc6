"""When each location is open, on any day, and the holidays to come: for everybody who is asked, to read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response, get

from console import i18n
from console.domain.business import overview
from console.domain.business.queries import LocationView
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _page
from console.routes._forms import Form
from console.routes._goals import HOURS
from console.routes._guards import needs
from console.routes._hours import day_words, days_off_words, week_words
from console.routes._page import Req, page
from console.routes.holidays import FIRST_YEAR, LAST_YEAR

NEAR_DAYS = 7
NEAR = timedelta(days=1)
MOST_DAYS_OFF = 100
PHONE = f.phone("phone")
FIELDS = (f.day("on", date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31), label="field.which_day"),)


@get(HOURS, opt=needs(Permission.OVERVIEW_READ))
async def show(request: Req) -> Response[Any]:
    """The day that was asked for, else the next ones; then the weekly hours, and what departs from them."""
    today = _page.today(request)
    form = Form.asked(request, "hours", FIELDS)
    form.problems = form.misread(["on"])
    asked = form.usable().get("on")
    first, last = (asked, asked) if asked else (today, today + timedelta(days=NEAR_DAYS - 1))
    days = await overview.hours_between(first, last)
    return await page(
        request,
        "hours/page.html",
        i18n.gettext("title.opening_hours"),
        form=form,
        asked=asked,
        days=[_day(on, there, today) for on, there in days],
        places=[_place(one.location) for one in days[0][1]],
        days_off=[days_off_words(one) for one in await overview.next_days_off(today, MOST_DAYS_OFF)],
    )


def _day(on: date, there: list[overview.HoursThere], today: date) -> dict[str, Any]:
    return {
        "date": _date(on, today),
        "places": [
            {
                "name": one.location.name if len(there) > 1 else "",
                "hours": day_words(one.hours),
                "closed": not one.hours,
                "special": i18n.spoken(one.special) if one.special else "",
            }
            for one in there
        ],
    }


def _date(on: date, today: date) -> str:
    """Today, Tomorrow, Wednesday 13 May, Monday 8 March 2027."""
    return (
        i18n.upper_first(i18n.near(on, today)) if abs(on - today) <= NEAR else i18n.day(on, year=on.year != today.year)
    )


def _place(location: LocationView) -> dict[str, Any]:
    return {
        "location": location,
        "week": week_words(location.hours),
        "phone": PHONE.show(location.phone) if location.phone else None,
    }


ROUTES = [show]
