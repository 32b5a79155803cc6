"""The dates of series: which there are, and making the bookings of those that have come near."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from console.domain import clock, db
from console.domain.booking import arranging, occupancy, planning, recurring, steps
from console.domain.booking.arranging import Asked
from console.domain.booking.occupancy import TAKEN, PlaceTaken
from console.domain.booking.places import Place
from console.domain.booking.planning import Plan
from console.domain.booking.question import Question, ServiceOff
from console.domain.booking.recurring import Made, Occurrence, OnHoliday, Recurrence, Unit
from console.domain.booking.rules import Source
from console.domain.booking.tables import Series, SeriesClash, SeriesSkip
from console.domain.business.queries import location
from console.domain.clients import steps as clients
from console.domain.clock import NoSuchTime, WallTime
from console.domain.errors import Invalid, NotFound, Problem, constraint
from console.domain.ids import BookableId, LocationId, SeriesId
from console.domain.roster.queries import calendar
from console.domain.roster.rules import Place as Hours
from console.domain.running import Operation

AHEAD = timedelta(days=91)
"""How far ahead the bookings of a series are made."""
YEAR = timedelta(days=366)

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
        **people(asked),
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
        "nth": rule.week,
    }


def people(asked: Asked) -> dict[str, object]:
    """Who does a series, as its row says it: one for all of its services, or each of them somebody else."""
    by = asked.by or (asked.person,)
    return {"person": by[0], "by": None} if len(set(by)) == 1 else {"person": None, "by": list(by)}


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
    found = await occurrences(asked.location, rule, last, before)
    came = await write(op, series, asked, minute, [one for one in found if not before or one.on > before.until])
    await op.update(Series, series, None, {"made_until": min(last, rule.until or last)})
    op.effect("effect.series_made", count=len(came.made))
    if came.clashing:
        op.effect("effect.series_clashes", count=len(came.clashing))
    if came.skipped:
        op.effect("words.series_skipped", count=len(came.skipped))
    return len(came.made), [on for on, _, _ in came.clashing]


@dataclass(frozen=True)
class Elsewhere:
    """The place that was chosen for a date by the rule; `rather`: who and what was offered for each service."""

    on: date
    starts_at: datetime
    rather: tuple[frozenset[BookableId], ...] = ()

    def of(self, asked: Asked) -> Asked:
        """What is booked there: the same, by those who were offered, or where nobody was by anyone who can."""
        return replace(asked, person=None, by=(), rather=self.rather, only=bool(self.rather))


@dataclass(frozen=True)
class Came:
    """What came of dates: booked, without a place (each with the key of why and the date meant), or skipped."""

    made: list[date]
    clashing: list[tuple[date, str, date]]
    skipped: list[date]


async def write(
    op: Operation,
    series: SeriesId,
    asked: Asked,
    minute: int,
    dates: Iterable[Occurrence],
    elsewhere: Mapping[date, Elsewhere] | None = None,
) -> Came:
    """Book dates of a series, each of which is booked, clashes or is skipped.

    They are planned before anybody is locked; where others are faster again and again, it is done date by date.
    """
    known = list(dates)
    for _ in range(planning.ROUNDS):
        with suppress(PlaceTaken):
            async with op.attempt():
                return await _write(op, series, asked, minute, known, elsewhere or {}, together=True)
    return await _write(op, series, asked, minute, known, elsewhere or {}, together=False)


async def _write(
    op: Operation,
    series: SeriesId,
    asked: Asked,
    minute: int,
    dates: Sequence[Occurrence],
    elsewhere: Mapping[date, Elsewhere],
    *,
    together: bool,
) -> Came:
    """Raises `PlaceTaken` where somebody was faster."""
    zone = ZoneInfo((await location(asked.location)).zone)
    made: list[date] = []
    for one in dates:
        if one.held is None:
            await op.insert(SeriesSkip, series=series, on=one.on)
    starts, clashing = _starts([one for one in dates if one.on not in elsewhere], minute, zone)
    plan = await _planned(asked, list(starts.values())) if together else Plan()
    if not together:
        await planning.lock_everybody(Question(asked.location, asked.doing), list(starts.values()))
    planned = dict(zip(starts, plan.places, strict=together))
    bookings = [
        await arranging.write(op, asked, place, series=(series, on))
        for on, place in planned.items()
        if isinstance(place, Place)
    ]
    await plan.lock(bookings)
    await occupancy.occupy(bookings)
    for one in dates:
        place = planned.get(one.on)
        if isinstance(place, Place):
            made.append(one.on)
        elif isinstance(place, Problem):
            clashing.append((one.on, place.key, one.held or one.on))
        elif one.held and (one.on in starts or one.on in elsewhere):
            chosen = elsewhere.get(one.on)
            try:
                async with op.attempt():
                    starts_at = chosen.starts_at if chosen else starts[one.on]
                    of = chosen.of(asked) if chosen else asked
                    await arranging.book(op, of, starts_at, series=(series, one.on))
                made.append(one.on)
            except (Invalid, ServiceOff) as none:
                clashing.append((one.on, why_not(none), one.held))
    for on, why, _ in sorted(clashing):
        await op.insert(SeriesClash, series=series, on=on, problem=why)
    return Came(made, sorted(clashing), [one.on for one in dates if one.held is None])


async def is_nowhere(asked: Asked, minute: int, rule: Recurrence, now: datetime) -> bool:
    """Whether none of the dates that would be made of a series finds a place as it looks now. Raises as `reach`."""
    last = await reach(now, asked.location, rule)
    zone = ZoneInfo((await location(asked.location)).zone)
    starts, _ = _starts(await occurrences(asked.location, rule, last), minute, zone)
    plan = await _planned(asked, list(starts.values()))
    return all(isinstance(one, Problem) for one in plan.places)


def _starts(
    dates: Iterable[Occurrence], minute: int, zone: ZoneInfo
) -> tuple[dict[date, datetime], list[tuple[date, str, date]]]:
    """When those begin that take place, and those whose wall does not show that time: why, and the date meant."""
    starts: dict[date, datetime] = {}
    never: list[tuple[date, str, date]] = []
    for one in dates:
        if one.held is None:
            continue
        try:
            starts[one.on] = WallTime(one.held, minute).at(zone, fold=0)
        except NoSuchTime as none:
            never.append((one.on, why_not(none), one.held))
    return starts, never


async def _planned(asked: Asked, starts: Sequence[datetime]) -> Plan:
    try:
        await steps.share_open_location(asked.location)
    except Invalid as closed:
        return Plan([closed.problems["starts"]] * len(starts))
    return await planning.each(Question(asked.location, asked.doing), starts)


def why_not(none: Invalid | NoSuchTime | ServiceOff) -> str:
    """The key of why a booking cannot be somewhere. Raises what says nothing of its place."""
    if isinstance(none, PlaceTaken):
        return TAKEN.key
    if isinstance(none, ServiceOff):
        return "problem.service_off"
    if isinstance(none, NoSuchTime):
        return none.problem.key
    if "starts" not in none.problems:
        raise none
    return none.problems["starts"].key


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
        by=tuple(row["by"] or ()),
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
        row["nth"],
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
