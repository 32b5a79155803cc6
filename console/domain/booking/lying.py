"""What lies on some days of a location: bookings, and what else takes those who are there.

Hot paths: a raw statement each, whatever is booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.booking.rules import Status
from console.domain.booking.sheet import Span, covered
from console.domain.booking.unsaid import UNSAID
from console.domain.business.queries import LocationView
from console.domain.clients.parts import LOUDEST, SITE
from console.domain.clients.rules import Names
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ServiceId
from console.domain.roster.queries import BookableView
from console.domain.roster.rules import BookableKind

LONGEST_BOOKING = timedelta(hours=100)
"""As `booking_time_check` has it."""


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
class Other:
    """Who or what else does something of a booking: from when on, and which services."""

    bookable: BookableId
    starts_at: datetime
    services: tuple[ServiceId, ...]


@dataclass(frozen=True, slots=True)
class Lying:
    """What one person or thing does of a booking.

    `span` of the booking as the client knows it, `own` of the part, `taken` with buffers. `loud`: the client's note
    that jumps out. `recurs`: whether it is one of a series. `others`: who and what does it with them, before or after.
    `away`: whether whoever does it has time off then. `site`: the name or address of the client's site where it is,
    empty for one that was erased. `unsaid`: nobody knows what became of it.
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
    recurs: bool = False
    others: tuple[Other, ...] = ()
    away: bool = False
    site: str | None = None
    unsaid: bool = False

    @property
    def minutes(self) -> int:
        return minutes(self.own)


@dataclass(frozen=True, slots=True)
class Taken:
    """What else occupies somebody.

    `kind`: hold, time_off, crew or elsewhere, or of a crew members or nobody; `word`: the time off's kind, the crew
    they are in, the other location, those in the crew who are taken or away; `work`: the span without buffers, of what
    a crew is booked for.
    """

    bookable: BookableId
    kind: str
    span: Span
    word: str | None
    work: Span | None = None


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


_LYING = f"""
    SELECT b.id, b.version, b.client, b.status, b.starts_at, b.ends_at, b.note, b.overbooked IS NOT NULL AS overbooked,
        b.series IS NOT NULL AS recurs,
        EXISTS (SELECT FROM time_off t WHERE t.bookable = w.bookable AND t.retired_at IS NULL
            AND t.last >= b.starts_at::date - 1 AND t.first <= b.ends_at::date + 1
            AND time_off_instants(t) && tstzrange(w.taken_start, w.taken_end)) AS away,
        p.given_name, p.middle_name, p.family_name, p.company,
        {LOUDEST} AS loud, {SITE} AS site, {UNSAID} AS unsaid, w.*
    FROM booking b JOIN client_profile p ON p.client = b.client LEFT JOIN client_site z ON z.id = b.site
    CROSS JOIN LATERAL (
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
"""  # noqa: S608


async def what_lies(location: LocationId, span: Span) -> list[Lying]:
    """The bookings of a location, cancelled ones too, once for each who does them; one statement."""
    rows = await db.fetch(_LYING, location, *span, LONGEST_BOOKING)
    everybody: dict[int, list[Other]] = {}
    for row in rows:
        one = Other(row["bookable"], row["own_start"], tuple(row["services"]))
        everybody.setdefault(row["id"], []).append(one)
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
            row["recurs"],
            tuple(one for one in everybody[row["id"]] if one.bookable != row["bookable"]),
            row["away"],
            row["site"],
            row["unsaid"],
        )
        for row in rows
    ]


_TAKEN = """
    SELECT o.bookable, o.booking, b.location, lower(o.during) AS start, upper(o.during) AS until, o.kind,
        coalesce(t.kind, l.name) AS word
    FROM occupancy o LEFT JOIN time_off t ON t.id = o.time_off
    LEFT JOIN booking b ON b.id = o.booking LEFT JOIN location l ON l.id = b.location
    WHERE o.bookable = ANY($1::bigint[]) AND o.during && tstzrange($2, $3)
        AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp())
    ORDER BY lower(o.during)
"""


