"""What the agenda's pages have in common: what was asked for, addresses, days in words, the month's strip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.booking import agenda_month, series_views
from console.domain.booking.agenda import Agenda, AgendaDay
from console.domain.booking.agenda_month import Loads
from console.domain.booking.rules import Status
from console.domain.booking.sheet import fullness
from console.domain.business.queries import LocationView, locations
from console.domain.business.rules import DAY
from console.domain.errors import NotFound
from console.domain.ids import BookableId
from console.domain.roster.queries import BookableView
from console.routes._fields import as_id
from console.routes._hours import day_words
from console.routes._names import shown
from console.routes._page import Req
from console.routes._session import Cookies
from console.routes._shelf import Shelf
from console.routes._team import week_title

PATH = "/agenda"
CHANGES = "/agenda/changes"
ENTRY = "/agenda/entry"
PAPER = "/agenda/paper"
DAY_VIEW, WEEK_VIEW, LIST_VIEW = "day", "week", "list"
VIEWS = {DAY_VIEW: "words.view_day", WEEK_VIEW: "words.view_week", LIST_VIEW: "words.view_list"}
"""Ways to look at the agenda, and the keys of their words."""
SPANS = {1: "words.span_day", 7: "words.span_week", 31: "words.span_month"}
"""Days that a list may hold, and the keys of their words."""
FIRST, LAST = date(2000, 1, 3), date(2099, 12, 28)
QUARTER = 15 * 60
"""Seconds: no zone's date changes but at the beginning of one."""

STATUS_WORDS: dict[Status, str] = {
    Status.BOOKED: "words.status_booked",
    Status.CONFIRMED: "words.status_confirmed",
    Status.ARRIVED: "words.status_arrived",
    Status.FINISHED: "words.status_finished",
    Status.CANCELLED: "words.status_cancelled",
    Status.NO_SHOW: "words.status_no_show",
}
UNSAID_WORDS = "words.status_unsaid"


@dataclass(frozen=True)
class Asked:
    """What of the agenda was asked for. `days`: of a list; `everybody`: also who and what is not there that day."""

    view: str
    on: date
    today: date
    location: LocationView
    places: Sequence[LocationView]
    person: BookableId | None
    days: int
    everybody: bool

    @property
    def first(self) -> date:
        """The first date that is shown."""
        return self.on - timedelta(days=self.on.weekday()) if self.view == WEEK_VIEW else self.on

    @property
    def length(self) -> int:
        """Days that are shown."""
        return {DAY_VIEW: 1, WEEK_VIEW: 7, LIST_VIEW: self.days}[self.view]

    @property
    def query(self) -> dict[str, str]:
        """The parameters of this agenda's own address."""
        asked: dict[str, Any] = {
            "view": self.view if self.view != DAY_VIEW else "",
            "on": self.on.isoformat(),
            "place": self.location.id if len(self.places) > 1 else "",
            "person": self.person or "",
            "days": self.days if self.view == LIST_VIEW and self.days != 1 else "",
            "all": "1" if self.everybody else "",
        }
        return {name: str(value) for name, value in asked.items() if value != ""}

    def at(self, path: str) -> str:
        """Another page about this day at this place."""
        return f"{path}?{urlencode({'on': self.on.isoformat(), 'place': self.location.id})}"

    def url(self, **changed: Any) -> str:
        """The address of this agenda with something changed."""
        return f"{PATH}?{urlencode(replace(self, **changed).query)}"


async def asked(request: Req) -> Asked:
    """Read what was asked for; whatever makes no sense counts as not asked. Raises `NotFound` without a location.

    A closed location is shown to who asks for it by its address: what was booked there is still there.
    """
    query = request.query_params
    kept = Cookies(request.app.state.settings).read(request, "place")
    places = [one for one in await locations() if one.retired_at is None or str(one.id) == query.get("place")]
    if not places:
        raise NotFound
    location = next((one for one in places if str(one.id) == (query.get("place") or kept)), places[0])
    today = clock.business_date(clock.now(), ZoneInfo(location.zone))
    view = query.get("view", DAY_VIEW)
    span = query.get("days", "")
    return Asked(
        view if view in VIEWS else DAY_VIEW,
        _date(query.get("on", ""), today),
        today,
        location,
        places,
        _id(query.get("person", "")),
        int(span) if span in map(str, SPANS) else 1,
        query.get("all") == "1",
    )


