"""Putting bookings at their places: found, judged and written for new ones and for those that move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import takewhile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import meeting, occupancy, quoting, rules, seeking, steps
from console.domain.booking.laying import Laid
from console.domain.booking.occupancy import TAKEN, PlaceTaken, occupy
from console.domain.booking.places import Place, Search
from console.domain.booking.rules import CALLED_OFF, MOVABLE, ReasonUse, Source, Status, UnlawfulMove
from console.domain.booking.seeking import Doing, Question, Quoted
from console.domain.booking.tables import Booking, BookingItem
from console.domain.errors import Forbidden, Invalid, Problem, Stale
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ReasonId, SeriesId, ServiceId, SiteId
from console.domain.intent import Actor
from console.domain.roster.rules import BookableKind
from console.domain.running import Operation
from console.domain.team.rules import Permission

ROUNDS = 3
"""How often a place is looked for again when somebody else was faster, and another person could do it as well."""
SHORTEST = 5
LONGEST = 24 * 60
"""Minutes that a booking may be stretched or shrunk to."""


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


@dataclass(frozen=True)
class Item:
    """A service of a booking, how long it takes now, the people or the crew that do it, and what was quoted of it."""

    id: int
    service: ServiceId
    minutes: int
    people: frozenset[BookableId]
    quoted: Quoted


QUOTED = (
    "i.buffer_before, i.buffer_after, CASE WHEN count(*) FILTER (WHERE b.kind = 'crew') = 0"
    " THEN count(*) FILTER (WHERE b.kind = 'person') END AS people, count(*) FILTER (WHERE b.kind = 'room') AS rooms,"
    " count(*) FILTER (WHERE b.kind = 'vehicle') AS vehicles, count(*) FILTER (WHERE b.kind = 'equipment') AS equipment"
)
"""Columns of what was quoted of items `i`, grouped by them, with those `b` who do them."""


def quoted_of(row: Mapping[str, Any]) -> Quoted:
    """What was quoted of an item, from the columns `QUOTED`."""
    return Quoted(**{one.name: row[one.name] for one in fields(Quoted)})


async def items(bookings: Iterable[BookingId]) -> dict[BookingId, list[Item]]:
    """The services of bookings in their order: how long each takes now, who does it, and what was quoted of it."""
    found: dict[BookingId, list[Item]] = {booking: [] for booking in bookings}
    rows = await db.fetch(
        "SELECT i.booking, i.id, i.service, (extract(epoch FROM i.ends_at - i.starts_at) / 60)::int AS minutes,"  # noqa: S608
        f" coalesce(array_agg(a.bookable) FILTER (WHERE b.kind IN ('person', 'crew')), '{{}}') AS doers, {QUOTED}"
        " FROM booking_item i LEFT JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
        " LEFT JOIN bookable b ON b.id = a.bookable"
        " WHERE i.booking = ANY($1::bigint[]) AND i.retired_at IS NULL GROUP BY i.id ORDER BY i.starts_at, i.id",
        list(found),
    )
    for row in rows:
        item = Item(row["id"], row["service"], row["minutes"], frozenset(row["doers"]), quoted_of(row))
        found[row["booking"]].append(item)
    return found


async def rearrange(
    op: Operation,
    arrangements: Sequence[Arrangement],
    versions: Mapping[BookingId, int] | None = None,
    over: ReasonId | None = None,
    held: UUID | None = None,
    movable: Sequence[Status] = MOVABLE,
) -> None:
    """Move bookings, all or none, those of these statuses.

    Raises `Stale`, `UnlawfulMove`, `Invalid` (`starts`, `minutes`), `PlaceTaken`: `by_entity` says of which bookings.
    """
    rows = await steps.lock_all(op, [one.booking for one in arrangements])
    _refuse_stale(rows, versions)
    if any(Status(row["status"]) not in movable for row in rows.values()):
        raise UnlawfulMove
    besides = tuple(rows)
    for location in sorted({row["location"] for row in rows.values()}):
        await steps.share_open_location(location)
    await occupancy.lock_with(besides, (who for one in arrangements for _, who in one.instead))
    known = await items(besides)
    laid = Laid()
    refused: list[tuple[BookingId, Invalid]] = []
    for one in arrangements:
        row, its = rows[one.booking], known[one.booking]
        question = Question(row["location"], doing_of(its, one), besides, held)
        try:
            place, reason = await find(op, laid.beside(question), one.starts_at, over)
            if len(arrangements) > 1 and reason is None:
                await laid.lay(place)
        except Invalid as wrong:
            refused.append((one.booking, wrong))
        if refused:
            continue
        await rewrite(op, one.booking, its, place, reason)
        if one.minutes and not one.instead and place.starts_at == row["starts_at"]:
            op.effect("done.stretched", minutes=one.minutes)
        if Status(row["status"]) in CALLED_OFF:
            await op.update(Booking, one.booking, None, {"status": Status.BOOKED.value})
            await steps.note_status(op, one.booking, Status.BOOKED)
    if refused:
        first = refused[0][1]
        first.by_entity = {booking: next(iter(wrong.problems.values())) for booking, wrong in refused}
        raise first
    await occupy(besides, held=held)


def _refuse_stale(rows: Mapping[BookingId, Mapping[str, Any]], versions: Mapping[BookingId, int] | None) -> None:
    for booking, row in rows.items():
        if versions is not None and row["version"] != versions[booking]:
            raise Stale("booking", booking)


async def rewrite(
    op: Operation, booking: BookingId, its: Sequence[Item], place: Place, over: ReasonId | None = None
) -> None:
    """Write a booking with its services at a place that was found; it is still to be occupied."""
    span = {"starts_at": place.starts_at, "ends_at": place.ends_at, "overbooked": over}
    moved = await op.update(Booking, booking, None, span)
    if await _put(op, booking, its, place) and not moved:
        await op.touch(Booking, booking)


async def question(where: LocationId, asked: Arrangement, held: UUID | None = None) -> Question:
    """What a place is looked for where a booking at a location shall be arranged so.

    Raises `Invalid` (`minutes`), and `TakenBack` for one that an undo took back.
    """
    its = (await items([asked.booking]))[asked.booking]
    if not its:
        raise steps.TakenBack
    return Question(where, doing_of(its, asked), (asked.booking,), held)


def as_quoted(doing: Sequence[Doing], items: Sequence[Item]) -> tuple[Doing, ...]:
    """What is asked for a booking that has some services: those that it keeps take what was quoted."""
    kept = _kept((one.service for one in doing), items)
    quoted = (*(item.quoted for item in items[:kept]), *(None,) * (len(doing) - kept))
    return tuple(replace(one, quoted=one.quoted or by_item) for one, by_item in zip(doing, quoted, strict=True))


def _kept(services: Iterable[ServiceId], items: Sequence[Item]) -> int:
    """How many services a booking keeps, if it has these from now on: the first ones, as long as they are the same."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1].service, zip(services, items, strict=False))))


