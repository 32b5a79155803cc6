"""One booking as its page shows it, and the bookings of a client, of a day, and of somebody who is away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.domain import db
from console.domain.booking.lying import minutes
from console.domain.booking.rules import MOVABLE, UNDONE, CancelledBy, Source, Status
from console.domain.booking.unsaid import UNSAID
from console.domain.clients.rules import site_words
from console.domain.errors import NotFound
from console.domain.ids import BookableId, BookingId, ClientId, LocationId, ServiceId, SiteId

Names = Mapping[str, str]
"""Language to name."""


@dataclass(frozen=True)
class Doer:
    """Who or what does a service of a booking; a crew counts as a person."""

    id: BookableId
    name: str
    is_person: bool


@dataclass(frozen=True)
class Site:
    """Where a booking is done, a site of its client's that may be gone by now. `note`: how to get in.

    `address` None: it was erased.
    """

    id: SiteId
    name: str | None
    address: str | None
    note: str | None

    @property
    def words(self) -> str:
        """Its name and its address, empty for one that was erased."""
        return site_words(self.name, self.address)


@dataclass(frozen=True)
class ItemView:
    """A service of a booking; the price (minor units) is the one that was quoted, None where there was none.

    `usual`: minutes that those who do it need for it.
    """

    service: ServiceId
    names: Names
    starts_at: datetime
    ends_at: datetime
    minor: int | None
    currency: str | None
    doers: tuple[Doer, ...]
    usual: int

    @property
    def minutes(self) -> int:
        return minutes((self.starts_at, self.ends_at))


@dataclass(frozen=True)
class BookingView:
    """A booking with its services in their order. `overbooked`: the names of the reason why it lies over others.

    `retired_at`: when it was taken back by an undo. `unsaid`: it was over when it came here from the books of before,
    and these do not say what became of it.
    """

    id: BookingId
    version: int
    operation: int
    client: ClientId
    location: LocationId
    location_name: str
    zone: ZoneInfo
    notice_hours: int
    starts_at: datetime
    ends_at: datetime
    status: Status
    source: Source
    note: str | None
    overbooked: Names | None
    series: int | None
    retired_at: datetime | None
    site: Site | None
    unsaid: bool
    items: tuple[ItemView, ...]

    @property
    def minutes(self) -> int:
        return minutes((self.starts_at, self.ends_at))

    @property
    def by_hand(self) -> bool:
        """Whether somebody set how long it takes: it stays so whoever does it."""
        return any(item.minutes != item.usual for item in self.items)

    @property
    def people(self) -> list[Doer]:
        """The people who do it, each once."""
        return list(dict.fromkeys(one for item in self.items for one in item.doers if one.is_person))


@dataclass(frozen=True)
class Came:
    """How a booking came to a status."""

    status: Status
    at: datetime
    actor: int
    reason: Names | None
    cancelled_by: CancelledBy | None
    late: bool


_BOOKINGS = f"""
    SELECT b.id, b.version, b.operation, b.client, b.location, l.name AS location_name, l.zone, l.notice_hours,
        b.starts_at, b.ends_at, b.status, b.source, b.note, r.names AS overbooked, b.series, b.retired_at,
        CASE WHEN s.id IS NOT NULL THEN json_build_array(s.id, s.name, s.address, s.note) END AS site,
        {UNSAID} AS unsaid
    FROM booking b JOIN location l ON l.id = b.location LEFT JOIN reason r ON r.id = b.overbooked
        LEFT JOIN client_site s ON s.id = b.site
