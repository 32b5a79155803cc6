"""What is known for searches of places: who can do what, is there, and is taken, read in a few statements."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking import rules
from console.domain.booking.candidates import DOERS, Candidate, Wanted
from console.domain.booking.occupancy import NO_HOLD
from console.domain.booking.places import Place, Search, dates, minute
from console.domain.booking.presence import CrewDays, Spans, by_list, crew_lists, gone, hours_at
from console.domain.booking.question import Doing, Question, Quoted, ServiceOff
from console.domain.business.rules import Interval
from console.domain.ids import BookableId, LocationId
from console.domain.roster import queries as roster
from console.domain.roster.rules import BookableKind

NEEDS = {
    BookableKind.PERSON: "people",
    BookableKind.ROOM: "rooms",
    BookableKind.VEHICLE: "vehicles",
    BookableKind.EQUIPMENT: "equipment",
}
AROUND = timedelta(hours=14)
"""How long before and after some days what occupies somebody may still meet with what is placed there."""


@dataclass(frozen=True)
class _Skilled:
    """Somebody or something at the location. `skilled`: whether it can, and did not only come to do it all the same."""

    id: BookableId
    kind: BookableKind
    position: int
    minutes: int | None
    skilled: bool


@dataclass(frozen=True)
class _Busy:
    """What occupies somebody: `away` by time off, `mine` by the hold of the form that asks; else by bookings."""

    who: BookableId
    away: bool
    mine: bool
    spans: Sequence[Interval]
    bookings: Sequence[int]

    def without(self, besides: Collection[int]) -> list[Interval]:
        """When, but for what some bookings occupy."""
        return [span for span, booking in zip(self.spans, self.bookings, strict=True) if booking not in besides]

    def among(self, meet: Callable[[Interval], bool]) -> _Busy:
        """The same, of some spans alone."""
        pairs = [pair for pair in zip(self.spans, self.bookings, strict=True) if meet(pair[0])]
        return replace(self, spans=[span for span, _ in pairs], bookings=[booking for _, booking in pairs])


_Loads = dict[BookableId, dict[date, int]]
"""Minutes that are taken of each date."""


@dataclass(frozen=True)
class Known:
    """What was read for searches on some dates at a location, in its zone: who can do what, is there, and is taken."""

    location: LocationId
    days: Sequence[date]
    zone: ZoneInfo
    services: Mapping[int, Mapping[str, Any]]
    able: Mapping[int, Sequence[_Skilled]]
    open: Mapping[BookableId, tuple[Interval, ...]]
    crews: Mapping[BookableId, CrewDays]
    busy: Sequence[_Busy]

    def near(self, day: date) -> Known:
        """The same for a search on one of the dates alone."""
        return self.within(day, 1)

    def covers(self, first: date, days: int) -> bool:
        """Whether it was read for a search over some days."""
        return self.days[0] < first and first + timedelta(days=days) <= self.days[-1]

    def within(self, first: date, days: int) -> Known:
        """The same for a search over some of the dates alone."""
        kept = [on for on in self.days if timedelta(days=-1) <= on - first <= timedelta(days=days)]
        begin, end = (minute(clock.bounds(on, self.zone)[edge]) for edge, on in ((0, kept[0]), (1, kept[-1])))

        def meet(span: Interval) -> bool:
            return span[0] < end + 24 * 60 and begin - 24 * 60 < span[1]

        return replace(
            self,
            days=kept,
            open={who: tuple(filter(meet, spans)) for who, spans in self.open.items()},
            crews={crew: {on: by_day[on] for on in kept} for crew, by_day in self.crews.items()},
            busy=[one.among(meet) for one in self.busy],
        )

    def search(self, question: Question) -> Search:
        """A search for what was read. Raises `ServiceOff`."""
        wanted = [self._wanted(one) for one in question.services]
        taken, away, load, kept = self._occupied(set(question.besides), question.laid)

        def candidate(who: BookableId, kind: BookableKind, position: int) -> Candidate:
            return Candidate(
                who,
                kind,
                position,
                self.open[who],
                tuple(taken.get(who, ())),
                tuple(away.get(who, ())),
                load.get(who, {}),
                kept.get(who, frozenset()),
            )

        able = {who.id: who for one in wanted for who in self.able[one.service] if who.id in one.able}
        candidates = {who.id: candidate(who.id, who.kind, who.position) for who in able.values()}
        crews = {crew: by_day for crew, by_day in self.crews.items() if crew in able}
        members = {who for by_day in crews.values() for those in by_day.values() for who in those}
        people = {who: candidate(who, BookableKind.PERSON, 0) for who in members}
        for crew, by_day in crews.items():
            candidates[crew] = replace(candidates[crew], days=by_list(candidates[crew], by_day, people))
        return Search(wanted, candidates.values())

    def occupied(self, place: Place) -> dict[BookableId, tuple[datetime, datetime]]:
        """Whom a place takes from when to when, of crews with all who are in them on its date."""
        found: dict[BookableId, tuple[datetime, datetime]] = {}
        for who, (start, end) in rules.hulls(place.parts, rules.in_time(place.starts_at, place.parts)).items():
            for one in {who, *self.crews.get(who, {}).get(place.start.day, ())}:
                begin, until = found.get(one, (start, end))
                found[one] = min(begin, start), max(until, end)
        return found

    def _wanted(self, asked: Doing) -> Wanted:
        row = self.services.get(asked.service)
        if row is None or (row["retired_at"] and not asked.doing):
            raise ServiceOff
        minutes = asked.minutes or row["minutes"]
        takes = _takes(row, asked.quoted)
        return Wanted(
            asked.service,
            minutes,
            takes["buffer_before"],
            takes["buffer_after"],
            {kind: takes[column] for kind, column in NEEDS.items() if takes[column]},
            {
                who.id: asked.minutes or who.minutes or minutes
                for who in self.able[asked.service]
                if (who.skilled or who.id in asked.doing)
                and (who.kind not in DOERS or asked.people is None or who.id in asked.people)
            },
            named=asked.people is not None,
            by=asked.by,
            rather=asked.rather,
        )

    def _occupied(
        self, besides: Collection[int], laid: Iterable[tuple[BookableId, Interval]]
    ) -> tuple[Spans, Spans, _Loads, dict[BookableId, frozenset[date]]]:
        """What is taken and who is away, how many minutes of each date are taken, and when the form holds whom.

        Whoever a form holds goes before others: it is them whom the form shows.
        """
        begins = [minute(clock.bounds(day, self.zone)[0]) for day in self.days]
        taken: Spans = {}
        away: Spans = {}
        load: _Loads = {}
        kept: dict[BookableId, frozenset[date]] = {}
        for one in self.busy:
            spans = one.without(besides)
            if one.mine:
                kept[one.who] = frozenset(_by_date(spans, self.days, begins))
                continue
            (away if one.away else taken)[one.who] = spans
            if not one.away:
                load[one.who] = _by_date(spans, self.days, begins)
        for who, span in laid:
            taken[who] = [*taken.get(who, ()), span]
            load[who] = _by_date(taken[who], self.days, begins)
        return taken, away, load, kept


def _takes(service: Mapping[str, Any], quoted: Quoted | None) -> Mapping[str, int]:
    """What a service takes: as it was quoted, else as of today."""
    if quoted is None:
        return service
    return {**asdict(quoted), "people": max(service["people"], 1) if quoted.people is None else quoted.people}


async def learn(
    where: LocationId, asked: Sequence[Doing], first: date, days: int, zone: ZoneInfo, held: UUID | None = None
) -> Known:
    """What any searches for these services need to know; seven statements, however many searches it is for, and
    two more where crews can do them.

    Occupancy is read around the days: what lies on the eve or on the day after may meet with what is placed there.
    """
    ids = sorted({one.service for one in asked})
    services = await db.fetch(
        "SELECT id, minutes, buffer_before, buffer_after, people, rooms, vehicles, equipment, retired_at"
        " FROM service WHERE id = ANY($1::bigint[])",
        ids,
    )
    able = await _able(where, ids, {who for one in asked for who in one.doing})
    everybody = {who.id: who for those in able.values() for who in those}
    dated = dates(first - timedelta(days=1), days + 2)
    crews = [who.id for who in everybody.values() if who.kind is BookableKind.CREW]
    lists = await crew_lists(crews, dated) if crews else {}
    members = {who for by_day in lists.values() for those in by_day.values() for who in those}
    plans = await roster.plan(sorted(everybody.keys() | members), dated[0], len(dated))
    there = {who: hours_at(plan, where, zone) for who, plan in plans.items()}
    there |= dict.fromkeys(await gone(members) if members else (), ())
    period = clock.bounds(first, zone)[0] - AROUND, clock.bounds(first + timedelta(days=days - 1), zone)[1] + AROUND
    return Known(
        where,
        dated,
        zone,
        {row["id"]: row for row in services},
        able,
        there,
        lists,
        await _busy(sorted(everybody.keys() | members), period, held),
    )


async def _able(where: LocationId, services: Sequence[int], doing: Iterable[BookableId]) -> dict[int, list[_Skilled]]:
    """Who and what is at a location and can do each service, and those who do it whatever their skills."""
    rows = await db.fetch(
        "SELECT s.id AS service, b.id, b.kind, b.position, k.minutes, k.id IS NOT NULL AS skilled"
        " FROM service s CROSS JOIN bookable b"
        " LEFT JOIN skill k ON k.service = s.id AND k.bookable = b.id AND k.retired_at IS NULL"
        " WHERE s.id = ANY($1::bigint[]) AND b.retired_at IS NULL AND (k.id IS NOT NULL OR b.id = ANY($2::bigint[]))"
        " AND EXISTS (SELECT FROM schedule h WHERE h.bookable = b.id AND h.location = $3 AND h.retired_at IS NULL)",
        services,
        sorted(doing),
        where,
    )
    found: dict[int, list[_Skilled]] = {service: [] for service in services}
    for row in rows:
        who = _Skilled(row["id"], BookableKind(row["kind"]), row["position"], row["minutes"], row["skilled"])
        found[row["service"]].append(who)
    return found


async def _busy(bookables: Sequence[BookableId], period: tuple[datetime, datetime], held: UUID | None) -> list[_Busy]:
    rows = await db.fetch(
        "SELECT bookable, kind = 'time_off' AS away, hold IS NOT DISTINCT FROM $4 AS mine,"
        " array_agg((extract(epoch FROM lower(during)) / 60)::bigint ORDER BY lower(during)) AS starts,"
        " array_agg((extract(epoch FROM upper(during)) / 60)::bigint ORDER BY lower(during)) AS ends,"
        " array_agg(coalesce(booking, 0) ORDER BY lower(during)) AS bookings FROM occupancy"
        " WHERE bookable = ANY($1::bigint[]) AND during && tstzrange($2, $3)"
        " AND (kind <> 'hold' OR expires_at > clock_timestamp())"
        " GROUP BY bookable, away, mine ORDER BY mine",
        bookables,
        *period,
        held or NO_HOLD,
    )
    return [
        _Busy(
            row["bookable"],
            row["away"],
            row["mine"],
            list(zip(row["starts"], row["ends"], strict=True)),
            row["bookings"],
        )
        for row in rows
    ]


def _by_date(spans: Iterable[Interval], days: Sequence[date], begins: Sequence[int]) -> dict[date, int]:
    """How many minutes of each date are taken, by the dates on which the spans begin."""
    found: dict[date, int] = {}
    for start, end in spans:
        day = days[max(bisect_right(begins, start) - 1, 0)]
        found[day] = found.get(day, 0) + end - start
    return found
