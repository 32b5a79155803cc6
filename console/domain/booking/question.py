"""What a place is looked for: services one after the other, at a location."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from console.domain.business.rules import Interval
from console.domain.errors import NotFound
from console.domain.ids import BookableId, BookingId, LocationId, ServiceId


class ServiceOff(NotFound):
    """A service that is none, or is not offered any more."""


@dataclass(frozen=True)
class Quoted:
    """What a service of a booking takes, as it was agreed: minutes before and after, and how many people and things.

    A booking keeps it whatever the service takes today. `people` None: a crew does it, which takes the place of as many
    as the service takes today.
    """

    buffer_before: int
    buffer_after: int
    people: int | None
    rooms: int = 0
    vehicles: int = 0
    equipment: int = 0


@dataclass(frozen=True)
class Doing:
    """A service that is asked for. `by`: whom the client wants for it, or which crew; None for anyone who can.

    `people`: all who shall do it, where that is settled. Those in `doing` may whatever their skills: they were booked
    for it. `minutes`: how long it is to take, None: as long as whoever does it needs. `rather`: who and what was
    offered for it, and goes before others. `quoted`: what it takes where it is booked already, None: as of today.
    """

    service: ServiceId
    people: frozenset[BookableId] | None = None
    doing: frozenset[BookableId] = frozenset()
    minutes: int | None = None
    by: BookableId | None = None
    rather: frozenset[BookableId] = frozenset()
    quoted: Quoted | None = None


@dataclass(frozen=True)
class Question:
    """What a place is looked for: services one after the other at a location.

    What the bookings `besides` and one's own hold occupy does not count as taken; what others take that are put with it
    does: `laid`, pairs of whom and when (minutes since the epoch).
    """

    location: LocationId
    services: tuple[Doing, ...]
    besides: tuple[BookingId, ...] = ()
    held: UUID | None = None
    laid: tuple[tuple[BookableId, Interval], ...] = ()

    def beside(self, bookings: Iterable[BookingId]) -> Question:
        """The same, where what these bookings occupy does not count as taken."""
        return replace(self, besides=tuple(bookings))
