"""The dates of series: which there are, how far they are made, and which have come near."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import clock, db
from console.domain.booking import recurring
from console.domain.booking.recurring import Made, Occurrence, Recurrence
from console.domain.booking.series_rows import rule_of
from console.domain.business.queries import location
from console.domain.errors import Invalid, Problem
from console.domain.ids import LocationId, SeriesId
from console.domain.roster.queries import calendar
from console.domain.roster.rules import Place as Hours

AHEAD = timedelta(days=91)
"""How far ahead the bookings of a series are made."""
YEAR = timedelta(days=366)


async def horizon(now: datetime, where: LocationId) -> date:
    """The last date that is made now."""
    return clock.business_date(now, ZoneInfo((await location(where)).zone)) + AHEAD


async def reach(now: datetime, where: LocationId, rule: Recurrence, kept: Collection[date] = ()) -> date:
    """The last date that is made of a rule when it begins: so many days from its first one on as from tomorrow on.

    The first one is that which takes place, however far it lies; the second is made as well if it comes within a year,
    so that one without a place does not fail the other. `kept` as in `occurrences`. Raises `Invalid` (`weekdays`) where
    none takes place.
    """
    first = await first_held(where, rule, kept)
    if first is None:
        raise Invalid({"weekdays": Problem("problem.series_no_date")})
    found = await occurrences(where, rule, first + YEAR, kept=kept)
    second = next((one.on for one in found if one.held and one.on > first), first)
    return max(await horizon(now, where), first + AHEAD - timedelta(days=1), second)


async def first_held(where: LocationId, rule: Recurrence, kept: Collection[date] = ()) -> date | None:
    """The first date of a rule that takes place, by the rule; None where none does for years."""
    for ahead in (AHEAD, recurring.LONGEST):
        found = await occurrences(where, rule, rule.starts_on + ahead, kept=kept)
        if first := next((one.on for one in found if one.held), None):
            return first
    return None


async def occurrences(
    where: LocationId, rule: Recurrence, last: date, before: Made | None = None, kept: Collection[date] = ()
) -> list[Occurrence]:
    """The occurrences of a rule at a location: as they were made `before`, and then by its holidays and its hours.

    `kept`: dates that take place whatever is closed.
    """
    end = last + timedelta(days=recurring.MOVED_AT_MOST)
    return _occurrences((await calendar(rule.starts_on, end)).places.get(where), rule, last, before, kept)


async def taken(where: LocationId, rule: Recurrence, since: date, before: Made) -> int:
    """How many of its dates before one take place."""
    found = await occurrences(where, rule, since, before)
    return sum(1 for one in found if one.held and one.on < since)


def _occurrences(
    place: Hours | None, rule: Recurrence, last: date, before: Made | None, kept: Collection[date] = ()
) -> list[Occurrence]:
    """None: the location is off, and each of its dates finds no place there."""
    if place is None:
        return recurring.occurrences(rule, last, lambda _: False, lambda _: True, before)
    closed = {on for on, hours in place.specials.items() if not hours} - set(kept)
    return recurring.occurrences(rule, last, closed.__contains__, lambda on: bool(place.on(on)), before)


async def made(row: asyncpg.Record) -> Made:
    """How far the bookings of a series were made, and what was skipped."""
    return Made(row["made_until"], (await skips([row["id"]])).get(row["id"], frozenset()))


async def skips(series: Sequence[int]) -> dict[SeriesId, frozenset[date]]:
    """The dates of series that were skipped when their bookings were made."""
    rows = await db.fetch(
        'SELECT series, array_agg("on") AS dates FROM series_skip'
        " WHERE series = ANY($1::bigint[]) AND retired_at IS NULL GROUP BY series",
        list(series),
    )
    return {row["series"]: frozenset(row["dates"]) for row in rows}


async def zones() -> list[ZoneInfo]:
    """The zones of the locations of series that have not ended."""
    sql = "SELECT DISTINCT l.zone FROM series s JOIN location l ON l.id = s.location WHERE s.retired_at IS NULL"
    return [ZoneInfo(row["zone"]) for row in await db.fetch(f"{sql} ORDER BY l.zone")]


async def due(last: date, zone: ZoneInfo | None = None) -> list[SeriesId]:
    """The series that have dates which are not booked yet, through a last one; those in a zone, or all."""
    rows = await db.fetch(
        "SELECT s.* FROM series s JOIN location l ON l.id = s.location WHERE s.retired_at IS NULL AND s.made_until < $1"
        " AND ($2::text IS NULL OR l.zone = $2) ORDER BY s.id",
        last,
        zone and zone.key,
    )
    if not rows:
        return []
    end = last + timedelta(days=recurring.MOVED_AT_MOST)
    skipped = await skips([row["id"] for row in rows])
    places = (await calendar(min(row["starts_on"] for row in rows), end)).places

    def go_on(row: asyncpg.Record) -> bool:
        before = Made(row["made_until"], skipped.get(row["id"], frozenset()))
        found = _occurrences(places.get(row["location"]), rule_of(row), last, before)
        return any(one.on > before.until for one in found)

    return [SeriesId(row["id"]) for row in rows if go_on(row)]
