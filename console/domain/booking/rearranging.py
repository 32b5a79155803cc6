"""Bookings that are there: the services that they have, and putting them elsewhere, some of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import takewhile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import arranging, occupancy, quoting, rules, steps
from console.domain.booking.arranging import Arrangement
from console.domain.booking.laying import Laid
from console.domain.booking.occupancy import occupy
from console.domain.booking.places import Place
from console.domain.booking.question import Doing, Question, Quoted
from console.domain.booking.rules import CALLED_OFF, MOVABLE, Status, UnlawfulMove
from console.domain.booking.tables import Booking, BookingItem
from console.domain.errors import Invalid, Problem, Stale
from console.domain.ids import BookableId, BookingId, LocationId, ReasonId, ServiceId
from console.domain.running import Operation

SHORTEST = 5
LONGEST = 24 * 60
"""Minutes that a booking may be stretched or shrunk to."""


@dataclass(frozen=True)
class Item:
    """A service of a booking, how long it takes now, the people or the crew that do it, and what was quoted of it.

    `usual`: minutes that those who do it need for it.
    """

    id: int
    service: ServiceId
    minutes: int
    people: frozenset[BookableId]
    quoted: Quoted
    usual: int

    @property
    def by_hand(self) -> int | None:
        """How long it takes where somebody set that: it stays so whoever does it; None: as long as they need."""
        return self.minutes if self.minutes != self.usual else None


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
        f" coalesce(array_agg(a.bookable) FILTER (WHERE b.kind IN ('person', 'crew')), '{{}}') AS doers, {QUOTED},"
        " coalesce(max(coalesce(k.minutes, s.minutes)) FILTER (WHERE b.kind IN ('person', 'crew')), max(s.minutes))"
        "  AS usual"
        " FROM booking_item i JOIN service s ON s.id = i.service"
        " LEFT JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
        " LEFT JOIN bookable b ON b.id = a.bookable"
        " LEFT JOIN skill k ON k.bookable = b.id AND k.service = i.service AND k.retired_at IS NULL"
        " WHERE i.booking = ANY($1::bigint[]) AND i.retired_at IS NULL GROUP BY i.id ORDER BY i.starts_at, i.id",
        list(found),
    )
    for row in rows:
        doers = frozenset(row["doers"])
        item = Item(row["id"], row["service"], row["minutes"], doers, quoted_of(row), row["usual"])
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
    refuse_stale(rows, versions)
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
            place, reason = await arranging.find(op, laid.beside(question), one.starts_at, over)
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


def refuse_stale(rows: Mapping[BookingId, Mapping[str, Any]], versions: Mapping[BookingId, int] | None) -> None:
    """Raise `Stale` for the first of locked bookings that is not as it was seen."""
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

    A service takes as long as whoever does it needs, but for a length that was set by hand, which stays.
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
        said = people == item.people or asked.minutes is not None
        minutes = item.minutes + extra if said else item.by_hand
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
    refuse_stale(rows, versions)
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
