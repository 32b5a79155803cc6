"""Where the bookings of an operation were before it: what its undo would bring back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import meeting, rearranging, seeking
from console.domain.booking.arranging import Arrangement
from console.domain.booking.laying import Laid, lying
from console.domain.booking.moved import Moved, Stand, stood
from console.domain.booking.occupancy import PlaceTaken, Spans
from console.domain.booking.places import Place, Search, Start, minute
from console.domain.booking.question import Doing, Question, Quoted
from console.domain.booking.reading import Reading
from console.domain.booking.rearranging import QUOTED, Item, quoted_of
from console.domain.booking.rules import MOVABLE
from console.domain.booking.steps import TakenBack
from console.domain.business.queries import location
from console.domain.errors import Problem
from console.domain.ids import BookingId, LocationId, ServiceId


@dataclass(frozen=True)
class Back:
    """A booking that an undo would bring back: how it comes to where it was, and from there to where it is `now`.

    `problem`: why it cannot be there any more, with the `places` that are nearest to it: by those of before, or where
    they do not do that service any more by whoever does it now. `off`: it was called off, and is where it was; `gone`:
    it was taken back with its series, and whoever does it `now` is anyone who can.
    """

    former: Arrangement
    now: Arrangement
    problem: Problem | None = None
    places: Sequence[Place] = ()
    off: bool = False
    gone: bool = False

    @property
    def unable(self) -> bool:
        """Whether those of before do not do that service any more, whatever the time."""
        return self.problem is not None and self.problem.key == "problem.cannot_do"

    @property
    def again(self) -> Arrangement:
        """At its former time by those of before, or where they are unable by whoever does it now."""
        if self.unable:
            return self.now if self.gone else Arrangement(self.former.booking, self.former.starts_at)
        return self.former

    @property
    def nearest(self) -> Place | None:
        """The place that is nearest to its former time."""
        at = minute(self.former.starts_at)
        return min(self.places, key=lambda place: abs(place.start.at - at), default=None)


Chosen = Mapping[BookingId, datetime | None]
"""Where bookings shall begin that cannot be where they were; None: they stay where they are."""


async def places(operation: int) -> list[Back]:
    """The bookings that an operation moved and that may still move, or that it called off or took back with a series.

    First those that cannot be where they were.
    """
    looked = [one.back for one, _ in await _judged(await _moved(operation))]
    return sorted(looked, key=lambda one: one.problem is None)


async def backs(operation: int, now: datetime, most: int, chosen: Chosen | None = None) -> list[Back]:
    """The same with why each cannot be where it was, and the places nearest to that, in the order of time.

    They are found one after the other, beside those that come back and beside what was `chosen` for those before; where
    nothing was, beside the nearest place of each. As many statements however many they are.
    """
    judged, wanted = await _judged(await _moved(operation)), chosen or {}
    lost = [one for one, _ in judged if one.back.problem]
    stays = await lying([one.booking for one in lost]) if lost else {}
    laid = Laid()
    for one, place in judged:
        if place:
            with suppress(PlaceTaken):
                laid.put(await one.occupied(place))
    for one in lost:
        if wanted.get(one.booking, one) is None:
            laid.stay(stays[one.booking])
    looked: dict[BookingId, Back] = {}
    for one in lost:
        places = await one.places(laid, now, most)
        looked[one.booking] = back = replace(one.back, places=places)
        place = await one.chosen(laid, wanted[one.booking]) if one.booking in wanted else back.nearest
        if place:
            laid.put(await one.occupied(place))
        elif one.booking not in wanted:
            laid.stay(stays[one.booking])
    return [looked.get(one.booking, one.back) for one, _ in judged]


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

_WHERE = """
    SELECT id, location, retired_at IS NOT NULL AS gone FROM booking WHERE id = ANY($1::bigint[])
        AND CASE WHEN retired_at IS NULL THEN status = ANY($2::text[]) ELSE id = ANY($3::bigint[]) END
