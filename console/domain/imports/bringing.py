"""Bringing books in: part by part, each an operation of its own, so that whoever is stopped goes on where they were."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

from console.domain import clock
from console.domain.ids import ClientId
from console.domain.imports import actions, queries
from console.domain.imports.rules.books import Book, Books
from console.domain.imports.rules.mapping import Holds
from console.domain.imports.rules.rows import Rejected
from console.domain.intent import SYSTEM, Actor, Intent
from console.domain.loyalty import opening
from console.domain.visits.opening import Opened, open_card

NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000330")


Progress = Callable[[str, int, int], Awaitable[None]]
"""Told of a file how many of its rows are done, of how many."""


async def _untold(file: str, done: int, of: int) -> None:
    pass


@dataclass
class Counted:
    """What became of the rows of a file; `rejected` with the key of why."""

    holds: Holds
    read: int
    imported: int = 0
    merged: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    def add(self, taken: Mapping[str, Any]) -> None:
        """Count a part that was taken in."""
        self.imported += taken["imported"]
        self.merged += taken["merged"]
        self.rejected = sorted([*self.rejected, *(Rejected(*one) for one in taken["rejected"])])

    @property
    def plain(self) -> dict[str, int]:
        return {
            "read": self.read,
            "imported": self.imported,
            "merged": self.merged,
            "rejected": len(self.rejected),
        }


@dataclass(frozen=True)
class Card:
    """What a client has on their card once the programme ran over their visits."""

    client: ClientId
    stamps: int
    free_visits: int
    tier: str | None


async def run_programme(source: str, actor: Actor, as_of: date, progress: Progress = _untold) -> list[Card]:
    """Run the programme over what clients came for, as a source has it, through a date.

    `progress` is told of the clients as of no file. Whoever has something on their card already is left as they are;
    whoever has nothing may have something by a later date, or by more visits.
    """
    clients = await opening.unopened(await queries.clients_of(source))
    cards = []
    for done, client in enumerate(clients, 1):
        with contextlib.suppress(Opened):  # somebody else runs it as well
            cards.append(Card(**(await open_card(Intent(uuid4(), actor, clock.now()), client, as_of)).result))
        await progress("", done, len(clients))
    return cards


@dataclass(frozen=True)
class Brought:
    """A run, and what became of the rows by their files. `came`: whether anything came by it."""

    run: int
    files: Mapping[str, Counted]
    came: bool

    @property
    def plain(self) -> dict[str, dict[str, int]]:
        return {name: counted.plain for name, counted in self.files.items()}


async def bring(books: Books, actor: Actor, *, reminders: bool = False) -> Brought:
    """Bring books in, or go on where somebody was stopped who brought in the same."""
    run = await actions.unfinished(books.mapped, books.digest)
    if run is None:
        begun = await actions.begin(Intent(uuid4(), actor, clock.now()), books.mapped, books.digest, reminders)
        run = begun.result["import_run"]
    return await go_on(books, run)


async def go_on(books: Books, run: int, progress: Progress = _untold) -> Brought:
    """Take in what a run that was begun has not taken in yet; whoever goes on with it, its parts are the same."""
    for number, (staff, guests) in enumerate(books.people()):
        await actions.take_people(_intend(SYSTEM, run, f"people {number}"), run, staff, guests, books.since)
    files = {book.name: await _take(books, book, run, progress) for book in books.files}
    for number, those in enumerate(await queries.to_remind_of(run, clock.now())):
        await actions.remind(_intend(SYSTEM, run, f"reminders {number}"), run, those)
    report = {name: {"holds": one.holds.value, **one.plain} for name, one in files.items()}
    await actions.finish(_intend(SYSTEM, run, "finish"), run, report)
    return Brought(run, files, await queries.came_by(run))


@dataclass(frozen=True)
class Rehearsed:
    """What would become of the rows of each file, and what each client would have, with their names."""

    files: Mapping[str, Counted]
    cards: Sequence[tuple[str, Card]] = ()


async def rehearse(books: Books, actor: Actor, as_of: date | None = None) -> Rehearsed:
    """Everything is done, the programme run through `as_of` as well, and nothing of it kept."""
    seen = await actions.rehearse(Intent(uuid4(), actor, clock.now(), preview=True), books, as_of)
    files = {book.name: _counted(book) for book in books.files}
    for name, counted in files.items():
        counted.add(seen.result["files"][name])
    return Rehearsed(files, [(card.pop("name"), Card(**card)) for card in seen.result["cards"]])


def _counted(book: Book) -> Counted:
    return Counted(book.file.holds, book.count, rejected=list(book.rejected))


async def _take(books: Books, book: Book, run: int, progress: Progress) -> Counted:
    counted = _counted(book)
    done = 0
    for number, part in enumerate(books.parts(book)):
        intent = _intend(SYSTEM, run, f"{book.name} {number}")
        taken = await actions.take(intent, run, book.name, book.file.holds, part, books.mapped, books.since)
        counted.add(taken.result)
        done += sum(len(getattr(one, "rows", (one,))) for one in part)
        await progress(book.name, done, len(book.rows))
    return counted


def _intend(actor: Actor, run: int, name: str) -> Intent:
    """The same of the same run for ever: what is done is answered from its record."""
    return Intent(uuid5(NAMESPACE, f"{run} {name}"), actor, clock.now())
