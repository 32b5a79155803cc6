"""What can be printed of a programme, and of a visit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.domain.ids import VersionId, VisitId
from console.domain.loyalty.rules.programme import Programme

PAPERS: Mapping[str, Sequence[str]] = {
    "rules": ("a4",),
    "poster": ("a4", "a3"),
    "stamps": ("a4",),
    "procedures": ("a4",),
}
"""The documents of a programme, each with the papers that it comes on, the usual one first."""

RECEIPT = "receipt"
"""The document of a visit."""
RECEIPT_PAPERS: Sequence[str] = ("a4", "roll80")
"""What a receipt comes on: a sheet, or a roll that is 80 mm wide."""

TRIES = 3
"""How often a document is begun whose process was ended."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which document: of which version or draft, else of which visit, in which language, on which paper."""

    document: str
    language: str
    paper: str
    programme_version: VersionId | None
    visit: VisitId | None = None


def sheet_of(row: Mapping[str, Any]) -> Sheet:
    """What a row of the database is a print of."""
    return Sheet(row["document"], row["language"], row["paper"], row["programme_version"], row["visit"])


def offered(programme: Programme) -> Sequence[str]:
    """The documents that a programme has: stamp cards only where there are stamps."""
    return [one for one in PAPERS if one != "stamps" or programme.counter]


def digest(sheet: Sheet, html: str, made_by: str) -> bytes:
    """What tells a print from every other: what it is made from, and by what."""
    parts = (sheet.document, sheet.language, sheet.paper, str(sheet.programme_version or sheet.visit), made_by, html)
    return hashlib.sha256("\0".join(parts).encode()).digest()
