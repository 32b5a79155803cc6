"""Parts of the bookings' use cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from console.domain import db
from console.domain.booking import cards, rules
from console.domain.booking.occupancy import occupy
from console.domain.booking.rules import CancelledBy, Part, ReasonUse, Status
from console.domain.booking.tables import Assignment, Booking, BookingItem, Series, StatusChange
from console.domain.clients.tables import Client
from console.domain.errors import Invalid, NotFound, Problem, Refused
from console.domain.ids import CLIENT_ACTOR, BookableId, BookingId, ClientId, ReasonId, SiteId
from console.domain.running import Operation


class HeldUp(Refused):
    """What is not to be erased yet."""


class Expected(HeldUp):
    """A client with bookings that stand and are not over yet."""

    key = "refused.client_expected"

    def __init__(self, count: int) -> None:
        super().__init__(count=count)


class ExpectedThere(HeldUp):
    """A site of a client's with bookings that stand and are not over yet."""

    key = "refused.site_expected"

    def __init__(self, count: int) -> None:
        super().__init__(count=count)


class SeriesThere(HeldUp):
    """A site of a client's at which a series goes on, with no booking there yet."""

    key = "refused.site_in_series"


class TakenBack(Refused):
    """A booking that an undo took back meanwhile."""

    key = "refused.taken_back"


_BOOKING = (
    "SELECT b.id, b.version, b.client, b.location, b.starts_at, b.ends_at, b.status, b.overbooked, b.retired_at,"
    " b.site, l.notice_hours, l.zone"
    " FROM booking b JOIN location l ON l.id = b.location"
)


async def lock(op: Operation, booking: BookingId) -> asyncpg.Record:
    """Lock a booking after its client. Raises `TakenBack`, `NotFound`."""
    return (await lock_all(op, [booking]))[booking]


async def lock_all(op: Operation, bookings: Sequence[BookingId]) -> dict[BookingId, asyncpg.Record]:
    """Lock several bookings after all their clients. Raises `TakenBack`, `NotFound`."""
    owners = await db.fetch("SELECT client FROM booking WHERE id = ANY($1::bigint[])", list(bookings))
    await op.lock(Client, {row["client"] for row in owners})
    await op.lock(Booking, bookings)
    rows = await db.fetch(f"{_BOOKING} WHERE b.id = ANY($1::bigint[])", list(bookings))
    found = {row["id"]: row for row in rows}
    if found.keys() != set(bookings):
        raise NotFound
    if any(row["retired_at"] for row in rows):
        raise TakenBack
    return found


async def share_locations(bookings: Sequence[int]) -> None:
    """Let no location of some bookings close, or move to another zone, before we are done."""
    await db.execute(
        "SELECT 1 FROM location WHERE id IN (SELECT location FROM booking WHERE id = ANY($1::bigint[]))"
        " ORDER BY id FOR SHARE",
        list(bookings),
    )


async def share_open_location(location: int) -> None:
    """Let a location not close before we are done. Raises `Invalid` (`starts`) for one that is closed."""
    if await db.fetchval("SELECT retired_at IS NOT NULL FROM location WHERE id = $1 FOR SHARE", location):
        raise Invalid({"starts": Problem("problem.closed_here")})


async def come_to(
    op: Operation,
    booking: asyncpg.Record,
    status: Status,
    reason: ReasonId | None = None,
    version: int | None = None,
    **said: object,
) -> None:
    """Give a booking, which must be locked, another status. Raises `UnlawfulMove`, `Stale`."""
    rules.refuse_unlawful(Status(booking["status"]), status)
    await op.update(Booking, booking["id"], version, {"status": status.value})
    read = {"starts_read": booking["starts_at"]} if op.actor.id == CLIENT_ACTOR else {}
    await note_status(op, booking["id"], status, reason, **said, **read)


async def unconfirm(op: Operation, booking: BookingId) -> None:
    """Ask anew whether the client comes to a booking, which must be locked, where they had said so."""
    if await op.update(Booking, booking, None, {"status": Status.BOOKED.value}):
        await note_status(op, booking, Status.BOOKED)


async def note_status(
    op: Operation, booking: int, status: Status, reason: ReasonId | None = None, **said: object
) -> None:
    """Say who brought a booking to a status, and why."""
    values = {"reason": reason, "cancelled_by": None, "late": None, **said}
    await op.insert(StatusChange, booking=booking, status=status.value, **values)


async def leave_plan(op: Operation, client: int, *, calling_off: bool = False) -> None:
    """Take a client, who must be locked, out of the plan: series end.

    `calling_off`: we call off what is to come, an arrival too; else raises `Expected` while bookings are to come.
    """
    sql = f"SELECT b.id FROM booking b WHERE {cards.HOLDS_UP} ORDER BY b.id"  # noqa: S608
    ahead = [BookingId(row["id"]) for row in await db.fetch(sql, client, op.now, list(rules.UNDONE))]
    if ahead and not calling_off:
        raise Expected(len(ahead))
    if ahead:
        await _call_off(op, ahead)
    for row in await db.fetch("SELECT id FROM series WHERE client = $1 AND retired_at IS NULL ORDER BY id", client):
        await op.update(Series, row["id"], None, {"retired_at": op.now})


