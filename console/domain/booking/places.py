"""Where a booking can be: a search over who and what is there, and not taken.

Instants are whole minutes since the epoch (UTC), intervals half-open. Services are done one after the other; buffers
may lie outside somebody's hours, but never over what occupies them.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from console.domain.booking.candidates import DOERS, Candidate, Wanted
from console.domain.booking.rules import Part
from console.domain.business.rules import Interval
from console.domain.clock import WallTime
from console.domain.errors import Problem
from console.domain.ids import BookableId
from console.domain.roster.rules import BookableKind

STEP = 15
"""Minutes on the wall between two times that are offered."""
MOST = 10
APART = 30
"""Minutes between two places that are offered."""

LACKING = {
    BookableKind.PERSON: "problem.nobody_free",
    BookableKind.CREW: "problem.nobody_free",
    BookableKind.ROOM: "problem.no_room",
    BookableKind.VEHICLE: "problem.no_vehicle",
    BookableKind.EQUIPMENT: "problem.no_equipment",
}


@dataclass(frozen=True)
class Start:
    """A time to begin at, and the business date that it belongs to."""

    day: date
    at: int


@dataclass(frozen=True)
class Place:
    """A time with who and what does each service then."""

    start: Start
    parts: tuple[Part, ...]

    @property
    def minutes(self) -> int:
        return sum(part.minutes for part in self.parts)

    @property
    def starts_at(self) -> datetime:
        return instant(self.start.at)

    @property
    def ends_at(self) -> datetime:
        return instant(self.start.at + self.minutes)


@dataclass(frozen=True)
class Obstacle:
    """Somebody who is busy: when they would do the service, and when they would be taken by it, with its buffers."""

    who: BookableId
    own: Interval
    taken: Interval


def minute(moment: datetime) -> int:
    """An instant as minutes since the epoch."""
    return int(moment.timestamp() // 60)


def instant(at: int) -> datetime:
    """Minutes since the epoch as an instant in UTC."""
    return datetime.fromtimestamp(at * 60, UTC)


@lru_cache(200)
def grid(day: date, zone: ZoneInfo) -> tuple[Start, ...]:
    """The times of a date that are offered, every `STEP` minutes on the wall; one that it shows twice is two."""
    walls = (WallTime(day, on_wall) for on_wall in range(0, 24 * 60, STEP))
    return tuple(Start(day, minute(moment)) for wall in walls for moment in wall.instants(zone))


def apart(
    starts: Iterable[Start], around: int | None, most: int, offer: Callable[[Start], Place | None]
) -> list[Place]:
    """The first places that are offered in time, or those nearest to an instant, half an hour apart; in their order."""
    found: list[Place] = []
    for start in sorted(starts, key=lambda one: (abs(one.at - around) if around is not None else one.at, one.at)):
        if len(found) == most:
            break
        if all(abs(start.at - other.start.at) >= APART for other in found) and (place := offer(start)):
            found.append(place)
    return sorted(found, key=lambda place: place.start.at)


_Hulls = dict[BookableId, Interval]
"""From when to when somebody is occupied by the services placed so far."""


class Search:
    """Looks for places for some services, one after the other, with some candidates.

    A crew does by itself what takes any number of people. Those who are already at it go on; else whoever has the least
    to do that day, then the first in the list. Places that are offered beside one another are spread over people: each
    that was offered to somebody counts before what they have to do.
    """

    def __init__(self, wanted: Sequence[Wanted], candidates: Iterable[Candidate]) -> None:
        self.wanted = wanted
        self.candidates = {one.id: one for one in candidates}
        self._dead: set[tuple[int, int, date]] = set()
        self._offered: Counter[BookableId] | None = None

    def spread(self, starts: Iterable[Start], around: int | None = None, most: int = MOST) -> list[Place]:
        """The same places as the nearest, by people who take turns where several are free."""
        self._offered = Counter()
        try:
            return self.nearest(starts, around, most)
        finally:
            self._offered = None

    def nearest(self, starts: Iterable[Start], around: int | None = None, most: int = MOST) -> list[Place]:
        """The first places in time, or those nearest to an instant, in the order of time."""
        return apart(starts, around, most, self._offer)

    def by_others(self, start: Start, most: int) -> list[Place]:
        """Ways to do it at a time, by people none of whom does it in one before."""
        self._offered = Counter()
        found: list[Place] = []
        try:
            while len(found) < most and (place := self.at(start)):
                doers = [who for part in place.parts for who in part.bookables if self.candidates[who].kind in DOERS]
                if any(self._offered[who] for who in doers):
                    break
                self._offered.update(set(doers))
                found.append(place)
        finally:
            self._offered = None
        return found

    def _offer(self, start: Start) -> Place | None:
        place = self.at(start)
        if place and self._offered is not None:
            self._offered.update({who for part in place.parts for who in part.bookables})
        return place

    def at(self, start: Start) -> Place | None:
        """The best way to do it at a time; None where there is none."""
        parts = self._walk(0, start.at, {}, start.day)
        return Place(start, tuple(parts)) if parts is not None else None

    def _walk(self, index: int, at: int, hulls: _Hulls, day: date) -> list[Part] | None:
        if index == len(self.wanted):
            return []
        if (index, at, day) in self._dead:
            return None
        any_choice = False
        for part, occupied in self._choices(index, at, hulls, day):
            any_choice = True
            rest = self._walk(index + 1, at + part.minutes, occupied, day)
            if rest is not None:
                return [part, *rest]
        # A choice that nothing done before could spoil is none at all, whatever was done before.
        if not any_choice and (not hulls or next(self._choices(index, at, {}, day), None) is None):
            self._dead.add((index, at, day))
        return None

    def _choices(self, index: int, at: int, hulls: _Hulls, day: date) -> Iterator[tuple[Part, _Hulls]]:
        """Ways to do one service, the best first, with what is occupied by then."""
        one = self.wanted[index]
        for people, minutes in self._people(one, at, hulls, day):
            things: list[BookableId] = []
            for kind, count in one.needs.items():
                if kind not in DOERS and count:
                    free = (
                        thing.id
                        for thing in self._ordered(one, kind, hulls, day)
                        if self._fits(one, thing, at, minutes, hulls)
                    )
                    things += (chosen := list(itertools.islice(free, count)))
                    if len(chosen) < count:
                        break
            else:
                chosen_all = (*people, *things)
                span = (at - one.buffer_before, at + minutes + one.buffer_after)
                occupied = {**hulls, **{who: _hull(hulls.get(who), span) for who in chosen_all}}
                yield Part(one.service, chosen_all, minutes, one.buffer_before, one.buffer_after), occupied

    def _people(self, one: Wanted, at: int, hulls: _Hulls, day: date) -> Iterator[tuple[list[BookableId], int]]:
        """Those who could do it together, or a crew, and how long the slowest of them takes."""
        count = one.needs.get(BookableKind.PERSON, 0)
        if not count:
            yield [], one.minutes
            return
        people = self._ordered(one, BookableKind.PERSON, hulls, day)
        crews = self._ordered(one, BookableKind.CREW, hulls, day)
        alone = people if count == 1 else []
        for who in sorted((*alone, *crews), key=lambda who: self._turn(one, who, day)) if crews else alone:
            if one.may_be(who.id) and self._fits(one, who, at, one.able[who.id], hulls):
                yield [who.id], one.able[who.id]
        if count > 1:
            yield from self._together(one, people, count, at, hulls)

    def _together(
        self, one: Wanted, people: Sequence[Candidate], count: int, at: int, hulls: _Hulls
    ) -> Iterator[tuple[list[BookableId], int]]:
        """Several people, whom the client wants among them; for each length those who take no longer."""
        wanted_first = sorted(people, key=lambda who: who.id != one.by)
        for minutes in sorted({one.able[who.id] for who in people}):
            able = [
                who.id
                for who in wanted_first
                if one.able[who.id] <= minutes and self._fits(one, who, at, minutes, hulls)
            ]
            together = able[:count]
            if len(together) == count and one.by in (None, *together):
                yield together, max(one.able[who] for who in together)

    def _ordered(self, one: Wanted, kind: BookableKind, hulls: _Hulls, day: date) -> list[Candidate]:
        return sorted(
            (who for who in self._able(one, day) if who.kind is kind),
            key=lambda who: (who.id not in hulls, *self._turn(one, who, day), who.position, who.id),
        )

    def _able(self, one: Wanted, day: date) -> list[Candidate]:
        """Who and what can do a service of what begins on a date."""
        return [self.candidates[who].on(day) for who in one.able if who in self.candidates]

    def _turn(self, one: Wanted, who: Candidate, day: date) -> tuple[int, ...]:
        """Whose turn it is, the least first: the one meant or held, or who was offered least; then by load."""
        load = who.load.get(day, 0)
        if self._offered is not None:
            return self._offered[who.id], load
        return who.id not in one.rather, day not in who.kept, load

    def _fits(self, one: Wanted, who: Candidate, at: int, minutes: int, hulls: _Hulls) -> bool:
        start, end = _hull(hulls.get(who.id), (at - one.buffer_before, at + minutes + one.buffer_after))
        return who.is_there(at, at + minutes) and who.is_free(start, end)

    def problem(self, start: Start) -> Problem | None:
        """Why nothing can be at a time: the first thing that is in the way; None where there is a place."""
        if self.at(start):
            return None
        at = start.at
        for one in self.wanted:
            if found := self._lacking(one, start.day, at):
                return found
            at += one.minutes
        return Problem("problem.place_taken")

    def obstacle(self, start: Start) -> Obstacle | None:
        """The first of those who are asked for by name that is busy at a time."""
        at = start.at
        for one in self.wanted:
            for who in self._able(one, start.day) if one.settled else ():
                if who.kind in DOERS and one.may_be(who.id):
                    own = at, at + one.able[who.id]
                    taken = own[0] - one.buffer_before, own[1] + one.buffer_after
                    if not who.is_free(*taken):
                        return Obstacle(who.id, own, taken)
            at += one.minutes
        return None

    def lacking(self) -> dict[BookableKind, int]:
        """Of what, and how much, there is too little to do one of the services at all, whatever the time."""
        for one in self.wanted:
            kinds = Counter(self.candidates[who].kind for who in one.able if who in self.candidates)
            if found := short(one.needs, kinds):
                return {kind: count - kinds[kind] for kind, count in found.items()}
        return {}

    def unable(self) -> int | None:
        """Which service the one who is wanted for it does not do, whatever the time; None where each can."""
        return next((at for at, can in enumerate(self.able()) if not can), None)

    def able(self) -> list[bool]:
        """Of each service, whether the one who is wanted for it does it, whatever the time."""
        return [one.by is None or one.by in one.able for one in self.wanted]

    def _lacking(self, one: Wanted, day: date, at: int) -> Problem | None:
        able = self._able(one, day)
        for kind, count in one.needs.items():
            those = [who for who in able if who.kind in (DOERS if kind in DOERS else (kind,))]
            if kind is BookableKind.PERSON and one.settled:
                found = self._named_lacking(one, those, count, at)
            else:
                found = self._any_lacking(one, kind, those, count, at)
            if found:
                return found
        return None

    def _named_lacking(self, one: Wanted, those: Sequence[Candidate], count: int, at: int) -> Problem | None:
        people = [who for who in those if one.may_be(who.id)]
        crew = any(who.kind is BookableKind.CREW for who in people)
        if len(people) < (count if one.named and not crew else 1):
            return Problem("problem.cannot_do", _who(one.by))
        if len(people) == count or crew:
            return next((found for who in people if (found := self._in_the_way(one, who, at))), None)
        return self._any_lacking(one, BookableKind.PERSON, those, count, at)

    def _any_lacking(
        self, one: Wanted, kind: BookableKind, those: Sequence[Candidate], count: int, at: int
    ) -> Problem | None:
        people = kind in DOERS

        def enough(some: Iterable[Candidate]) -> bool:
            found = list(some)
            return len(found) >= count or any(who.kind is BookableKind.CREW for who in found)

        if not enough(those):
            return Problem("problem.nobody_can" if people else LACKING[kind])
        if people and not enough(who for who in those if who.is_there(at, at + one.able[who.id])):
            return Problem("problem.nobody_there")
        free = enough(who for who in those if self._fits(one, who, at, one.able[who.id], {}))
        return None if free else Problem(LACKING[kind])

    def _in_the_way(self, one: Wanted, who: Candidate, at: int) -> Problem | None:
        start, end = at, at + one.able[who.id]
        if any(start < finish and begin < end for begin, finish in who.away):
            return Problem("problem.is_away", _who(who.id))
        if not who.is_there(start, end):
            return Problem("problem.outside_hours", _who(who.id))
        return None if self._fits(one, who, at, one.able[who.id], {}) else Problem("problem.place_taken")


def short(needs: Mapping[BookableKind, int], there: Mapping[BookableKind, int]) -> dict[BookableKind, int]:
    """What is needed that is not there, and how much of it is needed; a crew is as many people as are wanted."""
    crew = there.get(BookableKind.CREW, 0)
    return {
        kind: count
        for kind, count in needs.items()
        if there.get(kind, 0) < count and not (kind is BookableKind.PERSON and crew)
    }


def _who(bookable: BookableId | None) -> dict[str, BookableId]:
    """Whom a problem is about, for who has to name them."""
    return {} if bookable is None else {"bookable": bookable}


def _hull(known: Interval | None, span: Interval) -> Interval:
    return span if known is None else (min(known[0], span[0]), max(known[1], span[1]))


def dates(first: date, days: int) -> list[date]:
    """The dates of a period."""
    return [first + timedelta(days=offset) for offset in range(days)]
