"""Parts of the roster's use cases."""

from __future__ import annotations

from datetime import date

import asyncpg

from console.domain import clock, db
from console.domain.business.queries import business, locations
from console.domain.business.tables import Location
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookableId, LocationId, StaffId
from console.domain.operation import Operation
from console.domain.roster import queries, rules
from console.domain.roster.tables import Bookable, TimeOff


async def today(op: Operation) -> date:
    """The business date of an operation."""
    return clock.business_date(op.now, (await business()).zone)


async def lock(op: Operation, bookable: int) -> asyncpg.Record:
    """Lock a bookable, so that its hours and time off change one after the other. Raises `NotFound`."""
    await op.lock(Bookable, [bookable])
    row = await db.fetchrow("SELECT kind, retired_at FROM bookable WHERE id = $1", bookable)
    if row is None:
        raise NotFound
    return row


async def lock_time_off(op: Operation, time_off: int) -> int:
    """Lock a time off and answer whose it is. Raises `NotFound` for one that was removed."""
    await op.lock(TimeOff, [time_off])
    bookable = await db.fetchval("SELECT bookable FROM time_off WHERE id = $1 AND retired_at IS NULL", time_off)
    if bookable is None:
        raise NotFound
    return int(bookable)


async def staff_is_here(staff: StaffId | None) -> None:
    """Raise `Invalid` (`staff`) for an account that is closed or none."""
    sql = "SELECT EXISTS (SELECT FROM staff WHERE id = $1 AND retired_at IS NULL)"
    if staff is not None and not await db.fetchval(sql, staff):
        raise Invalid({"staff": Problem("problem.choice")})


async def open_location(op: Operation, location: LocationId) -> None:
    """Lock a location in which something is to begin. Raises `Invalid` (`location`) for one that is closed."""
    await op.lock(Location, [location])
    if not await db.fetchval("SELECT EXISTS (SELECT FROM location WHERE id = $1 AND retired_at IS NULL)", location):
        raise Invalid({"location": Problem("problem.location_closed")})


async def refuse_two_places(bookable: BookableId | int, since: date) -> None:
    """Raise `Invalid` (`location`) if a bookable would be in two places at once from some date on."""
    weekly = [rules.Schedule(one.location, one.valid_from, one.hours) for one in await queries.schedules(bookable)]
    known = await locations()
    zones = {one.id: one.zone for one in known}
    names = {one.id: one.name for one in known}
    places = {one.id: rules.Place(one.id, one.hours, {}) for one in known if one.retired_at is None}
    starts = {since, *(one.valid_from for one in weekly if one.valid_from > since)}
    for start in sorted(starts):
        if both := rules.clash(max(start, since), weekly, places, zones):
            here, there = (names[one] for one in both)
            raise Invalid({"location": Problem("problem.two_places", {"first": here, "second": there})})
