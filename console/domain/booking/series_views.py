"""What pages read of series: what they are, what is booked of them, and the dates that clashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking.arranging import Asked
from console.domain.booking.recurring import Made, Plan, Recurrence, plan_of
from console.domain.booking.rules import MOVABLE, STANDING, Status
from console.domain.booking.series_dates import YEAR, occurrences, skips, taken
from console.domain.booking.series_rows import asked_of, rule_of
from console.domain.clients.rules import site_words
from console.domain.errors import NotFound
from console.domain.ids import BookableId, BookingId, ClashId, ClientId, SeriesId

MOST_PAST = 10


@dataclass(frozen=True)
class SeriesView:
    """A series as its page shows it. `minute` on the wall at its location; booked through `made_until`.

    `site`: the name and address of the site where it is done, empty for one that was erased.
    """

    id: SeriesId
    version: int
    operation: int
    asked: Asked
    minute: int
    rule: Recurrence
    made_until: date
    retired_at: datetime | None
    zone: ZoneInfo
    location_name: str
    site: str | None

    @property
    def client(self) -> ClientId:
        return self.asked.client


@dataclass(frozen=True)
class OfSeries:
    """A booking of a series. `on`: its date by the rule; `people`: who does it, in the order of the roster."""

    id: BookingId
    on: date
    starts_at: datetime
    ends_at: datetime
    status: Status
    people: tuple[str, ...]
    doers: tuple[BookableId, ...]


@dataclass(frozen=True)
class ClashView:
    """A date of a series at which there was no place, and that nobody has dealt with. `problem`: the key of why."""

    id: ClashId
    series: SeriesId
    on: date
    problem: str


_SERIES = (
    "SELECT s.*, l.zone, l.name AS location_name, p.id IS NOT NULL AS sited, p.name AS site_name,"
    " p.address AS site_address"
    " FROM series s JOIN location l ON l.id = s.location LEFT JOIN client_site p ON p.id = s.site"
)


async def one_series(series: int) -> SeriesView:
    """One series. Raises `NotFound`."""
    row = await db.fetchrow(f"{_SERIES} WHERE s.id = $1", series)
    if row is None:
        raise NotFound
    return _view(row)


async def several(ids: Sequence[int]) -> dict[SeriesId, SeriesView]:
    """Series by their ids."""
    rows = await db.fetch(f"{_SERIES} WHERE s.id = ANY($1::bigint[])", list(ids))
    return {row["id"]: _view(row) for row in rows}


async def running(now: datetime, most: int) -> list[SeriesView]:
    """The series that have not ended, the newest first."""
    goes_on = "s.until IS NULL OR s.until >= ($1::timestamptz AT TIME ZONE l.zone)::date"
    sql = f"{_SERIES} WHERE s.retired_at IS NULL AND ({goes_on}) ORDER BY s.id DESC LIMIT $2"
    return [_view(row) for row in await db.fetch(sql, now, most)]


def _view(row: Any) -> SeriesView:
    return SeriesView(
        row["id"],
        row["version"],
        row["operation"],
        asked_of(row),
        row["minute"],
        rule_of(row),
        row["made_until"],
        row["retired_at"],
        ZoneInfo(row["zone"]),
        row["location_name"],
        site_words(row["site_name"], row["site_address"]) if row["sited"] else None,
    )


async def series_of(booking: int) -> SeriesId | None:
    """Which series a booking is of; None for one that stands by itself. Raises `NotFound`."""
    row = await db.fetchrow("SELECT series FROM booking WHERE id = $1 AND retired_at IS NULL", booking)
    if row is None:
        raise NotFound
    return SeriesId(row["series"]) if row["series"] is not None else None


async def goes_further(one: SeriesView) -> bool:
    """Whether a series will be booked again after what is booked now."""
    before = Made(one.made_until, (await skips([one.id])).get(one.id, frozenset()))
    found = await occurrences(one.asked.location, one.rule, one.made_until + YEAR, before)
    return any(each.held and each.on > one.made_until for each in found)


async def plan_from(one: SeriesView, on: date) -> Plan:
    """How often a series comes from one of its dates on, and until when."""
    before = Made(one.made_until, (await skips([one.id])).get(one.id, frozenset()))
    return plan_of(one.rule, await taken(one.asked.location, one.rule, on, before))


async def booked_until(one: SeriesView) -> date | None:
    """The date of the last booking of a series that stands; None where there is none."""
    last = await db.fetchval(
        "SELECT max(starts_at) FROM booking WHERE series = $1 AND retired_at IS NULL AND status = ANY($2::text[])",
        one.id,
        [status.value for status in STANDING],
    )
    return clock.business_date(last, one.zone) if last else None


async def skipped(one: SeriesView, since: date) -> list[date]:
    """The dates of a series from one on that were skipped when its bookings were made: the location was closed then."""
    return sorted(on for on in (await skips([one.id])).get(one.id, ()) if on >= since)


_BOOKINGS = (
    "SELECT b.id, b.series_on, b.starts_at, b.ends_at, b.status, d.people, d.doers FROM booking b"
    " CROSS JOIN LATERAL (SELECT coalesce(array_agg(o.name ORDER BY o.position, o.id), '{}') AS people,"
    "  coalesce(array_agg(o.id ORDER BY o.position, o.id), '{}') AS doers FROM bookable o"
    "  WHERE o.kind IN ('person', 'crew') AND o.id IN (SELECT a.bookable FROM booking_item i"
    "   JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL"
    "   WHERE i.booking = b.id AND i.retired_at IS NULL)) d"
    " WHERE b.series = $1 AND b.retired_at IS NULL"
)


async def to_come(series: SeriesId, now: datetime) -> list[OfSeries]:
    """What is booked of a series from now on, in its order; what was called off, too."""
    return _bookings(await db.fetch(f"{_BOOKINGS} AND b.ends_at > $2 ORDER BY b.starts_at, b.id", series, now))


async def some_to_come(series: SeriesId, now: datetime, skip: int, most: int) -> list[OfSeries]:
    """So many of the same, but for the first ones."""
    sql = f"{_BOOKINGS} AND b.ends_at > $2 ORDER BY b.starts_at, b.id OFFSET $3 LIMIT $4"
    return _bookings(await db.fetch(sql, series, now, skip, most))


async def goes_on(series: SeriesId, now: datetime) -> bool:
    """Whether anything of a series may still move that has not begun."""
    sql = (
        "SELECT EXISTS (SELECT FROM booking WHERE series = $1 AND retired_at IS NULL AND starts_at > $2"
        " AND status = ANY($3::text[]))"
    )
    return bool(await db.fetchval(sql, series, now, [one.value for one in MOVABLE]))


async def past(series: SeriesId, now: datetime, most: int = MOST_PAST) -> list[OfSeries]:
    """The last bookings of a series that are over, the latest first."""
    sql = f"{_BOOKINGS} AND b.ends_at <= $2 ORDER BY b.starts_at DESC, b.id DESC LIMIT $3"
    return _bookings(await db.fetch(sql, series, now, most))


def _bookings(rows: Sequence[Mapping[str, Any]]) -> list[OfSeries]:
    return [
        OfSeries(
            BookingId(row["id"]),
            row["series_on"],
            row["starts_at"],
            row["ends_at"],
            Status(row["status"]),
            tuple(row["people"]),
            tuple(row["doers"]),
        )
        for row in rows
    ]


def movable(bookings: Sequence[OfSeries]) -> list[OfSeries]:
    """Those that may still move."""
    return [one for one in bookings if one.status in MOVABLE]


_CLASHES = (
    'SELECT k.id, k.series, k."on", k.problem FROM series_clash k JOIN series s ON s.id = k.series'
    " JOIN location l ON l.id = s.location WHERE k.retired_at IS NULL AND s.retired_at IS NULL"
    ' AND k."on" >= ($1::timestamptz AT TIME ZONE l.zone)::date'
)


async def clashes(now: datetime, series: int | None = None, most: int = 1000) -> list[ClashView]:
    """The dates that clashed, are not over at their location, and that nobody has dealt with, the next first."""
    sql = f'{_CLASHES} AND ($2::bigint IS NULL OR k.series = $2) ORDER BY k."on", k.id LIMIT $3'
    return [ClashView(**row) for row in await db.fetch(sql, now, series, most)]


async def clashes_of(client: int, now: datetime) -> list[ClashView]:
    """The same of the series of a client."""
    sql = f'{_CLASHES} AND s.client = $2 ORDER BY k."on", k.id'
    return [ClashView(**row) for row in await db.fetch(sql, now, client)]


async def to_arrange(now: datetime) -> tuple[int, date | None]:
    """How many of them there are, and the first."""
    row = await db.fetchrow(f'SELECT count(*), min("on") FROM ({_CLASHES}) x', now)  # noqa: S608
    assert row is not None
    return row["count"], row["min"]


async def lives_after(series: int, operation: int) -> SeriesId | None:
    """The series that goes on in place of one that an operation, or its undo, brought to an end."""
    found: SeriesId | None = await db.fetchval(
        "SELECT s.id FROM series s WHERE s.retired_at IS NULL"
        " AND (SELECT retired_at IS NOT NULL FROM series WHERE id = $1)"
        " AND s.id IN (SELECT entity_id FROM change WHERE operation = $2 AND entity = 'series') ORDER BY s.id LIMIT 1",
        series,
        operation,
    )
    return found


async def clash(clash_id: int, *, dealt_with: bool = False) -> ClashView:
    """One date that clashed. Raises `NotFound`, unless asked for also for one that was dealt with."""
    row = await db.fetchrow(
        'SELECT id, series, "on", problem FROM series_clash WHERE id = $1 AND ($2 OR retired_at IS NULL)',
        clash_id,
        dealt_with,
    )
    if row is None:
        raise NotFound
    return ClashView(**row)