async def what_takes(
    location: LocationId, asked: Sequence[BookableId], during: Span, lying: Iterable[Lying], names: Mapping[int, str]
) -> dict[BookableId, list[Taken]]:
    """What else than their own bookings here takes them; a crew's bookings by the crew's name."""
    doing: dict[int, set[BookableId]] = {}
    works: dict[int, list[Span]] = {}
    for one in lying:
        doing.setdefault(one.booking, set()).add(one.bookable)
        if one.bookable in names:
            works.setdefault(one.booking, []).append(one.own)
    found: dict[BookableId, list[Taken]] = {}
    for row in await db.fetch(_TAKEN, list(asked), *during):
        who, doers = row["bookable"], doing.get(row["booking"], set())
        if who in doers:
            continue
        kind, word = row["kind"], row["word"]
        if kind == "booking":
            here = row["location"] == location
            kind = "crew" if here else "elsewhere"
            word = ", ".join(names[doer] for doer in sorted(doers) if doer in names) if here else word
        span = row["start"], row["until"]
        found.setdefault(who, []).append(Taken(who, kind, span, word, _within(span, works.get(row["booking"]))))
    return found


def _within(span: Span, works: Sequence[Span] | None) -> Span | None:
    """What of a span is work, of which the rest is buffers; None where no crew does any."""
    if not works:
        return None
    start, end = max(span[0], min(one[0] for one in works)), min(span[1], max(one[1] for one in works))
    return start, max(start, end)


_MEMBERS = """
    SELECT c.id AS crew, d.starts_at, d.ends_at, m.id AS member, m.name,
        lower(o.during) AS start, upper(o.during) AS until
    FROM unnest($1::bigint[]) AS c (id)
    CROSS JOIN unnest($2::date[], $3::timestamptz[], $4::timestamptz[]) AS d (day, starts_at, ends_at)
    LEFT JOIN LATERAL unnest(crew_on(c.id, d.day)) AS w (member) ON true
    LEFT JOIN bookable m ON m.id = w.member
    LEFT JOIN occupancy o ON o.bookable = w.member AND o.during && tstzrange(d.starts_at, d.ends_at)
        AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp())
        AND NOT EXISTS (SELECT FROM occupancy x WHERE x.bookable = c.id AND (x.booking = o.booking OR x.hold = o.hold))
    ORDER BY c.id, lower(o.during), m.position, m.id
"""


async def what_takes_crews(
    crews: Sequence[BookableId], first: date, days: int, zone: ZoneInfo
) -> tuple[dict[BookableId, list[Taken]], dict[BookableId, str]]:
    """When crews cannot work on some dates because somebody in them is taken or away, or nobody is in them.

    And what all who are in them are called.
    """
    if not crews:
        return {}, {}
    dates = [first + timedelta(days=offset) for offset in range(days)]
    bounds = [clock.bounds(day, zone) for day in dates]
    rows = await db.fetch(_MEMBERS, list(crews), dates, [start for start, _ in bounds], [end for _, end in bounds])
    spans: dict[BookableId, list[tuple[Span, str]]] = {}
    found: dict[BookableId, list[Taken]] = {}
    for row in rows:
        if row["member"] is None:
            found.setdefault(row["crew"], []).append(
                Taken(row["crew"], "nobody", (row["starts_at"], row["ends_at"]), None)
            )
        elif row["start"] is not None:
            spans.setdefault(row["crew"], []).append(((row["start"], row["until"]), row["name"]))
    for crew, theirs in spans.items():
        found.setdefault(crew, []).extend(
            Taken(crew, "members", span, ", ".join(names)) for span, names in covered(theirs)
        )
    return found, {row["member"]: row["name"] for row in rows if row["member"] is not None}