"""


async def _moved(operation: int) -> _Found:
    what = await stood([operation])
    moves, withdrawn = what.moves.get(operation, ()), what.withdrawn.get(operation, ())
    own, gone = [one.booking for one in (*moves, *withdrawn)], [one.booking for one in withdrawn]
    rows = await db.fetch(_WHERE, own, [one.value for one in MOVABLE], gone)
    where = {row["id"]: LocationId(row["location"]) for row in rows if row["gone"] == (row["id"] in gone)}
    known = await _services([one for one in (*moves, *withdrawn) if one.before.items != one.after.items])
    found = [(where[one.booking], _back(one, known)) for one in moves if one.booking in where]
    found += [(where[one.booking], _gone(one, known)) for one in withdrawn if one.booking in where]
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


def _gone(one: Moved, known: _Services) -> Back:
    """One that was taken back: it is done again by those of before, or by anyone who can."""
    former = _arranged(BookingId(one.booking), one.after, one.before, known)
    anyone = tuple(Doing(doing.service, quoted=doing.quoted) for doing in former.doing)
    return Back(former, replace(former, doing=anyone), gone=True)


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


@dataclass(frozen=True)
class _Asked:
    """A booking that comes back: where, with its services as they are now, and all that come back with it."""

    back: Back
    items: Sequence[Item]
    besides: tuple[BookingId, ...]
    reading: Reading

    @property
    def booking(self) -> BookingId:
        return self.back.former.booking

    def question(self, one: Arrangement) -> Question:
        """What a place is looked for: beside none of where the others lie now. Raises `TakenBack`."""
        if not (self.items or one.doing):
            raise TakenBack
        return Question(self.reading.location, rearranging.doing_of(self.items, one), self.besides)

    async def looked(self, question: Question, starts_at: datetime) -> tuple[Search, Start]:
        """A search around an instant, and the instant."""
        day = clock.business_date(starts_at, self.reading.zone)
        known = await self.reading.known(day, 1)
        return known.search(question), Start(day, minute(starts_at))

    async def occupied(self, place: Place) -> Spans:
        """Whom a place takes from when to when."""
        return (await self.reading.known(place.start.day, 1)).occupied(place)

    async def places(self, laid: Laid, now: datetime, most: int) -> Sequence[Place]:
        """Those that are nearest to where it was, beside what was laid."""
        around = self.back.former.starts_at
        return await seeking.nearest(
            laid.beside(self.question(self.back.again)),
            clock.business_date(around, self.reading.zone),
            now=now,
            around=around,
            most=most,
            read=self.reading.known,
        )

    async def chosen(self, laid: Laid, starts_at: datetime | None) -> Place | None:
        """The place at an instant that was chosen, beside what was laid; None where it stays."""
        if starts_at is None:
            return None
        search, start = await self.looked(laid.beside(self.question(self.back.again)), starts_at)
        return search.at(start)


async def _judged(found: _Found) -> list[tuple[_Asked, Place | None]]:
    """Each with its place where it was, or why it cannot be there; as many statements however many, so many more for
    each location.
    """
    besides = tuple(one.former.booking for _, one in found)
    items = await rearranging.items(besides)
    judged: dict[BookingId, tuple[_Asked, Place | None]] = {}
    for where in dict.fromkeys(where for where, _ in found):
        there = [one for at, one in found if at == where]
        reading = await _reading(where, there, items)
        lost: list[tuple[_Asked, tuple[Search, Start]]] = []
        for one in there:
            asked = _Asked(one, items[one.former.booking], besides, reading)
            search, start = await asked.looked(asked.question(one.former), one.former.starts_at)
            place = search.at(start)
            judged[asked.booking] = asked, place
            if place is None:
                lost.append((asked, (search, start)))
        whys = await meeting.problems(Question(where, (), besides), [looked for _, looked in lost])
        for (asked, _), why in zip(lost, whys, strict=True):
            judged[asked.booking] = replace(asked, back=replace(asked.back, problem=why)), None
    return [judged[booking] for booking in besides]


async def _reading(where: LocationId, there: Sequence[Back], items: Mapping[BookingId, Sequence[Item]]) -> Reading:
    """For all that come back at a location: their services as they are and as they were, with whoever did them."""
    zone = ZoneInfo((await location(where)).zone)
    asked = [doing for one in there for doing in (*one.former.doing, *one.now.doing)]
    asked += [Doing(item.service, doing=item.people) for one in there for item in items[one.former.booking]]
    return Reading(where, asked, [clock.business_date(one.former.starts_at, zone) for one in there], zone)
