"""Somebody is ill: their bookings of a day, who could take each of them, and all of it done in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import places, rearranging, rules, steps
from console.domain.booking.arranging import Arrangement
from console.domain.booking.candidates import DOERS
from console.domain.booking.known import Known, learn
from console.domain.booking.laying import Laid
from console.domain.booking.places import Place, Search, Start
from console.domain.booking.question import Doing, Question
from console.domain.booking.rearranging import Item
from console.domain.booking.rules import BEGUN, MOVABLE, Status
from console.domain.booking.undoing import restore
from console.domain.errors import Forbidden, Invalid, Problem
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ServiceId
from console.domain.operation import operation
from console.domain.roster import steps as roster
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.running import Operation
from console.domain.team.rules import Permission

MOST_LATER = 3
"""Places at other times that are offered where nobody is free at a booking's own."""


@dataclass(frozen=True)
class Chance:
    """Somebody who could take a booking, and when. `load`: minutes that they are taken that day.

    `taken`: from when to when it would occupy them, with its buffers. `given`: they can only where they do not get what
    is proposed for them before it.
    """

    who: BookableId
    starts_at: datetime
    ends_at: datetime
    load: int
    taken: tuple[datetime, datetime]
    given: bool = False

    def meets(self, other: Chance) -> bool:
        """Whether both together are too much: the same person at the same time."""
        return self.who == other.who and self.taken[0] < other.taken[1] and other.taken[0] < self.taken[1]


@dataclass(frozen=True)
class Orphan:
    """A booking that somebody cannot do. `others`: who does it with them; `crew`: in which crew they would do it.

    `at_its_time`: who could take it then, those with the least to do first; `later`: the nearest that day, where
    none of them can beside what is `proposed` for the bookings before it.
    """

    id: BookingId
    version: int
    client: ClientId
    location: LocationId
    zone: ZoneInfo
    starts_at: datetime
    ends_at: datetime
    services: tuple[ServiceId, ...]
    note: str | None
    others: tuple[BookableId, ...] = ()
    crew: BookableId | None = None
    at_its_time: tuple[Chance, ...] = ()
    later: tuple[Chance, ...] = ()
    proposed: Chance | None = None


@operation("booking.stand_in", permission=Permission.BOOKING_CHANGE, undo=restore)
async def stand_in(
    op: Operation,
    person: BookableId,
    on: date,
    arrangements: tuple[Arrangement, ...],
    ill: bool,
    versions: Mapping[BookingId, int] | None = None,
) -> dict[str, object]:
    """Give the bookings of somebody to others, all or none of them. `ill`: note that they are off sick all that day.

    `versions`: of each booking, as whoever wants it saw them. Raises `Stale`, `UnlawfulMove`, `PlaceTaken`, `NotFound`,
    `Forbidden`, `Invalid` (`starts`; `bookings`: of each that is not given by them to another, on its own date and not
    into the past); `by_entity` says of which bookings.
    """
    if ill and not op.actor.may(Permission.TIME_OFF_CHANGE):
        raise Forbidden(permission=Permission.TIME_OFF_CHANGE)
    if not arrangements and not ill:
        raise Invalid({"bookings": Problem("problem.required")})
    if ill:
        await roster.lock(op, person)
    if arrangements:
        rearranging.refuse_stale(await steps.lock_all(op, [one.booking for one in arrangements]), versions)
        await _refuse_others(person, on, arrangements, op.now)
        await rearranging.rearrange(op, arrangements, versions)
        op.effect("effect.reassigned", count=len(arrangements))
        takers = dict.fromkeys(who for one in arrangements for _, who in one.instead)
        op.effect("done.stood_in", count=len(arrangements), doers=list(takers))
    if ill:
        await roster.be_away(op, person, TimeOffKind.SICK, on)
        op.effect("effect.off_sick")
        op.effect("done.off_sick", doers=[person])
    return {"bookable": person, "bookings": [one.booking for one in arrangements]}


