"""What a change of a series would do, in words: which dates move, come, go or stay, and places for those without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.booking import series_places
from console.domain.booking.places import Place, instant
from console.domain.booking.series_views import OfSeries, SeriesView
from console.domain.catalogue.queries import services
from console.domain.errors import NotFound
from console.domain.ids import BookableId, ServiceId
from console.domain.intent import Effect
from console.routes import _names, _page, _series
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._times import time_words

MOST_OPEN = 14
"""Dates that are shown at once; more are opened."""
MOST_LOOKED_FOR = 14
"""Dates for which places are looked for."""
LOST = ("effect.series_stays", "effect.series_clashes")
"""What has a date without a place: it stays where it is, or it is still to be arranged."""


async def shown(effects: Sequence[Effect], after: SeriesView, form: Form, coming: Sequence[OfSeries]) -> dict[str, Any]:
    """What `_told.html` shows. `after`: the series as it goes on; `coming`: its bookings now."""
    people = await _series.doers()
    lost = [(date.fromisoformat(on), why, date.fromisoformat(to)) for on, why, to in _dates(effects, *LOST)]
    return {
        "sections": [_section(one, after, people) for one in effects if one.key not in LOST and "count" in one.params],
        "lost": sorted(
            [*await _lost(lost, after, coming, people), *_chosen(lost, after, form, people)],
            key=lambda one: str(one["field"]),
        ),
        "counts": [i18n.words(one.key, {"count": one.params["count"]}) for one in effects if one.key in LOST],
        "calls_off": any(one.key == "effect.series_called_off" for one in effects),
    }


async def services_words(request: Req, before: SeriesView, after: SeriesView) -> str:
    """What was done and what will be, each with how long it takes by itself; nothing where that stays."""
    was, then = ([each.service for each in one.asked.doing] for one in (before, after))
    if was == then:
        return ""
    known = {one.id: one for one in await services(_page.today(request))}

    def said(those: Sequence[ServiceId]) -> str:
        found = [known[one] for one in those if one in known]
        minutes = i18n.duration(sum(one.minutes for one in found))
        return f"{i18n.listing([_names.shown(request, one.names) for one in found])}, {minutes}"

    return i18n.words("words.services_change", {"before": said(was), "after": said(then)})


def _dates(effects: Sequence[Effect], *keys: str) -> Iterator[Any]:
    for one in effects:
        if one.key in keys:
            yield from one.params["dates"]


def without_place(effects: Sequence[Effect]) -> set[str]:
    """The fields of the dates that find no place."""
    return {name_of(date.fromisoformat(on)) for on, _, _ in _dates(effects, *LOST)}


def _section(one: Effect, of: SeriesView, people: Mapping[BookableId, str]) -> dict[str, Any]:
    lines = [_line(each, of, people) for each in one.params.get("dates", ())]
    return {
        "text": i18n.words(one.key, {"count": one.params["count"]}),
        "lines": lines,
        "open": len(lines) <= MOST_OPEN,
    }


def _line(said: Any, of: SeriesView, people: Mapping[BookableId, str]) -> str:
    """A date that is skipped; when a booking is; when it was, when it will be, and by whom."""
    if isinstance(said, str):
        return _when(datetime.fromisoformat(said), of) if "T" in said else _day(date.fromisoformat(said), of)
    *moments, who = said
    was, then = (datetime.fromisoformat(each) for each in (moments[0], moments[-1]))
    days = [clock.business_date(each, of.zone) for each in (was, then)]
    words = _when(was, of)
    if was != then:
        there = time_words(then, of.zone) if days[0] == days[1] else _when(then, of)
        words = i18n.words("words.from_to", {"before": words, "after": there})
    names = i18n.listing([people[each] for each in who if each in people])
    return f"{words}, {names}" if names else words


def _when(moment: datetime, of: SeriesView) -> str:
    return f"{_day(clock.business_date(moment, of.zone), of)}, {time_words(moment, of.zone)}"


def _day(on: date, of: SeriesView) -> str:
    return _series.day_words(on, of.zone)


def name_of(on: date) -> str:
    """The field that says where a date goes that finds no place by itself."""
    return f"place_{on.isoformat()}"


async def _lost(
    lost: Sequence[tuple[date, str, date]],
    of: SeriesView,
    coming: Sequence[OfSeries],
    people: Mapping[BookableId, str],
) -> list[dict[str, Any]]:
    there = {one.on: one for one in coming}
    bookings = {to: there[on].id for on, _, to in lost if on in there}
    looked = [to for _, _, to in lost[:MOST_LOOKED_FOR]]
    found: dict[date, list[Place]] = {}
    if looked:
        with suppress(NotFound):
            found = await series_places.alternatives(of, looked, of.minute, clock.now(), bookings=bookings)
    return [
        {
            "field": name_of(on),
            "day": _day(to, of),
            "why": _series.why_words(why),
            "places": [
                {**_series.place_button(place, to, of.zone, people), "chosen": False} for place in found.get(to, ())
            ],
            "stays": _when(there[on].starts_at, of) if on in there else "",
        }
        for on, why, to in lost
    ]


def _chosen(
    lost: Sequence[tuple[date, str, date]], of: SeriesView, form: Form, people: Mapping[BookableId, str]
) -> Iterator[dict[str, Any]]:
    """The dates for which a place was chosen that is there."""
    for name, pick in form.usable().items():
        if not (name.startswith("place_") and pick) or name in {name_of(on) for on, _, _ in lost}:
            continue
        on = date.fromisoformat(name.removeprefix("place_"))
        there = clock.business_date(instant(pick.at), of.zone)
        whom = dict.fromkeys(each for those in pick.whom for each in sorted(those))
        place = {
            "value": form.texts[name][0],
            "day": "" if there == on else _day(there, of),
            "time": time_words(instant(pick.at), of.zone),
            "who": i18n.listing([people[one] for one in whom if one in people]),
            "chosen": True,
        }
        yield {"field": name, "day": _day(on, of), "why": "", "places": [place], "stays": ""}
