"""Places for the dates of a series: those near a date that clashed, and how one that has not begun would go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from console.domain.booking import places, rearranging, seeking
from console.domain.booking.arranging import Asked
from console.domain.booking.known import Known, learn
from console.domain.booking.places import Place, Search, Start, minute
from console.domain.booking.question import Doing, Question
from console.domain.booking.rearranging import Item
from console.domain.booking.recurring import Recurrence
from console.domain.booking.series_dates import YEAR, first_held, occurrences
from console.domain.booking.series_views import SeriesView
from console.domain.business.queries import location
from console.domain.clock import NoSuchTime, WallTime
from console.domain.errors import Problem
from console.domain.ids import BookingId

OFFERED = 3
NEAR = 9
"""Days around a date in which its places are mostly found."""


@dataclass(frozen=True)
class Foreseen:
    """A date of a series that is not booked yet: when it would be, or why it would not. `held` None: it is skipped."""

    on: date
    held: date | None
    problem: Problem | None


def question(asked: Asked) -> Question:
    """What a place is looked for, for a date of a series."""
    return Question(asked.location, asked.doing)


def by_anyone(asked: Asked) -> Question:
    """The same, whoever can do it."""
    return Question(asked.location, tuple(map(Doing, asked.services)))


async def alternatives(
    one: SeriesView,
    dates: Sequence[date],
    at: int,
    now: datetime,
    most: int = OFFERED,
    bookings: Mapping[date, BookingId] | None = None,
) -> dict[date, list[Place]]:
    """The places nearest to some dates and a time (minutes on the wall), by people who take turns.

    Where it is said who does it, others come first at that very time. `bookings`: those that shall move to a date: what
    they occupy does not count as taken, and each takes what was quoted of the services that it keeps.

    As many statements however many dates, one more with bookings; so many more where somebody has no place for days.
    Raises `NotFound` where a service is not offered any more.
    """
    found: dict[date, list[Place]] = {}
    booked = bookings or {}
    items = await rearranging.items(booked.values()) if booked else {}
    questions = [each.beside(booked.values()) for each in (question(one.asked), by_anyone(one.asked))]
    asked = questions[0]
    for days in (NEAR, seeking.HORIZON):
        if short := [on for on in dates if len(found.get(on, ())) < most]:
            reach = (max(short) - min(short)).days + days
            eve = min(short) - timedelta(days=1)
            known = await learn(asked.location, asked.services, eve, reach, one.zone)
            looked = _Looked(known, questions, one.zone, minute(now), days)
            found |= {on: looked.near(on, at, most, items[booked[on]] if on in booked else ()) for on in short}
    return found


@dataclass(frozen=True)
class _Looked:
    """Searches for a series: by whoever it is with, and by anyone. None before `earliest` (minutes since the epoch)."""

    known: Known
    questions: Sequence[Question]
    zone: ZoneInfo
    earliest: int
    days: int

    def near(self, on: date, at: int, most: int, items: Sequence[Item] = ()) -> list[Place]:
        """The places around a time of a date, in the order of time, also for a booking that has some `items`."""
        own, anyone = self._searches if not items else self._as_quoted(items)
        around = minute(WallTime(on, at).bound(self.zone))
        days = places.dates(on - timedelta(days=1), self.days)
        starts = [start for day in days for start in places.grid(day, self.zone) if start.at >= self.earliest]
        found = own.spread(starts, around, most)
        there = any(place.start.at == around for place in found)
        if not any(one.settled for one in own.wanted) or around < self.earliest or there:
            return found
        instead = anyone.by_others(Start(on, around), most - 1)
        nearest = sorted(found, key=lambda place: abs(place.start.at - around))[: most - len(instead)]
        return [*instead, *sorted(nearest, key=lambda place: place.start.at)]

    @cached_property
    def _searches(self) -> list[Search]:
        return list(map(self.known.search, self.questions))

    def _as_quoted(self, items: Sequence[Item]) -> list[Search]:
        return [
            self.known.search(replace(each, services=rearranging.as_quoted(each.services, items)))
            for each in self.questions
        ]


async def foresee(asked: Asked, at: int, rule: Recurrence, most: int) -> list[Foreseen]:
    """The dates of a series that has not begun, through the first so many that take place, as of now.

    They are those within a year of the first that takes place.

    Raises `NotFound` for a location or a service that is none.
    """
    zone = ZoneInfo((await location(asked.location)).zone)
    first = await first_held(asked.location, rule) or rule.starts_on
    found = await occurrences(asked.location, rule, first + YEAR)
    held = [at for at, one in enumerate(found) if one.held][:most]
    found = found[: held[-1] + 1] if held else found[:most]
    days = [one.held for one in found if one.held]
    if not days:
        return [Foreseen(one.on, None, None) for one in found]
    search = await seeking.search(question(asked), min(days), (max(days) - min(days)).days + 1, zone)
    return [Foreseen(one.on, one.held, _judged(search, one.held, at, zone)) for one in found]


def _judged(search: Search, held: date | None, at: int, zone: ZoneInfo) -> Problem | None:
    if held is None:
        return None
    try:
        starts_at = WallTime(held, at).at(zone, fold=0)
    except NoSuchTime as none:
        return none.problem
    return search.problem(Start(held, minute(starts_at)))