"""  # noqa: S608

_ITEMS = """
    SELECT i.booking, i.service, s.names, i.starts_at, i.ends_at, i.minor, i.currency,
        (SELECT json_agg(json_build_array(k.id, k.name, k.kind IN ('person', 'crew'))
                ORDER BY k.kind NOT IN ('person', 'crew'), k.position, k.id)
            FROM assignment a JOIN bookable k ON k.id = a.bookable
            WHERE a.item = i.id AND a.retired_at IS NOT DISTINCT FROM b.retired_at) AS doers,
        coalesce((SELECT max(coalesce(q.minutes, s.minutes)) FROM assignment a
            JOIN bookable k ON k.id = a.bookable AND k.kind IN ('person', 'crew')
            LEFT JOIN skill q ON q.bookable = k.id AND q.service = i.service AND q.retired_at IS NULL
            WHERE a.item = i.id AND a.retired_at IS NOT DISTINCT FROM b.retired_at), s.minutes) AS usual
    FROM booking_item i JOIN service s ON s.id = i.service JOIN booking b ON b.id = i.booking
    WHERE i.booking = ANY($1::bigint[]) AND i.retired_at IS NOT DISTINCT FROM b.retired_at ORDER BY i.starts_at, i.id
"""


async def booking(booking_id: int) -> BookingView:
    """One booking, also one that was taken back. Raises `NotFound`."""
    found = await _read(f"{_BOOKINGS} WHERE b.id = $1", booking_id)
    if not found:
        raise NotFound
    return found[0]


@dataclass(frozen=True)
class OfClient:
    """The bookings of a client: `upcoming`, which have not ended, the next one first, and of how many; `past`: those
    that are over, finished or called off, the latest first.
    """

    upcoming: Sequence[BookingView]
    count: int
    past: Sequence[BookingView]


_OF_CLIENT = f"""
    (SELECT u.*, true AS ahead, count(*) OVER () AS many FROM ({_BOOKINGS}
        WHERE b.client = $1 AND b.retired_at IS NULL AND b.ends_at > $2
        AND b.status NOT IN ('cancelled', 'finished', 'no_show')
    ) u ORDER BY u.starts_at, u.id LIMIT $3)
    UNION ALL (SELECT p.*, false, 0 FROM ({_BOOKINGS}
        WHERE b.client = $1 AND b.retired_at IS NULL
        AND (b.ends_at <= $2 OR b.status IN ('cancelled', 'finished', 'no_show'))
    ) p ORDER BY p.starts_at DESC, p.id DESC LIMIT $4)
"""  # noqa: S608


async def of_client(client: ClientId, now: datetime, most_upcoming: int, most_past: int) -> OfClient:
    """The bookings of a client on either side of an instant."""
    rows = [dict(row) for row in await db.fetch(_OF_CLIENT, client, now, most_upcoming, most_past)]
    counts = [row.pop("many") for row in rows]
    ahead = {row["id"]: row.pop("ahead") for row in rows}
    found = sorted(await _whole(rows), key=lambda one: (one.starts_at, one.id))
    upcoming = [one for one in found if ahead[one.id]]
    return OfClient(upcoming, max(counts, default=0), [one for one in reversed(found) if not ahead[one.id]])


async def expected_of_archived(clients: Sequence[ClientId], now: datetime) -> int:
    """How many bookings have not ended of clients who were put into the archive."""
    return int(
        await db.fetchval(
            "SELECT count(*) FROM booking b JOIN client c ON c.id = b.client WHERE c.id = ANY($1::bigint[])"
            " AND c.retired_at IS NOT NULL AND c.erased_at IS NULL AND b.retired_at IS NULL AND b.ends_at > $2"
            " AND b.status NOT IN ('cancelled', 'no_show')",
            list(clients),
            now,
        )
    )


HOLDS_UP = "b.client = $1 AND b.retired_at IS NULL AND b.ends_at > $2 AND b.status = ANY($3::text[])"
"""Of a client, an instant and the statuses that hold an erasure up: a booking that is neither done nor over then."""


async def holding_up(client: ClientId, now: datetime, most: int) -> list[BookingView]:
    """The bookings that hold up the erasure of a client, the next one first."""
    return await _read(
        f"{_BOOKINGS} WHERE {HOLDS_UP} ORDER BY b.starts_at, b.id LIMIT $4", client, now, list(UNDONE), most
    )


HELD_THERE = "b.site = $1 AND b.retired_at IS NULL AND b.ends_at > $2 AND b.status = ANY($3::text[])"
"""Of a site, an instant and statuses: a booking there that has one of these and is not over then."""


async def held_there(site: SiteId, now: datetime, most: int) -> list[BookingView]:
    """The bookings that hold up the erasure of a client's site, the next one first."""
    return await _read(
        f"{_BOOKINGS} WHERE {HELD_THERE} ORDER BY b.starts_at, b.id LIMIT $4", site, now, list(UNDONE), most
    )


