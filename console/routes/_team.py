"""What the pages of the team have in common: kinds, tabs, a week in words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.business.queries import LocationView, location, open_locations
from console.domain.business.rules import DAY, Interval, format_interval
from console.domain.ids import LocationId
from console.domain.roster import queries, rules
from console.domain.roster.queries import BookableView, DayPlan, TimeOffView
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.team.rules import Permission
from console.routes import _page
from console.routes._guards import needs
from console.routes._page import Req

READ = needs(Permission.ROSTER_READ)
CHANGE = needs(Permission.ROSTER_CHANGE)
TIME_OFF = needs(Permission.TIME_OFF_CHANGE)

LISTS: dict[str, tuple[BookableKind, str]] = {
    "people": (BookableKind.PERSON, "nav.people"),
    "crews": (BookableKind.CREW, "nav.crews"),
    "rooms": (BookableKind.ROOM, "nav.rooms"),
    "vehicles": (BookableKind.VEHICLE, "nav.vehicles"),
    "equipment": (BookableKind.EQUIPMENT, "nav.equipment"),
}
"""Address of a list to its kind and the key of its word."""

OFF_WORDS: dict[TimeOffKind, str] = {
    TimeOffKind.VACATION: "words.off_vacation",
    TimeOffKind.SICK: "words.off_sick",
    TimeOffKind.TRAINING: "words.off_training",
    TimeOffKind.REPAIR: "words.off_repair",
    TimeOffKind.OTHER: "words.off_other",
}

WEEK = "/team/week"
FIRST, LAST = date(2000, 1, 3), date(2099, 12, 28)
"""Mondays between which weeks are shown."""


def url(bookable: int) -> str:
    """The page of a bookable."""
    return f"/team/bookables/{bookable}"


def list_of(kind: BookableKind) -> str:
    """The address of the list that a kind stands in."""
    return next(f"/team/{name}" for name, (one, _) in LISTS.items() if one is kind)


def tabs(current: str) -> list[dict[str, Any]]:
    """The lists of the team, and everybody's week."""
    lists = [(f"/team/{name}", key) for name, (_, key) in LISTS.items()]
    return [
        {"label": i18n.gettext(key), "url": url, "current": url == current} for url, key in (*lists, (WEEK, "nav.week"))
    ]


async def today_at(where: int) -> date:
    """The date at a location. Raises `NotFound`."""
    return clock.business_date(clock.now(), ZoneInfo((await location(where)).zone))


def monday(request: Req) -> date:
    """The Monday of the week that was asked for by any of its dates, else of this week."""
    try:
        asked = date.fromisoformat(request.query_params.get("on", ""))
    except ValueError:
        asked = _page.today(request)
    return min(max(asked - timedelta(days=asked.weekday()), FIRST), LAST)


def week_links(path: str, first: date, now: date) -> dict[str, str]:
    """The weeks before and after, and this one."""
    return {
        "before": f"{path}?on={max(first - timedelta(days=7), FIRST)}",
        "after": f"{path}?on={min(first + timedelta(days=7), LAST)}",
        "now": path if not first <= now <= first + timedelta(days=6) else "",
        "pdf": f"{path}?on={first}&as=pdf",
    }


def week_title(first: date) -> str:
    """A week in words: 11–17 May 2026, 29 June – 5 July 2026."""
    last = first + timedelta(days=6)
    end = i18n.dated(last, "d MMMM y")
    if first.month == last.month:
        return f"{first.day}–{end}"
    start = i18n.dated(first, "d MMMM" if first.year == last.year else "d MMMM y")
    return f"{start}\u00a0– {end}"


def day_head(day: date, now: date) -> dict[str, Any]:
    """The head of a date's column."""
    return {
        "name": i18n.upper_first(i18n.dated(day, "EEE")),
        "date": i18n.dated(day, "d MMM"),
        "today": day == now,
        "weekend": day.weekday() > 4,
    }


def day_cell(plan: DayPlan, places: dict[LocationId, LocationView]) -> dict[str, Any]:
    """A bookable's date in words: shifts, what it is away for, and the holiday where nobody works.

    `minutes` are those that pass, also on the days on which the clocks change.
    """
    return {
        "shifts": [
            {
                "hours": [format_interval(one) for one in shift.hours],
                "place": places[shift.location].name if len(places) > 1 else "",
            }
            for shift in plan.shifts
        ],
        "off": [
            {"said": off_words(one, plan.day), "printed": off_words(one, plan.day, paper=True)} for one in plan.off
        ],
        "holiday": "" if plan.shifts else next(map(i18n.spoken, plan.holidays.values()), ""),
        "minutes": sum(
            rules.worked(plan.day, shift.hours, ZoneInfo(places[shift.location].zone)) for shift in plan.shifts
        ),
    }


def off_words(off: TimeOffView, day: date | None = None, *, paper: bool = False) -> str:
    """What somebody is away for, with the hours where it is a part of a day.

    On `paper`, which hangs on a wall, only that they are away: why is nobody's business there.
    """
    words = i18n.gettext("words.absent" if paper else OFF_WORDS[off.kind])
    return f"{words} {unbroken(off.hours)}" if off.hours and (day is None or off.hours != (0, DAY)) else words


def unbroken(interval: Interval) -> str:
    """`9:00–18:00`, never broken across lines."""
    return format_interval(interval).replace("–", "\u2060–\u2060")


async def week_of(request: Req, bookables: list[BookableView], first: date) -> dict[str, Any]:
    """The week of some bookables as its table shows it."""
    now = _page.today(request)
    places = {one.id: one for one in await open_locations()}
    plans = await queries.plan([one.id for one in bookables], first, 7)
    rows = []
    for one in bookables:
        cells = [day_cell(plan, places) for plan in plans[one.id]]
        total = sum(cell["minutes"] for cell in cells)
        rows.append({"bookable": one, "cells": cells, "total": i18n.duration(total) if total else "–"})
    return {
        "title": week_title(first),
        "heads": [day_head(first + timedelta(days=offset), now) for offset in range(7)],
        "rows": rows,
    }
