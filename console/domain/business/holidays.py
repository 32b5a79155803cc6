"""Use cases of holidays: days, or parts of them, on which the business or one location is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import asyncpg

from console.domain import db
from console.domain.business import public_holidays, queries, rules, steps
from console.domain.business.tables import BUSINESS, Business, Holiday
from console.domain.errors import Invalid, Problem, Refused, Stale, Taken, at_field, constraint
from console.domain.ids import HolidayId, LocationId
from console.domain.operation import operation
from console.domain.plain import to_plain
from console.domain.running import Operation
from console.domain.undo import restoring

constraint("holiday_date_key", at_field("date", "problem.holiday_taken"))

MOST_DAYS_OFF = 62


class AllThere(Refused):
    """Every public holiday that was asked for is there already."""

    key = "refused.holidays_all_there"


@dataclass(frozen=True)
class DayOff:
    """What is said of a holiday. `names` by language; `location`: None for everywhere; no `hours` means closed."""

    date: date
    names: rules.Names
    location: LocationId | None
    hours: rules.Day


_restore_holiday = restoring(steps.at_open_locations(Holiday))


@operation("holiday.add", permission="holiday:change", undo=_restore_holiday)
async def add_holiday(op: Operation, day: DayOff, last: date | None = None) -> dict[str, Any]:
    """Add a holiday, or one for each day up to `last` (`MOST_DAYS_OFF` at most).

    Raises `Invalid` where a date is taken, the location is closed, or `last` cannot be.
    """
    await _open(op, day)
    dates = _dates(day.date, last)
    await _say_of_the_past(op, day)
    added = [await op.insert(Holiday, **_holiday(replace(day, date=on))) for on in dates]
    if len(added) == 1:
        return {"holiday": added[0], "year": day.date.year}
    return {"holidays": added, "year": day.date.year}


@operation("holiday.change", permission="holiday:change", undo=_restore_holiday)
async def change_holiday(op: Operation, holiday: HolidayId, version: int, day: DayOff) -> dict[str, int]:
    """Change a holiday. Raises `NotFound` for one that was removed, `Invalid` as `add_holiday` does."""
    there = await steps.lock_holiday(holiday)
    names = await steps.kept_names(Holiday, holiday, day.names)
    await op.update(Holiday, holiday, version, _holiday(replace(day, names=names)))
    if day.location != there["location"]:
        await _open(op, day)
    if day.date != there["date"]:
        await _say_of_the_past(op, day)
    return {"holiday": holiday, "year": day.date.year}


@operation("holiday.change_days", permission="holiday:change", undo=_restore_holiday)
async def change_holidays(
    op: Operation, first: HolidayId, last: HolidayId, versions: int, day: DayOff, until: date | None
) -> dict[str, Any]:
    """Make the days in a row from one holiday to another those from `day.date` to `until`, all alike.

    `versions`: their sum, as somebody saw the days. A closure that is moved takes its days along; of one that becomes
    longer or shorter those come or go at the end that is another one now.

    Raises `NotFound` where they are not in a row (any more), `Stale`, `Invalid` as `add_holiday` does.
    """
    days = await queries.days_between(first, last)
    await op.lock(Holiday, days)
    stands = [await steps.lock_holiday(one) for one in days]
    was = _ends(stands)
    if sum(one["version"] for one in stands) != versions or (was[1] - was[0]).days + 1 != len(days):
        raise Stale("holiday", days[0])
    dates = _dates(day.date, until)
    if day.location != stands[0]["location"]:
        await _open(op, day)
    if dates[0] != was[0]:
        await _say_of_the_past(op, day)
    names = await steps.kept_names(Holiday, days[0], day.names)
    now = await _arranged(op, days, was, dates, _holiday(replace(day, names=names)))
    return {"holiday": now, "year": day.date.year}


async def _arranged(
    op: Operation,
    days: Sequence[HolidayId],
    was: tuple[date, date],
    dates: Sequence[date],
    values: Mapping[str, object],
) -> list[int]:
    """Give days in a row, in the order of their dates, other dates and all the same values; answers what they are now.

    Each goes where none stands any more: the last one first where they are put off, and back in the opposite order.
    """
    at_the_end = was[1] == dates[-1]
    surplus = len(days) - len(dates)
    kept, gone = _split(days, surplus, at_the_end)
    for one in gone:
        await op.update(Holiday, one, None, {"retired_at": op.now})
    kept_dates, new = _split(dates, -surplus, at_the_end)
    moves = list(zip(kept, kept_dates, strict=True))
    for one, on in moves[::-1] if dates[0] > was[0] else moves:
        await op.update(Holiday, one, None, {**values, "date": on})
    added = [await op.insert(Holiday, **{**values, "date": on}) for on in new]
    return [*added, *kept] if at_the_end else [*kept, *added]


One = TypeVar("One")


def _split(whole: Sequence[One], surplus: int, at_the_end: bool) -> tuple[Sequence[One], Sequence[One]]:
    """What stays, and the surplus: from the beginning where it is the end that stays, else from the end."""
    surplus = max(surplus, 0)
    cut = surplus if at_the_end else len(whole) - surplus
    return (whole[cut:], whole[:cut]) if at_the_end else (whole[:cut], whole[cut:])


def _ends(days: Sequence[asyncpg.Record]) -> tuple[date, date]:
    return days[0]["date"], days[-1]["date"]


def _dates(first: date, last: date | None) -> list[date]:
    """The dates from the first to the last, `MOST_DAYS_OFF` at most. Raises `Invalid` (`last`)."""
    count = 1 if last is None else (last - first).days + 1
    if count < 1:
        raise Invalid({"last": Problem("problem.ends_before_it_begins")})
    if count > MOST_DAYS_OFF:
        raise Invalid({"last": Problem("problem.time_off_long", {"most": MOST_DAYS_OFF})})
    return [first + timedelta(days=at) for at in range(count)]


async def _say_of_the_past(op: Operation, first: DayOff) -> None:
    """Who notes last week's closed day is told that nothing of then changes, and who meant another year sees it."""
    if first.date < await steps.today(op, first.location):
        op.effect("words.begins_in_the_past")


