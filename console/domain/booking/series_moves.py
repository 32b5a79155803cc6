"""Moving and calling off the bookings of a series: one and those that follow it, or all that are to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import asyncpg
from piccolo.table import Table

from console.domain import clock, db
from console.domain.booking import recurring, series_dates, series_plans, series_rows, steps
from console.domain.booking.by_hand import put_by_hand
from console.domain.booking.recurring import OnHoliday, Recurrence
from console.domain.booking.rules import MOVABLE, CancelledBy, ReasonUse
from console.domain.booking.series_mover import Mover, Shift, call_off
from console.domain.booking.tables import Booking, Series, SeriesClash, SeriesSkip
from console.domain.booking.undoing import restore
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookingId, LocationId, ReasonId, SeriesId
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission


class Scope(StrEnum):
    """Which bookings of a series are meant, seen from one of them."""

    FOLLOWING = "following"
    ALL = "all"


@operation("series.move", permission=Permission.BOOKING_CHANGE, undo=restore)
async def move(op: Operation, booking: BookingId, scope: Scope, shift: Shift) -> dict[str, int]:
    """Change a booking and those that follow it, or all that are to come; what finds no place stays where it is.

    What somebody put by hand stays, too, but for the booking that is meant. The effects say which dates move, stay,
    come anew or are called off, each with when that is, or the key of why not. Raises `Invalid` (`minute`, `days`,
    `services`, the fields of the rule), and `starts` where none of them finds a place.
    """
    if not -6 <= shift.days <= 6:
        raise Invalid({"days": Problem("problem.range", {"low": -6, "high": 6})})
    if shift.days and shift.plan:
        raise Invalid({"days": Problem("problem.days_and_rule")})
    row, targets = await _targets(op, booking, scope)
    named = {booking} if scope is Scope.FOLLOWING else set()
    hand = await put_by_hand([one["id"] for one in targets]) - named
    mover = Mover(op, row, shift, targets, hand)
    if shift.plan:
        return {"series": await series_plans.replan(mover, shift.plan)}
    rule = series_rows.rule_of(row)
    series = await _shifted(op, row, targets, scope, rule, shift)
    # Those that the others move towards go first, so that each finds the places of those before it given up.
    ordered = sorted(mover.moving, key=lambda target: target["series_on"], reverse=shift.days > 0)
    walls = [(one, mover.wall(one)) for one in ordered]
    goes = await _days(row["location"], rule, shift.days, [(one["series_on"], was.on) for one, was in walls])
    await mover.put_all(
        [
            (one, on, was.minute if shift.minute is None else shift.minute)
            for (one, was), on in zip(walls, goes, strict=True)
        ]
    )
    if mover.stays and not mover.moved:
        raise Invalid({"starts": Problem("problem.series_nowhere")})
    await mover.tell()
    return {"series": series}


async def _targets(op: Operation, booking: BookingId, scope: Scope) -> tuple[asyncpg.Record, list[asyncpg.Record]]:
    """The series of a booking, locked, and its bookings that are meant and may still move. Raises `NotFound`."""
    known = await db.fetchrow("SELECT series, series_on FROM booking WHERE id = $1 AND retired_at IS NULL", booking)
    if known is None or known["series"] is None:
        raise NotFound
    await series_rows.lock(op, known["series"])
    rows = await db.fetch(
        "SELECT id, series_on, starts_at FROM booking WHERE series = $1 AND retired_at IS NULL"
        " AND status = ANY($2::text[]) AND (series_on >= $3 OR $3 IS NULL AND starts_at > $4) ORDER BY series_on",
        known["series"],
        [one.value for one in MOVABLE],
        known["series_on"] if scope is Scope.FOLLOWING else None,
        op.now,
    )
    dates = await db.fetch("SELECT id FROM booking WHERE series = $1 AND retired_at IS NULL", known["series"])
    await steps.lock_all(op, [row["id"] for row in dates])
    series = await db.fetchrow(
        "SELECT s.*, l.zone, l.notice_hours FROM series s JOIN location l ON l.id = s.location WHERE s.id = $1",
        known["series"],
    )
    if series is None or not rows:
        raise NotFound
    return series, list(rows)


async def _shifted(
    op: Operation,
    row: asyncpg.Record,
    targets: Sequence[asyncpg.Record],
    scope: Scope,
    rule: Recurrence,
    shift: Shift,
) -> SeriesId:
    """The series that the bookings belong to from now on: itself changed, or one that goes on after it has ended."""
    later = timedelta(days=shift.days)
    moved = recurring.shifted(rule, shift.days)
    asked = shift.of(series_rows.asked_of(row))
    values = {
        "minute": row["minute"] if shift.minute is None else shift.minute,
        "services": list(asked.services),
        **series_rows.people(asked),
        "weekdays": list(moved.weekdays),
        "made_until": row["made_until"] + later,
        "until": moved.until,
        "shifted": moved.shifted,
    }
    first = targets[0]["series_on"]
    if scope is Scope.ALL or first == rule.starts_on:
        await op.update(Series, row["id"], None, {**values, "starts_on": moved.starts_on})
        await _take_along(op, row["id"], row["id"], None, later)
        return SeriesId(row["id"])
    past = await series_dates.taken(row["location"], rule, first, await series_dates.made(row))
    await op.update(Series, row["id"], None, {"until": first - timedelta(days=1), "times": None})
    following = replace(
        moved,
        starts_on=first + later,
        nth=moved.week,
        count=None if rule.count is None else rule.count - past,
    )
    columns = series_rows.columns(asked, values["minute"], following)
    made = SeriesId(await op.insert(Series, **{**columns, **values}))
    await _take_along(op, row["id"], made, first, later)
    return made


async def _days(where: LocationId, rule: Recurrence, days: int, dates: Sequence[tuple[date, date]]) -> list[date]:
    """Where dates go that are so many days later; each by the rule, and where it takes place.

    What lies where the rule has it, on its date or moved from a closed one, goes where the shifted rule has it: it is
    counted from the date by the rule, and moved anew if that is closed. Anything else goes on from where it is.
    """
    later = timedelta(days=days)
    if not days or rule.on_holiday is not OnHoliday.MOVE:
        return [held + later for _, held in dates]
    last = max(on for on, _ in dates)
    before = await _held(where, rule, last)
    after = await _held(where, recurring.shifted(rule, days), last + later)
    return [(after.get(on + later) if held in (on, before.get(on)) else None) or held + later for on, held in dates]


async def _held(where: LocationId, rule: Recurrence, last: date) -> dict[date, date | None]:
    """Where each date of a rule takes place, whatever it ends with."""
    found = await series_dates.occurrences(where, replace(rule, until=None, count=None), last)
    return {one.on: one.held for one in found}


_DATED: Sequence[tuple[type[Table], str, str]] = (
    (Booking, "series_on", 'SELECT id, series_on AS "on" FROM booking WHERE retired_at IS NULL'),
    (SeriesSkip, "on", 'SELECT id, "on" FROM series_skip WHERE retired_at IS NULL'),
    (SeriesClash, "on", 'SELECT id, "on" FROM series_clash WHERE true'),
)
"""What lies on dates of a rule. A clash that was dealt with is one of them: an undo brings it back."""


async def _take_along(op: Operation, before: SeriesId, after: SeriesId, since: date | None, later: timedelta) -> None:
    """All dates of the rule go with it, whatever became of them: to the series that goes on, and as much later."""
    if before == after and not later:
        return
    # Each goes to a date that the one before it has left: no date is there twice.
    order = "DESC" if later > timedelta() else "ASC"
    for table, column, dated in _DATED:
        sql = f'{dated} AND series = $1 AND ($2::date IS NULL OR "{column}" >= $2) ORDER BY "{column}" {order}'
        for one in await db.fetch(sql, before, since):
            await op.update(table, one["id"], None, {"series": after, column: one["on"] + later})


@operation("series.cancel", permission=Permission.BOOKING_CHANGE, undo=restore)
async def cancel(
    op: Operation, booking: BookingId, scope: Scope, by: CancelledBy, reason: ReasonId | None = None
) -> dict[str, int]:
    """Call off a booking and those that follow it, or all that are to come; the series ends. Raises `Invalid`."""
    await steps.is_reason(reason, ReasonUse.CANCELLATION)
    row, targets = await _targets(op, booking, scope)
    first = targets[0]["series_on"]
    ended = {"retired_at": op.now} if scope is Scope.ALL else {"until": first - timedelta(days=1), "times": None}
    if scope is Scope.FOLLOWING and first == row["starts_on"]:
        ended = {"retired_at": op.now}
    await op.update(Series, row["id"], None, ended)
    await _need_no_place(op, row["id"], first)
    await call_off(op, row, [one["id"] for one in targets], by, reason)
    since = clock.business_date(min(one["starts_at"] for one in targets), ZoneInfo(row["zone"]))
    op.effect("effect.series_cancelled", count=len(targets), since=since.isoformat())
    return {"series": row["id"]}


async def _need_no_place(op: Operation, series: SeriesId, since: date) -> None:
    """The dates of a series that clashed, from one on: nobody needs to arrange them any more."""
    sql = 'SELECT id FROM series_clash WHERE series = $1 AND retired_at IS NULL AND "on" >= $2 ORDER BY id'
    for one in await db.fetch(sql, series, since):
        await op.update(SeriesClash, one["id"], None, {"retired_at": op.now})
