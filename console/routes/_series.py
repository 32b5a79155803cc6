"""Series in words: the bookings, the dates that clash; and the fields that their forms share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.booking import series_views
from console.domain.booking.places import Place
from console.domain.booking.recurring import OnHoliday, Unit
from console.domain.booking.series_views import ClashView, OfSeries, SeriesView
from console.domain.catalogue.queries import services
from console.domain.clients import queries as clients
from console.domain.clients.queries import ClientView
from console.domain.ids import BookableId
from console.domain.roster.queries import bookables
from console.domain.roster.rules import BookableKind
from console.routes import _bookings, _called, _names, _page, _places
from console.routes import _fields as f
from console.routes._page import Req
from console.routes._times import span_words, time_words
from console.series_wording import rule_words

HOLIDAYS: Mapping[OnHoliday, str] = {OnHoliday.SKIP: "words.holiday_skip", OnHoliday.MOVE: "words.holiday_move"}
UNITS: Mapping[Unit, str] = {Unit.WEEK: "words.unit_week", Unit.MONTH: "words.unit_month"}


def url(series: int) -> str:
    """The page of a series."""
    return f"/series/{series}"


def day_words(on: date, zone: ZoneInfo) -> str:
    """A date as a list has it: Today, Tomorrow, Wednesday 13 May; with its year where that is not this one."""
    return i18n.upper_first(day_in_sentence(on, zone))


def day_in_sentence(on: date, zone: ZoneInfo) -> str:
    """The same within a sentence: tomorrow, Wednesday 13 May."""
    now = _bookings.today(zone)
    near = abs((on - now).days) < 2
    return i18n.near(on, now) if near else i18n.weekday_and_date(on, year=on.year != now.year)


def booking_line(one: OfSeries, zone: ZoneInfo) -> dict[str, Any]:
    """A booking of a series in a list; `by_rule`: the date that it was moved from; both it and
    `within`, the day, as a sentence has them.
    """
    on = clock.business_date(one.starts_at, zone)
    return {
        "id": one.id,
        "url": f"/bookings/{one.id}",
        "day": day_words(on, zone),
        "time": span_words(one.starts_at, one.ends_at, zone),
        "who": i18n.listing(list(one.people)),
        "status": _bookings.status_of(one.status),
        "by_rule": day_in_sentence(one.on, zone) if one.on != on else "",
        "within": day_in_sentence(on, zone),
    }


def clash_line(one: ClashView, zone: ZoneInfo, minute: int) -> dict[str, Any]:
    """A date that clashed in a list: when, and why."""
    return {
        "id": one.id,
        "url": f"/series/clashes/{one.id}",
        "day": day_words(one.on, zone),
        "time": i18n.clock(minute),
        "why": why_words(one.problem),
    }


def why_words(key: str) -> str:
    """Why a date of a series has no place; what was taken when it was asked for is so for longer."""
    return i18n.gettext("words.somebody_else_then" if key == "problem.place_taken" else key)


def place_button(place: Place, on: date, zone: ZoneInfo, people: Mapping[BookableId, str]) -> dict[str, str]:
    """A place as a button: what it sends, and its words; the date only where it is another one."""
    doers = [who for part in place.parts for who in part.bookables if who in people]
    names = list(dict.fromkeys(people[who] for who in doers))
    there = clock.business_date(place.starts_at, zone)
    return {
        "value": _places.pick(place),
        "day": "" if there == on else day_words(there, zone),
        "time": time_words(place.starts_at, zone),
        "who": i18n.listing(names),
    }


async def doers() -> dict[BookableId, str]:
    """The people and crews of the plan by their ids."""
    kinds = (BookableKind.PERSON, BookableKind.CREW)
    return {one.id: one.name for one in await bookables() if one.kind in kinds}


async def names_of(ids: Sequence[int]) -> dict[int, str]:
    """What clients go by."""
    return called(await clients.clients(list(set(ids))))


def called(those: Iterable[ClientView]) -> dict[int, str]:
    """The same of clients that are known."""
    return {one.id: _called.name(one) for one in those}


async def service_names(request: Req) -> dict[int, str]:
    """What services are called, those that are off too."""
    day = _page.today(request)
    return {one.id: _names.shown(request, one.names) for one in await services(day)}


async def off(request: Req, one: SeriesView) -> dict[str, Any] | None:
    """The services of a series that are not offered any more, for `_off.html`; None where each is."""
    day = _page.today(request)
    those = [each for each in await services(day) if each.retired_at and each.id in one.asked.services]
    rows = [{"name": _names.shown(request, each.names), "url": f"/catalogue/services/{each.id}"} for each in those]
    return {"names": i18n.listing([row["name"] for row in rows]), "services": rows} if rows else None


async def facts(request: Req, one: SeriesView) -> list[tuple[str, str]]:
    """What else is agreed in a series."""
    people, known = await doers(), await service_names(request)
    anyone = i18n.gettext("words.anyone_who_can")
    doing = [(known.get(each.service, ""), people.get(each.by, "") if each.by else anyone) for each in one.asked.doing]
    if len({who for _, who in doing}) == 1:
        agreed = [
            (i18n.gettext("field.services"), i18n.listing([service for service, _ in doing if service])),
            (i18n.gettext("field.series_person"), doing[0][1]),
        ]
    else:
        said = [i18n.words("words.service_by", {"service": service, "who": who}) for service, who in doing]
        agreed = [(i18n.gettext("field.services"), "; ".join(said))]
    return [
        *agreed,
        (i18n.gettext("field.location_of"), one.location_name),
        *([(i18n.gettext("field.booking_site"), _bookings.site_words(one.site))] if one.site is not None else []),
        (i18n.gettext("field.on_holiday"), i18n.gettext(HOLIDAYS[one.rule.on_holiday])),
        (i18n.gettext("field.came_by"), i18n.gettext(_bookings.SOURCES[one.asked.source])),
        *([(i18n.gettext("field.booking_note"), one.asked.note)] if one.asked.note else []),
    ]


async def person_field(name: str, first: str, **options: Any) -> f.Field:
    """One of the people and crews that are on; `first` is the key of the word for none of them."""
    those = [one for one in await bookables() if one.kind in (BookableKind.PERSON, BookableKind.CREW)]
    choices = [("", i18n.gettext(first)), *((str(one.id), one.name) for one in those if one.retired_at is None)]
    return f.choice(name, lambda: choices, required=False, **options)


def as_bookable(typed: str | None) -> BookableId | None:
    return BookableId(int(typed)) if typed else None


async def of_booking(booking: int) -> dict[str, str] | None:
    """What a booking's page says of the series that it is one of; None for one that stands by itself."""
    number = await series_views.series_of(booking)
    if number is None:
        return None
    one = await series_views.one_series(number)
    return {
        "url": url(one.id),
        "rule": i18n.upper_first(rule_words(one.rule, one.minute)),
        "change": f"{url(one.id)}/change?from={booking}",
        "cancel": f"{url(one.id)}/cancellation?from={booking}",
    }
