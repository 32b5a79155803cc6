"""What happens on each day of a plan, in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from console.living.rules.complaints import complaint
from console.living.rules.fates import Fate, Moment
from console.living.rules.free import WORK
from console.living.rules.habits import Member
from console.living.rules.plan import Plan, Planned

CONFIRMS = 17 * 60
"""The minute of the day before at which somebody says that they come."""
LATER = 40
"""Minutes after which somebody who has booked calls again, or nobody has opened the door."""
LONGEST_DAY = 20 * 60
LEFT = 7
"""For so many days before a demo is lively, too, one visit of each date is left to be finished on the next one."""
LEFT_UNTIL = 13 * 60
"""The minute of that day at which it is."""


class What(StrEnum):
    """What happens."""

    JOINS = "joins"
    BOOKS = "books"
    MOVES = "moves"
    CONFIRMS = "confirms"
    CALLS_OFF = "calls_off"
    ARRIVES = "arrives"
    COMES = "comes"
    MISSES = "misses"
    SETTLES = "settles"
    COMPLAINS = "complains"
    ANSWERS = "answers"
    SOLVES = "solves"
    RATES = "rates"
    CLOSES = "closes"


@dataclass(frozen=True)
class Event:
    """Something that happens to a client at a moment, of a visit that is planned where it is about one."""

    at: Moment
    what: What
    member: Member
    planned: Planned | None = None


def by_day(plan: Plan, lively: date) -> Mapping[date, Sequence[Event]]:
    """All events by their dates. From the `lively` one on it is also noted who confirms, and who is there."""
    found: dict[date, list[Event]] = defaultdict(list)
    left = dict(_left(plan, lively - timedelta(days=LEFT)))
    for at, member in plan.joining:
        found[at.day].append(Event(at, What.JOINS, member))
    for one in plan.planned:
        for what, at in _of(one, lively, left.get(one.key)):
            found[at.day].append(Event(at, what, one.member, one))
    order = list(What)
    for events in found.values():
        events.sort(key=lambda one: (one.at, one.member.number, order.index(one.what)))
    return found


def _left(plan: Plan, since: date) -> Iterator[tuple[str, Moment]]:
    """Which visit of each date since then is left to be finished, the first that ends, and until when it is."""
    by_date: dict[date, list[Planned]] = defaultdict(list)
    for one in plan.planned:
        if one.day >= since and one.fated.fate is Fate.COMES:
            by_date[one.day].append(one)
    days = sorted(by_date)
    for day, then in pairwise(days):
        yield min(by_date[day], key=lambda one: (_ends(one), one.member.number)).key, Moment(then, LEFT_UNTIL)


def _ends(one: Planned) -> int:
    return min(one.spot.minute + sum(WORK[code].minutes for code in one.codes), LONGEST_DAY)


def _of(one: Planned, lively: date, left: Moment | None) -> Iterator[tuple[What, Moment]]:
    fated, day, minute = one.fated, one.day, one.spot.minute
    yield What.BOOKS, fated.booked
    again = Moment(fated.booked.day, fated.booked.minute + LATER)
    if one.before is not None and again < one.begins:
        yield What.MOVES, again
    eve = Moment(day - timedelta(days=1), CONFIRMS)
    if fated.confirmed and day >= lively and eve > fated.booked and (fated.off is None or eve < fated.off):
        yield What.CONFIRMS, eve
    if fated.off is not None:
        yield What.CALLS_OFF, fated.off
    if fated.fate is Fate.NO_SHOW:
        yield What.MISSES, Moment(day, minute + LATER)
    if fated.fate is Fate.COMES:
        if day >= lively or left:
            yield What.ARRIVES, one.begins
        yield What.COMES, left or Moment(day, _ends(one))
    if fated.settles is not None:
        yield What.SETTLES, fated.settles
    if said := complaint(one):
        yield What.COMPLAINS, said.opened
        yield What.ANSWERS, said.answered
        yield What.SOLVES, said.solved
        if said.rated is not None:
            yield What.RATES, said.rated
        yield What.CLOSES, said.closed
