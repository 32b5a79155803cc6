"""What an agenda reads: a revision that says whether anything changed, days with everybody's bookings, a month's load.

Hot paths: few statements whatever is booked, all of them raw.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking.rules import STANDING, Status
from console.domain.booking.sheet import Span, window
from console.domain.business.queries import LocationView
from console.domain.business.rules import Day
from console.domain.clients.rules import Names
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ServiceId
from console.domain.roster import queries as roster
from console.domain.roster import rules as hours
from console.domain.roster.queries import BookableView, DayPlan
from console.domain.roster.rules import BookableKind

LONGEST_BOOKING = timedelta(hours=100)
"""As `booking_time_check` has it."""

_REVISION = """
    WITH here AS (SELECT DISTINCT bookable AS id FROM schedule WHERE location = $1 AND retired_at IS NULL),
    shown AS (
        SELECT id, version, client FROM booking WHERE location = $1 AND retired_at IS NULL
            AND starts_at >= $2::timestamptz - $4::interval AND starts_at < $3 AND ends_at > $2
    )
    SELECT concat_ws('.',
        (SELECT sum(hashint8extended(id, version)) FROM shown),
        (SELECT sum(hashint8extended(a.id, a.version)) FROM shown JOIN booking_item i ON i.booking = shown.id
            AND i.retired_at IS NULL JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL),
        (SELECT sum(hashint8extended(p.id, p.version)) FROM client_profile p
            WHERE p.client IN (SELECT client FROM shown)),
        (SELECT sum(hashint8extended(n.id, n.version)) FROM client_note n
            WHERE n.client IN (SELECT client FROM shown) AND n.loud AND n.retired_at IS NULL),
        (SELECT sum(hashint8extended(o.id, o.lane)) FROM here JOIN occupancy o ON o.bookable = here.id
            AND o.during && tstzrange($2, $3) AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp())),
        (SELECT sum(hashint8extended(id, version)) FROM time_off WHERE retired_at IS NULL
            AND last >= $2::date - 2 AND first <= $3::date + 2),
        (SELECT sum(hashint8extended(id, version)) FROM schedule WHERE retired_at IS NULL),
        (SELECT sum(hashint8extended(id, version)) FROM holiday WHERE retired_at IS NULL
            AND date BETWEEN $2::date - 2 AND $3::date + 2),
        (SELECT sum(hashint8extended(id, version)) FROM bookable),
        (SELECT sum(hashint8extended(id, version)) FROM location),
        (SELECT sum(hashint8extended(id, version)) FROM service)
    )
"""


async def revision(location: LocationView, first: date, days: int = 1) -> str:
    """A text that is another one as soon as anything changes that the agenda of some days shows. One statement.

    It also changes when a hold runs out.
    """
    span = around(location, first, days)
    return str(await db.fetchval(_REVISION, location.id, *span, LONGEST_BOOKING))


def around(location: LocationView, first: date, days: int) -> Span:
    """All instants that an agenda of some days may show: from the first midnight to the end of the last night."""
    zone = ZoneInfo(location.zone)
    start, _ = clock.bounds(first, zone)
    _, end = clock.bounds(first + timedelta(days=days - 1), zone)
    return start, end + timedelta(hours=12)


def minutes(span: Span) -> int:
    """How long a span lasts."""
    return int((span[1] - span[0]).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Lying:
    """What one person or thing does of a booking.

    `span` of the booking as the client knows it, `own` of the part, `taken` with buffers. `alone`: whether the part is
    the whole booking. `loud`: the client's note that jumps out. `others`: who and what does it with them.
    """

    booking: BookingId
    version: int
    client: ClientId
    called: str
    status: Status
    span: Span
    own: Span
    taken: Span
    bookable: BookableId
    services: tuple[ServiceId, ...]
    overbooked: bool
    loud: str | None
    note: str | None
    others: tuple[BookableId, ...] = ()

    @property
    def minutes(self) -> int:
        return minutes(self.own)


@dataclass(frozen=True, slots=True)
class Taken:
    """What else occupies somebody.

    `kind`: hold, time_off, crew or elsewhere; `word`: the time off's kind, the crew they are in, the other location.
    """

    bookable: BookableId
    kind: str
    span: Span
    word: str | None


@dataclass(frozen=True)
class Column:
    """Somebody or something on a date. `hours`: from when to when it is at the location, in order and apart."""

    bookable: BookableView
    day: date
    hours: Sequence[Span]
    away: bool
    lying: Sequence[Lying]
    taken: Sequence[Taken]

    @property
    def booked(self) -> int:
        """Minutes of work that stand, without buffers; with those of a crew's bookings."""
        own = sum(one.minutes for one in self.lying if one.status in STANDING)
        return own + sum(minutes(one.span) for one in self.taken if one.kind == "crew")

    @property
    def available(self) -> int:
        return sum(map(minutes, self.hours))