async def held_there_count(site: SiteId, now: datetime) -> int:
    """How many those are."""
    sql = f"SELECT count(*) FROM booking b WHERE {HELD_THERE}"  # noqa: S608
    return int(await db.fetchval(sql, site, now, list(UNDONE)))


async def movable_between(where: LocationId, start: datetime, end: datetime) -> list[BookingView]:
    """The bookings at a location that begin between two instants and may still move, in their order."""
    return await _read(
        f"{_BOOKINGS} WHERE b.location = $1 AND b.retired_at IS NULL AND b.starts_at >= $2 AND b.starts_at < $3"
        " AND b.status = ANY($4::text[]) ORDER BY b.starts_at, b.id",
        where,
        start,
        end,
        [one.value for one in MOVABLE],
    )


async def movable_of(who: BookableId, on: date) -> list[BookingView]:
    """The bookings that occupy somebody, begin on a date at their location and may still move, in their order."""
    return await _read(
        f"{_BOOKINGS} WHERE b.retired_at IS NULL AND (b.starts_at AT TIME ZONE l.zone)::date = $2"  # noqa: S608
        " AND b.status = ANY($3::text[]) AND b.id IN (SELECT o.booking FROM occupancy o"
        "  WHERE o.bookable = $1 AND o.booking IS NOT NULL"
        "  AND o.during && tstzrange($2::timestamp - interval '2 days', $2::timestamp + interval '3 days'))"
        " ORDER BY b.starts_at, b.id",
        who,
        on,
        [one.value for one in MOVABLE],
    )


async def those(bookings: Sequence[int]) -> list[BookingView]:
    """Some bookings in the order of time."""
    return await _read(f"{_BOOKINGS} WHERE b.id = ANY($1::bigint[]) ORDER BY b.starts_at, b.id", list(bookings))


async def inside_time_off(time_off: int, now: datetime, most: int = 100) -> list[BookingView]:
    """The bookings to come that somebody was given for when they are away, in their order."""
    return await _read(
        f"{_BOOKINGS} WHERE b.retired_at IS NULL AND b.status = ANY($3::text[]) AND b.ends_at > $2 AND b.id IN"  # noqa: S608
        " (SELECT o.booking FROM time_off t JOIN occupancy o ON o.bookable = t.bookable AND o.booking IS NOT NULL"
        "  AND o.during && time_off_instants(t) WHERE t.id = $1 AND t.retired_at IS NULL)"
        " ORDER BY b.starts_at, b.id LIMIT $4",
        time_off,
        now,
        [one.value for one in MOVABLE],
        most,
    )


@dataclass(frozen=True)
class Absent:
    """Somebody who is to do a booking and has time off then. `inside`: else only the time around it is."""

    who: str
    time_off: int
    inside: bool


