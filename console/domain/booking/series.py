"""Use cases of bookings that come again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import asyncpg

from console.domain import db
from console.domain.booking import arranging, recurring, series_making, series_rows, steps
from console.domain.booking import series_dates as dates
from console.domain.booking.arranging import Asked
from console.domain.booking.recurring import Recurrence
from console.domain.booking.rules import MOVABLE, Status
from console.domain.booking.tables import Series, SeriesClash
from console.domain.booking.undoing import restore
from console.domain.clients import steps as clients
from console.domain.errors import Invalid, NotFound, Problem, Refused, at_field, constraint
from console.domain.ids import BookableId, BookingId, ClashId, SeriesId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission

constraint("series_end_check", at_field("count", "problem.until_or_count"))
constraint("series_services_there", at_field("services", "problem.service_off"))


MOST_TOLD = 3
"""Dates without a place that are told one by one."""


class StillBooked(Refused):
    """Something of the series is still to come: it is called off, with a reason, and the series ends with it."""

    key = "refused.series_still_booked"


class SeriesEnded(Refused):
    """A date of a series that has ended: nothing of it is booked any more, and nothing of it is left to be arranged."""

    key = "refused.series_ended"


@operation("series.book", permission=Permission.BOOKING_CHANGE, undo=restore)
async def begin(op: Operation, asked: Asked, minute: int, rule: Recurrence) -> dict[str, int]:
    """Book a client again and again at a wall time; dates without a place are noted as clashes and fail no other.

    Raises `Invalid`: the fields of the rule, `services`, `site`; `starts` where there is no place on any date at all.
    """
    await clients.lock_to_edit(op, asked.client)
    _refuse_wrong(asked, rule)
    await steps.is_site(asked.client, asked.site)
    last = await dates.reach(op.now, asked.location, rule)
    series = await op.insert(Series, **series_rows.columns(asked, minute, rule), made_until=rule.starts_on)
    made, clashing = await series_making.make(op, SeriesId(series), asked, minute, rule, last)
    if not made:
        raise Invalid({"starts": Problem("problem.series_nowhere")})
    op.effect("done.series_made", count=made)
    if len(clashing) > MOST_TOLD:
        op.effect("done.series_without_place", count=len(clashing))
    elif clashing:
        op.effect("done.series_no_place", dates=[one.isoformat() for one in clashing])
    return {"series": series}


async def look(now: datetime, asked: Asked, minute: int, rule: Recurrence) -> None:
    """Raise what `begin` would where a series cannot be for somebody who is no client yet; nothing is written."""
    _refuse_wrong(asked, rule)
    if asked.site is not None:
        raise Invalid({"site": Problem("problem.choice")})
    if await series_making.is_nowhere(asked, minute, rule, now):
        raise Invalid({"starts": Problem("problem.series_nowhere")})


def _refuse_wrong(asked: Asked, rule: Recurrence) -> None:
    problems = recurring.problems(rule)
    if problem := arranging.services_problem(asked.services):
        problems["services"] = problem
    if problems:
        raise Invalid(problems)


@operation("series.extend", permission=Permission.BOOKING_CHANGE, undo=restore)
async def extend(op: Operation, series: SeriesId) -> dict[str, int]:
    """Make the bookings of a series that have come within the horizon. Twice is once."""
    row = await series_rows.lock(op, series)
    last = await dates.horizon(op.now, row["location"])
    if row["retired_at"] is None and row["made_until"] < last:
        asked, rule = series_rows.asked_of(row), series_rows.rule_of(row)
        await series_making.make(op, series, asked, row["minute"], rule, last, await dates.made(row))
    return {"series": series}


@operation("series.place", permission=Permission.BOOKING_CHANGE, undo=restore)
async def place(
    op: Operation,
    clash: ClashId,
    starts_at: datetime,
    person: BookableId | None = None,
    rather: tuple[frozenset[BookableId], ...] | None = None,
) -> dict[str, int]:
    """Book a date of a series that clashed at another time or with somebody else.

    `rather`: who and what was offered for each service, whoever else it is with; else by `person`, None: as agreed.
    Raises `NotFound` for one that was dealt with, `SeriesEnded`, `Invalid` (`starts`), `PlaceTaken`.
    """
    row = await _clash(op, clash)
    asked = series_rows.asked_of(await series_rows.lock(op, row["series"]))
    if rather is not None:
        asked = series_making.Elsewhere(row["on"], starts_at, rather).of(asked)
    else:
        asked = replace(asked, person=person, by=()) if person else asked
    booking = await arranging.book(op, asked, starts_at, series=(row["series"], row["on"]))
    await op.update(SeriesClash, clash, None, {"retired_at": op.now})
    return {"booking": booking}


@operation("series.leave_out", permission=Permission.BOOKING_CHANGE, undo=restore)
async def leave_out(op: Operation, clash: ClashId) -> dict[str, int]:
    """Leave out a date of a series that clashed. Raises `NotFound` for one that was dealt with, `SeriesEnded`."""
    row = await _clash(op, clash)
    await op.update(SeriesClash, clash, None, {"retired_at": op.now})
    return {"series": row["series"]}


async def _clash(op: Operation, clash: ClashId) -> asyncpg.Record:
    series = await db.fetchval("SELECT series FROM series_clash WHERE id = $1", clash)
    of = await series_rows.lock(op, series)
    row = await db.fetchrow('SELECT series, "on" FROM series_clash WHERE id = $1 AND retired_at IS NULL', clash)
    if row is None:
        raise NotFound
    if of["retired_at"] is not None:
        raise SeriesEnded
    return row


@operation("series.confirm", permission=Permission.BOOKING_CHANGE, undo=restore)
async def confirm(op: Operation, series: SeriesId, bookings: tuple[tuple[BookingId, int], ...]) -> dict[str, int]:
    """The client says that they come to bookings of a series, each with its version as it was read.

    Raises `Stale`, `UnlawfulMove`, `TakenBack`, `NotFound`.
    """
    await series_rows.lock(op, series)
    rows = await steps.lock_all(op, [booking for booking, _ in bookings])
    of = await db.fetch("SELECT id FROM booking WHERE series = $1 AND id = ANY($2::bigint[])", series, list(rows))
    if len(of) != len(rows) or not rows:
        raise NotFound
    for booking, version in sorted(bookings):
        await steps.come_to(op, rows[booking], Status.CONFIRMED, version=version)
    return {"series": series}


@operation("series.end", permission=Permission.BOOKING_CHANGE, undo=restore)
async def end(op: Operation, series: SeriesId) -> dict[str, int]:
    """End a series of which nothing is to come any more; its clashes need no place then. Raises `StillBooked`."""
    row = await series_rows.lock(op, series)
    if await db.fetchval(
        "SELECT EXISTS (SELECT FROM booking WHERE series = $1 AND retired_at IS NULL AND status = ANY($2::text[])"
        " AND starts_at > $3)",
        series,
        [one.value for one in MOVABLE],
        op.now,
    ):
        raise StillBooked
    if row["retired_at"] is None:
        await op.update(Series, series, None, {"retired_at": op.now})
    return {"series": series}
