"""Places to choose from: found for what a form asks so far, a typed time judged, and all of it in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.booking import meeting, quoting, rules, seeking
from console.domain.booking.occupancy import PlaceTaken, Spans, with_members
from console.domain.booking.places import Place, Search, instant
from console.domain.booking.question import Doing, Question
from console.domain.catalogue.queries import services
from console.domain.clock import NoSuchTime, TwiceThatDay, WallTime
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookableId, ServiceId
from console.domain.roster import queries as roster
from console.domain.roster.rules import BookableKind
from console.routes import _bookings as words
from console.routes import _fields as f
from console.routes import _names, _needs
from console.routes._fields import Bad
from console.routes._page import Req
from console.routes._times import time_words

MOST = 10
NEAREST = 3
"""Places that a refusal offers."""


NOON = 12 * 60


class Pick(NamedTuple):
    """A place that was chosen: minutes since the epoch, and who and what was offered for each service."""

    at: int
    whom: tuple[frozenset[BookableId], ...] = ()

    def of(self, question: Question) -> Question:
        """The same question, where those who were offered go before others."""
        if len(self.whom) != len(question.services):
            return question
        offered = zip(question.services, self.whom, strict=True)
        return replace(question, services=tuple(_offered(one, who) for one, who in offered))


def _offered(one: Doing, who: frozenset[BookableId]) -> Doing:
    """A service that is done by those who were offered: others than the one it was wanted of where that one cannot."""
    return replace(one, rather=who, by=one.by if one.by in who else None)


OF_ONE = {
    "problem.cannot_do": "problem.cannot_do_of",
    "problem.is_away": "problem.is_away_of",
    "problem.outside_hours": "problem.outside_hours_of",
}
"""Problems of "this person" where it has to be said which of several."""


def of_whom(problem: Problem | None, question: Question, names: Mapping[BookableId, str]) -> Problem | None:
    """A problem of somebody, by their name where several people are asked for."""
    who: Any = problem.params.get("bookable") if problem else None
    if problem is None or who not in names or len({one.by for one in question.services}) < 2:
        return problem
    return Problem(OF_ONE[problem.key], {"who": names[who]})


@dataclass(frozen=True)
class Found:
    """What a search came to. `chosen`: the place that is meant, `problem`: why there is none at the time typed.

    `unable`: the first service that whoever is wanted for it cannot do at all; the places are of those who can.
    """

    zone: ZoneInfo
    places: Sequence[Place] = ()
    chosen: Place | None = None
    problem: Problem | None = None
    asked: bool = False
    """Whether anything was looked for."""
    names: Mapping[BookableId, str] = field(default_factory=dict)
    unable: int | None = None
    lacking: Mapping[BookableKind, int] = field(default_factory=dict)
    """What there is too little of to do it at all."""


async def find(
    question: Question, zone: ZoneInfo, on: date, at: int | None, start: Pick | None, most: int = MOST
) -> Found:
    """Places from a date on, none of a date that cannot be typed; `at`: a typed time (minutes on the wall).

    `start`: one chosen, which counts more than a time. Where a typed time cannot be, the nearest to it are offered.
    """
    found = await _found(question, zone, on, at, start, most)
    return replace(found, places=[one for one in found.places if words.is_within_dates(one.starts_at, zone)])


async def _found(question: Question, zone: ZoneInfo, on: date, at: int | None, start: Pick | None, most: int) -> Found:
    now = clock.now()
    names = {one.id: one.name for one in await roster.bookables()}
    try:
        if start is None and at is not None:
            return await _judged(question, zone, WallTime(on, at), now, names, most)
        if start is not None:
            return await _taken(question, zone, start, on, now, names, most)
        places = await seeking.nearest(question, on, now=now, most=most, spread=True)
        if not places:
            return await _without(question, WallTime(on, NOON).bound(zone), Found(zone, asked=True, names=names), now)
    except NotFound:
        return Found(zone, problem=Problem("problem.service_off"), asked=True)
    return Found(zone, places, None, None, True, names)


async def _without(question: Question, around: datetime, found: Found, now: datetime) -> Found:
    """What was found where there is no place at all: with places of those who can, or with what it lacks."""
    search, start = await seeking.at(question, around)
    if search.unable() is not None:
        return await _unable(question, search, start.day, None, now, found)
    lacking = search.lacking()
    return replace(found, problem=None if lacking else found.problem, lacking=lacking)


async def _unable(
    question: Question, search: Search, on: date, around: datetime | None, now: datetime, found: Found
) -> Found:
    """The same with the nearest places of people who can, where somebody is wanted for what they do not do."""
    pairs = zip(question.services, search.able(), strict=True)
    others = replace(question, services=tuple(one if can else replace(one, by=None) for one, can in pairs))
    nearest = await seeking.nearest(others, on, now=now, around=around, most=NEAREST, spread=True)
    lacking = {} if nearest else search.lacking()
    problem = Problem("problem.cannot_do")
    return replace(found, places=nearest, problem=problem, unable=search.unable(), lacking=lacking)


async def _taken(
    question: Question, zone: ZoneInfo, start: Pick, on: date, now: datetime, names: Mapping[BookableId, str], most: int
) -> Found:
    """A place that was chosen, if it is still there, among others; else what is nearest to it."""
    search, wanted = await seeking.at(start.of(question), instant(start.at))
    if place := search.at(wanted):
        near = clock.business_date(place.starts_at, zone)
        places = await seeking.nearest(question, min(on, near), now=now, most=most, spread=True)
        if near != on and all(one.start.at != start.at for one in places):
            around = instant(start.at)
            places = await seeking.nearest(question, near, now=now, around=around, most=most, spread=True)
        return Found(zone, _with(places, place), place, None, True, names)
    around = instant(start.at)
    if search.unable() is not None:
        return await _unable(question, search, wanted.day, around, now, Found(zone, asked=True, names=names))
    nearest = await seeking.nearest(question, wanted.day, now=now, around=around, most=NEAREST, spread=True)
    return Found(zone, nearest, None, of_whom(search.problem(wanted), question, names), True, names)


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
        if search.unable() is not None:
            return await _unable(question, search, wall.on, around, now, Found(zone, asked=True, names=names))
        place = search.at(start)
        there += [place] if place else []
        if not (place or problem):
            problem = of_whom(await meeting.problem(question, search, start), question, names)
    if len(instants) == 2 and there:
        nearest = await seeking.nearest(question, wall.on, now=now, around=around, most=NEAREST, spread=True)
        others = [one for one in nearest if all(one.start.at != both.start.at for both in there)]
        return Found(zone, _with([*there, *others][:NEAREST], None), None, Problem(TwiceThatDay.key), True, names)
    chosen = there[0] if there else None
    most = most if chosen else NEAREST
    nearest = await seeking.nearest(question, wall.on, now=now, around=around, most=most, spread=True)
    found = Found(zone, _with(nearest, chosen), chosen, None if chosen else problem, True, names)
    return found if found.places or not instants else await _without(question, around, found, now)


async def proposed(of: Found, question: Question, wall: WallTime) -> Pick | None:
    """In place of a time that was only proposed, and at which there is no place, the one that follows it."""
    if of.problem is None or of.unable is not None or len(wall.instants(of.zone)) != 1:
        return None
    place = await seeking.onward(question, wall.bound(of.zone), of.zone, now=clock.now())
    return _pick(pick(place)) if place else None


def start_field(name: str = "start", kind: str = "hidden") -> f.Field:
    """A place that was chosen."""
    return f.Field(name, _pick, kind=kind, required=False, limit=400, label="field.start")


def _pick(typed: str) -> Pick:
    """The minutes since the epoch at which it begins, and who and what was offered.

    29384723.3-9.4: by 3 with 9, then by 4.
    """

    def number(typed: str, digits: int) -> int:
        if not (typed.isascii() and typed.isdigit() and len(typed) <= digits):
            raise Bad("problem.choice")
        return int(typed)

    at, *whom = typed.split(".")
    offered = (part.split("-") if part else () for part in whom)
    return Pick(number(at, 8), tuple(frozenset(BookableId(number(who, 9)) for who in those) for those in offered))


def pick(place: Place) -> str:
    """A place as a form names it."""
    return ".".join((str(place.start.at), *("-".join(map(str, part.bookables)) for part in place.parts)))


Services = Mapping[ServiceId, str]
"""What services are called."""


async def service_names(request: Req, found: Found) -> Services:
    """Of all that is on where places are of several services; else nothing needs them."""
    if not any(len(place.parts) > 1 for place in (*found.places, *filter(None, [found.chosen]))):
        return {}
    return {one.id: _names.shown(request, one.names) for one in await services(words.today(found.zone))}


def shown(found: Found, services: Services) -> dict[str, Any]:
    """The places as a template shows them, day by day."""
    chosen = found.chosen.start.at if found.chosen else None
    days = [
        {"day": words.day_words(on, found.zone), "places": [_place(one, found, services, chosen) for one in those]}
        for on, those in groupby(found.places, key=lambda one: clock.business_date(one.starts_at, found.zone))
    ]
    lacking = _needs.listed(found.lacking)
    return {"asked": found.asked, "days": days, "nearest": found.problem is not None, "lacking": lacking}


def _place(one: Place, found: Found, services: Services, chosen: int | None) -> dict[str, Any]:
    return {
        "start": one.start.at,
        "pick": pick(one),
        "time": time_words(one.starts_at, found.zone),
        "who": who_words(one, found.names),
        "steps": _steps(one, found, services) if _changes_hands(one) else [],
        "chosen": one.start.at == chosen,
    }


def _changes_hands(place: Place) -> bool:
    """Whether its services are done by different people or things."""
    return len({frozenset(part.bookables) for part in place.parts}) > 1


def _steps(place: Place, found: Found, services: Services) -> list[str]:
    """Who does what and when: 10:00 Deep clean, Nina."""
    spans = rules.in_time(place.starts_at, place.parts)
    return [
        words.step_words(
            time_words(span.starts_at, found.zone),
            services.get(part.service, ""),
            [found.names[who] for who in part.bookables if who in found.names],
        )
        for part, span in zip(place.parts, spans, strict=True)
    ]


def who_words(place: Place, names: Mapping[BookableId, str]) -> str:
    """Everybody and everything that a place takes, each once, in the order of the services."""
    everybody = dict.fromkeys(who for part in place.parts for who in part.bookables)
    return ", ".join(names[who] for who in everybody if who in names)


async def summary(found: Found, services: Services) -> dict[str, Any] | None:
    """What is booked by the place that was chosen: when, until when, by whom, for how much; each service of several."""
    place = found.chosen
    if place is None:
        return None
    on = clock.business_date(place.starts_at, found.zone)
    time = time_words(place.starts_at, found.zone)
    return {
        "start": place.start.at,
        "day": words.day_words(on, found.zone),
        "time": time,
        "until": time_words(place.ends_at, found.zone),
        "long": i18n.duration(place.minutes),
        "who": who_words(place, found.names),
        "steps": _steps(place, found, services) if len(place.parts) > 1 else [],
        "price": words.price_words(await quoting.quotes(place.parts, place.start.day)),
    }


def meanwhile(refused: Invalid, *, shown: bool) -> Invalid:
    """A refusal as a form says it: a place that it had `shown` as free was taken meanwhile, whoever has it now."""
    return PlaceTaken() if shown and isinstance(refused, PlaceTaken) else refused


async def spans(place: Place) -> Spans:
    """What a hold of a place has to keep."""
    taken = rules.hulls(place.parts, rules.in_time(place.starts_at, place.parts))
    return await with_members(taken, place.start.day)


def moment_of(zone: ZoneInfo, on: date, at: int | None, start: Pick | None) -> datetime:
    """The instant that a form means. Raises `NoSuchTime`, `TwiceThatDay`."""
    if start is not None:
        return instant(start.at)
    return WallTime(on, at or 0).at(zone)
