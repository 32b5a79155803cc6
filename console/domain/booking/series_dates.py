"""The dates of series: which there are, and making the bookings of those that have come near."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import clock, db
from console.domain.booking import arranging, recurring
from console.domain.booking.arranging import Asked
from console.domain.booking.occupancy import TAKEN, PlaceTaken
from console.domain.booking.recurring import Made, Occurrence, OnHoliday, Recurrence, Unit
from console.domain.booking.rules import Source
from console.domain.booking.tables import Series, SeriesClash, SeriesSkip
from console.domain.business.queries import location
from console.domain.clients import steps as clients
from console.domain.clock import NoSuchTime, WallTime
from console.domain.errors import Invalid, NotFound, Problem, constraint
from console.domain.ids import LocationId, SeriesId
from console.domain.operation import Operation
from console.domain.roster.queries import calendar
from console.domain.roster.rules import Place

AHEAD = timedelta(days=91)
"""How far ahead the bookings of a series are made."""

constraint("booking_series_key", PlaceTaken)
constraint("series_clash_key", PlaceTaken)
constraint("series_skip_key", PlaceTaken)


def columns(asked: Asked, minute: int, rule: Recurrence) -> dict[str, object]:
    """A series as its row says it."""
    return {
        "client": asked.client,
        "site": asked.site,
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
        "shifted": rule.shifted,
    }


async def horizon(op: Operation, where: LocationId) -> date:
    """The last date that is made now."""
    return clock.business_date(op.now, ZoneInfo((await location(where)).zone)) + AHEAD


async def make(
    op: Operation,
    series: SeriesId,
    asked: Asked,
    minute: int,
    rule: Recurrence,
    last: date,
    before: Made | None = None,
) -> tuple[int, list[date]]:
    """Make the bookings through a date, each of which is booked, clashes or is skipped; how many are, and which do.

    `before`: what was made of it before.
    """
    zone = ZoneInfo((await location(asked.location)).zone)
    made = skipped = 0
    clashing: list[date] = []
    for one in await occurrences(asked.location, rule, last, before):
        if before and one.on <= before.until:
            continue
        if one.held is None:
            await op.insert(SeriesSkip, series=series, on=one.on)
            skipped += 1
            continue
        try:
            starts_at = WallTime(one.held, minute).at(zone, fold=0)
            async with op.attempt():
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
        op.effect("effect.series_clashes", count=len(clashing))
    if skipped:
        op.effect("words.series_skipped", count=skipped)
    return made, clashing


async def occurrences(where: LocationId, rule: Recurrence, last: date, before: Made | None = None) -> list[Occurrence]:
    """The occurrences of a rule at a location: as they were made `before`, and then by its holidays and its hours."""
    end = last + timedelta(days=recurring.MOVED_AT_MOST)
    return _occurrences((await calendar(rule.starts_on, end)).places.get(where), rule, last, before)


def _occurrences(place: Place | None, rule: Recurrence, last: date, before: Made | None) -> list[Occurrence]:
    """None: the location is off, and each of its dates finds no place there."""
    if place is None:
        return recurring.occurrences(rule, last, lambda _: False, lambda _: True, before)
    closed = {on for on, hours in place.specials.items() if not hours}
    return recurring.occurrences(rule, last, closed.__contains__, lambda on: bool(place.on(on)), before)


async def _note_clash(op: Operation, series: SeriesId, one: Occurrence, why: Problem) -> list[date]:
    await op.insert(SeriesClash, series=series, on=one.on, problem=why.key)
    return [one.on]


async def lock(op: Operation, series: SeriesId) -> asyncpg.Record:
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
    return Asked(
        row["client"],
        row["location"],
        services,
        row["person"],
        Source(row["source"]),
        row["note"],
        site=row["site"],
    )


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
        row["shifted"],
    )


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


async def due(last: date) -> list[SeriesId]:
    """The series that have dates which are not booked yet, through a last one."""
    rows = await db.fetch("SELECT * FROM series WHERE retired_at IS NULL AND made_until < $1 ORDER BY id", last)
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
