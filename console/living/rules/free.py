"""One day's work: who is free when, and where a visit finds its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from console.domain.business.rules import Interval
from console.domain.catalogue.demo import SERVICES
from console.domain.roster.rules import BookableKind
from console.living.rules.habits import Codes
from console.living.rules.team import CREWS, SKILLED, hours

GRID = 30
"""Visits begin on the half hour."""
ENOUGH = 150
"""Minutes in which there is room for a usual visit with its way."""
VAN, WASHER = BookableKind.VEHICLE.value, BookableKind.EQUIPMENT.value
EVERYBODY = tuple(range(8))


@dataclass(frozen=True)
class Work:
    """What a service takes: minutes, minutes after it, how many people, and which thing."""

    minutes: int
    after: int
    people: int
    thing: str | None


WORK: Mapping[str, Work] = {
    code: Work(minutes, after, needs.people, VAN if needs.vehicles else WASHER if needs.equipment else None)
    for code, _, _, minutes, after, needs, _ in SERVICES
}


@dataclass(frozen=True)
class Spot:
    """Where a visit finds its place: the minute of the day, who does it, or which crew, and with which thing."""

    minute: int
    people: tuple[int, ...]
    crew: int | None = None
    thing: str | None = None


class Day:
    """The work of a date, which grows by what is placed. `away`: who does not work."""

    def __init__(self, on: date, away: Sequence[int]) -> None:
        self.on = on
        self._there = {who: hours(who, on) if who not in away else [] for who in EVERYBODY}
        self._taken: dict[object, list[Interval]] = defaultdict(list)
        self._full: set[tuple[Codes, bool]] = set()

    def take(self, who: object, begin: int, end: int) -> None:
        """Somebody, or something, is busy from one minute to another."""
        self._taken[who].append((begin, end))

    def place(self, codes: Codes, minute: int, person: int, *, by_crew: bool = False) -> Spot | None:
        """The place nearest to a minute, by a person if they can do it then; it is taken. None: there is none."""
        if (codes, by_crew) in self._full:
            return None
        work = [WORK[code] for code in codes]
        length, after = sum(one.minutes for one in work), work[-1].after
        thing = next((one.thing for one in work if one.thing), None)
        crew_needed = by_crew or thing == VAN
        options = self._crews(length, after, thing) if crew_needed else self._groups(codes, length, after, person)
        best = min(options, key=lambda one: (abs(one[0] - minute) + one[1], one[1]), default=None)
        if best is None:
            self._full.add((codes, by_crew))
            return None
        at, _, people, crew = best
        for who in (*people, *((thing,) if thing else ())):
            self.take(who, at, at + length + after)
        return Spot(at, people, crew, thing)

    def _crews(
        self, length: int, after: int, thing: str | None
    ) -> Iterator[tuple[int, int, tuple[int, ...], int | None]]:
        for crew, members in enumerate(CREWS):
            if thing == VAN and crew:
                continue
            for at in self._starts(members[0], length):
                if all(self._can(who, at, length, after) for who in members) and self._free(thing, at, length, after):
                    yield at, 0, members, crew

    def _groups(
        self, codes: Codes, length: int, after: int, person: int
    ) -> Iterator[tuple[int, int, tuple[int, ...], int | None]]:
        able = [who for who in EVERYBODY if all(who in SKILLED.get(code, EVERYBODY) for code in codes)]
        able.sort(key=lambda who: (who != person, sum(end - begin for begin, end in self._taken[who]), who))
        many = max(WORK[code].people for code in codes)
        thing = next((WORK[code].thing for code in codes if WORK[code].thing), None)
        starts = {at for who in able for at in self._starts(who, length)}
        for at in starts:
            there = [who for who in able if self._can(who, at, length, after)][:many]
            if len(there) == many and self._free(thing, at, length, after):
                yield at, self._gap(there[0], at), tuple(sorted(there)), None

    def _gap(self, who: int, at: int) -> int:
        """Minutes before one in which somebody has nothing to do, too few for another visit; 0 where it is enough."""
        begins = [begin for begin, _ in self._there[who] if begin <= at] + [
            end for _, end in self._taken[who] if end <= at
        ]
        gap = at - max(begins)
        return gap if gap < ENOUGH else 0

    def _starts(self, who: int, length: int) -> Iterator[int]:
        for begin, end in self._there[who]:
            yield from range(-(-begin // GRID) * GRID, end - length + 1, GRID)

    def _can(self, who: int, at: int, length: int, after: int) -> bool:
        there = any(begin <= at and at + length <= end for begin, end in self._there[who])
        return there and self._free(who, at, length, after)

    def _free(self, what: object, at: int, length: int, after: int) -> bool:
        return what is None or all(end <= at or at + length + after <= begin for begin, end in self._taken[what])
