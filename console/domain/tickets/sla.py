"""When a ticket's first reply and its resolution are due, counted in the minutes that the business is open.

The hours are those of a place: breaks, holidays and nights do not count, and neither do pauses, in which the ticket
waits for the client. Where the clocks are set back an open hour that is shown twice counts twice, as it is lived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain.business.rules import DAY
from console.domain.clock import WallTime, business_date
from console.domain.roster.rules import Place

HORIZON = timedelta(days=400)
"""How far ahead open minutes are looked for: what is not due by then has no due time."""

Span = tuple[datetime, datetime]
Pause = tuple[datetime, datetime | None]
"""From an instant until another one; None: it has not ended."""


@dataclass(frozen=True)
class Hours:
    """When the business is there to answer: a place's hours and holidays, and its zone."""

    place: Place
    zone: ZoneInfo


@dataclass(frozen=True)
class Target:
    """How soon tickets of a priority are answered and resolved, and how long before that we warn: open minutes."""

    first_reply: int
    resolution: int
    warn: int


@dataclass(frozen=True)
class Due:
    """An instant by which something is to be done, and the one from which we warn of it."""

    at: datetime
    warn_at: datetime


def first_reply_due(opened_at: datetime, target: Target, hours: Hours) -> Due | None:
    """When the first reply is due; None where the place does not open long enough within the horizon."""
    return _due(opened_at, target.first_reply, target.warn, hours, ())


def resolution_due(opened_at: datetime, target: Target, hours: Hours, pauses: Sequence[Pause] = ()) -> Due | None:
    """When the ticket is to be resolved. None also while a pause goes on that began before it was due."""
    return _due(opened_at, target.resolution, target.warn, hours, pauses)


def add(start: datetime, minutes: int, hours: Hours, pauses: Iterable[Pause] = ()) -> datetime | None:
    """The first instant by which so many open minutes have gone by since another; None: not within the horizon."""
    left = timedelta(minutes=minutes)
    if not left:
        return start
    for begins, ends in _working(start, start + HORIZON, hours, pauses):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    return None


def between(start: datetime, end: datetime, hours: Hours, pauses: Iterable[Pause] = ()) -> timedelta:
    """The open time from one instant to another; none where the second is not later."""
    return sum((ends - begins for begins, ends in _working(start, end, hours, pauses)), timedelta())


def _due(opened_at: datetime, minutes: int, warn: int, hours: Hours, pauses: Sequence[Pause]) -> Due | None:
    at = add(opened_at, minutes, hours, pauses)
    warn_at = add(opened_at, max(minutes - warn, 0), hours, pauses)
    return Due(at, warn_at) if at and warn_at else None


def _working(start: datetime, end: datetime, hours: Hours, pauses: Iterable[Pause]) -> Iterator[Span]:
    """The open spans between two instants without the pauses, in order and apart from each other."""
    waits = sorted(pauses, key=lambda pause: pause[0])
    reached = start
    day = business_date(start, hours.zone) - timedelta(days=1)
    while day <= business_date(end, hours.zone):
        for opens, closes in hours.place.on(day):
            begins, ends = max(WallTime(day, opens).bound(hours.zone), reached), min(_closing(day, closes, hours), end)
            if begins < ends:
                reached = ends
                yield from _outside(begins, ends, waits)
        day += timedelta(days=1)


def _outside(begins: datetime, ends: datetime, waits: Iterable[Pause]) -> Iterator[Span]:
    """What lies of a span outside some pauses, which are in the order in which they begin."""
    for waits_from, waits_until in waits:
        if waits_from >= ends:
            break
        if begins < waits_from:
            yield begins, waits_from
        begins = max(begins, min(waits_until or ends, ends))
    if begins < ends:
        yield begins, ends


def _closing(day: date, minute: int, hours: Hours) -> datetime:
    on, minute = (day, minute) if minute <= DAY else (day + timedelta(days=1), minute - DAY)
    return WallTime(on, minute).bound(hours.zone, last=True)