async def _open(op: Operation, day: DayOff) -> None:
    if day.location is not None:
        await steps.open_location(op, day.location)


def _holiday(day: DayOff) -> Mapping[str, object]:
    return {**asdict(day), "names": dict(day.names), "hours": to_plain(day.hours)}


@operation("holiday.remove", permission="holiday:change", undo=_restore_holiday)
async def remove_holiday(op: Operation, holiday: HolidayId, version: int | None = None) -> dict[str, int]:
    """Take a holiday off the calendar. Raises `NotFound` for one that was removed already, `Stale`."""
    return {"holiday": holiday, "year": await _take_off(op, holiday, version)}


@operation("holiday.remove_days", permission="holiday:change", undo=_restore_holiday)
async def remove_holidays(op: Operation, days: tuple[HolidayId, ...], versions: int | None = None) -> dict[str, Any]:
    """Take days in a row off the calendar, all or none. `versions`: their sum, as somebody saw the days.

    Raises `NotFound` where one was removed already, `Stale` where one was added, or is another one now.
    """
    years = [await _take_off(op, day) for day in days]
    sql = "SELECT sum(version) - count(*) FROM holiday WHERE id = ANY($1::bigint[])"
    if versions is not None and await db.fetchval(sql, list(days)) != versions:
        raise Stale("holiday", days[0])
    return {"holidays": list(days), "year": years[0]}


async def _take_off(op: Operation, holiday: HolidayId, version: int | None = None) -> int:
    """Retire a holiday; answers its year."""
    day = (await steps.lock_holiday(holiday))["date"]
    await op.update(Holiday, holiday, version, {"retired_at": op.now})
    return int(day.year)


@operation("holiday.add_public", permission="holiday:change", undo=_restore_holiday)
async def add_public_holidays(
    op: Operation,
    country: str,
    region: str | None,
    years: tuple[int, ...],
    *,
    location: LocationId | None = None,
    only: tuple[date, ...] | None = None,
    called: Mapping[str, rules.Names] | None = None,
) -> dict[str, Any]:
    """Close on a country's public holidays of some years, everywhere or at a location; dates that have one are kept.

    `only`: the dates that are meant, where it is not all of them. They are named in the languages of the business, as
    the library has it and above that as they are `called`, by their dates in writing (2027-03-08).

    Raises `AllThere`, or `Invalid`: `location` for one that is closed, `day` where none is meant. The effect says how
    many came.
    """
    if only == ():
        raise Invalid({"day": Problem("problem.no_day_ticked")})
    await op.lock(Business, [BUSINESS])
    if location is not None:
        await steps.open_location(op, location)
    spoken = await queries.business()
    taken = await queries.dates_taken(min(years), max(years), location)
    missing = [
        (day, {**names, **(called or {}).get(day.isoformat(), {})})
        for year in years
        for day, names in public_holidays.named_days(country, region, year, spoken.languages, spoken.language)
        if day not in taken and (only is None or day in only)
    ]
    added = [
        (day, one)
        for day, names in missing
        if (one := await _closed_unless_there(op, day, names, location)) is not None
    ]
    if not added:
        raise AllThere
    op.effect("done.holidays_added_of", count=len(added), country=country, region=region, location=location)
    return {"holidays": [one for _, one in added], "year": added[0][0].year}


async def _closed_unless_there(op: Operation, day: date, names: rules.Names, location: LocationId | None) -> int | None:
    """Close on a date; None where somebody else gave it a holiday there meanwhile, which is kept."""
    try:
        async with op.attempt():
            return await op.insert(Holiday, date=day, names=names, location=location, hours=[])
    except Taken:
        return None