def _date(text: str, otherwise: date) -> date:
    try:
        return min(max(date.fromisoformat(text), FIRST), LAST)
    except ValueError:
        return otherwise


def _id(text: str) -> BookableId | None:
    found = as_id(text)
    return None if found is None else BookableId(found)


def title(one: Asked) -> str:
    """What the page is called: its day, week or days."""
    if one.view == WEEK_VIEW:
        return week_title(one.first)
    first = i18n.day(one.on, year=one.on.year != one.today.year)
    if one.length == 1:
        return first
    last = one.on + timedelta(days=one.length - 1)
    return f"{i18n.short_day(one.on)} – {i18n.short_day(last)}"


def summary(days: Sequence[AgendaDay], today: date) -> str:
    """How many bookings there are, and what is to be done about them."""
    found = [(day.day, one.status, one.unsaid) for day in days for one in day.bookings.values()]
    off = [(day.day, Status.CANCELLED, False) for day in days for _ in range(day.cancelled)]
    return counted([*found, *off], today)


def counted(found: Sequence[tuple[date, Status, bool]], today: date) -> str:
    """How many bookings of dates stand or stood, how many are to be confirmed yet, and how many were cancelled; of each
    whether nobody knows what became of it.
    """
    unconfirmed = sum(on >= today and status is Status.BOOKED and not unsaid for on, status, unsaid in found)
    cancelled = sum(status is Status.CANCELLED for _, status, _ in found)
    parts = [i18n.words("words.bookings", {"count": len(found) - cancelled})]
    parts += [i18n.words("words.unconfirmed", {"count": unconfirmed})] * bool(unconfirmed)
    parts += [i18n.words("words.cancelled", {"count": cancelled})] * bool(cancelled)
    return ", ".join(parts)


def links(one: Asked, may_take: bool = False) -> dict[str, Any]:
    """Where one goes from here: back and on, today, other views, files where they may be taken."""
    step = timedelta(days=one.length)
    return {
        "before": one.url(on=max(one.first - step, FIRST)),
        "after": one.url(on=min(one.first + step, LAST)),
        "today": one.url(on=one.today),
        "is_today": one.first <= one.today < one.first + step,
        "views": [
            {"label": i18n.gettext(key), "url": one.url(view=view), "current": view == one.view}
            for view, key in VIEWS.items()
        ],
        "spans": [
            {"label": i18n.gettext(key), "url": one.url(days=days), "current": days == one.days}
            for days, key in SPANS.items()
        ],
        "places": [
            {"label": place.name, "url": one.url(location=place, person=None), "current": place.id == one.location.id}
            for place in one.places
        ],
        "all": one.url(person=None),
        "everybody": one.url(everybody=not one.everybody),
        "pdf": f"{one.url()}&as=pdf",
        "paper": one.at(PAPER) if one.length == 1 else "",
        "entry": one.at(ENTRY) if one.length == 1 and one.on <= one.today else "",
        "csv": f"{one.url()}&as=csv" if may_take else "",
        "xlsx": f"{one.url()}&as=xlsx" if may_take else "",
        "new": f"/bookings/new?{urlencode({'on': one.on, 'place': one.location.id})}",
        "again": f"/series/new?{urlencode({'on': one.on, 'place': one.location.id})}",
    }


async def month(request: Req, one: Asked) -> dict[str, Any]:
    """The strip of the month, whose loads are kept until anybody does anything at all."""
    months: Shelf[Loads] = request.app.state.months
    clashes: Shelf[tuple[int, date | None]] = request.app.state.clashes
    now = clock.now()
    quarter = int(now.timestamp()) // QUARTER
    latest = await agenda_month.latest()
    key = one.location.id, one.on.year, one.on.month, latest
    loads = await months.get(key, lambda: agenda_month.month(one.location, one.on))
    to_arrange = await clashes.get((quarter, latest), lambda: series_views.to_arrange(now))
    return strip(one, loads, to_arrange)