_DAY = (
    "SELECT b.id, b.version, b.client, b.location, l.zone, b.starts_at, b.ends_at, b.note,"
    " (SELECT array_agg(i.service ORDER BY i.starts_at, i.id) FROM booking_item i"
    "  WHERE i.booking = b.id AND i.retired_at IS NULL) AS services, d.doers, d.crew"
    " FROM booking b JOIN location l ON l.id = b.location CROSS JOIN LATERAL ("
    "  SELECT array_agg(DISTINCT o.id) AS doers,"
    "   min(o.id) FILTER (WHERE o.kind = 'crew' AND $1 = ANY (crew_on(o.id, $2))) AS crew"
    "  FROM booking_item i JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
    "  JOIN bookable o ON o.id = a.bookable AND o.kind IN ('person', 'crew')"
    "  WHERE i.booking = b.id AND i.retired_at IS NULL) d"
    " WHERE b.starts_at >= $2::timestamp - interval '2 days' AND b.starts_at < $2::timestamp + interval '3 days'"
    " AND (b.starts_at AT TIME ZONE l.zone)::date = $2 AND b.retired_at IS NULL AND b.status = ANY ($3::text[])"
    " AND ($1 = ANY (d.doers) OR d.crew IS NOT NULL) ORDER BY b.starts_at, b.id"
)


async def _refuse_others(person: BookableId, on: date, arrangements: Iterable[Arrangement], now: datetime) -> None:
    """Raise `Invalid` (`bookings`) for what is no giving of a booking of somebody's that day to another."""
    rows = await db.fetch(_DAY, person, on, [one.value for one in Status])
    theirs = {row["id"]: _orphan(row, person) for row in rows}
    found: dict[int, Problem | None] = {
        one.booking: _no_giving(theirs.get(one.booking), one, person, now) for one in arrangements
    }
    if wrong := {booking: problem for booking, problem in found.items() if problem}:
        refused = Invalid({"bookings": next(iter(wrong.values()))})
        refused.by_entity = wrong
        raise refused


def _no_giving(one: Orphan | None, asked: Arrangement, person: BookableId, now: datetime) -> Problem | None:
    """Why an arrangement gives no booking of somebody's to another; `one`: as they have it that day, if they do."""
    if one is None or one.crew is not None or not _replaces(one, asked, person):
        return Problem("problem.choice")
    if clock.business_date(asked.starts_at, one.zone) != clock.business_date(one.starts_at, one.zone):
        return Problem("problem.choice")
    if asked.starts_at != one.starts_at and asked.starts_at < now - BEGUN:
        return Problem("problem.time_over")
    return None


def _replaces(one: Orphan, asked: Arrangement, person: BookableId) -> bool:
    if len(asked.instead) != 1:
        return False
    [(who, taker)] = asked.instead
    return who == person and taker not in (person, *one.others)


async def orphans(person: BookableId, on: date, now: datetime) -> list[Orphan]:
    """The bookings of somebody on a date that may still be given to others, each with who could take it.

    They are looked at in their order: what is proposed for one is free beside what is proposed for those before it, and
    the other times that are offered beside all of that. As many statements however many they are; so many more for each
    location.
    """
    found = [_orphan(row, person) for row in await db.fetch(_DAY, person, on, [one.value for one in MOVABLE])]
    items = await rearranging.items(one.id for one in found)
    places = {one.location: one.zone for one in found if not one.crew}
    asked = {one.id: tuple(_doing(item, person) for item in items[one.id]) for one in found}
    known = {
        where: await learn(
            where, [doing for one in found if one.location == where for doing in asked[one.id]], on, 1, zone
        )
        for where, zone in places.items()
    }
    laid = Laid()
    takings = {
        one.id: _Taking(one, known[one.location], asked[one.id], items[one.id], person) for one in found if not one.crew
    }
    looked = [takings[one.id].look(laid, on) if one.id in takings else one for one in found]
    return [one if one.crew or one.proposed else takings[one.id].at_other_times(one, laid, on, now) for one in looked]


def _orphan(row: Mapping[str, Any], person: BookableId) -> Orphan:
    return Orphan(
        BookingId(row["id"]),
        row["version"],
        row["client"],
        row["location"],
        ZoneInfo(row["zone"]),
        row["starts_at"],
        row["ends_at"],
        tuple(row["services"]),
        row["note"],
        tuple(who for who in row["doers"] if who != person),
        row["crew"] if person not in row["doers"] else None,
    )


def _doing(item: Item, person: BookableId) -> Doing:
    """A service that is to be done by others where somebody does it, and by those who do it where they do not."""
    if person in item.people:
        return Doing(item.service, None, item.people, item.by_hand, quoted=item.quoted)
    return Doing(item.service, item.people, item.people, item.minutes, quoted=item.quoted)


