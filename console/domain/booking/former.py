"""Where the bookings of an operation were before it: what its undo would bring back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import arranging, meeting, seeking
from console.domain.booking.arranging import QUOTED, Arrangement, quoted_of
from console.domain.booking.moved import Moved, Stand, stood
from console.domain.booking.places import Place
from console.domain.booking.rules import MOVABLE
from console.domain.booking.seeking import Doing, Question, Quoted
from console.domain.business.queries import location
from console.domain.errors import Problem
from console.domain.ids import BookingId, LocationId, ServiceId


@dataclass(frozen=True)
class Back:
    """A booking that an undo would bring back: how it comes to where it was, and from there to where it is `now`.

    `problem`: why it cannot be there any more, with the `places` that are nearest to it: by those of before, or where
    they do not do that service any more by whoever does it now. `off`: it was called off, and is where it was.
    """

    former: Arrangement
    now: Arrangement
    problem: Problem | None = None
    places: Sequence[Place] = ()
    off: bool = False

    @property
    def unable(self) -> bool:
        """Whether those of before do not do that service any more, whatever the time."""
        return self.problem is not None and self.problem.key == "problem.cannot_do"

    @property
    def again(self) -> Arrangement:
        """At its former time by those of before, or where they are unable by whoever does it now."""
        return Arrangement(self.former.booking, self.former.starts_at) if self.unable else self.former


async def places(operation: int) -> list[Back]:
    """The bookings that an operation moved and that may still move, or that it called off with their series.

    First those that cannot be where they were.
    """
    found = await _moved(operation)
    looked = [
        replace(one, problem=await _in_the_way(await _question(where, one.former, found), one.former))
        for where, one in found
    ]
    return sorted(looked, key=lambda one: one.problem is None)


async def backs(operation: int, now: datetime, most: int) -> list[Back]:
    """The same with why each cannot be where it was, and the places nearest to that, in the order of time."""
    found = await _moved(operation)
    return [await _looked(where, one, found, now, most) for where, one in found]


async def moved(operation: int) -> list[Back]:
    """The same as it happened: where each was and is, the earliest first."""
    return [one for _, one in await _moved(operation)]


async def now(operation: int) -> dict[BookingId, Arrangement]:
    """How each of them comes back from where it was to where it is now."""
    return {one.now.booking: one.now for _, one in await _moved(operation)}


_CALLED_OFF = """
    SELECT b.id, b.location, b.starts_at FROM change c
    JOIN operation o ON o.id = c.operation AND o.kind = 'series.cancel'
    JOIN status_change s ON s.id = c.entity_id AND s.status = 'cancelled'
    JOIN booking b ON b.id = s.booking AND b.status = 'cancelled' AND b.retired_at IS NULL
    WHERE c.operation = $1 AND c.entity = 'status_change' AND c.created
"""

_Found = Sequence[tuple[LocationId, Back]]


async def _moved(operation: int) -> _Found:
    moves = (await stood([operation])).moves.get(operation, ())
    sql = "SELECT id, location FROM booking WHERE id = ANY($1::bigint[]) AND retired_at IS NULL AND status = ANY($2)"
    rows = await db.fetch(sql, [one.booking for one in moves], [one.value for one in MOVABLE])
    where = {row["id"]: LocationId(row["location"]) for row in rows}
    known = await _services([one for one in moves if one.before.items != one.after.items])
    found = [(where[one.booking], _back(one, known)) for one in moves if one.booking in where]
    for row in await db.fetch(_CALLED_OFF, operation):
        there = Arrangement(BookingId(row["id"]), row["starts_at"])
        found.append((LocationId(row["location"]), Back(there, there, off=True)))
    return sorted(found, key=lambda one: one[1].former.starts_at)


_Services = Mapping[int, tuple[ServiceId, int, Quoted]]
"""What items are of, how long each takes (minutes), and what was quoted of it."""


async def _services(redone: Sequence[Moved]) -> _Services:
    """Of bookings whose services became others."""
    ids = {item for one in redone for stand in (one.before, one.after) for item in stand.items}
    rows = (
        await db.fetch(
            "SELECT i.id, i.service, (extract(epoch FROM i.ends_at - i.starts_at) / 60)::int AS minutes,"  # noqa: S608
            f" {QUOTED} FROM booking_item i"
            " LEFT JOIN assignment a ON a.item = i.id AND a.retired_at IS NOT DISTINCT FROM i.retired_at"
            " LEFT JOIN bookable b ON b.id = a.bookable WHERE i.id = ANY($1::bigint[]) GROUP BY i.id",
            sorted(ids),
        )
        if ids
        else ()
    )
    return {row["id"]: (ServiceId(row["service"]), row["minutes"], quoted_of(row)) for row in rows}


def _back(one: Moved, known: _Services) -> Back:
    booking = BookingId(one.booking)
    return Back(
        _arranged(booking, one.after, one.before, known),
        _arranged(booking, one.before, one.after, known),
    )


def _arranged(booking: BookingId, here: Stand, there: Stand, known: _Services) -> Arrangement:
    """How a booking comes from here to there."""
    if here.items == there.items:
        return Arrangement(booking, there.starts_at, here.instead(there), there.minutes)
    people = {item: frozenset(who for of, who in there.doers if of == item) for item in there.items}
    at_it = {(known[item][0], who) for item, who in here.doers}
    doing = tuple(
        Doing(service, those, frozenset(who for who in those if (service, who) in at_it), minutes, quoted=quoted)
        for item, those in people.items()
        for service, minutes, quoted in [known[item]]
    )
    return Arrangement(booking, there.starts_at, doing=doing)


async def _question(where: LocationId, one: Arrangement, found: _Found) -> Question:
    """What a place is looked for: one of some bookings, none of which lies where it does now."""
    return seeking.beside(await arranging.question(where, one), [each.former.booking for _, each in found])


async def _in_the_way(question: Question, one: Arrangement) -> Problem | None:
    search, start = await seeking.at(question, one.starts_at)
    return None if search.at(start) else await meeting.problem(question, search, start)


async def _looked(where: LocationId, one: Back, found: _Found, now: datetime, most: int) -> Back:
    question = await _question(where, one.former, found)
    one = replace(one, problem=await _in_the_way(question, one.former))
    if one.problem is None:
        return one
    zone = ZoneInfo((await location(where)).zone)
    around = one.former.starts_at
    if one.unable:
        question = await _question(where, one.again, found)
    places = await seeking.nearest(question, clock.business_date(around, zone), now=now, around=around, most=most)
    return replace(one, places=places)