def strip(one: Asked, loads: Loads, to_arrange: tuple[int, date | None]) -> dict[str, Any]:
    """The month around a date: how full each day is; and how many dates of series have no place yet."""
    first = one.on.replace(day=1)
    view = one.view if one.view != LIST_VIEW else DAY_VIEW
    return {
        "title": f"{i18n.month(first)} {first.year}",
        "to_arrange": _arrange_words(*to_arrange),
        "before": one.url(on=max(first - timedelta(days=1), FIRST)),
        "after": one.url(on=min((first + timedelta(days=31)).replace(day=1), LAST)),
        "days": [
            {
                "url": one.url(on=day, view=view),
                "name": _weekday(i18n.current(), day.weekday()),
                "number": day.day,
                "full": f"f{fullness(booked, available)}",
                "said": _load_words(day, booked, available),
                "closed": not available,
                "current": one.first <= day < one.first + timedelta(days=one.length),
                "today": day == one.today,
                "weekend": day.weekday() > 4,
            }
            for day, (booked, available) in loads.items()
        ],
    }


def _arrange_words(count: int, first: date | None) -> str:
    if not first:
        return ""
    return i18n.words("words.to_arrange", {"count": count, "day": i18n.dated(first, "d MMM")})


def to_move(moments: Sequence[datetime], now: datetime) -> str:
    """How many bookings of those that are shown, and have not begun, are to be moved, in words."""
    count = sum(moment > now for moment in moments)
    return i18n.words("words.to_move_here", {"count": count}) if count else ""


@cache
def _weekday(language: str, weekday: int) -> str:
    return i18n.upper_first(i18n.dated(date(2024, 1, 1 + weekday), "EEEEEE"))


def _load_words(day: date, booked: int, available: int) -> str:
    return f"{day_of_month(day)}: {load(booked, available)}"


def people(everybody: Sequence[BookableView]) -> list[tuple[int, str]]:
    """Who and what can be chosen, those who are out of the plan by that."""
    return [
        (one.id, i18n.words("words.out_of_plan", {"name": one.name}) if one.retired_at else one.name)
        for one in everybody
    ]


def day_of_month(day: date) -> str:
    """A date in words without its year: 12 May."""
    return i18n.dated(day, "d MMMM")


def short(day: date) -> str:
    """A date in a list: Tue 12 May."""
    return i18n.upper_first(i18n.dated(day, "EEE d MMM"))


def long(day: date) -> str:
    """A date as a heading on paper: Tuesday 12 May."""
    return i18n.day(day)


def changes_url(one: Asked, revision: str) -> str:
    """The address that says whether anything changed since a revision."""
    return f"{one.url().replace(PATH, CHANGES, 1)}&known={revision}"


def load(booked: int, available: int) -> str:
    """How much of somebody's day is booked, both in minutes: 5 h of 8 h, 5 h where there are none; else not there."""
    if not available and not booked:
        return i18n.gettext("words.not_there")
    if not available:
        return i18n.words("words.load_alone", {"booked": _long(i18n.current(), booked)})
    lengths = {"booked": _long(i18n.current(), booked), "available": _long(i18n.current(), available)}
    return i18n.words("words.load", lengths)


@lru_cache(2048)
def _long(language: str, minutes: int) -> str:
    return i18n.duration(minutes) if minutes else i18n.words("words.hours", {"number": 0})


def closed(one: Asked, day: AgendaDay) -> dict[str, str] | None:
    """Why a date departs from the usual, in words; None where it does not."""
    if day.holiday:
        return {"name": i18n.spoken(day.holiday), "hours": day_words(day.open)}
    return None if day.open else {"name": "", "hours": day_words(day.open)}


def clock_of(minute: int) -> str:
    """Minutes since a date's midnight as the wall shows them, also on the date after it."""
    return i18n.clock(minute % DAY)


def service_names(request: Req, agenda: Agenda) -> Mapping[int, str]:
    """What the services are called in the reader's language, else in the business's own."""
    return {one: shown(request, names) for one, names in agenda.services.items()}
