"""Receipts of the books: each a visit, which finishes the booking that it was for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from console.domain import db
from console.domain.booking.rules import Status
from console.domain.booking.tables import Booking
from console.domain.clients.tables import Client
from console.domain.clock import WallTime
from console.domain.ids import ClientId
from console.domain.imports import bookings, offers, people
from console.domain.imports.again import NOTHING_TO_RETURN, Again, lacking
from console.domain.imports.known import known, note
from console.domain.imports.otherwise import Theirs, known_otherwise
from console.domain.imports.rules.mapping import Mapped
from console.domain.imports.rules.plan import Lines, Receipt, lines
from console.domain.imports.settings import Setting, Tally, items
from console.domain.running import Operation
from console.domain.text import fold
from console.domain.visits import moving_in
from console.domain.visits.moving_in import Came


async def take(op: Operation, of: Setting, receipts: Sequence[Receipt], mapped: Mapped) -> Tally:
    """Add the visits that are not there yet; what is returned comes off an earlier one."""
    tally = Tally()
    there = await known(of, "visit", (receipt.key for receipt in receipts))
    guests = await people.clients(of, [receipt.guest.key for receipt in receipts if receipt.guest])
    unknown = (Theirs(one.guest, one.key_of) for one in receipts if one.guest and one.key not in there)
    there |= await known_otherwise(of, "visit", unknown, guests)
    await op.lock(Client, guests.values())
    called = await _called(op, of, receipts, mapped)
    fresh: list[tuple[Receipt, Lines]] = []
    again: list[Again] = []
    for receipt in receipts:
        rows = [row.line for row in receipt.rows]
        found = lines(receipt, called, mapped)
        if receipt.key in there:
            tally.rejected = [*(tally.rejected or ()), *found.rejected]
            tally.merged += len(rows) - len(found.rejected)
            client = guests.get(receipt.guest.key) if receipt.guest else None
            again.append(Again(found, there[receipt.key], client))
        elif receipt.guest is not None and receipt.guest.key not in guests:
            tally.reject(rows, "problem.import_client_erased")
        elif receipt.on > of.today:
            tally.reject(rows, "problem.import_to_come")
        else:
            tally.rejected = [*(tally.rejected or ()), *found.rejected]
            fresh.append((receipt, found))
            tally.imported += len(rows) - len(found.rejected)
    missing = await lacking(of, again)
    tally.rejected = [*(tally.rejected or ()), *missing]
    tally.merged -= len(missing)
    sold = [(receipt, found) for receipt, found in fresh if found.lines]
    came = await _came(op, of, sold, guests, mapped.time)
    ids = await moving_in.write(op, came, of.method)
    became = {receipt.key: id_ for (receipt, _), id_ in zip(sold, ids, strict=True)}
    for receipt, found in fresh:
        await _take_returns(op, of, receipt, found, guests, tally, became)
    await note(op, of, "visit", became)
    return tally


async def _called(
    op: Operation, of: Setting, receipts: Sequence[Receipt], mapped: Mapped
) -> dict[str, tuple[str, int]]:
    """Services and products as the files call them; services that are not there are made where the mapping says so."""
    called, _ = await items()
    missing = [
        row.item
        for receipt in receipts
        for row in receipt.rows
        if row.amount >= 0 and row.item and fold(row.item) not in called
    ]
    if mapped.create and missing:
        await offers.add_services(op, of, missing, mapped.minutes)
        called, _ = await items()
    return called


async def _came(
    op: Operation,
    of: Setting,
    sold: Sequence[tuple[Receipt, Lines]],
    guests: Mapping[str, int],
    time: int,
) -> list[Came]:
    names = await _names(sold)
    booked = await _booked(of, sold, guests)
    found, finished = [], []
    for receipt, own in sold:
        client = ClientId(guests[receipt.guest.key]) if receipt.guest else None
        booking = booked.get(receipt.key)
        if booking is not None:
            finished.append(booking["id"])
        at = booking["starts_at"] if booking else WallTime(receipt.on, time).bound(of.zone)
        parts = [
            moving_in.Line(line.item, names[line.item], line.quantity, line.unit, line.packed, line.discount)
            for line in own.lines
        ]
        came = Came(
            client, booking["id"] if booking else None, of.location, receipt.on, min(at, op.now), of.currency, parts
        )
        found.append(came)
    await op.lock(Booking, finished)
    await bookings.come_to(op, finished, Status.FINISHED)
    return found


async def _booked(of: Setting, sold: Sequence[tuple[Receipt, Lines]], guests: Mapping[str, int]) -> dict[str, Any]:
    """What clients were booked for on the dates of their receipts, by the receipt that it is finished by.

    That is one with a service that was booked, else one with any, else one of products alone.
    """
    if not sold:
        return {}
    standing: dict[tuple[int, date], list[Any]] = defaultdict(list)
    first, last = (extreme(receipt.on for receipt, _ in sold) for extreme in (min, max))
    for row in await bookings.standing(guests.values(), of, first, last):
        standing[row["client"], row["on"]].append(row)
    found: dict[str, Any] = {}
    for fits in (_has_of, _has_any, _has):
        for receipt, own in sold:
            if receipt.guest is None or receipt.key in found:
                continue
            mine = standing[guests[receipt.guest.key], receipt.on]
            if (booking := next((one for one in mine if fits(own, one)), None)) is not None:
                mine.remove(booking)
                found[receipt.key] = booking
    return found


def _has_of(own: Lines, booking: Any) -> bool:
    return any(line.item[0] == "service" and line.item[1] in booking["services"] for line in own.lines)


def _has_any(own: Lines, booking: Any) -> bool:
    return any(line.item[0] == "service" for line in own.lines)


def _has(own: Lines, booking: Any) -> bool:
    return True


async def _names(sold: Sequence[tuple[Receipt, Lines]]) -> dict[tuple[str, int], Mapping[str, str]]:
    """What services and products are called."""
    used = {line.item for _, own in sold for line in own.lines}
    found: dict[tuple[str, int], Mapping[str, str]] = {}
    for kind in ("service", "product"):
        ids = [id_ for of, id_ in used if of == kind]
        rows = await db.fetch(f"SELECT id, names FROM {kind} WHERE id = ANY($1::bigint[])", ids)  # noqa: S608
        found |= {(kind, row["id"]): json.loads(row["names"]) for row in rows}
    return found


async def _take_returns(
    op: Operation,
    of: Setting,
    receipt: Receipt,
    found: Lines,
    guests: Mapping[str, int],
    tally: Tally,
    became: dict[str, int],
) -> None:
    for row, item in found.returned:
        client = ClientId(guests[receipt.guest.key]) if receipt.guest else None
        at = WallTime(receipt.on, 0).bound(of.zone)
        back = None
        if client is not None:
            back = await moving_in.give_back(op, client, item, -row.amount, at, receipt.on, of.returned, of.method)
        if back is None:
            tally.reject([row.line], NOTHING_TO_RETURN)
            tally.imported -= 1
        else:
            became.setdefault(receipt.key, back)