def doing_of(items: Sequence[Item], asked: Arrangement) -> tuple[Doing, ...]:
    """The services of a booking as they shall be done: what is settled stays, whoever is replaced is looked at anew.

    Raises `Invalid` (`minutes`).
    """
    return as_quoted(asked.doing or _settled(items, asked), items)


def _settled(items: Sequence[Item], asked: Arrangement) -> tuple[Doing, ...]:
    instead = dict(asked.instead)
    more = 0 if asked.minutes is None else asked.minutes - sum(item.minutes for item in items)
    if (more and not SHORTEST <= (asked.minutes or 0) <= LONGEST) or items[-1].minutes + more < SHORTEST:
        raise Invalid({"minutes": Problem("problem.range", {"low": SHORTEST, "high": LONGEST})})
    found = []
    for item in items:
        people = frozenset(instead.get(who, who) for who in item.people)
        extra = more if item is items[-1] else 0
        minutes = item.minutes + extra if people == item.people or extra else None
        found.append(Doing(item.service, people, item.people & people, minutes))
    return tuple(found)


async def _put(op: Operation, booking: BookingId, items: Sequence[Item], place: Place) -> bool:
    """Write the services of a booking where they are now, another one and what follows anew; whether that is new."""
    spans = rules.in_time(place.starts_at, place.parts)
    same = _kept((part.service for part in place.parts), items)
    changed = same < max(len(items), len(spans))
    for item in items[same:]:
        await steps.assign(op, item.id, ())
        await op.update(BookingItem, item.id, None, {"retired_at": op.now})
    for item, part, span in zip(items[:same], place.parts, spans, strict=False):
        buffers = {"buffer_before": part.buffer_before, "buffer_after": part.buffer_after}
        values = {"starts_at": span.starts_at, "ends_at": span.ends_at, **buffers}
        changed |= bool(await op.update(BookingItem, item.id, None, values))
        changed |= await steps.assign(op, item.id, part.bookables)
    if new := place.parts[same:]:
        prices = await quoting.quotes(new, place.start.day)
        await steps.put_items(op, booking, spans[same].starts_at, new, prices)
    return changed


async def exchanged(
    op: Operation, one: BookingId, other: BookingId, versions: Mapping[BookingId, int] | None = None
) -> list[Arrangement]:
    """Two bookings of a date at a location, each where the other is.

    Raises `Stale`, and `Invalid` (`starts`) for others, and where more than one person does either of them.
    """
    rows = await steps.lock_all(op, [one, other])
    _refuse_stale(rows, versions)
    days = {(row["location"], clock.business_date(row["starts_at"], ZoneInfo(row["zone"]))) for row in rows.values()}
    if len(days) > 1:
        raise Invalid({"starts": Problem("problem.choice")})
    known = await items(rows)
    people = {booking: {who for item in known[booking] for who in item.people} for booking in rows}
    if one == other or any(len(those) != 1 for those in people.values()):
        raise Invalid({"starts": Problem("problem.swap")})
    [first], [second] = people[one], people[other]
    return [
        Arrangement(one, rows[other]["starts_at"], ((first, second),)),
        Arrangement(other, rows[one]["starts_at"], ((second, first),)),
    ]
