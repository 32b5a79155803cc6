"""Whether workbooks can be held: a process of its own opens each first, which may take so much memory and no more.

A file of a few kilobytes may say that its cells lie a million rows and sixteen thousand columns apart, or that one
long text stands in each of them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import PurePath

from console.domain.imports.rules.arriving import Arrived, NotTaken
from console.domain.imports.rules.sheets import BOOKS

MEMORY = 1024**3
"""Bytes that may be taken."""
SECONDS = 30
_OPEN = f"""
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
from python_calamine import CalamineError, CalamineWorkbook
try:
    CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())).get_sheet_by_index(0)
except (CalamineError, IndexError, ValueError):
    pass
"""


def weigh(files: Iterable[Arrived]) -> None:
    """Raise `NotTaken` for the first workbook that cannot be held; what is none is told of when it is read."""
    for one in files:
        if PurePath(one.name).suffix.lower() in BOOKS and not _opens(one.content):
            raise NotTaken("problem.import_book_large", name=one.name)


def _opens(content: bytes) -> bool:
    asked = [sys.executable, "-I", "-c", _OPEN]
    try:
        done = subprocess.run(asked, input=content, capture_output=True, timeout=SECONDS, check=False)
    except (subprocess.TimeoutExpired, BrokenPipeError):
        return False
    return done.returncode == 0
