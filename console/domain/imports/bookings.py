"""Bookings of the books, as they lay: over one another where they did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from console.domain import db
from console.domain.booking import occupancy
from console.domain.booking.rules import Source, Status
from console.domain.booking.tables import Assignment, Booking, BookingItem, StatusChange
from console.domain.booking.telling import settle_told
from console.domain.clients.tables import Client
from console.domain.clock import WallTime
from console.domain.imports import people
from console.domain.imports.known import known, note
from console.domain.imports.otherwise import Theirs, known_otherwise
from console.domain.imports.rules.overlaps import Lying, laid
from console.domain.imports.rules.plan import Planned
from console.domain.imports.rules.rows import Booked
from console.domain.imports.settings import Setting, Tally, items
from console.domain.running import Operation
from console.domain.text import fold


@dataclass(frozen=True)
class Item:
    """A service of a booking: from when until when, and by whom (None: nobody said)."""

    service: int
    who: int | None
    start: datetime
    end: datetime


@dataclass(frozen=True)
class New:
    """A booking that is to be written, with its services in time."""

    client: int
    items: Sequence[Item]
    rows: Sequence[Booked]

    @property
    def start(self) -> datetime:
        return min(one.start for one in self.items)

    @property
    def end(self) -> datetime:
        return max(one.end for one in self.items)

    @property
    def spans(self) -> dict[int, tuple[datetime, datetime]]:
        """Whom it takes, from the first to the last that they do."""
        found: dict[int, tuple[datetime, datetime]] = {}
        for one in self.items:
            if one.who is not None:
                start, end = found.get(one.who, (one.start, one.end))
                found[one.who] = min(start, one.start), max(end, one.end)
        return found


def key(row: Booked, client: str | None = None) -> str:
    """What a row of a booking is known by, or would be where the files named its client otherwise."""
    return "|".join((client or row.guest.key, str(row.on), str(row.minute), fold(row.service), fold(row.staff)))


async def take(op: Operation, of: Setting, groups: Sequence[Planned]) -> Tally:
    """Add the bookings that are not there yet."""
    tally = Tally()
    there = await known(of, "booking", (key(row) for group in groups for row in group.rows))
    guests = await people.clients(of, [group.guest.key for group in groups])
    unknown = (Theirs(row.guest, partial(key, row)) for group in groups for row in group.rows if key(row) not in there)
    there |= await known_otherwise(of, "booking", unknown, guests)
    await op.lock(Client, guests.values())
    _, services = await items()
    minutes, staff = await _minutes(), await people.staff()
    fresh: list[New] = []
    for group in groups:
        rows = list({key(row): row for row in group.rows if key(row) not in there}.values())
        tally.merged += len(group.rows) - len(rows)
        if group.guest.key not in guests:
            tally.reject((row.line for row in rows), "problem.import_client_erased")
            continue
        able = [row for row in rows if fold(row.service) in services]
        tally.reject((row.line for row in rows if fold(row.service) not in services), "problem.import_unknown_service")
        if able:
            fresh.append(New(guests[group.guest.key], _items(of, able, services, minutes, staff), able))
            tally.imported += len(able)
    ids = await add(op, of, fresh, Status.BOOKED)
    await note(op, of, "booking", {key(row): id_ for new, id_ in zip(fresh, ids, strict=True) for row in new.rows})
    return tally


def _items(
    of: Setting,
    rows: Sequence[Booked],
    services: Mapping[str, int],
    minutes: Mapping[int, int],
    staff: Mapping[str, int],
) -> list[Item]:
    """One after the other: what would last beyond the next one's beginning ends there."""
    starts = [WallTime(row.on, row.minute or 0).bound(of.zone) for row in rows]
    found = []
    for at, row in enumerate(rows):
        service = services[fold(row.service)]
        end = starts[at] + timedelta(minutes=minutes[service])
        after = min((start for start in starts if start > starts[at]), default=end)
        found.append(Item(service, staff.get(fold(row.staff)), starts[at], min(end, after)))
    return found


async def alone(of: Setting, rows: Iterable[tuple[int, Booked]], unknown: int) -> list[New]:
    """Bookings of one service each, of clients; `unknown`: when those begin of which a date alone is known."""
    _, services = await items()
    minutes, staff = await _minutes(), await people.staff()
    return [
        New(
            client,
            _items(of, [row._replace(minute=unknown if row.minute is None else row.minute)], services, minutes, staff),
            [row],
        )
        for client, row in rows
    ]


