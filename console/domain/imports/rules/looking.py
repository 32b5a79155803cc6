"""A file before it is brought in: its first rows, how it is written, and what is wrong with what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from console.domain.errors import Problem
from console.domain.imports.rules.mapping import File, Mapped
from console.domain.imports.rules.rows import NoColumns, Styles, styles
from console.domain.imports.rules.sheets import Cells, NoTable, Sheet, read

SHOWN = 5
"""How many rows are shown."""


@dataclass(frozen=True)
class Look:
    """What is seen of a file; `file`: what is said of it, None: nothing yet. `problem`: why it cannot be brought in."""

    name: str
    content: bytes
    file: File | None
    sheet: Sheet | None
    first: Sequence[Cells] = ()
    count: int = 0
    styles: Styles | None = None
    problem: Problem | None = None


def look(name: str, content: bytes, mapped: Mapped) -> Look:
    """Look at a file."""
    file = mapped.file(name)
    try:
        sheet = read(name, content, file.encoding if file else None, file.delimiter if file else None)
        rows = sheet.rows()
        first = [cells for _, cells in islice(rows, SHOWN)]
        count = len(first) + sum(1 for _ in rows)
    except NoTable as none:
        return Look(name, content, file, None, problem=none.problem)
    if file is None:
        return Look(name, content, None, sheet, first, count)
    try:
        written = styles(sheet, file, mapped)
    except NoColumns as missing:
        return Look(name, content, file, sheet, first, count, problem=missing.problem)
    return Look(name, content, file, sheet, first, count, written, written.unsure)
