"""What the start page reads: how each place stands now, the next holidays, what is left to set up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.business import rules
from console.domain.business.queries import LocationView, day_of, locations
from console.domain.business.tables import UNNAMED
from console.domain.clock import business_date

SEEN_AHEAD = timedelta(days=366)
"""How far ahead the next holidays are looked for."""


@dataclass(frozen=True)
class Standing:
    """An open location at a moment: its local time, and how it stands."""

    location: LocationView
    local: datetime
    opening: rules.Opening


async def standings(now: datetime) -> list[Standing]:
    """Every open location by its own zone and holidays, the first one first."""
    around = business_date(now, ZoneInfo("UTC"))
    standing = []
    for place, specials in await _places(around - timedelta(days=2), around + timedelta(days=rules.HORIZON + 1)):
        local = now.astimezone(ZoneInfo(place.zone))
        standing.append(Standing(place, local, rules.opening(place.hours, specials, local)))
    return standing


@dataclass(frozen=True)
class HoursThere:
    """A date at an open location. `special`: the names of a day that departs from the weekly hours."""

    location: LocationView
    hours: rules.Day
    special: rules.Names | None


async def hours_between(first: date, last: date) -> list[tuple[date, list[HoursThere]]]:
    """Each date between two (both included), at every open location; two statements."""
    places = await _places(first, last)
    dates = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [(on, [_hours_there(place, specials.get(on), on) for place, specials in places]) for on in dates]


def _hours_there(place: LocationView, special: rules.Special | None, on: date) -> HoursThere:
    if special:
        return HoursThere(place, special.hours, special.names)
    return HoursThere(place, place.hours[on.weekday()], None)


async def _places(first: date, last: date) -> list[tuple[LocationView, dict[date, rules.Special]]]:
    """The open locations, each with the dates of a period that depart from its weekly hours; its own count more."""
    rows = await db.fetch(
        "SELECT date, location, names, hours FROM holiday WHERE retired_at IS NULL AND date BETWEEN $1 AND $2"
        " ORDER BY location NULLS FIRST",
        first,
        last,
    )
    days = [
        (row["date"], row["location"], rules.Special(json.loads(row["names"]), day_of(json.loads(row["hours"]))))
        for row in rows
    ]
    return [
        (place, {on: special for on, where, special in days if where in (None, place.id)})
        for place in await locations()
        if place.retired_at is None
    ]


async def next_days_off(today: date, most: int) -> list[rules.Off]:
    """The holidays that are on or to come, days in a row as one, those at closed locations left out."""
    rows = await db.fetch(
        "SELECT h.date, h.names, l.name AS place, h.hours FROM holiday h LEFT JOIN location l ON l.id = h.location"
        " WHERE h.retired_at IS NULL AND l.retired_at IS NULL AND h.date BETWEEN $1 AND $2"
        " ORDER BY h.date, h.location NULLS FIRST",
        today,
        today + SEEN_AHEAD,
    )
    days = [
        rules.Off(row["date"], row["date"], json.loads(row["names"]), row["place"], day_of(json.loads(row["hours"])))
        for row in rows
    ]
    return rules.in_a_row(days)[:most]


@dataclass(frozen=True)
class SetUp:
    """What of the business has been set up; `away`: its first steps were put away."""

    named: bool
    location: bool
    hours: bool
    away: bool


async def set_up() -> SetUp:
    """How far the set-up is, besides the holidays."""
    row = await db.fetchrow(
        "SELECT name <> $1 AS named,"
        " EXISTS (SELECT FROM location WHERE retired_at IS NULL) AS location,"
        " EXISTS (SELECT FROM location WHERE retired_at IS NULL AND hours <> '[[], [], [], [], [], [], []]') AS hours,"
        " steps_away_at IS NOT NULL AS away FROM business",
        UNNAMED,
    )
    return SetUp(**dict(row or {}))


async def dates_by_place(first: date, last: date) -> list[tuple[ZoneInfo, set[date]]]:
    """The zone of each open location with the dates between two (both included) that have a holiday there.

    Before there is a location, the dates that have one everywhere.
    """
    rows = await db.fetch(
        "SELECT l.zone, array(SELECT h.date FROM holiday h WHERE h.retired_at IS NULL AND h.date BETWEEN $1 AND $2"
        "  AND (h.location IS NULL OR h.location = l.id)) AS dates"
        " FROM (SELECT id, zone FROM location WHERE retired_at IS NULL UNION ALL"
        "  SELECT NULL, 'UTC' WHERE NOT EXISTS (SELECT FROM location WHERE retired_at IS NULL)) l",
        first,
        last,
    )
    return [(ZoneInfo(row["zone"]), set(row["dates"])) for row in rows]