@dataclass(frozen=True)
class AgendaDay:
    """A date at a location. `window`: the instants that belong to it; `holiday`: its name where it is one."""

    day: date
    open: Day
    window: Span
    holiday: str | None
    columns: Sequence[Column]
    cancelled: int

    @property
    def bookings(self) -> dict[BookingId, Lying]:
        """Each booking of the day once."""
        return {one.booking: one for column in self.columns for one in column.lying if self.has(one)}

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
    """Some days of everybody at a location, or only of one; a dozen statements whatever is booked."""
    zone = ZoneInfo(location.zone)
    span = around(location, first, days)
    all_of_them = await _lying(location.id, span)
    lying = [one for one in all_of_them if one.status is not Status.CANCELLED]
    cancelled = {one.booking: one.span[0] for one in all_of_them if one.status is Status.CANCELLED}
    everybody = await here(location.id, {one.bookable for one in lying})
    asked = [one.id for one in everybody if only in (None, one.id)]
    plans = await roster.plan(asked, first, days)
    names: dict[int, str] = {one.id: one.name for one in everybody if one.kind is BookableKind.CREW}
    taken = await _taken(location.id, asked, span, lying, names)
    places = await roster.places(first - timedelta(days=1), first + timedelta(days=days))
    specials = await _holidays(location.id, first, first + timedelta(days=days - 1))
    known = {one.id: one for one in everybody}
    made = []
    for offset in range(days):
        on = first + timedelta(days=offset)
        place = places.get(location.id)
        before, opening = (place.on(on - timedelta(days=1)), place.on(on)) if place else ((), ())
        own = window(on, before, opening, zone)
        columns = [
            _column(known[who], plans[who][offset], location.id, own, zone, lying, taken.get(who, ())) for who in asked
        ]
        off = sum(own[0] <= moment < own[1] for moment in cancelled.values())
        made.append(AgendaDay(on, opening, own, specials.get(on), columns, off))
    return Agenda(location, zone, made, await _services(lying), everybody)


