"""What pages and other concepts read of the business."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.business.rules import Day, Names, Off, Week, in_a_row
from console.domain.errors import NotFound
from console.domain.ids import HolidayId, LocationId


@dataclass(frozen=True)
class Facts:
    """What every page needs to know of the business; `zone` is that of its first location (UTC before there is one)."""

    name: str
    language: str
    languages: Sequence[str]
    logo: int | None
    demo: bool
    currency: str
    phone: str | None
    zone: ZoneInfo

    @property
    def logo_url(self) -> str | None:
        return f"/logo/{self.logo}" if self.logo else None


async def begun() -> bool:
    """Whether the business row has been made."""
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM business)"))


async def business() -> Facts:
    """The business. Hot path: one statement per page, and one per transaction."""
    return await db.once(_business, "business", "location")


async def _business() -> Facts:
    row = await db.fetchrow(
        "SELECT name, language, languages, logo, demo, currency, phone,"
        " coalesce((SELECT zone FROM location WHERE retired_at IS NULL ORDER BY id LIMIT 1), 'UTC') AS zone"
        " FROM business"
    )
    if row is None:
        raise RuntimeError("run `console migrate`: the business row is missing")
    return Facts(**{**dict(row), "zone": ZoneInfo(row["zone"])})


async def untouched() -> bool:
    """Whether nobody has done anything in this database: there is only the operation that began it, and no staff."""
    return not await db.fetchval(
        "SELECT EXISTS (SELECT FROM operation WHERE kind NOT IN ('business.begin', 'business.demo', 'programme.begin'))"
    )


@dataclass(frozen=True)
class DemoBegun:
    """When, in which language and with how many clients a demo was begun; `over`: it is whole.

    `lived`: until when its business was lived through.
    """

    at: datetime
    language: str
    over: bool
    clients: int
    lived: datetime | None


async def demo_begun() -> DemoBegun | None:
    """The demo of this database; None where there is none."""
    row = await db.fetchrow(
        "SELECT o.at, coalesce(o.result -> 'result' ->> 'language', b.language) AS language,"
        " EXISTS (SELECT FROM operation WHERE kind = 'business.demo_whole') AS over,"
        " coalesce((o.result -> 'result' ->> 'clients')::int, 0) AS clients,"
        " (SELECT max(at) FROM operation WHERE kind = 'business.demo_lived') AS lived"
        " FROM operation o CROSS JOIN business b WHERE o.kind = 'business.demo' ORDER BY o.id LIMIT 1"
    )
    return DemoBegun(**row) if row else None


@dataclass(frozen=True)
class Details:
    """The business as its settings show it."""

    version: int
    operation: int
    name: str
    phone: str | None
    email: str | None
    website: str | None
    address: str | None
    currency: str
    languages: Sequence[str]
    language: str
    logo: int | None


async def details() -> Details:
    """The business with everything that can be set."""
    row = await db.fetchrow(
        "SELECT version, operation, name, phone, email, website, address, currency, languages, language, logo"
        " FROM business"
    )
    return Details(**dict(row or {}))


@dataclass(frozen=True)
class Picture:
    """A logo, now or once."""

    media_type: str
    content: bytes


async def picture(logo: int) -> Picture:
    """A logo by its id. Raises `NotFound`."""
    row = await db.fetchrow("SELECT media_type, content FROM logo WHERE id = $1", logo)
    if row is None:
        raise NotFound
    return Picture(**row)


@dataclass(frozen=True)
class LocationView:
    """A location as lists and forms show it."""

    id: LocationId
    version: int
    operation: int
    name: str
    address: str | None
    phone: str | None
    zone: str
    hours: Week
    notice_hours: int
    retired_at: datetime | None


_LOCATION = "SELECT id, version, operation, name, address, phone, zone, hours, notice_hours, retired_at FROM location"


async def locations() -> list[LocationView]:
    """Every location in the order they were opened, closed ones last."""
    rows = await db.fetch(f"{_LOCATION} ORDER BY retired_at IS NOT NULL, id")
    return [_location(row) for row in rows]


async def open_locations() -> list[LocationView]:
    """The locations that are open, in the order they were opened."""
    return [one for one in await locations() if one.retired_at is None]


async def location(location_id: int) -> LocationView:
    """One location, open or closed. Raises `NotFound`."""
    row = await db.fetchrow(f"{_LOCATION} WHERE id = $1", location_id)
    if row is None:
        raise NotFound
    return _location(row)


@named("location")
async def location_names(ids: Sequence[int]) -> dict[int, Name]:
    """What locations are called."""
    rows = await db.fetch("SELECT id, name FROM location WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(row["name"]) for row in rows}


def _location(row: Mapping[str, Any]) -> LocationView:
    return LocationView(**{**row, "hours": tuple(map(day_of, json.loads(row["hours"])))})


def day_of(stored: list[list[int]]) -> Day:
    """Hours of a day from their stored form."""
    return tuple((start, end) for start, end in stored)


@dataclass(frozen=True)
class HolidayView:
    """A day that departs from the weekly hours. `location`: None for everywhere."""

    id: HolidayId
    version: int
    operation: int
    date: date
    names: Names
    location: LocationId | None
    location_name: str | None
    hours: Day


_HOLIDAY = (
    "SELECT h.id, h.version, h.operation, h.date, h.names, h.location, l.name AS location_name, h.hours"
    " FROM holiday h LEFT JOIN location l ON l.id = h.location WHERE h.retired_at IS NULL"
)


async def holidays(year: int, last: int | None = None) -> list[HolidayView]:
    """The holidays of a year, or of those up to the `last`, by date, those everywhere before those of one place."""
    return await holidays_between(date(year, 1, 1), date(last or year, 12, 31))


async def holidays_between(first: date, last: date) -> list[HolidayView]:
    """The same of any two dates, both included."""
    rows = await db.fetch(
        f"{_HOLIDAY} AND h.date BETWEEN $1 AND $2 ORDER BY h.date, h.location NULLS FIRST", first, last
    )
    return [_holiday(row) for row in rows]


@dataclass(frozen=True)
class HolidayRun:
    """Days in a row that depart from the weekly hours for one reason, in one place and in the same way."""

    days: Sequence[HolidayView]

    @property
    def first(self) -> date:
        return self.days[0].date

    @property
    def last(self) -> date:
        return self.days[-1].date

    @property
    def version(self) -> int:
        """What it is now: the versions of its days together."""
        return sum(one.version for one in self.days)


LONGEST_RUN = timedelta(days=62)
"""How far beyond a period the days in a row are followed that begin before it or end after it."""


async def holiday_runs(first: date, last: date) -> list[HolidayRun]:
    """The holidays of the days between two dates (both included), days in a row whole and as one, by their first."""
    days = await holidays_between(first - LONGEST_RUN, last + LONGEST_RUN)
    return [run for run in _in_a_row(days) if run.first <= last and run.last >= first]


def _in_a_row(days: Sequence[HolidayView]) -> list[HolidayRun]:
    alone = [Off(one.date, one.date, one.names, one.location_name, one.hours) for one in days]
    return [
        HolidayRun([day for day, off in zip(days, alone, strict=True) if run.holds(off)]) for run in in_a_row(alone)
    ]


async def holiday_run(first: int, last: int) -> HolidayRun:
    """The days in a row from one holiday to another. Raises `NotFound` where they are none, or were removed."""
    ids = await days_between(first, last)
    rows = await db.fetch(f"{_HOLIDAY} AND h.id = ANY($1::bigint[]) ORDER BY h.date", ids)
    runs = _in_a_row([_holiday(row) for row in rows])
    if len(runs) != 1 or len(runs[0].days) != len(ids):
        raise NotFound
    return runs[0]


async def holiday(holiday_id: int) -> HolidayView:
    """One holiday. Raises `NotFound`, also for one that was removed."""
    row = await db.fetchrow(f"{_HOLIDAY} AND h.id = $1", holiday_id)
    if row is None:
        raise NotFound
    return _holiday(row)


async def days_between(first: int, last: int) -> tuple[HolidayId, ...]:
    """The days in a row from one holiday to another, removed ones too: a button pressed twice means the same.

    Raises `NotFound` where they are not of one name and place.
    """
    rows = await db.fetch(
        "SELECT h.id FROM holiday h, holiday a, holiday z WHERE a.id = $1 AND z.id = $2"
        " AND h.date BETWEEN a.date AND z.date AND a.names = z.names AND h.names = a.names AND h.hours = a.hours"
        " AND h.location IS NOT DISTINCT FROM a.location AND a.location IS NOT DISTINCT FROM z.location"
        " AND h.retired_at IS NOT DISTINCT FROM a.retired_at ORDER BY h.date, h.id",
        first,
        last,
    )
    if not rows:
        raise NotFound
    return tuple(HolidayId(row["id"]) for row in rows)


@named("holiday")
async def holiday_names(ids: Sequence[int]) -> dict[int, Name]:
    """What holidays are called, and their dates."""
    rows = await db.fetch("SELECT id, names, date FROM holiday WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(json.loads(row["names"]), on=row["date"]) for row in rows}


async def holiday_places(ids: Sequence[int]) -> dict[int, str | None]:
    """The names of the locations that holidays are of; None for those everywhere."""
    rows = await db.fetch(
        "SELECT h.id, l.name FROM holiday h LEFT JOIN location l ON l.id = h.location WHERE h.id = ANY($1::bigint[])",
        ids,
    )
    return {row["id"]: row["name"] for row in rows}


def _holiday(row: Mapping[str, Any]) -> HolidayView:
    return HolidayView(**{**row, "names": json.loads(row["names"]), "hours": day_of(json.loads(row["hours"]))})


async def holiday_years() -> list[int]:
    """The years that have holidays."""
    rows = await db.fetch("SELECT DISTINCT extract(year FROM date)::int AS year FROM holiday WHERE retired_at IS NULL")
    return sorted(row["year"] for row in rows)


async def dates_taken(year: int, last: int | None = None, location: int | None = None) -> set[date]:
    """The dates of a year, or of those up to the `last`, that have a holiday everywhere, or one at this location."""
    rows = await db.fetch(
        "SELECT date FROM holiday WHERE retired_at IS NULL AND (location IS NULL OR location = $3)"
        " AND date BETWEEN $1 AND $2",
        date(year, 1, 1),
        date(last or year, 12, 31),
        location,
    )
    return {row["date"] for row in rows}
