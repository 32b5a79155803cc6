"""Many bookings at once: places are found before anybody is locked, and who was faster is found out at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import clock
from console.domain.booking import occupancy, rearranging, steps
from console.domain.booking.arranging import Arrangement
from console.domain.booking.known import Known, learn
from console.domain.booking.laying import Laid
from console.domain.booking.occupancy import TAKEN, PlaceTaken
from console.domain.booking.places import Place, Start, minute
from console.domain.booking.presence import CrewDays, crew_lists
from console.domain.booking.question import Doing, Question, ServiceOff
from console.domain.booking.rules import MOVABLE, Status
from console.domain.business.queries import location
from console.domain.errors import Problem
from console.domain.ids import BookableId, BookingId, LocationId
from console.domain.running import Operation

ROUNDS = 3
"""How often places are found without locks; then it is done one by one, with all who may be wanted locked."""

Planned = Place | Problem
"""Where one can be, or why nowhere."""


@dataclass(frozen=True)
class Plan:
    """A place at each instant that was asked for, or why there is none; found by who is in which crew."""

    places: Sequence[Planned] = ()
    crews: Mapping[BookableId, CrewDays] = field(default_factory=dict)

    async def lock(self, bookings: Iterable[int]) -> None:
        """Lock all whom bookings written so occupy. Raises `PlaceTaken` where a crew is another by now."""
        await occupancy.lock_doers(bookings)
        days = {
            (who, place.start.day)
            for place in self.places
            if isinstance(place, Place)
            for part in place.parts
            for who in part.bookables
            if who in self.crews
        }
        if not days:
            return
        now = await crew_lists(sorted({crew for crew, _ in days}), sorted({day for _, day in days}))
        if changed := {crew for crew, day in days if now[crew][day] != self.crews[crew][day]}:
            raise PlaceTaken(changed)


async def each(question: Question, starts: Sequence[datetime]) -> Plan:
    """A place at each of some instants, beside those before it; as many statements however many there are."""
    if not starts:
        return Plan()
    zone = ZoneInfo((await location(question.location)).zone)
    walls = [_start(one, zone) for one in starts]
    known = await _known(question.location, question.services, walls, zone)
    try:
        alone = known.search(question)
    except ServiceOff:
        return Plan([Problem("problem.service_off")] * len(walls))
    found: dict[int, Planned] = {}
    laid = Laid()
    before, until = max(one.buffer_before for one in alone.wanted), 0
    for at, start in sorted(enumerate(walls), key=lambda one: one[1].at):
        near = start.at - before < until
        search = known.near(start.day).search(laid.beside(question)) if near else alone
        place = search.at(start)
        found[at] = place or search.problem(start) or TAKEN
        if place:
            laid = laid if near else Laid()
            laid.put(known.occupied(place))
            until = start.at + place.minutes + max(part.buffer_after for part in place.parts)
    return Plan([found[at] for at in range(len(walls))], known.crews)


async def lock_everybody(question: Question, starts: Sequence[datetime]) -> None:
    """Lock all who may be wanted at some instants, at once: then nobody waits in a circle, and nobody is faster."""
    if starts:
        zone = ZoneInfo((await location(question.location)).zone)
        walls = [_start(one, zone) for one in starts]
        await occupancy.lock((await _known(question.location, question.services, walls, zone)).open)


def _start(moment: datetime, zone: ZoneInfo) -> Start:
    return Start(clock.business_date(moment, zone), minute(moment))


async def _known(where: LocationId, asked: Sequence[Doing], walls: Iterable[Start], zone: ZoneInfo) -> Known:
    days = [one.day for one in walls]
    return await learn(where, asked, min(days), (max(days) - min(days)) // timedelta(days=1) + 1, zone)


async def rearrange(op: Operation, where: LocationId, asked: Sequence[Arrangement]) -> set[BookingId]:
    """Move those of some bookings of a location, which must be locked, that find their place; in their order.

    Each finds the places of those before it given up. Those that find none are where they were, and are not answered.
    Raises `PlaceTaken` where somebody was faster, `Invalid` (`starts`, `minutes`).
    """
    await steps.share_open_location(where)
    zone = ZoneInfo((await location(where)).zone)
    rows = await steps.lock_all(op, [one.booking for one in asked])
    items = await rearranging.items(rows)
    meant = [
        (one, _start(one.starts_at, zone), rearranging.doing_of(items[one.booking], one))
        for one in asked
        if Status(rows[one.booking]["status"]) in MOVABLE
    ]
    if not meant:
        return set()
    known = await _known(where, [of for _, _, doing in meant for of in doing], [start for _, start, _ in meant], zone)
    moved: dict[BookingId, Place] = {}
    laid = Laid()
    for one, start, doing in meant:
        question = laid.beside(Question(where, doing, (*moved, one.booking)))
        if place := known.near(start.day).search(question).at(start):
            moved[one.booking] = place
            laid.put(known.occupied(place))
    for booking, place in moved.items():
        await rearranging.rewrite(op, booking, items[booking], place)
    await Plan(list(moved.values()), known.crews).lock(moved)
    await occupancy.occupy(moved)
    return set(moved)
