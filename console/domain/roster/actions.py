"""Use cases of the roster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from console.domain import db, listed
from console.domain.business import rules as hours_rules
from console.domain.business import steps as business
from console.domain.business.rules import Interval, Week
from console.domain.errors import Invalid, NotFound, Problem, at_field, constraint
from console.domain.ids import BookableId, LocationId, StaffId
from console.domain.operation import operation
from console.domain.plain import to_plain
from console.domain.roster import rules, steps
from console.domain.roster.rules import BookableKind, TimeOffKind
from console.domain.roster.tables import Bookable, Schedule, TimeOff
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.undo import restoring

constraint("bookable_name_key", at_field("name", "problem.bookable_taken"))
constraint("bookable_staff_key", at_field("staff", "problem.staff_taken"))
constraint("schedule_key", at_field("valid_from", "problem.hours_that_day"))
constraint("time_off_days_check", at_field("last", "problem.ends_before_it_begins"))
constraint("time_off_hours_check", at_field("hours", "problem.hours_of_one_day"))
constraint("time_off_days_excl", at_field("first", "problem.off_already"))
constraint("time_off_apart", at_field("first", "problem.off_already"))


@dataclass(frozen=True)
class Away:
    """What is said of a time off. `hours`: minutes of the one day, None for whole days."""

    kind: TimeOffKind
    first: date
    last: date
    hours: Interval | None = None
    note: str | None = None

    @property
    def span(self) -> rules.TimeOff:
        return rules.TimeOff(self.first, self.last, self.hours)


_restore = restoring(steps.refuse_closed_accounts, business.at_open_locations(Schedule), first=steps.lock_hours)


@operation("bookable.add", permission=Permission.ROSTER_CHANGE, undo=_restore)
async def add(
    op: Operation, kind: BookableKind, name: str, staff: StaffId | None, location: LocationId, valid_from: date
) -> dict[str, int]:
    """Add somebody or something that can be booked: at first whenever its location is open. Raises `Invalid`."""
    await steps.staff_is_here(staff)
    bookable = await op.insert(
        Bookable, kind=kind.value, name=name, staff=staff, position=await steps.position_of_new(kind)
    )
    await business.open_location(op, location)
    await op.insert(Schedule, bookable=bookable, location=location, valid_from=valid_from, hours=None)
    return {"bookable": bookable}


@operation("bookable.change", permission=Permission.ROSTER_CHANGE, undo=_restore)
async def change(
    op: Operation, bookable: BookableId, version: int, name: str, staff: StaffId | None, position: int
) -> dict[str, int]:
    """Rename a bookable, say which account is theirs, or put it at another position."""
    await steps.staff_is_here(staff)
    await op.update(Bookable, bookable, version, {"name": name, "staff": staff, "position": position})
    return {"bookable": bookable}


@operation("bookable.retire", permission=Permission.ROSTER_CHANGE, undo=_restore)
async def retire(op: Operation, bookable: BookableId) -> dict[str, int]:
    """Take a bookable out of the plan: what was booked stays, nothing new is booked."""
    row = await steps.lock(op, bookable)
    await op.update(Bookable, bookable, None, {"retired_at": row["retired_at"] or op.now})
    return {"bookable": bookable}


@operation("bookable.readmit", permission=Permission.ROSTER_CHANGE, undo=_restore)
async def readmit(op: Operation, bookable: BookableId) -> dict[str, int]:
    """Put a bookable back into the plan. Raises `Invalid` where its name or account has been given to another."""
    await steps.lock(op, bookable)
    await op.update(Bookable, bookable, None, {"retired_at": None})
    return {"bookable": bookable}


_restore_hours = restoring(
    steps.refuse_begun_hours,
    business.at_open_locations(Schedule),
    steps.refuse_two_places_at_once,
    first=steps.lock_hours,
)
"""Undo for weekly hours: those of past days stay, and nobody ends up at a closed location or in two places at once."""


@operation("schedule.set", permission=Permission.ROSTER_CHANGE, undo=_restore_hours)
async def set_hours(
    op: Operation,
    bookable: BookableId,
    location: LocationId,
    valid_from: date,
    hours: Week | None,
    known: int | None = None,
) -> dict[str, int]:
    """Weekly hours at a location from a date on (None: the location's own), in place of those of that very date.

    `known`: as `schedules_version` was when somebody looked, None whatever it is. Raises `Stale`, `Invalid`: per
    weekday, `valid_from` for a date that is past there, `location` where somebody would be in two places at once.
    """
    if hours is not None and (problems := hours_rules.week_problems(hours)):
        raise Invalid(problems)
    await steps.lock(op, bookable)
    await listed.refuse_stale(Schedule, "bookable", bookable, known)
    await business.open_location(op, location)
    if valid_from < await business.today(op, location):
        raise Invalid({"valid_from": Problem("problem.hours_past")})
    there = await db.fetchval(
        "SELECT id FROM schedule WHERE bookable = $1 AND location = $2 AND valid_from = $3 AND retired_at IS NULL",
        bookable,
        location,
        valid_from,
    )
    stored = None if hours is None else to_plain(hours)
    if there is None:
        await op.insert(Schedule, bookable=bookable, location=location, valid_from=valid_from, hours=stored)
    else:
        await op.update(Schedule, there, None, {"hours": stored})
    await steps.refuse_two_places(bookable, valid_from)
    return {"bookable": bookable}


@operation("schedule.withdraw", permission=Permission.ROSTER_CHANGE, undo=_restore_hours)
async def withdraw_hours(op: Operation, schedule: int, version: int | None = None) -> dict[str, int]:
    """Take back weekly hours that have not begun. Raises `ScheduleBegun`, `NotFound`, `Stale`."""
    bookable = await db.fetchval("SELECT bookable FROM schedule WHERE id = $1", schedule)
    if bookable is None:
        raise NotFound
    await steps.lock(op, bookable)
    sql = "SELECT bookable, location, valid_from FROM schedule WHERE id = $1 AND retired_at IS NULL"
    row = await db.fetchrow(sql, schedule)
    if row is None:
        raise NotFound
    if row["valid_from"] <= await business.today(op, row["location"]):
        raise steps.ScheduleBegun
    await op.update(Schedule, schedule, version, {"retired_at": op.now})
    await steps.refuse_two_places(row["bookable"], row["valid_from"])
    return {"bookable": row["bookable"]}


_restore_time_off = restoring(first=steps.lock_away)


@operation("time_off.add", permission=Permission.TIME_OFF_CHANGE, undo=_restore_time_off)
async def add_time_off(op: Operation, bookable: BookableId, away: Away) -> dict[str, int]:
    """Note when somebody or something is away. Raises `Invalid`, also where they are so already."""
    values = _away(away)
    await steps.lock(op, bookable)
    await steps.refuse_away_twice(bookable, away.span)
    time_off = await op.insert(TimeOff, bookable=bookable, **values)
    return {"time_off": time_off, "of": bookable}


@operation("time_off.change", permission=Permission.TIME_OFF_CHANGE, undo=_restore_time_off)
async def change_time_off(op: Operation, time_off: int, version: int, away: Away) -> dict[str, int]:
    """Change a time off. Raises `NotFound` for one that was removed, `Invalid`."""
    values = _away(away)
    bookable = await steps.lock_time_off(op, time_off)
    await steps.refuse_away_twice(bookable, away.span, time_off)
    await op.update(TimeOff, time_off, version, values)
    return {"time_off": time_off, "of": bookable}


@operation("time_off.remove", permission=Permission.TIME_OFF_CHANGE, undo=_restore_time_off)
async def remove_time_off(op: Operation, time_off: int, version: int | None = None) -> dict[str, int]:
    """Somebody is there after all. Raises `NotFound` for one that was removed already, `Stale`."""
    bookable = await steps.lock_time_off(op, time_off)
    await op.update(TimeOff, time_off, version, {"retired_at": op.now})
    return {"time_off": time_off, "of": bookable}


def _away(away: Away) -> dict[str, object]:
    if problems := rules.time_off_problems(away.span):
        raise Invalid(problems)
    start, end = away.hours or (None, None)
    return {
        "kind": away.kind.value,
        "first": away.first,
        "last": away.last,
        "from_minute": start,
        "to_minute": end,
        "note": away.note,
    }
