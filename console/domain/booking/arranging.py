"""Putting bookings at their places: found and judged for new ones and for those that move, and written for new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from console.domain.booking import meeting, occupancy, quoting, rules, seeking, steps
from console.domain.booking.occupancy import TAKEN, PlaceTaken, occupy
from console.domain.booking.places import Place, Search
from console.domain.booking.question import Doing, Question
from console.domain.booking.rules import ReasonUse, Source, Status
from console.domain.booking.tables import Booking
from console.domain.errors import Forbidden, Invalid, Problem
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ReasonId, SeriesId, ServiceId, SiteId
from console.domain.intent import Actor
from console.domain.roster.rules import BookableKind
from console.domain.running import Operation
from console.domain.team.rules import Permission

ROUNDS = 3
"""How often a place is looked for again when somebody else was faster, and another person could do it as well."""


@dataclass(frozen=True)
class Asked:
    """What a client wants: services one after the other, by `person` or by anyone who can. `note`: for who does it.

    `by`: who shall do each service, where that is not one and the same for all. `site`: of the client's, where it is
    done. `rather`: who and what was offered for each service, and goes before others; `only` they may do it.
    """

    client: ClientId
    location: LocationId
    services: tuple[ServiceId, ...]
    person: BookableId | None = None
    source: Source = Source.DESK
    note: str | None = None
    by: tuple[BookableId | None, ...] = ()
    site: SiteId | None = None
    rather: tuple[frozenset[BookableId], ...] = ()
    only: bool = False

    @property
    def doing(self) -> tuple[Doing, ...]:
        """The services with whoever is wanted for each."""
        by = self.by or (self.person,) * len(self.services)
        rather = self.rather or (frozenset[BookableId](),) * len(self.services)
        return tuple(
            Doing(service, offered if self.only else None, by=who, rather=offered)
            for service, who, offered in zip(self.services, by, rather, strict=True)
        )


@dataclass(frozen=True)
class Arrangement:
    """Where a booking shall be. `instead`: pairs of who did it and who shall; `minutes`: of all services together.

    `doing`: the services that it shall have from now on, where that is not what it has.
    """

    booking: BookingId
    starts_at: datetime
    instead: tuple[tuple[BookableId, BookableId], ...] = ()
    minutes: int | None = None
    doing: tuple[Doing, ...] = ()


def services_problem(services: Sequence[ServiceId]) -> Problem | None:
    """At least one, and not too many for one booking."""
    if not services:
        return Problem("problem.required")
    if len(services) > rules.MOST_SERVICES:
        return Problem("problem.services_many", {"most": rules.MOST_SERVICES})
    return None


async def book(
    op: Operation,
    asked: Asked,
    starts_at: datetime,
    over: ReasonId | None = None,
    held: UUID | None = None,
    series: tuple[SeriesId, date] | None = None,
) -> int:
    """Write a booking of a client, who must be locked, at the place that there is. `series`: of which, for what date.

    Raises `Invalid` (`starts`, `services`, `site`), `PlaceTaken`, `Forbidden`, before it has written anything.
    """
    if problem := services_problem(asked.services):
        raise Invalid({"services": problem})
    if series is None:
        await steps.is_site(asked.client, asked.site)
    await steps.share_open_location(asked.location)
    question = Question(asked.location, asked.doing, held=held)
    place, over = await find(op, question, starts_at, over)
    booking = await write(op, asked, place, over, series)
    await occupy([booking], held=held)
    return booking


async def write(
    op: Operation,
    asked: Asked,
    place: Place,
    over: ReasonId | None = None,
    series: tuple[SeriesId, date] | None = None,
) -> int:
    """Write a booking at a place that was found; it is still to be occupied."""
    of, on = series or (None, None)
    booking = await op.insert(
        Booking,
        client=asked.client,
        location=asked.location,
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        status=Status.BOOKED.value,
        source=asked.source.value,
        note=asked.note,
        overbooked=over,
        series=of,
        series_on=on,
        site=asked.site,
    )
    prices = await quoting.quotes(place.parts, place.start.day)
    await steps.put_items(op, booking, place.starts_at, place.parts, prices)
    await steps.note_status(op, booking, Status.BOOKED)
    return booking


async def find(
    op: Operation, question: Question, starts_at: datetime, over: ReasonId | None
) -> tuple[Place, ReasonId | None]:
    """The place at an instant, with the occupancy of all that it takes locked; and why it lies over others if it does.

    Raises `Invalid` (`starts`), `PlaceTaken`, and where it would lie over others `Forbidden`.
    """
    if starts_at.second or starts_at.microsecond:
        raise Invalid({"starts": Problem("problem.time")})
    for _ in range(ROUNDS):
        search, place, reason = await _seen(op.actor, question, starts_at, over)
        if reason is not None:
            return place, reason
        own = hulls = rules.hulls(place.parts, rules.in_time(place.starts_at, place.parts))
        crews = any(search.candidates[who].kind is BookableKind.CREW for who in own)
        if crews:
            hulls = await occupancy.with_members(own, place.start.day)
        await occupancy.lock(hulls)
        # A list that was changed while we waited is of others, who may not even be there: then it is looked anew.
        if crews and await occupancy.with_members(own, place.start.day) != hulls:
            continue
        if await occupancy.are_free(hulls, question.besides, question.held):
            return place, None
    raise PlaceTaken


async def look(actor: Actor, asked: Asked, starts_at: datetime, over: ReasonId | None, held: UUID | None) -> None:
    """Raise what `book` would where somebody who is no client yet cannot be booked so; nothing is written or locked."""
    if problem := services_problem(asked.services):
        raise Invalid({"services": problem})
    if asked.site is not None:
        raise Invalid({"site": Problem("problem.choice")})
    await steps.share_open_location(asked.location)
    await _seen(actor, Question(asked.location, asked.doing, held=held), starts_at, over)


async def _seen(
    actor: Actor, question: Question, starts_at: datetime, over: ReasonId | None
) -> tuple[Search, Place, ReasonId | None]:
    """The place at an instant as it looks now, and why it lies over others if it does. Raises as `find`."""
    search, start = await seeking.at(question, starts_at)
    if place := search.at(start):
        return search, place, None
    if over is not None:
        await _may_overbook(actor, over)
        search, start = await seeking.at(question, starts_at, over=True)
        if place := search.at(start):
            return search, place, over
    problem = await meeting.problem(question, search, start)
    raise PlaceTaken(why=problem) if search.problem(start) in (None, TAKEN) else Invalid({"starts": problem})


async def _may_overbook(actor: Actor, over: ReasonId) -> None:
    if not actor.may(Permission.BOOKING_OVERBOOK):
        raise Forbidden(permission=Permission.BOOKING_OVERBOOK)
    await steps.is_reason(over, ReasonUse.OVERBOOKING, "over")
