"""The rows of a file that were not taken in, as a file of their own: CSV, with why in a last column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from console.domain.imports.rules.mapping import Mapped
from console.domain.imports.rules.sheets import Sheet, read

_FORMULA = re.compile(r"^(?=\s*(?:[=@\uff1d\uff20]|[+\-\uff0b\uff0d](?![\d\s().,\-]*$)))")
"""Where a spreadsheet would begin a formula; amounts and phones stay, for the file may be brought in once mended."""


def rejected_rows(name: str, content: bytes, mapped: Mapped, why: Mapping[int, str], heading: str) -> bytes:
    """Those of a file by their lines, `why` in words."""
    file = mapped.file(name)
    encoding, delimiter = (file.encoding, file.delimiter) if file else (None, None)
    return table_of(read(name, content, encoding, delimiter), why, heading)


def table_of(sheet: Sheet, why: Mapping[int, str], heading: str) -> bytes:
    """The same of a table that is read; in UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(_rows(sheet, why, heading))
    return out.getvalue().encode("utf-8-sig")


def _rows(sheet: Sheet, why: Mapping[int, str], heading: str) -> Iterator[Sequence[str]]:
    yield [*sheet.header, heading]
    for line, row in sheet.rows():
        if line in why:
            yield [*(_FORMULA.sub("'", cell) for cell in row), why[line]]
