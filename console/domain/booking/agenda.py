"""Some days of an agenda: everybody at a location, when they are there, and what lies in their days.

Nine statements, whatever is booked, and two more where there are crews.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.booking.lying import (
    Lying,
    Taken,
    around,
    here,
    minutes,
    what_lies,
    what_takes,
    what_takes_crews,
)
from console.domain.booking.presence import crew_lists
from console.domain.booking.rules import MOVABLE, STANDING, Status
from console.domain.booking.sheet import Span, window
from console.domain.business.queries import LocationView
from console.domain.business.rules import Day, Names
from console.domain.ids import BookableId, BookingId, ServiceId
from console.domain.roster import queries as roster
from console.domain.roster import rules as hours
from console.domain.roster.queries import BookableView, DayPlan
from console.domain.roster.rules import BookableKind


@dataclass(frozen=True)
class Column:
    """Somebody or something on a date.

    `hours`: from when to when it is at the location, in order and apart; `able`: the services it can do; `missing`: who
    of a crew is not there at all in the crew's hours; `away`: whether it has time off, or who is missing has;
    `window`: the instants that belong to the date.
    """

    bookable: BookableView
    day: date
    window: Span
    hours: Sequence[Span]
    away: bool
    lying: Sequence[Lying]
    taken: Sequence[Taken]
    able: frozenset[ServiceId] = frozenset()
    missing: Sequence[str] = ()

    @property
    def booked(self) -> int:
        """Minutes of work that stand on the date, without buffers, also of what it is booked for with a crew."""
        own = [one.own for one in self.lying if one.status in STANDING]
        crews = [one.work or one.span for one in self.taken if one.kind == "crew"]
        return sum(_common(span, self.window) for span in (*own, *crews))

    @property
    def available(self) -> int:
        """Minutes at the location; of a crew without those in which somebody of it is taken or away."""
        lost = [one.span for one in self.taken if one.kind in ("members", "nobody")]
        return sum(map(minutes, self.hours)) - sum(_common(one, other) for one in self.hours for other in lost)

    def is_there(self, span: Span, night: datetime) -> bool:
        """Whether it is at the location all the while, as far as the date goes; who is out of the plan is nowhere."""
        there = any(a <= span[0] < b and (span[1] <= b or b >= night) for a, b in self.hours)
        return there and self.bookable.retired_at is None


@dataclass(frozen=True)
class AgendaDay:
    """A date at a location. `window`: the instants that belong to it; `holiday`: its names where it is one."""

    day: date
    open: Day
    window: Span
    holiday: Names | None
    columns: Sequence[Column]
    cancelled: int

    @property
    def bookings(self) -> dict[BookingId, Lying]:
        """Each booking of the day once."""
        return {one.booking: one for column in self.columns for one in column.lying if self.has(one)}

    @property
    def astray(self) -> list[datetime]:
        """When its bookings begin that lie where somebody who does them is not, and are to be moved."""
        lost = {
            one.booking: one.span[0]
            for column in self.columns
            for one in column.lying
            if self.has(one)
            and one.status in MOVABLE
            and not one.overbooked
            and not column.is_there(one.own, self.window[1])
        }
        return sorted(lost.values())

    @property
    def is_empty(self) -> bool:
        """Whether no booking begins on it or reaches into it."""
        return not self.bookings and not any(
            _meets(one.own, self.window) for column in self.columns for one in column.lying
        )

    def has(self, one: Lying) -> bool:
        """Whether a booking belongs to this date, and did not only begin the night before."""
        return self.window[0] <= one.span[0] < self.window[1]


@dataclass(frozen=True)
class Agenda:
    """Some days at a location, with what their services are called by language."""

    location: LocationView
    zone: ZoneInfo
    days: Sequence[AgendaDay]
    services: Mapping[ServiceId, Mapping[str, str]]
    everybody: Sequence[BookableView]


async def agenda(location: LocationView, first: date, days: int = 1, only: BookableId | None = None) -> Agenda:
    """Some days of everybody at a location, or only of one; nine statements, with crews eleven, whatever is booked."""
    zone = ZoneInfo(location.zone)
    span = around(location, first, days)
    all_of_them = await what_lies(location.id, span)
    lying = [one for one in all_of_them if one.status is not Status.CANCELLED]
    cancelled = {one.booking: one.span[0] for one in all_of_them if one.status is Status.CANCELLED}
    everybody = await here(location.id, {one.bookable for one in lying} | ({only} if only else set()))
    asked = [one.id for one in everybody if only in (None, one.id)]
    calendar = await roster.calendar(first - timedelta(days=1), first + timedelta(days=days))
    names: dict[int, str] = {one.id: one.name for one in everybody if one.kind is BookableKind.CREW}
    theirs = [one for one in asked if one in names]
    lists = await crew_lists(theirs, [first + timedelta(days=offset) for offset in range(days)]) if theirs else {}
    members = {who for by_day in lists.values() for those in by_day.values() for who in those}
    plans = await roster.plan(sorted({*asked, *members}), first, days, calendar)
    crews, people = await what_takes_crews(theirs, first, days, zone)
    taken = await what_takes(location.id, asked, span, lying, names)
    taken |= {crew: [*taken.get(crew, ()), *those] for crew, those in crews.items()}
    able = await _able(asked)
    place, specials = calendar.places.get(location.id), calendar.names.get(location.id, {})
    known = {one.id: one for one in everybody}
    made = []
    for offset in range(days):
        on = first + timedelta(days=offset)
        before, opening = (place.on(on - timedelta(days=1)), place.on(on)) if place else ((), ())
        own = window(on, before, opening, zone)
        there = {who: _spans(plans[who][offset], location, zone) for who in plans}
        columns = []
        for who in asked:
            those = sorted(lists.get(who, {}).get(on, ()))
            missing = [one for one in those if there[who] and not _shared([who, one], there)]
            columns.append(
                _column(
                    known[who],
                    on,
                    _shared([who, *those], there),
                    any(plans[one][offset].off for one in (who, *missing)),
                    own,
                    lying,
                    taken.get(who, ()),
                    able.get(who, frozenset()),
                    [people[one] for one in missing],
                )
            )
        off = sum(own[0] <= moment < own[1] for moment in cancelled.values())
        made.append(AgendaDay(on, opening, own, specials.get(on), columns, off))
    return Agenda(location, zone, made, await _services(lying), everybody)


def _common(one: Span, other: Span) -> int:
    """How many minutes lie in both."""
    return max(minutes((max(one[0], other[0]), min(one[1], other[1]))), 0)


def _meets(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _column(
    who: BookableView,
    day: date,
    spans: Sequence[Span],
    away: bool,
    own: Span,
    lying: Iterable[Lying],
    taken: Iterable[Taken],
    able: frozenset[ServiceId],
    missing: Sequence[str],
) -> Column:
    reach = (own[0], max([own[1], *(end for _, end in spans)]))
    return Column(
        who,
        day,
        own,
        spans,
        away,
        [one for one in lying if one.bookable == who.id and _meets(one.own, reach)],
        [one for one in taken if _meets(one.span, reach)],
        able,
        missing,
    )


def _shared(everybody: Sequence[BookableId], there: Mapping[BookableId, Sequence[Span]]) -> list[Span]:
    """When all of them are there."""
    first, *others = (list(there[who]) for who in everybody)
    for those in others:
        first = [(max(a[0], b[0]), min(a[1], b[1])) for a in first for b in those if _meets(a, b)]
    return first


def _spans(plan: DayPlan, location: LocationView, zone: ZoneInfo) -> list[Span]:
    """When somebody is at a location on a date."""
    shifts = [shift for shift in plan.shifts if shift.location == location.id]
    return [span for shift in shifts for span in hours.spans(plan.day, shift.hours, zone)]


async def _able(asked: Iterable[BookableId]) -> dict[BookableId, frozenset[ServiceId]]:
    """The services that those can do who can do any."""
    sql = (
        "SELECT bookable, array_agg(service) AS services FROM skill"
        " WHERE bookable = ANY($1::bigint[]) AND retired_at IS NULL GROUP BY bookable"
    )
    return {row["bookable"]: frozenset(row["services"]) for row in await db.fetch(sql, list(asked))}


async def _services(lying: Iterable[Lying]) -> dict[ServiceId, Mapping[str, str]]:
    ids = sorted({service for one in lying for service in one.services})
    rows = await db.fetch("SELECT id, names FROM service WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: json.loads(row["names"]) for row in rows}
