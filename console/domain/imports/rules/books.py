"""All files of an import together: read, recognised, and divided into the parts that are taken in one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from console.domain.errors import Problem
from console.domain.imports.rules.mapping import File, Holds, Mapped
from console.domain.imports.rules.persons import Said, persons, said
from console.domain.imports.rules.plan import guests, planned, receipts
from console.domain.imports.rules.rows import (
    Booked,
    Guest,
    Known,
    NoColumns,
    Offered,
    Rejected,
    Row,
    Sold,
    Styles,
    rows,
    styles,
)
from console.domain.imports.rules.sheets import NoTable, Sheet, read
from console.domain.text import fold

BEGINNING = date(2000, 1, 1)
"""Since when prices and hours hold where nothing has a date."""
AT_ONCE = 500
"""How many things are taken in by one operation."""


class Unreadable(ValueError):
    """Files that cannot be read as the mapping says: what is wrong, by the file."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


@dataclass
class Book:
    """A file: what it holds and how it is written, and its rows."""

    name: str
    file: File
    sheet: Sheet
    styles: Styles
    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.rejected)


@dataclass(frozen=True)
class Books:
    """All of them, in the order in which they are taken in; `digest`: which files they are, and by which mapping."""

    mapped: Mapped
    files: Sequence[Book]
    passed_over: Sequence[str]
    digest: str

    @property
    def guests(self) -> Mapping[str, Guest]:
        return guests(row for book in self.files for row in book.rows)

    @property
    def staff(self) -> list[str]:
        """Everybody who is said to have done something, as they were called first."""
        found: dict[str, str] = {}
        for book in self.files:
            for row in book.rows:
                if name := getattr(row, "staff", ""):
                    found.setdefault(fold(name), name)
        return list(found.values())

    @cached_property
    def dates(self) -> Sequence[date]:
        return sorted({row.on for book in self.files for row in book.rows if isinstance(row, Booked | Sold)})

    @property
    def since(self) -> date:
        """The first date on which anything happened, or the beginning of time: from then on people were there."""
        return next(iter(self.dates), BEGINNING)

    @property
    def last_receipt(self) -> date | None:
        """The date of the last one."""
        return max((row.on for book in self.files for row in book.rows if isinstance(row, Sold)), default=None)

    def people(self) -> Iterator[tuple[Sequence[str], Sequence[Guest]]]:
        """Who did something, and whom no list of clients names, in parts that are always the same."""
        listed = {row.guest.key for book in self.files for row in book.rows if isinstance(row, Known)}
        others = [guest for key, guest in self.guests.items() if key not in listed]
        yield self.staff, others[:AT_ONCE]
        for start in range(AT_ONCE, len(others), AT_ONCE):
            yield (), others[start : start + AT_ONCE]

    def parts(self, book: Book) -> Iterator[list[Any]]:
        """What a file says happened, put together and in time, in parts that are always the same."""
        things: Sequence[Any] = book.rows
        if book.file.holds is Holds.CLIENTS:
            known = self.guests
            things = [Known(row.line, known[row.guest.key]) for row in book.rows if isinstance(row, Known)]
        elif book.file.holds is Holds.BOOKINGS:
            things = planned(row for row in book.rows if isinstance(row, Booked))
        elif book.file.holds is Holds.RECEIPTS:
            things = receipts(row for row in book.rows if isinstance(row, Sold))
        for start in range(0, len(things), AT_ONCE):
            yield list(things[start : start + AT_ONCE])


def opened(files: Mapping[str, bytes], mapped: Mapped, written: str) -> Books:
    """Read files, of whose mapping the text is `written`. Raises `Unreadable` with all that is wrong."""
    books: list[Book] = []
    passed_over: list[str] = []
    problems: dict[str, Problem] = {}
    for name, content in sorted(files.items()):
        file = mapped.file(name)
        if file is None:
            passed_over.append(name)
            continue
        try:
            books.append(_book(name, content, file, mapped))
        except (NoTable, NoColumns) as unreadable:
            problems[name] = unreadable.problem
        except _Ambiguous as unsure:
            problems[name] = unsure.problem
    if problems:
        raise Unreadable(problems)
    same = persons(row for book in books for row in book.rows)
    for book in books:
        book.rows = [_named(row, same) for row in book.rows]
    order = list(Holds)
    books.sort(key=lambda book: order.index(book.file.holds))
    known = {name: content for name, content in files.items() if mapped.file(name)}
    return Books(mapped, books, passed_over, digest_of(known, written))


def digest_of(files: Mapping[str, bytes], written: str) -> str:
    """Which files these are, and by which mapping."""
    digest = hashlib.sha256(written.encode())
    for name, content in sorted(files.items()):
        digest.update(name.encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()


def _named(row: Row, same: Mapping[Said, str]) -> Row:
    """A row of somebody who has no code, by the key that says the most of them."""
    if isinstance(row, Offered) or row.guest is None or row.guest.coded or said(row.guest) not in same:
        return row
    return row._replace(guest=row.guest._replace(key=same[said(row.guest)]))


class _Ambiguous(ValueError):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.key)
        self.problem = problem


def _book(name: str, content: bytes, file: File, mapped: Mapped) -> Book:
    sheet = read(name, content, file.encoding, file.delimiter)
    written = styles(sheet, file, mapped)
    if unsure := written.unsure:
        raise _Ambiguous(unsure)
    book = Book(name, file, sheet, written)
    for row in rows(sheet, file, mapped, written):
        if isinstance(row, Rejected):
            book.rejected.append(row)
        else:
            book.rows.append(row)
    return book
