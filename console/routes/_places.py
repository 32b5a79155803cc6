"""Places to choose from: found for what a form asks so far, a typed time judged, and all of it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.booking import meeting, quoting, rules, seeking
from console.domain.booking.occupancy import PlaceTaken, Spans, with_members
from console.domain.booking.places import Place, instant
from console.domain.booking.seeking import Question
from console.domain.clock import NoSuchTime, TwiceThatDay, WallTime
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookableId
from console.domain.roster import queries as roster
from console.routes import _bookings as words
from console.routes import _fields as f
from console.routes._fields import Bad

MOST = 10
NEAREST = 3
"""Places that a refusal offers."""


NOON = 12 * 60


@dataclass(frozen=True)
class Found:
    """What a search came to. `chosen`: the place that is meant, `problem`: why there is none at the time typed."""

    zone: ZoneInfo
    places: Sequence[Place] = ()
    chosen: Place | None = None
    problem: Problem | None = None
    asked: bool = False
    """Whether anything was looked for."""
    names: Mapping[BookableId, str] = field(default_factory=dict)


async def find(
    question: Question, zone: ZoneInfo, on: date, at: int | None, start: int | None, most: int = MOST
) -> Found:
    """Places from a date on; `at`: a typed time (minutes on the wall); `start`: one chosen (minutes since the epoch).

    A place that was chosen counts more than a time. Where a typed time cannot be, the nearest to it are offered.
    """
    now = clock.now()
    names = {one.id: one.name for one in await roster.bookables()}
    try:
        if start is None and at is not None:
            return await _judged(question, zone, WallTime(on, at), now, names, most)
        if start is not None:
            return await _taken(question, zone, start, on, now, names, most)
        places = await seeking.nearest(question, on, now=now, most=most)
        if not places and question.person is not None:
            search, noon = await seeking.at(question, WallTime(on, NOON).bound(zone))
            return Found(zone, problem=_if_unable(search.problem(noon)), asked=True, names=names)
    except NotFound:
        return Found(zone, problem=Problem("problem.service_off"), asked=True)
    return Found(zone, places, None, None, True, names)


def _if_unable(problem: Problem | None) -> Problem | None:
    """That somebody cannot do it at all, whatever the time."""
    return problem if problem and problem.key == "problem.cannot_do" else None


async def _taken(
    question: Question, zone: ZoneInfo, start: int, on: date, now: datetime, names: Mapping[BookableId, str], most: int
) -> Found:
    """A place that was chosen, if it is still there, among others; else what is nearest to it."""
    search, wanted = await seeking.at(question, instant(start))
    if place := search.at(wanted):
        near = clock.business_date(place.starts_at, zone)
        places = await seeking.nearest(question, min(on, near), now=now, most=most)
        if near != on and all(one.start.at != start for one in places):
            places = await seeking.nearest(question, near, now=now, around=instant(start), most=most)
        return Found(zone, _with(places, place), place, None, True, names)
    nearest = await seeking.nearest(question, wanted.day, now=now, around=instant(start), most=NEAREST)
    return Found(zone, nearest, None, search.problem(wanted), True, names)


def _with(places: Sequence[Place], chosen: Place | None) -> list[Place]:
    """The places in the order of time, the chosen one among them."""
    others = [one for one in places if chosen is None or one.start.at != chosen.start.at]
    return sorted([*others, *([chosen] if chosen else [])], key=lambda one: one.start.at)


async def _judged(
    question: Question, zone: ZoneInfo, wall: WallTime, now: datetime, names: Mapping[BookableId, str], most: int
) -> Found:
    """A typed time: the place there is then, or why there is none and what is nearest. Twice that day: both."""
    instants = wall.instants(zone)
    around = wall.bound(zone)
    there: list[Place] = []
    problem: Problem | None = None if instants else Problem(NoSuchTime.key)
    for moment in instants:
        search, start = await seeking.at(question, moment)
        place = search.at(start)
        there += [place] if place else []
        problem = problem or (None if place else await meeting.problem(question, search, start))
    if len(instants) == 2 and there:
        nearest = await seeking.nearest(question, wall.on, now=now, around=around, most=NEAREST)
        others = [one for one in nearest if all(one.start.at != both.start.at for both in there)]
        return Found(zone, _with([*there, *others][:NEAREST], None), None, Problem(TwiceThatDay.key), True, names)
    chosen = there[0] if there else None
    nearest = await seeking.nearest(question, wall.on, now=now, around=around, most=most if chosen else NEAREST)
    return Found(zone, _with(nearest, chosen), chosen, None if chosen else problem, True, names)


def start_field() -> f.Field:
    """A place that was chosen, by the minutes since the epoch at which it begins."""

    def read(typed: str) -> int:
        if not (typed.isascii() and typed.isdigit() and len(typed) < 9):
            raise Bad("problem.choice")
        return int(typed)

    return f.Field("start", read, kind="hidden", required=False, limit=20, label="field.start")


def shown(found: Found) -> dict[str, Any]:
    """The places as a template shows them, day by day."""
    chosen = found.chosen.start.at if found.chosen else None
    days = [
        {"day": words.day_words(on, found.zone), "places": [_place(one, found, chosen) for one in those]}
        for on, those in groupby(found.places, key=lambda one: clock.business_date(one.starts_at, found.zone))
    ]
    return {"asked": found.asked, "days": days, "nearest": found.problem is not None}


def _place(one: Place, found: Found, chosen: int | None) -> dict[str, Any]:
    return {
        "start": one.start.at,
        "time": words.time_words(one.starts_at, found.zone),
        "who": who_words(one, found.names),
        "chosen": one.start.at == chosen,
    }


def who_words(place: Place, names: Mapping[BookableId, str]) -> str:
    """Everybody and everything that a place takes, each once, in the order of the services."""
    everybody = dict.fromkeys(who for part in place.parts for who in part.bookables)
    return ", ".join(names[who] for who in everybody if who in names)


async def summary(found: Found) -> dict[str, Any] | None:
    """What is booked by the place that was chosen: when, until when, by whom, for how much."""
    place = found.chosen
    if place is None:
        return None
    on = clock.business_date(place.starts_at, found.zone)
    time = words.time_words(place.starts_at, found.zone)
    return {
        "start": place.start.at,
        "day": words.day_words(on, found.zone),
        "time": time,
        "until": words.time_words(place.ends_at, found.zone),
        "long": i18n.duration(place.minutes),
        "who": who_words(place, found.names),
        "price": words.price_words(await quoting.quotes(place.parts, place.start.day)),
    }


def meanwhile(refused: Invalid, *, shown: bool) -> Invalid:
    """A refusal as a form says it: a place that it had `shown` as free was taken meanwhile, whoever has it now."""
    return PlaceTaken() if shown and isinstance(refused, PlaceTaken) else refused


async def spans(place: Place) -> Spans:
    """What a hold of a place has to keep."""
    taken = rules.hulls(place.parts, rules.in_time(place.starts_at, place.parts))
    return await with_members(taken, place.start.day)


def moment_of(zone: ZoneInfo, on: date, at: int | None, start: int | None) -> datetime:
    """The instant that a form means. Raises `NoSuchTime`, `TwiceThatDay`."""
    if start is not None:
        return instant(start)
    return WallTime(on, at or 0).at(zone)
