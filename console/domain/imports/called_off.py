"""Cancellations and no-shows of the books: of a booking that is there, else of one of their own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from console.domain.booking.rules import CancelledBy, Status
from console.domain.booking.tables import Booking
from console.domain.clients.tables import Client
from console.domain.imports import bookings, people
from console.domain.imports.known import known, note
from console.domain.imports.rules.mapping import Mapped
from console.domain.imports.rules.rows import Booked
from console.domain.imports.settings import Setting, Tally, items
from console.domain.running import Operation
from console.domain.text import fold


async def take(op: Operation, of: Setting, status: Status, rows: Sequence[Booked], mapped: Mapped) -> Tally:
    """Bring bookings to a status: one of just that service on that date that still stands, else a new one."""
    tally = Tally()
    there = await known(of, status.value, map(_key, rows))
    guests = await people.clients(of, [row.guest.key for row in rows])
    await op.lock(Client, guests.values())
    _, services = await items()
    fresh: dict[str, Booked] = {}
    for row in rows:
        if _key(row) in there or _key(row) in fresh:
            tally.merged += 1
        elif row.guest.key not in guests:
            tally.reject([row.line], "problem.import_client_erased")
        elif fold(row.service) not in services:
            tally.reject([row.line], "problem.import_unknown_service")
        elif status is Status.NO_SHOW and row.on > of.today:
            tally.reject([row.line], "problem.import_to_come")
        else:
            fresh[_key(row)] = row
    tally.imported = len(fresh)
    became = await _match(of, fresh, guests, services)
    await op.lock(Booking, became.values())
    said = {key: _said(of, status, row) for key, row in fresh.items()}
    own = {booking: said[key] for key, booking in became.items()}
    await bookings.come_to(op, list(own), status, list(own.values()))
    alone = {key: row for key, row in fresh.items() if key not in became}
    new = await bookings.alone(of, ((guests[row.guest.key], row) for row in alone.values()), mapped.time)
    ids = await bookings.add(op, of, new, status, [said[key] for key in alone])
    await note(op, of, status.value, became | dict(zip(alone, ids, strict=True)))
    return tally


def _key(row: Booked) -> str:
    return f"{bookings.key(row)}|{row.cancelled_on or ''}"


async def _match(
    of: Setting, rows: Mapping[str, Booked], guests: Mapping[str, int], services: Mapping[str, int]
) -> dict[str, int]:
    """The bookings that stand and of whose every service rows say it, by the keys of these."""
    if not rows:
        return {}
    said: dict[Any, list[str]] = defaultdict(list)
    for key, row in rows.items():
        said[guests[row.guest.key], row.on, services[fold(row.service)]].append(key)
    first, last = (extreme(row.on for row in rows.values()) for extreme in (min, max))
    found: dict[str, int] = {}
    for booking in await bookings.standing(guests.values(), of, first, last):
        wanted = Counter((booking["client"], booking["on"], service) for service in booking["services"])
        if all(len(said[one]) >= many for one, many in wanted.items()):
            found |= {said[one].pop(0): booking["id"] for one in wanted.elements()}
    return found


def _said(of: Setting, status: Status, row: Booked) -> dict[str, Any]:
    """Who called it off is not said: the client. It was late where the days between are fewer than the notice."""
    if status is not Status.CANCELLED:
        return {}
    days = (row.on - row.cancelled_on).days if row.cancelled_on else None
    late = days is not None and days * 24 < of.notice_hours
    return {"cancelled_by": CancelledBy.CLIENT.value, "late": late}
