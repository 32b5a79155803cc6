"""Use cases of bookings that come again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import clock, db
from console.domain.booking import arranging, recurring, steps
from console.domain.booking.arranging import Arrangement, Asked
from console.domain.booking.occupancy import TAKEN, PlaceTaken, occupy
from console.domain.booking.recurring import Occurrence, OnHoliday, Recurrence, Unit
from console.domain.booking.rules import MOVABLE, CancelledBy, ReasonUse, Source, Status, is_late
from console.domain.booking.tables import Booking, Series, SeriesClash
from console.domain.booking.undoing import restore
from console.domain.business.queries import location
from console.domain.clients import steps as clients
from console.domain.clock import NoSuchTime, WallTime
from console.domain.errors import Invalid, NotFound, Problem, Refused, at_field, constraint
from console.domain.ids import BookableId, BookingId, ClashId, LocationId, ReasonId, SeriesId
from console.domain.operation import Operation, operation
from console.domain.roster.queries import calendar
from console.domain.roster.rules import Place
from console.domain.team.rules import Permission

AHEAD = timedelta(days=91)
"""How far ahead the bookings of a series are made."""

constraint("series_end_check", at_field("count", "problem.until_or_count"))
constraint("booking_series_key", PlaceTaken)
constraint("series_clash_key", PlaceTaken)


class StillBooked(Refused):
    """Something of the series is still to come: it is called off, with a reason, and the series ends with it."""

    key = "refused.series_still_booked"


class Scope(StrEnum):
    """Which bookings of a series are meant, seen from one of them."""

    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True)
class Shift:
    """How bookings of a series change. `days` later or earlier; `minute` on the wall, None: as it is.

    `instead`: pairs of who does it and who shall.
    """

    days: int = 0
    minute: int | None = None
    instead: tuple[tuple[BookableId, BookableId], ...] = ()


@operation("series.book", permission=Permission.BOOKING_CHANGE, undo=restore)
async def begin(op: Operation, asked: Asked, minute: int, rule: Recurrence) -> dict[str, int]:
    """Book a client again and again at a wall time; dates without a place are noted as clashes and fail no other.

    Raises `Invalid`: the fields of the rule, `services`; `starts` where there is no place on any date at all.
    """
    await clients.lock_to_edit(op, asked.client)
    problems = recurring.problems(rule)
    if problem := arranging.services_problem(asked.services):
        problems["services"] = problem
    if problems:
        raise Invalid(problems)
    series = await op.insert(Series, **_columns(asked, minute, rule), made_until=rule.starts_on)
    last = max(await _horizon(op, asked.location), rule.starts_on)
    made, _ = await _make(op, SeriesId(series), asked, minute, rule, rule.starts_on, last)
    if not made:
        raise Invalid({"starts": Problem("problem.series_nowhere")})
    return {"series": series}


def _columns(asked: Asked, minute: int, rule: Recurrence) -> dict[str, object]:
    return {
        "client": asked.client,
        "location": asked.location,
        "services": list(asked.services),
        "person": asked.person,
        "minute": minute,
        "source": asked.source.value,
        "note": asked.note,
        "starts_on": rule.starts_on,
        "every": rule.every,
        "unit": rule.unit.value,
        "weekdays": sorted(set(rule.weekdays)),
        "until": rule.until,
        "times": rule.count,
        "on_holiday": rule.on_holiday.value,
    }


async def _horizon(op: Operation, where: LocationId) -> date:
    return clock.business_date(op.now, ZoneInfo((await location(where)).zone)) + AHEAD


async def _make(
    op: Operation, series: SeriesId, asked: Asked, minute: int, rule: Recurrence, first: date, last: date
) -> tuple[int, int]:
    """Make the bookings of some dates, each of which is booked, clashes or is skipped; how many are and do."""
    zone = ZoneInfo((await location(asked.location)).zone)
    made = clashing = skipped = 0
    for one in await occurrences(asked.location, rule, last):
        if one.on < first:
            continue
        if one.held is None:
            skipped += 1
            continue
        try:
            starts_at = WallTime(one.held, minute).at(zone, fold=0)
            await arranging.book(op, asked, starts_at, series=(series, one.on))
            made += 1
        except NoSuchTime as none:
            clashing += await _note_clash(op, series, one, none.problem)
        except PlaceTaken:
            clashing += await _note_clash(op, series, one, TAKEN)
        except Invalid as none:
            if "starts" not in none.problems:
                raise
            clashing += await _note_clash(op, series, one, none.problems["starts"])
    await op.update(Series, series, None, {"made_until": min(last, rule.until or last)})
    op.effect("effect.series_made", count=made)
    if clashing:
        op.effect("effect.series_clashes", count=clashing)
    if skipped:
        op.effect("words.series_skipped", count=skipped)
    return made, clashing


async def occurrences(where: LocationId, rule: Recurrence, last: date) -> list[Occurrence]:
    """The occurrences of a rule at a location, by its holidays and its hours."""
    end = last + timedelta(days=recurring.MOVED_AT_MOST)
    return _occurrences((await calendar(rule.starts_on, end)).places.get(where), rule, last)


def _occurrences(place: Place | None, rule: Recurrence, last: date) -> list[Occurrence]:
    """None: the location is off, and each of its dates finds no place there."""
    if place is None:
        return recurring.occurrences(rule, last, lambda _: False, lambda _: True)
    closed = {on for on, hours in place.specials.items() if not hours}
    return recurring.occurrences(rule, last, closed.__contains__, lambda on: bool(place.on(on)))


async def _note_clash(op: Operation, series: SeriesId, one: Occurrence, why: Problem) -> int:
    await op.insert(SeriesClash, series=series, on=one.on, problem=why.key)
    return 1


async def _lock(op: Operation, series: SeriesId) -> asyncpg.Record:
    """Lock a series after its client. Raises `NotFound`."""
    client = await db.fetchval("SELECT client FROM series WHERE id = $1", series)
    if client is None:
        raise NotFound
    await clients.lock(op, client)
    await op.lock(Series, [series])
    row = await db.fetchrow("SELECT * FROM series WHERE id = $1", series)
    if row is None:
        raise NotFound
    return row


def asked_of(row: asyncpg.Record) -> Asked:
    """What a series books."""
    services = tuple(row["services"])
    return Asked(row["client"], row["location"], services, row["person"], Source(row["source"]), row["note"])


def rule_of(row: asyncpg.Record) -> Recurrence:
    """The dates of a series."""
    return Recurrence(
        row["starts_on"],
        row["every"],
        Unit(row["unit"]),
        tuple(row["weekdays"]),
        row["until"],
        row["times"],
        OnHoliday(row["on_holiday"]),
    )


@operation("series.extend", permission=Permission.BOOKING_CHANGE, undo=restore)
async def extend(op: Operation, series: SeriesId) -> dict[str, int]:
    """Make the bookings of a series that have come within the horizon. Twice is once."""
    row = await _lock(op, series)
    last = await _horizon(op, row["location"])
    if row["retired_at"] is None and row["made_until"] < last:
        first = row["made_until"] + timedelta(days=1)
        await _make(op, series, asked_of(row), row["minute"], rule_of(row), first, last)
    return {"series": series}


@operation("series.place", permission=Permission.BOOKING_CHANGE, undo=restore)
async def place(op: Operation, clash: ClashId, starts_at: datetime, person: BookableId | None) -> dict[str, int]:
    """Book a date of a series that clashed at another time or with somebody else.

    Raises `NotFound` for one that was dealt with, `Invalid` (`starts`), `PlaceTaken`.
    """
    row = await _clash(op, clash)
    asked = replace(asked_of(await _lock(op, row["series"])), person=person)
    booking = await arranging.book(op, asked, starts_at, series=(row["series"], row["on"]))
    await op.update(SeriesClash, clash, None, {"retired_at": op.now})
    return {"booking": booking}


@operation("series.leave_out", permission=Permission.BOOKING_CHANGE, undo=restore)
async def leave_out(op: Operation, clash: ClashId) -> dict[str, int]:
    """Leave out a date of a series that clashed. Raises `NotFound` for one that was dealt with."""
    row = await _clash(op, clash)
    await op.update(SeriesClash, clash, None, {"retired_at": op.now})
    return {"series": row["series"]}


async def _clash(op: Operation, clash: ClashId) -> asyncpg.Record:
    series = await db.fetchval("SELECT series FROM series_clash WHERE id = $1", clash)
    await _lock(op, series)
    row = await db.fetchrow('SELECT series, "on" FROM series_clash WHERE id = $1 AND retired_at IS NULL', clash)
    if row is None:
        raise NotFound
    return row


@operation("series.move", permission=Permission.BOOKING_CHANGE, undo=restore)
async def move(op: Operation, booking: BookingId, scope: Scope, shift: Shift) -> dict[str, int]:
    """Move a booking and those that follow it, or all that are to come; what finds no place stays where it is.

    The effects say which dates stay, each with the key of why. Raises `Invalid` (`minute`, `days`), and `starts`
    where none of them finds a place.
    """
    if not -6 <= shift.days <= 6:
        raise Invalid({"days": Problem("problem.range", {"low": -6, "high": 6})})
    row, targets = await _targets(op, booking, scope)
    rule, minute = rule_of(row), row["minute"] if shift.minute is None else shift.minute
    series = await _shifted(op, row, targets, scope, rule, shift)
    stays: list[tuple[date, str]] = []
    # Those that the others move towards go first, so that each finds the places of those before it given up.
    for one in sorted(targets, key=lambda target: target["series_on"], reverse=shift.days > 0):
        on = one["series_on"] + timedelta(days=shift.days)
        await op.update(Booking, one["id"], None, {"series": series, "series_on": on})
        try:
            starts_at = _moved(one, shift, minute, ZoneInfo(row["zone"]))
            await arranging.rearrange(op, [Arrangement(one["id"], starts_at, shift.instead)])
        except (Invalid, NoSuchTime) as none:
            stays.append((one["series_on"], _why(none)))
    if len(stays) == len(targets):
        raise Invalid({"starts": Problem("problem.series_nowhere")})
    op.effect("effect.series_moved", count=len(targets) - len(stays))
    if stays:
        op.effect("effect.series_stays", count=len(stays), dates=sorted(stays))
    return {"series": series}


def _why(none: Invalid | NoSuchTime) -> str:
    """The key of why a booking cannot be somewhere."""
    if isinstance(none, PlaceTaken):
        return TAKEN.key
    problem = none.problems.get("starts") if isinstance(none, Invalid) else none.problem
    return problem.key if problem else none.reason


def _moved(one: asyncpg.Record, shift: Shift, minute: int, zone: ZoneInfo) -> datetime:
    was = WallTime.of(one["starts_at"], zone)
    at = minute if shift.minute is not None else was.minute
    return WallTime(was.on + timedelta(days=shift.days), at).at(zone, fold=0)


async def _targets(op: Operation, booking: BookingId, scope: Scope) -> tuple[asyncpg.Record, list[asyncpg.Record]]:
    """The series of a booking, locked, and its bookings that are meant and may still move. Raises `NotFound`."""
    known = await db.fetchrow("SELECT series, series_on FROM booking WHERE id = $1 AND retired_at IS NULL", booking)
    if known is None or known["series"] is None:
        raise NotFound
    await _lock(op, known["series"])
    rows = await db.fetch(
        "SELECT id, series_on, starts_at, location FROM booking WHERE series = $1 AND retired_at IS NULL"
        " AND status = ANY($2::text[]) AND (series_on >= $3 OR $3 IS NULL AND starts_at > $4) ORDER BY series_on",
        known["series"],
        [one.value for one in MOVABLE],
        known["series_on"] if scope is Scope.FOLLOWING else None,
        op.now,
    )
    await steps.lock_all(op, [row["id"] for row in rows])
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
    instead = dict(shift.instead)
    weekdays = tuple(sorted((one + shift.days) % 7 for one in rule.weekdays))
    values = {
        "minute": row["minute"] if shift.minute is None else shift.minute,
        "person": instead.get(row["person"], row["person"]),
        "weekdays": list(weekdays),
    }
    first = targets[0]["series_on"]
    if scope is Scope.ALL or first == rule.starts_on:
        await op.update(Series, row["id"], None, {**values, "starts_on": rule.starts_on + timedelta(days=shift.days)})
        return SeriesId(row["id"])
    past = [one for one in await occurrences(row["location"], rule, first) if one.held and one.on < first]
    await op.update(Series, row["id"], None, {"until": first - timedelta(days=1), "times": None})
    following = replace(
        rule,
        starts_on=first + timedelta(days=shift.days),
        weekdays=weekdays,
        count=None if rule.count is None else rule.count - len(past),
        until=None if rule.until is None else rule.until + timedelta(days=shift.days),
    )
    columns = {**_columns(asked_of(row), values["minute"], following), "person": values["person"]}
    return SeriesId(await op.insert(Series, **columns, made_until=row["made_until"]))


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
    await _cancel(op, row, targets, by, reason)
    return {"series": row["id"]}


async def _cancel(
    op: Operation,
    series: asyncpg.Record,
    targets: Iterable[asyncpg.Record],
    by: CancelledBy,
    reason: ReasonId | None,
) -> None:
    ids = [one["id"] for one in targets]
    for row in (await steps.lock_all(op, ids)).values():
        late = by is CancelledBy.CLIENT and is_late(row["starts_at"], op.now, series["notice_hours"])
        await steps.come_to(op, row, Status.CANCELLED, reason, cancelled_by=by.value, late=late)
    await occupy(ids)
    op.effect("effect.series_cancelled", count=len(ids))


@operation("series.end", permission=Permission.BOOKING_CHANGE, undo=restore)
async def end(op: Operation, series: SeriesId) -> dict[str, int]:
    """End a series of which nothing is to come any more; its clashes need no place then. Raises `StillBooked`."""
    row = await _lock(op, series)
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


async def due(last: date) -> list[SeriesId]:
    """The series that have dates which are not booked yet, through a last one."""
    rows = await db.fetch("SELECT * FROM series WHERE retired_at IS NULL AND made_until < $1 ORDER BY id", last)
    if not rows:
        return []
    end = last + timedelta(days=recurring.MOVED_AT_MOST)
    places = (await calendar(min(row["starts_on"] for row in rows), end)).places
    return [
        SeriesId(row["id"])
        for row in rows
        if any(one.on > row["made_until"] for one in _occurrences(places.get(row["location"]), rule_of(row), last))
    ]
