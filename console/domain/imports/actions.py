"""Use cases of an import: beginning a run, taking in a part of it, and saying what became of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from console.domain import db
from console.domain.booking.rules import Status
from console.domain.booking.steps import share_open_location
from console.domain.booking.telling import settle
from console.domain.business.queries import business
from console.domain.business.tables import BUSINESS, Business, Location
from console.domain.clients.queries import client_names
from console.domain.errors import NotFound, Refused
from console.domain.ids import BookingId
from console.domain.imports import bookings, called_off, offers, people, queries, sales, settings, undoing
from console.domain.imports.known import mark_anew, note
from console.domain.imports.rules.books import Books
from console.domain.imports.rules.mapping import Holds, Mapped
from console.domain.imports.rules.plan import Planned, Receipt
from console.domain.imports.rules.rows import Booked, Guest, Known, Offered
from console.domain.imports.rules.writing import written
from console.domain.imports.tables import ImportRun
from console.domain.loyalty import opening as loyalty
from console.domain.operation import operation
from console.domain.plain import to_plain
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission
from console.domain.text import fold
from console.domain.visits.opening import opened, ruled

Counts = Mapping[str, Mapping[str, int | str]]
"""By a file what it holds, and how many of its rows were read, imported, merged and rejected."""


class OtherCurrency(Refused):
    """Amounts in another currency than the business's: they would be taken for its own."""

    key = "refused.import_currency"


class Undone(Refused):
    """A run that somebody undid meanwhile."""

    key = "refused.import_undone"


@operation("import.begin", permission=Permission.IMPORT_RUN, undo=undoing.TAKE_BACK)
async def begin(op: Operation, mapped: Mapped, digest: str, reminders: bool = False) -> dict[str, int]:
    """Begin to bring files in; `digest`: which they are. `reminders`: of bookings that are still to come.

    Where nothing is there yet, the business and its location are made as the mapping says. Raises `OtherCurrency`.
    """
    return {"import_run": await begun(op, mapped, digest, reminders)}


async def begun(op: Operation, mapped: Mapped, digest: str, reminders: bool = False) -> int:
    """The same as a part of another operation; the run."""
    op.say_nothing()
    await op.lock(Business, [BUSINESS])
    await check_currency(mapped)
    location = await _location(op, mapped)
    await settings.make_ready(op)
    return await op.insert(
        ImportRun,
        source=mapped.source,
        location=location,
        digest=digest,
        mapping=written(mapped),
        report={},
        reminders=reminders,
    )


async def check_currency(mapped: Mapped) -> None:
    """Raise `OtherCurrency`, unless nothing is there yet and the business is made as the mapping says."""
    ours = (await business()).currency
    if mapped.business.currency != ours and not await queries.untouched_business():
        raise OtherCurrency(currency=mapped.business.currency, ours=ours)


async def unfinished(mapped: Mapped, digest: str) -> int | None:
    """The run of just these files that was stopped."""
    run: int | None = await db.fetchval(
        "SELECT id FROM import_run WHERE source = $1 AND digest = $2 AND finished_at IS NULL AND retired_at IS NULL",
        mapped.source,
        digest,
    )
    return run


async def _location(op: Operation, mapped: Mapped) -> int:
    """The location of the mapping's name, else the first that is open; where there is none, a new one."""
    there = await db.fetch("SELECT id, name FROM location WHERE retired_at IS NULL ORDER BY id")
    if there:
        named = [row["id"] for row in there if fold(row["name"]) == fold(mapped.place.name)]
        return int([*named, there[0]["id"]][0])
    about = mapped.business
    if await db.fetchval("SELECT version = 1 FROM business"):
        values = {"name": about.name, "currency": about.currency, "language": about.language}
        await op.update(Business, BUSINESS, None, values)
    place = {**asdict(mapped.place), "hours": to_plain(mapped.place.hours)}
    return await op.insert(Location, **place)


@operation("import.take", permission=Permission.IMPORT_RUN, undo=FINAL)
async def take(
    op: Operation, run: int, file: str, holds: Holds, rows: Sequence[Any], mapped: Mapped, since: date
) -> dict[str, Any]:
    """Take in a part of a file: how many rows were imported and merged, and which were rejected, and why.

    What is there already is left as it is. `since`: from when on listed prices hold. Raises `Undone`.
    """
    op.nothing_new()
    return (await _take(op, run, holds, rows, mapped, since)).plain