async def absent(bookings: Sequence[int]) -> dict[int, list[Absent]]:
    """Who of those that bookings occupy is away then, in the order of their names."""
    rows = await db.fetch(
        "SELECT b.id AS booking, k.name AS who, t.id AS time_off,"
        " time_off_instants(t) && tstzrange(b.starts_at, b.ends_at) AS inside"
        " FROM booking b JOIN occupancy o ON o.booking = b.id JOIN bookable k ON k.id = o.bookable"
        " JOIN time_off t ON t.bookable = o.bookable AND t.retired_at IS NULL AND time_off_instants(t) && o.during"
        " WHERE b.id = ANY($1::bigint[]) AND b.status = ANY($2::text[]) ORDER BY k.name, t.id",
        list(bookings),
        [one.value for one in MOVABLE],
    )
    found: dict[int, list[Absent]] = {}
    for row in rows:
        found.setdefault(row["booking"], []).append(Absent(row["who"], row["time_off"], row["inside"]))
    return found


async def _read(sql: str, *args: Any) -> list[BookingView]:
    return await _whole(await db.fetch(sql, *args))


async def _whole(rows: Sequence[Mapping[str, Any]]) -> list[BookingView]:
    """Bookings with what is done of each."""
    items: dict[int, list[ItemView]] = {row["id"]: [] for row in rows}
    for row in await db.fetch(_ITEMS, list(items)) if items else ():
        values = dict(row)
        values["names"] = json.loads(row["names"])
        values["doers"] = tuple(Doer(*one) for one in json.loads(row["doers"] or "[]"))
        items[values.pop("booking")].append(ItemView(**values))
    return [_view(row, items[row["id"]]) for row in rows]


def _view(row: Mapping[str, Any], items: Sequence[ItemView]) -> BookingView:
    shaped = {
        "zone": ZoneInfo(row["zone"]),
        "status": Status(row["status"]),
        "source": Source(row["source"]),
        "overbooked": json.loads(row["overbooked"]) if row["overbooked"] else None,
        "site": Site(*json.loads(row["site"])) if row["site"] else None,
        "items": tuple(items),
    }
    return BookingView(**{**row, **shaped})


async def statuses(booking_id: int) -> list[Came]:
    """How a booking came to where it stands, the first step first; what was undone is left out."""
    rows = await db.fetch(
        "SELECT c.status, o.at, o.actor, r.names AS reason, c.cancelled_by, coalesce(c.late, false) AS late"
        " FROM status_change c JOIN change h ON h.entity = 'status_change' AND h.entity_id = c.id AND h.created"
        " JOIN operation o ON o.id = h.operation LEFT JOIN reason r ON r.id = c.reason"
        " WHERE c.booking = $1 AND c.retired_at IS NULL ORDER BY c.id",
        booking_id,
    )
    return [
        Came(
            Status(row["status"]),
            row["at"],
            row["actor"],
            json.loads(row["reason"]) if row["reason"] else None,
            CancelledBy(row["cancelled_by"]) if row["cancelled_by"] else None,
            row["late"],
        )
        for row in rows
    ]


async def confirmed_for(booking_id: int) -> datetime | None:
    """The beginning that a client read who confirmed by their link; None where that is not the last that was said."""
    found: datetime | None = await db.fetchval(
        "SELECT CASE WHEN status = 'confirmed' THEN starts_read END FROM status_change"
        " WHERE booking = $1 AND retired_at IS NULL ORDER BY id DESC LIMIT 1",
        booking_id,
    )
    return found


async def operations(booking_id: int, most: int) -> list[int]:
    """The latest operations that touched a booking or what belongs to it."""
    rows = await db.fetch(
        "WITH items AS (SELECT id FROM booking_item WHERE booking = $1), own (entity, id) AS ("
        " SELECT 'booking', $1 UNION ALL SELECT 'booking_item', id FROM items"
        " UNION ALL SELECT 'assignment', a.id FROM assignment a JOIN items ON items.id = a.item"
        " UNION ALL SELECT 'status_change', id FROM status_change WHERE booking = $1)"
        " SELECT DISTINCT c.operation FROM own JOIN change c ON c.entity = own.entity AND c.entity_id = own.id"
        " ORDER BY c.operation DESC LIMIT $2",
        booking_id,
        most,
    )
    return [row["operation"] for row in rows]
