"""Looking for places: the nearest ones, and what is free around an instant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import clock
from console.domain.booking.candidates import ALWAYS
from console.domain.booking.known import Known, learn
from console.domain.booking.places import Place, Search, Start, dates, grid, minute
from console.domain.booking.question import Question
from console.domain.business.queries import location

HORIZON = 60
"""Days ahead in which the nearest places are looked for."""
CHUNKS = (2, 9, HORIZON)
"""Days that are read at once: mostly the first ones hold enough."""


async def search(question: Question, first: date, days: int, zone: ZoneInfo) -> Search:
    """A search over some days at a location, in its zone, with everybody and everything that may be wanted."""
    return (await learn(question.location, question.services, first, days, zone, question.held)).search(question)


Read = Callable[[date, int], Awaitable[Known]]
"""What brings what is known for a search from a date on, over so many days."""


async def nearest(
    question: Question,
    first: date,
    *,
    now: datetime,
    around: datetime | None = None,
    most: int = 10,
    spread: bool = False,
    read: Read | None = None,
) -> list[Place]:
    """Places from a date on (around an instant: the nearest to it), none in the past.

    Where nothing is free on the date of an instant and later, those of its eve. `spread`: by people who take turns.
    `read`: for a search among many that share what they know.
    """
    read = read or await _alone(question)
    earliest = minute(now)
    places: list[Place] = []

    async def look(begin: date, days: int) -> list[Place]:
        there = await read(begin, days)
        found = there.search(question)
        starts = [start for day in dates(begin, days) for start in grid(day, there.zone) if start.at >= earliest]
        look_for = found.spread if spread else found.nearest
        return look_for(starts, minute(around) if around else None, most)

    for days in CHUNKS:
        places = await look(first, days)
        if len(places) == most:
            break
    return places if places or around is None else await look(first - timedelta(days=1), 1)


async def onward(question: Question, moment: datetime, zone: ZoneInfo, *, now: datetime) -> Place | None:
    """The first place from an instant on of its date, none in the past; where there is none, the nearest one."""
    day = clock.business_date(moment, zone)
    found = await search(question, day, 1, zone)
    since = max(minute(moment), minute(now))
    for start in grid(day, zone):
        if start.at >= since and (place := found.at(start)):
            return place
    return next(iter(await nearest(question, day, now=now, around=moment, most=1)), None)


async def _alone(question: Question) -> Read:
    """What reads for one question only."""
    zone = ZoneInfo((await location(question.location)).zone)
    return lambda begin, days: learn(question.location, question.services, begin, days, zone, question.held)


async def at(question: Question, starts_at: datetime, *, over: bool = False) -> tuple[Search, Start]:
    """A search around one instant. `over`: as if nothing were taken and everybody were there, for overbooking."""
    zone = ZoneInfo((await location(question.location)).zone)
    day = clock.business_date(starts_at, zone)
    found = await search(question, day, 1, zone)
    if over:
        free = [replace(one, open=(ALWAYS,), taken=(), away=(), days={}) for one in found.candidates.values()]
        found = Search(found.wanted, free)
    return found, Start(day, minute(starts_at))