async def add(
    op: Operation, of: Setting, fresh: Sequence[New], status: Status, said: Sequence[Mapping[str, Any]] | None = None
) -> list[int]:
    """Write bookings that came to a status, and answer their ids; `said`: more about that, of each."""
    lies = status is Status.BOOKED
    lanes = await _lanes(fresh) if lies else [None] * len(fresh)
    ids = await op.insert_many(
        Booking,
        [
            {
                "client": new.client,
                "location": of.location,
                "starts_at": new.start,
                "ends_at": new.end,
                "status": status.value,
                "source": Source.BOOKS.value,
                "overbooked": of.over_others if over else None,
            }
            for new, over in zip(fresh, lanes, strict=True)
        ],
    )
    parts = [(id_, item) for id_, new in zip(ids, fresh, strict=True) for item in new.items]
    written = await op.insert_many(
        BookingItem,
        [
            {
                "booking": id_,
                "service": item.service,
                "starts_at": item.start,
                "ends_at": item.end,
                "buffer_before": 0,
                "buffer_after": 0,
            }
            for id_, item in parts
        ],
    )
    doing = [(part, item.who) for part, (_, item) in zip(written, parts, strict=True) if item.who is not None]
    await op.insert_many(Assignment, [{"item": part, "bookable": who} for part, who in doing])
    await note_status(op, ids, Status.BOOKED)
    if not lies:
        await note_status(op, ids, status, said)
    await people.train(op, [(item.who, item.service) for _, item in parts if item.who is not None])
    if lies:
        await occupancy.lay(
            [
                (id_, who, start, end, (over or {}).get(who, 0))
                for id_, new, over in zip(ids, fresh, lanes, strict=True)
                for who, (start, end) in new.spans.items()
            ]
        )
    return ids


async def note_status(
    op: Operation, bookings: Sequence[int], status: Status, said: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Say that bookings came to a status."""
    nothing: Mapping[str, Any] = {"cancelled_by": None, "late": None}
    more = said or [nothing] * len(bookings)
    await op.insert_many(
        StatusChange,
        [{"booking": one, "status": status.value, **nothing, **own} for one, own in zip(bookings, more, strict=True)],
    )


async def come_to(
    op: Operation, bookings: Sequence[int], status: Status, said: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """Bring bookings, which must be locked, to a status; called off they occupy nobody, and nobody is reminded."""
    await op.update_many(Booking, bookings, {"status": status.value})
    await note_status(op, bookings, status, said)
    if bookings and status in (Status.CANCELLED, Status.NO_SHOW):
        await occupancy.occupy(bookings)
    await settle_told(op, bookings)


async def standing(clients: Iterable[int], of: Setting, first: date, last: date) -> list[Any]:
    """What clients are booked for there on dates and nobody has said yet what became of it, by when it begins."""
    start, end = (WallTime(on, minute).bound(of.zone) for on, minute in ((first, 0), (last, 1440)))
    return list(
        await db.fetch(
            "SELECT b.id, b.client, b.starts_at, (b.starts_at AT TIME ZONE l.zone)::date AS on,"
            " array(SELECT service FROM booking_item i WHERE i.booking = b.id AND i.retired_at IS NULL) AS services"
            " FROM booking b JOIN location l ON l.id = b.location WHERE b.client = ANY($1::bigint[]) AND l.id = $4"
            " AND b.starts_at >= $2 AND b.starts_at < $3 AND b.retired_at IS NULL"
            " AND b.status IN ('booked', 'confirmed', 'arrived') ORDER BY b.starts_at, b.id",
            list(clients),
            start,
            end,
            of.location,
        )
    )


async def _lanes(fresh: Sequence[New]) -> list[dict[int, int] | None]:
    """Who is locked as by every writer of the occupancy, and where in their time there is room."""
    spans = [new.spans for new in fresh]
    whom = {who for span in spans for who in span}
    if not whom:
        return [None] * len(fresh)
    await occupancy.lock(whom)
    start = min(begin for span in spans for begin, _ in span.values())
    end = max(until for span in spans for _, until in span.values())
    there: dict[int, list[Lying]] = {}
    for row in await occupancy.lying(whom, start, end):
        there.setdefault(row["bookable"], []).append(Lying(row["start"], row["end"], row["lane"]))
    return laid(there, spans)


async def _minutes() -> dict[int, int]:
    return {row["id"]: row["minutes"] for row in await db.fetch("SELECT id, minutes FROM service")}