async def refuse_expected_there(op: Operation, site: SiteId) -> None:
    """Raise `ExpectedThere`, `SeriesThere` for a site at which bookings are to come, or a series goes on."""
    if count := await cards.held_there_count(site, op.now):
        raise ExpectedThere(count)
    goes_on = (
        "SELECT EXISTS (SELECT FROM series s JOIN location l ON l.id = s.location WHERE s.site = $1"
        " AND s.retired_at IS NULL AND (s.until IS NULL OR s.until >= ($2::timestamptz AT TIME ZONE l.zone)::date))"
    )
    if await db.fetchval(goes_on, site, op.now):
        raise SeriesThere


async def _call_off(op: Operation, bookings: Sequence[BookingId]) -> None:
    """We call bookings off, whatever holds them: an arrival is none any more, either."""
    for booking in await lock_all(op, bookings):
        await op.update(Booking, booking, None, {"status": Status.CANCELLED.value})
        await note_status(op, booking, Status.CANCELLED, cancelled_by=CancelledBy.US.value, late=False)
    await occupy(bookings)


async def call_off(op: Operation, booking: BookingId, by: CancelledBy, reason: ReasonId | None = None) -> bool:
    """Call a booking off; its place is free at once. Answers whether that comes late: by the client, after the notice.

    Raises `UnlawfulMove`, `Invalid` (`reason`).
    """
    row = await lock(op, booking)
    await is_reason(reason, ReasonUse.CANCELLATION)
    late = by is CancelledBy.CLIENT and rules.is_late(row["starts_at"], op.now, row["notice_hours"])
    await come_to(op, row, Status.CANCELLED, reason, cancelled_by=by.value, late=late)
    await occupy([booking])
    if late:
        op.effect("effect.cancelled_late")
    return late


async def stay_away(op: Operation, booking: BookingId, reason: ReasonId | None = None) -> None:
    """Note that the client did not come; the rest of their time is free.

    Raises `UnlawfulMove`, `Invalid` (`reason`).
    """
    row = await lock(op, booking)
    await is_reason(reason, ReasonUse.NO_SHOW)
    if row["starts_at"] > op.now:
        raise Invalid({"reason": Problem("problem.not_begun")})
    await come_to(op, row, Status.NO_SHOW, reason)
    await occupy([booking])


async def is_site(client: ClientId, site: SiteId | None) -> None:
    """Raise `Invalid` (`site`) for a site that is not one of a client's, who must be locked, or not any more."""
    sql = "SELECT EXISTS (SELECT FROM client_site WHERE id = $1 AND client = $2 AND retired_at IS NULL)"
    if site is not None and not await db.fetchval(sql, site, client):
        raise Invalid({"site": Problem("problem.choice")})


async def is_reason(reason: ReasonId | None, use: ReasonUse, field: str = "reason") -> None:
    """Raise `Invalid` for a reason that is not one of this use, or that is off."""
    sql = "SELECT EXISTS (SELECT FROM reason WHERE id = $1 AND use = $2 AND retired_at IS NULL)"
    if reason is not None and not await db.fetchval(sql, reason, use.value):
        raise Invalid({field: Problem("problem.choice")})


async def put_items(
    op: Operation, booking: int, starts_at: datetime, parts: Sequence[Part], prices: Sequence[tuple[int, str] | None]
) -> datetime:
    """Write the services of a booking from an instant on, with the prices quoted; answers when they end."""
    end = starts_at
    for part, span, price in zip(parts, rules.in_time(starts_at, parts), prices, strict=True):
        minor, currency = price or (None, None)
        item = await op.insert(
            BookingItem,
            booking=booking,
            service=part.service,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            buffer_before=part.buffer_before,
            buffer_after=part.buffer_after,
            minor=minor,
            currency=currency,
        )
        for bookable in part.bookables:
            await op.insert(Assignment, item=item, bookable=bookable)
        end = span.ends_at
    return end


async def assign(op: Operation, item: int, bookables: Sequence[BookableId]) -> bool:
    """Say who and what does a service of a booking; whether that is anything new."""
    there = await db.fetch("SELECT id, bookable FROM assignment WHERE item = $1 AND retired_at IS NULL", item)
    known = {row["bookable"]: row["id"] for row in there}
    for bookable, assignment in known.items():
        if bookable not in bookables:
            await op.update(Assignment, assignment, None, {"retired_at": op.now})
    for bookable in bookables:
        if bookable not in known:
            await op.insert(Assignment, item=item, bookable=bookable)
    return known.keys() != set(bookables)