async def _take(
    op: Operation, run: int, holds: Holds, rows: Sequence[Any], mapped: Mapped, since: date
) -> settings.Tally:
    op.say_nothing()
    of = await _setting(op, run)
    match holds:
        case Holds.SERVICES | Holds.PRODUCTS:
            offered: Sequence[Offered] = rows
            kind = "service" if holds is Holds.SERVICES else "product"
            tally = await offers.take(op, of, kind, offered, since)
        case Holds.CLIENTS:
            listed: Sequence[Known] = rows
            tally = await _clients(op, of, listed)
        case Holds.BOOKINGS:
            planned: Sequence[Planned] = rows
            tally = await bookings.take(op, of, planned)
        case Holds.RECEIPTS:
            receipts: Sequence[Receipt] = rows
            tally = await sales.take(op, of, receipts, mapped)
        case Holds.CANCELLATIONS | Holds.NO_SHOWS:
            status = Status.CANCELLED if holds is Holds.CANCELLATIONS else Status.NO_SHOW
            off: Sequence[Booked] = rows
            tally = await called_off.take(op, of, status, off, mapped)
    return tally


async def _clients(op: Operation, of: settings.Setting, rows: Sequence[Known]) -> settings.Tally:
    """Whoever a list of clients names: added, or merged with those who are there."""
    added = await people.take_guests(op, of, list({row.guest.key: row.guest for row in rows}.values()))
    return settings.Tally(len(added), len(rows) - len(added))


@operation("import.take_people", permission=Permission.IMPORT_RUN, undo=FINAL)
async def take_people(
    op: Operation, run: int, staff: Sequence[str], guests: Sequence[Guest], since: date
) -> dict[str, int]:
    """Take in who is named in the files, before what they did and what was done for them. Raises `Undone`."""
    op.nothing_new()
    return {"added": await _take_people(op, run, staff, guests, since)}


async def _take_people(op: Operation, run: int, staff: Sequence[str], guests: Sequence[Guest], since: date) -> int:
    op.say_nothing()
    of = await _setting(op, run)
    await people.take_staff(op, of, staff, since)
    return len(await people.take_guests(op, of, guests))


@operation("import.rehearse", permission=Permission.IMPORT_RUN, undo=FINAL)
async def rehearse(op: Operation, books: Books, as_of: date | None = None) -> dict[str, Any]:
    """Take in all files at once, for a preview that keeps nothing: what would become of the rows of each (`files`).

    Through `as_of` the programme runs over them: what each client would have (`cards`). Whoever books or sells for the
    clients and people that are in the files and here already waits until it is over, and nobody else at the desk.
    Raises `NoProgramme`.
    """

    def part() -> Operation:
        """The same operation, that has locked nothing yet: parts of a run lock one after the other."""
        one = Operation(op.kind, op.intent, {})
        one.id = op.id
        return one

    if as_of is not None:
        await ruled(as_of)
    run = await unfinished(books.mapped, books.digest) or await begun(part(), books.mapped, books.digest)
    for staff, guests in books.people():
        await _take_people(part(), run, staff, guests, books.since)
    found: dict[str, dict[str, Any]] = {}
    for book in books.files:
        tally = settings.Tally()
        for rows in books.parts(book):
            taken = await _take(part(), run, book.file.holds, rows, books.mapped, books.since)
            tally.imported += taken.imported
            tally.merged += taken.merged
            tally.rejected = [*(tally.rejected or ()), *(taken.rejected or ())]
        found[book.name] = tally.plain
    return {"files": found, "cards": [] if as_of is None else await _cards(part, books.mapped.source, as_of)}


async def _cards(part: Callable[[], Operation], source: str, as_of: date) -> list[dict[str, Any]]:
    """What clients would have, with their names: those who come by it are nobody afterwards."""
    clients = await loyalty.unopened(await queries.clients_of(source))
    names = await client_names(clients)
    return [{**await opened(part(), one, as_of), "name": names[one].text} for one in clients]


@operation("import.remind", permission=Permission.IMPORT_RUN, undo=FINAL)
async def remind(op: Operation, run: int, those: Sequence[BookingId]) -> dict[str, int]:
    """Have clients reminded of bookings that came. Raises `Undone`."""
    of = await _setting(op, run)
    await settle(op, those, {})
    await note(op, of, "reminded", {str(booking): booking for booking in those})
    return {"import_run": run}


@operation("import.finish", permission=Permission.IMPORT_RUN, undo=FINAL)
async def finish(op: Operation, run: int, report: Counts) -> dict[str, int]:
    """Note what became of all rows. Raises `Undone`."""
    await _setting(op, run)
    await op.update(ImportRun, run, None, {"report": report, "finished_at": op.now})
    return {"import_run": run}


async def _setting(op: Operation, run: int) -> settings.Setting:
    """Lock a run that stands, and say where it writes to."""
    await op.lock(ImportRun, [run])
    row = await db.fetchrow("SELECT retired_at, location FROM import_run WHERE id = $1", run)
    if row is None:
        raise NotFound
    if row["retired_at"] is not None:
        raise Undone
    await share_open_location(row["location"])
    await mark_anew()
    return await settings.setting(op, run)
