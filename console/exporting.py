"""Lists as files for a spreadsheet: CSV and XLSX. No cell of either is ever a formula."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import csv
import fcntl
import io
import os
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | Decimal | date | None
"""What a list shows in a file: amounts of money are Decimal, in whole units."""

FORMULA = re.compile(r"^(?=[\t\r\n])|(?:(?<=[,;\t\r\n])|^)(?=[\s\"]*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a spreadsheet would begin a formula, unless an apostrophe stands there (OWASP, CSV injection).

Also after whatever may stand between cells: who opens the file by another separator than ours cuts the texts there.
The last four signs are the full-width forms of the others.
"""

CSV_TYPE = "text/csv"
"""Of UTF-8, which the answer's header says of every text."""
ZIP_TYPE = "application/zip"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_SHEET_NAME = 31
COLUMN_WIDTH = 24
MOST_PLACES = 4
"""Of any currency."""
ROWS_AT_ONCE = 1000
BYTES_AT_ONCE = 256 * 1024
PREFIX = "fifth-visit-list-"
"""Of the folders in which long lists are written."""
MAKING = 60.0
"""Seconds after which nobody is just about to lock a folder."""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, decimal_comma: bool) -> bytes:
    """CSV (RFC 4180) in UTF-8 with a byte order mark.

    With a decimal comma the fields stand apart by semicolons, as spreadsheets of such a language expect.
    """
    return codecs.BOM_UTF8 + _lines([header], decimal_comma) + _lines(rows, decimal_comma)


def _in_csv(cell: Cell, decimal_comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return str(cell).replace(".", "," if decimal_comma else ".")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int) else _harmless(cell)


def _harmless(text: str) -> str:
    return FORMULA.sub("'", text)


def as_xlsx(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet: the header stays in sight, texts are texts, numbers and dates can be reckoned with."""
    from xlsxwriter import Workbook

    file = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, {**plain, "in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet(_sheet_name(name))
        sheet.write_row(0, 0, header, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        _write_all(sheet, 1, rows, _amounts(book))
        sheet.autofit()
    return file.getvalue()


def _amounts(book: Workbook) -> dict[int, Format]:
    """How amounts are shown, by their places: all of them, though the last be noughts."""
    return {
        places: book.add_format({"num_format": f"#,##0.{'0' * places}".rstrip(".")})
        for places in range(MOST_PLACES + 1)
    }


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, amounts: Mapping[int, Format]) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001
    elif isinstance(cell, Decimal):
        sheet.write_number(row, column, cell, amounts[-int(cell.as_tuple().exponent)])
    elif cell is not None:
        sheet.write_number(row, column, cell)


def _sheet_name(name: str) -> str:
    return "".join(" " if sign in "[]:*?/\\'" else sign for sign in name)[:LONGEST_SHEET_NAME].strip() or "1"


async def csv_parts(
    header: Sequence[str], rows: AsyncIterator[Sequence[Cell]], *, decimal_comma: bool
) -> AsyncIterator[bytes]:
    """The same as `as_csv` in pieces, for a list too long to be held at once."""
    yield as_csv(header, (), decimal_comma=decimal_comma)
    async for some in _in_portions(rows):
        yield _lines(some, decimal_comma)


def _lines(rows: Iterable[Sequence[Cell]], decimal_comma: bool) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if decimal_comma else ",")
    writer.writerows([_in_csv(cell, decimal_comma) for cell in row] for row in rows)
    return text.getvalue().encode()


async def xlsx_parts(name: str, header: Sequence[str], rows: AsyncIterator[Sequence[Cell]]) -> AsyncIterator[bytes]:
    """The same as `as_xlsx` in pieces; rows lie in a file meanwhile, and a thread of its own writes them."""
    from xlsxwriter import Workbook

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with _folder() as folder:
        path = folder / "list.xlsx"
        options = {**plain, "constant_memory": True, "tmpdir": str(folder), "default_date_format": "yyyy-mm-dd"}
        book = Workbook(path, options)
        sheet = book.add_worksheet(_sheet_name(name))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header) - 1, COLUMN_WIDTH)
        sheet.write_row(0, 0, header, book.add_format({"bold": True}))
        at, amounts = 1, _amounts(book)
        async for some in _in_portions(rows):
            await asyncio.to_thread(_write_all, sheet, at, some, amounts)
            at += len(some)
        await asyncio.to_thread(book.close)
        with path.open("rb") as file:
            while part := file.read(BYTES_AT_ONCE):
                yield part


async def zip_parts(files: AsyncIterator[tuple[str, bytes]]) -> AsyncIterator[bytes]:
    """Files by their names, which are told apart, as one archive in pieces; one of them at a time is held."""
    with _folder() as folder:
        path, taken = folder / "all.zip", set[str]()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            async for name, content in files:
                own, n = name, 1
                while own.casefold() in taken:
                    n += 1
                    own = f"{Path(name).with_suffix('')} ({n}){Path(name).suffix}"
                taken.add(own.casefold())
                await asyncio.to_thread(archive.writestr, own, content)
        with path.open("rb") as file:
            while part := file.read(BYTES_AT_ONCE):
                yield part


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder of one list, locked as long as somebody writes it or hands it out."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name, _opened(Path(name)) as folder:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield Path(name)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield opened
    finally:
        os.close(opened)


def sweep() -> None:
    """Take away the folders of lists whose process was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), _opened(folder) as opened:
            found = os.fstat(opened)
            if found.st_uid == os.geteuid() and time.time() - found.st_ctime > MAKING:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


async def _in_portions(rows: AsyncIterator[Sequence[Cell]]) -> AsyncIterator[list[Sequence[Cell]]]:
    held: list[Sequence[Cell]] = []
    async for row in rows:
        held.append(row)
        if len(held) == ROWS_AT_ONCE:
            yield held
            held = []
    yield held


def _write_all(sheet: Worksheet, first: int, rows: Iterable[Sequence[Cell]], amounts: Mapping[int, Format]) -> None:
    for at, row in enumerate(rows, start=first):
        for column, cell in enumerate(row):
            _write(sheet, at, column, cell, amounts)