def _meets(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _column(
    who: BookableView,
    plan: DayPlan,
    location: LocationId,
    own: Span,
    zone: ZoneInfo,
    lying: Iterable[Lying],
    taken: Iterable[Taken],
) -> Column:
    shifts = [shift for shift in plan.shifts if shift.location == location]
    spans = [span for shift in shifts for span in hours.spans(plan.day, shift.hours, zone)]
    reach = (own[0], max([own[1], *(end for _, end in spans)]))
    return Column(
        who,
        plan.day,
        spans,
        bool(plan.off),
        [one for one in lying if one.bookable == who.id and _meets(one.own, reach)],
        [one for one in taken if _meets(one.span, reach)],
    )


_LYING = """
    SELECT b.id, b.version, b.client, b.status, b.starts_at, b.ends_at, b.note, b.overbooked IS NOT NULL AS overbooked,
        p.given_name, p.middle_name, p.family_name, p.company,
        (SELECT n.text FROM client_note n WHERE n.client = b.client AND n.loud AND n.retired_at IS NULL
            ORDER BY n.id DESC LIMIT 1) AS loud, w.*
    FROM booking b JOIN client_profile p ON p.client = b.client CROSS JOIN LATERAL (
        SELECT a.bookable, min(i.starts_at) AS own_start, max(i.ends_at) AS own_end,
            min(i.starts_at - make_interval(mins => i.buffer_before)) AS taken_start,
            max(i.ends_at + make_interval(mins => i.buffer_after)) AS taken_end,
            array_agg(i.service ORDER BY i.starts_at, i.id) AS services
        FROM booking_item i JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
        WHERE i.booking = b.id AND i.retired_at IS NULL GROUP BY a.bookable
    ) w
    WHERE b.location = $1 AND b.retired_at IS NULL
        AND b.starts_at >= $2::timestamptz - $4::interval AND b.starts_at < $3 AND b.ends_at > $2
    ORDER BY w.own_start, b.id
"""


async def _lying(location: LocationId, span: Span) -> list[Lying]:
    rows = await db.fetch(_LYING, location, *span, LONGEST_BOOKING)
    people: dict[int, list[BookableId]] = {}
    for row in rows:
        people.setdefault(row["id"], []).append(row["bookable"])
    return [
        Lying(
            row["id"],
            row["version"],
            row["client"],
            Names(row["given_name"], row["middle_name"], row["family_name"], row["company"]).shown,
            Status(row["status"]),
            (row["starts_at"], row["ends_at"]),
            (row["own_start"], row["own_end"]),
            (row["taken_start"], row["taken_end"]),
            row["bookable"],
            tuple(row["services"]),
            row["overbooked"],
            row["loud"],
            row["note"],
            tuple(who for who in people[row["id"]] if who != row["bookable"]),
        )
        for row in rows
    ]


async def here(location: LocationId, besides: Iterable[int] = ()) -> list[BookableView]:
    """Who and what may be at a location, and `besides` them those who are booked there all the same: people first."""
    rows = await db.fetch(
        "SELECT id, version, operation, kind, name, staff, position, retired_at FROM bookable b"
        " WHERE id = ANY($2::bigint[]) OR retired_at IS NULL AND EXISTS (SELECT FROM schedule s"
        "  WHERE s.bookable = b.id AND s.location = $1 AND s.retired_at IS NULL)"
        " ORDER BY array_position($3::text[], kind), position, id",
        location,
        list(besides),
        [kind.value for kind in BookableKind],
    )
    return [BookableView(**{**row, "kind": BookableKind(row["kind"])}) for row in rows]


_TAKEN = """
    SELECT o.bookable, o.booking, b.location, lower(o.during) AS start, upper(o.during) AS until, o.kind,
        coalesce(t.kind, l.name) AS word
    FROM occupancy o LEFT JOIN time_off t ON t.id = o.time_off
    LEFT JOIN booking b ON b.id = o.booking LEFT JOIN location l ON l.id = b.location
    WHERE o.bookable = ANY($1::bigint[]) AND o.during && tstzrange($2, $3)
        AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp())
    ORDER BY lower(o.during)
"""


async def _taken(
    location: LocationId, asked: Sequence[BookableId], span: Span, lying: Iterable[Lying], names: Mapping[int, str]
) -> dict[BookableId, list[Taken]]:
    """What else than their own bookings here takes them; a crew's bookings by the crew's name."""
    doing: dict[int, set[BookableId]] = {}
    for one in lying:
        doing.setdefault(one.booking, set()).add(one.bookable)
    found: dict[BookableId, list[Taken]] = {}
    for row in await db.fetch(_TAKEN, list(asked), *span):
        who, doers = row["bookable"], doing.get(row["booking"], set())
        if who in doers:
            continue
        kind, word = row["kind"], row["word"]
        if kind == "booking":
            here = row["location"] == location
            kind = "crew" if here else "elsewhere"
            word = ", ".join(names[doer] for doer in sorted(doers) if doer in names) if here else word
        found.setdefault(who, []).append(Taken(who, kind, (row["start"], row["until"]), word))
    return found


async def _holidays(location: LocationId, first: date, last: date) -> dict[date, str]:
    rows = await db.fetch(
        "SELECT date, name FROM holiday WHERE retired_at IS NULL AND date BETWEEN $2 AND $3"
        " AND (location = $1 OR location IS NULL) ORDER BY location NULLS FIRST",
        location,
        first,
        last,
    )
    return {row["date"]: row["name"] for row in rows}


async def _services(lying: Iterable[Lying]) -> dict[ServiceId, Mapping[str, str]]:
    ids = sorted({service for one in lying for service in one.services})
    rows = await db.fetch("SELECT id, names FROM service WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: json.loads(row["names"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Listed:
    """A booking in a list or on paper, a cancelled one too. `phone` as E.164; `people`: who and what does it."""

    booking: BookingId
    client: ClientId
    called: str
    phone: str | None
    address: str | None
    status: Status
    source: str
    span: Span
    note: str | None
    loud: str | None
    services: tuple[Mapping[str, str], ...]
    people: tuple[tuple[BookableId, str], ...]


_LISTED = """
    SELECT b.id, b.client, b.status, b.source, b.starts_at, b.ends_at, b.note,
        p.given_name, p.middle_name, p.family_name, p.company, p.phones, p.address,
        (SELECT n.text FROM client_note n WHERE n.client = b.client AND n.loud AND n.retired_at IS NULL
            ORDER BY n.id DESC LIMIT 1) AS loud,
        (SELECT jsonb_agg(s.names ORDER BY i.starts_at, i.id) FROM booking_item i JOIN service s ON s.id = i.service
            WHERE i.booking = b.id AND i.retired_at IS NULL) AS services,
        (SELECT jsonb_agg(DISTINCT jsonb_build_array(w.position, w.id, w.name)) FROM booking_item i
            JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL JOIN bookable w ON w.id = a.bookable
            WHERE i.booking = b.id AND i.retired_at IS NULL) AS people
    FROM booking b JOIN client_profile p ON p.client = b.client
    WHERE b.location = $1 AND b.retired_at IS NULL AND b.starts_at >= $2 AND b.starts_at < $3
    ORDER BY b.starts_at, b.id
"""


async def listed(location: LocationView, first: date, days: int) -> list[Listed]:
    """The bookings that begin on some dates, in the order of time; one statement."""
    zone = ZoneInfo(location.zone)
    start, end = clock.bounds(first, zone)[0], clock.bounds(first + timedelta(days=days - 1), zone)[1]
    return [
        Listed(
            row["id"],
            row["client"],
            Names(row["given_name"], row["middle_name"], row["family_name"], row["company"]).shown,
            next((one["number"] for one in json.loads(row["phones"])), None),
            row["address"],
            Status(row["status"]),
            row["source"],
            (row["starts_at"], row["ends_at"]),
            row["note"],
            row["loud"],
            tuple(json.loads(row["services"] or "[]")),
            tuple((who, name) for _, who, name in json.loads(row["people"] or "[]")),
        )
        for row in await db.fetch(_LISTED, location.id, start, end)
    ]


Loads = Mapping[date, tuple[int, int]]
"""Minutes of people's work that are booked on each date, and minutes that there are."""


_BOOKED = """
    WITH those AS (
        SELECT b.id, (b.starts_at AT TIME ZONE $4)::date AS day, i.ends_at - i.starts_at AS long,
            a.bookable, w.kind = 'crew' AS crew
        FROM booking b JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
        JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
        JOIN bookable w ON w.id = a.bookable AND w.kind IN ('person', 'crew')
        WHERE b.location = $1 AND b.retired_at IS NULL AND b.status = ANY($5::text[])
            AND b.starts_at >= $2 AND b.starts_at < $3
    )
    SELECT day, (sum(extract(epoch FROM long)) / 60)::int AS minutes FROM (
        SELECT day, long FROM those WHERE NOT crew UNION ALL
        SELECT day, long FROM those JOIN occupancy o ON o.booking = those.id AND o.bookable <> those.bookable
            JOIN bookable p ON p.id = o.bookable AND p.kind = 'person' WHERE crew
    ) AS all_of_them GROUP BY day
"""
"""What people do by themselves, and what they do as a crew."""


async def latest() -> int:
    """The last thing that anybody did: while it is the same one, so is every month's load."""
    return int(await db.fetchval("SELECT max(id) FROM operation"))


async def month(location: LocationView, on: date) -> Loads:
    """How much of each date of a month is booked."""
    first = on.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    zone = ZoneInfo(location.zone)
    people = [one.id for one in await here(location.id) if one.kind is BookableKind.PERSON]
    plans = await roster.plan(people, first, (last - first).days + 1)
    rows = await db.fetch(
        _BOOKED,
        location.id,
        clock.bounds(first, zone)[0],
        clock.bounds(last, zone)[1],
        location.zone,
        list(STANDING),
    )
    booked = {row["day"]: row["minutes"] for row in rows}
    there = {first + timedelta(days=offset): 0 for offset in range((last - first).days + 1)}
    for those in plans.values():
        for plan in those:
            there[plan.day] += sum(
                hours.worked(plan.day, shift.hours, zone) for shift in plan.shifts if shift.location == location.id
            )
    return {day: (booked.get(day, 0), available) for day, available in there.items()}
