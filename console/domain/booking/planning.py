"""Many bookings at once: places are found before anybody is locked, and who was faster is found out at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import clock
from console.domain.booking import arranging, occupancy, seeking, steps
from console.domain.booking.arranging import Arrangement
from console.domain.booking.occupancy import TAKEN
from console.domain.booking.places import Place, Search, Start, minute
from console.domain.booking.rules import MOVABLE, Status
from console.domain.booking.seeking import Doing, Known, Question, ServiceOff
from console.domain.business.queries import location
from console.domain.errors import Problem
from console.domain.ids import BookingId, LocationId
from console.domain.roster.rules import BookableKind
from console.domain.running import Operation

ROUNDS = 3
"""How often places are found without locks; then it is done one by one, with all who may be wanted locked."""

Planned = Place | Problem | None
"""Where one can be, or why nowhere; None: that is to be seen once the others are written and all are locked."""


async def each(question: Question, starts: Sequence[datetime]) -> list[Planned]:
    """A place at each of some instants; as many statements however many there are."""
    if not starts:
        return []
    zone = ZoneInfo((await location(question.location)).zone)
    walls = [_start(one, zone) for one in starts]
    known = await _known(question.location, question.services, walls, zone)
    try:
        search = known.search(question)
    except ServiceOff:
        return [Problem("problem.service_off")] * len(walls)
    found: dict[int, Planned] = {}
    last: Place | None = None
    for at, start in sorted(enumerate(walls), key=lambda one: one[1].at):
        place = search.at(start)
        if place is None:
            found[at] = search.problem(start) or TAKEN
        elif _by_crew(search, place) or (last and _near(last, place)):
            found[at] = None
        else:
            found[at] = last = place
    return [found[at] for at in range(len(walls))]


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
    return await seeking.known(where, asked, min(days), (max(days) - min(days)) // timedelta(days=1) + 1, zone)


def _by_crew(search: Search, place: Place) -> bool:
    """Whether a crew does any of it: who is in it may change until it is locked, so that is done one by one."""
    return any(search.candidates[who].kind is BookableKind.CREW for part in place.parts for who in part.bookables)


def _near(one: Place, other: Place) -> bool:
    """Whether two places may be in each other's way, with the time around them."""
    first, second = sorted((one, other), key=lambda place: place.start.at)
    after, before = (max(part.buffer_after for part in first.parts), max(part.buffer_before for part in second.parts))
    return second.start.at - before < first.start.at + first.minutes + after


async def rearrange(op: Operation, where: LocationId, asked: Sequence[Arrangement]) -> set[BookingId]:
    """Move those of some bookings of a location, which must be locked, that find their place; in their order.

    Each finds the places of those before it given up. Those that find none are where they were, and are not answered.
    Raises `PlaceTaken` where somebody was faster, `Invalid` (`starts`, `minutes`).
    """
    await steps.share_open_location(where)
    zone = ZoneInfo((await location(where)).zone)
    rows = await steps.lock_all(op, [one.booking for one in asked])
    items = await arranging.items(rows)
    meant = [
        (one, _start(one.starts_at, zone), arranging.doing_of(items[one.booking], one))
        for one in asked
        if Status(rows[one.booking]["status"]) in MOVABLE
    ]
    if not meant:
        return set()
    known = await _known(where, [of for _, _, doing in meant for of in doing], [start for _, start, _ in meant], zone)
    moved: dict[BookingId, Place] = {}
    beside: dict[date, list[Place]] = {}
    for one, start, doing in meant:
        search = known.near(start.day).search(Question(where, doing, (*moved, one.booking)))
        place = search.at(start)
        around = (start.day + timedelta(days=days) for days in (-1, 0, 1))
        if (
            place
            and not _by_crew(search, place)
            and not any(_near(other, place) for on in around for other in beside.get(on, ()))
        ):
            moved[one.booking] = place
            beside.setdefault(start.day, []).append(place)
    for booking, place in moved.items():
        await arranging.rewrite(op, booking, items[booking], place)
    await occupancy.lock_doers(moved)
    await occupancy.occupy(moved)
    return set(moved)