@dataclass(frozen=True)
class _Taking:
    """A booking of somebody, and what is known to find who takes it."""

    one: Orphan
    known: Known
    asked: tuple[Doing, ...]
    items: Sequence[Item]
    person: BookableId

    def look(self, laid: Laid, on: date) -> Orphan:
        """Who could take it at its time; what is proposed is laid for those after it."""
        one, start = self.one, Start(on, places.minute(self.one.starts_at))
        question = Question(one.location, self.asked, (one.id,))
        alone, beside = self.known.search(question), self.known.search(laid.beside(question))
        searches = self._searches(beside)
        loads = {chance.who: chance.load for chance in _chances(beside, searches, start)}
        could = [replace(each, given=each.who not in loads) for each in _chances(alone, self._searches(alone), start)]
        at_once = sorted(could, key=lambda each: (each.given, loads.get(each.who, each.load)))
        one = replace(one, at_its_time=tuple(at_once))
        if not loads or not (place := searches[at_once[0].who].at(start)):
            return one
        laid.put(self.known.occupied(place))
        return replace(one, proposed=at_once[0])

    def at_other_times(self, one: Orphan, laid: Laid, on: date, now: datetime) -> Orphan:
        """Who could take it at the nearest other times, beside what was laid."""
        search = self.known.search(laid.beside(Question(one.location, self.asked, (one.id,))))
        starts = [each for each in places.grid(on, one.zone) if each.at >= places.minute(now)]
        around = places.minute(one.starts_at)
        return replace(one, later=tuple(_taking_turns(search, self._searches(search), starts, around)))

    def _searches(self, search: Search) -> dict[BookableId, Search]:
        """The same for each who could do all that somebody does of it."""
        affected = [at for at, item in enumerate(self.items) if self.person in item.people]
        able = [who for who in _able(search, affected) if who != self.person and who not in self.one.others]
        people = [item.people for item in self.items]
        return {who: _narrowed(search, affected, people, self.person, who) for who in able}


def _able(search: Search, affected: Iterable[int]) -> list[BookableId]:
    """The people who can do all the services that somebody is to be replaced in."""
    sets = [set(search.wanted[at].able) for at in affected]
    both = set.intersection(*sets) if sets else set()
    people = [one for one in search.candidates.values() if one.id in both and one.kind is BookableKind.PERSON]
    return [one.id for one in sorted(people, key=lambda one: (one.position, one.id))]


def _narrowed(
    search: Search,
    affected: Sequence[int],
    people: Sequence[frozenset[BookableId]],
    person: BookableId,
    who: BookableId,
) -> Search:
    """The same search where somebody else does what a person does, and all others stay."""
    wanted = list(search.wanted)
    for at in affected:
        those = (people[at] - {person}) | {who}
        able = {
            one: minutes
            for one, minutes in wanted[at].able.items()
            if one in those or search.candidates[one].kind not in DOERS
        }
        wanted[at] = replace(wanted[at], able=able, named=True)
    return Search(wanted, search.candidates.values())


def _chances(search: Search, searches: Mapping[BookableId, Search], start: Start) -> list[Chance]:
    """Who could take it at a time."""
    return [
        Chance(
            who,
            place.starts_at,
            place.ends_at,
            search.candidates[who].load.get(start.day, 0),
            rules.hulls(place.parts, rules.in_time(place.starts_at, place.parts))[who],
        )
        for who, narrowed in searches.items()
        if (place := narrowed.at(start))
    ]


def _taking_turns(
    search: Search, searches: Mapping[BookableId, Search], starts: Iterable[Start], around: int
) -> list[Chance]:
    """The nearest times, by people who take turns as in any search: who was offered least, then who has least to do."""
    offered: Counter[BookableId] = Counter()
    chances: dict[Start, Chance] = {}

    def offer(start: Start) -> Place | None:
        free = _chances(search, searches, start)
        if not free:
            return None
        best = chances[start] = min(free, key=lambda chance: (offered[chance.who], chance.load))
        offered[best.who] += 1
        return searches[best.who].at(start)

    return [chances[place.start] for place in places.apart(starts, around, MOST_LATER, offer)]
