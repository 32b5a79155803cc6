"""A table out of the bytes of a file: CSV in whatever encoding and with whatever delimiter, XLSX or ODS."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath

import charset_normalizer
from python_calamine import CalamineError, CalamineWorkbook

from console.domain.errors import Problem
from console.domain.text import CONTROL, HIDDEN, fold

DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 64 * 1024
"""Bytes that an encoding is recognised by where it is not UTF-8."""
CODE_PAGES = ["cp1251", "cp1252", "koi8_r", "cp866"]
ENCODINGS = ("utf-8-sig", "utf-16", *CODE_PAGES)
LOOKED_AT = 20
"""Lines that a delimiter is recognised by."""
MOST_COLUMNS = 200
BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

Cells = Sequence[str]


class NoTable(ValueError):
    """A file that holds no table that can be read; `problem` says why."""

    def __init__(self, key: str, **params: object) -> None:
        self.problem = Problem(key, params)
        super().__init__(key)


@dataclass(frozen=True)
class Sheet:
    """A table: what its columns are called in the row `top`, and how it was written (None of a workbook)."""

    header: Cells
    top: int
    encoding: str | None
    delimiter: str | None
    content: bytes
    suffix: str

    def has(self, columns: Mapping[str, str]) -> set[str]:
        """The fields whose columns are there."""
        there = set(map(fold, self.header))
        return {field for field, column in columns.items() if fold(column) in there}

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """The rows by their lines in the file, as wide as the header.

        Rows in which nothing stands are none. Read anew each time, so that nobody has to hold them all.
        """
        width = len(self.header)
        for line, row in _raw(self.content, self.suffix, self.encoding, self.delimiter):
            if line > self.top and any(cell.strip() for cell in row):
                yield line, [_plain(cell) for cell in (*row, *[""] * (width - len(row)))[:width]]


def _bare(cell: str) -> str:
    """No database keeps a NUL."""
    return cell.replace("\0", "").strip()


def read(name: str, content: bytes, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """The table in a file; how a text is written where that is not to be recognised. Raises `NoTable`."""
    suffix = PurePath(name).suffix.lower()
    if suffix in BOOKS:
        encoding = delimiter = None
    else:
        encoding = encoding or encoding_of(content)
        delimiter = delimiter or delimiter_of(content, encoding)
    lines = _raw(content, suffix, encoding, delimiter)
    top, header = next(((line, row) for line, row in lines if any(cell.strip() for cell in row)), (0, []))
    named = [_plain(cell) for cell in header]
    while named and not named[-1]:
        named.pop()
    if not named:
        raise NoTable("problem.sheet_empty")
    if len(named) > MOST_COLUMNS:
        raise NoTable("problem.sheet_wide", count=len(named))
    return Sheet(named, top, encoding, delimiter, content, suffix)


def encoding_of(content: bytes) -> str:
    """What the text of a file is written in. Raises `NoTable` for what is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in content[:SAMPLE]:
        raise NoTable("problem.sheet_no_text")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _code_page(content)
    return "utf-8-sig"


def _code_page(content: bytes) -> str:
    """Of the lines that say anything by it: most of a file is often plain ASCII."""
    telling = b"\n".join(line for line in content.splitlines() if not line.isascii())[:SAMPLE]
    best = charset_normalizer.from_bytes(telling, cp_isolation=CODE_PAGES, threshold=1).best()
    if best is None:
        raise NoTable("problem.sheet_no_text")
    return str(best.encoding)


def delimiter_of(content: bytes, encoding: str) -> str:
    """What stands between cells: what divides the first lines alike, and into the most."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="")
    lines = [line for line, _ in zip(text, range(LOOKED_AT), strict=False)]

    def divides(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(lines, delimiter=delimiter)
        try:
            widths = [len(row) for row in rows if row]
        except csv.Error:
            return 0, 0
        alike = sum(width == widths[0] for width in widths) if widths and widths[0] > 1 else 0
        return alike, widths[0] if widths else 0

    return max(DELIMITERS, key=divides)


def _raw(content: bytes, suffix: str, encoding: str | None, delimiter: str | None) -> Iterator[tuple[int, Cells]]:
    if encoding is None or delimiter is None:
        yield from _of_book(content)
        return
    text = io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="")
    rows = csv.reader(text, delimiter=delimiter)
    try:
        yield from enumerate(rows, 1)
    except csv.Error as error:
        raise NoTable("problem.sheet_broken", line=rows.line_num) from error


def _of_book(content: bytes) -> Iterator[tuple[int, Cells]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        first = book.get_sheet_by_index(0)
        rows = first.iter_rows()
    except (CalamineError, IndexError, ValueError) as error:
        raise NoTable("problem.sheet_no_book") from error
    for line, row in enumerate(rows, 1):
        yield line, [_written(cell) for cell in row]


def _written(cell: object) -> str:
    """A workbook's value as a plain text would have it: dates by ISO 8601, a whole number without a point."""
    match cell:
        case bool():
            return str(cell).upper()
        case float():
            return f"{cell:.6f}".rstrip("0").rstrip(".")
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat("minutes")
        case timedelta():
            return f"{cell.seconds // 3600:02}:{cell.seconds // 60 % 60:02}"
    return str(cell)


def _plain(cell: str) -> str:
    """A cell in one line, without what no name here may hold."""
    return cell.strip() if cell.isprintable() else HIDDEN.sub("", CONTROL.sub("", " ".join(cell.split()))).strip()
