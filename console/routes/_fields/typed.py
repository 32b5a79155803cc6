"""What a text may hold, and where it begins and ends."""

from __future__ import annotations

import unicodedata

from console.domain.text import CONTROL as CONTROL
from console.domain.text import HIDDEN as HIDDEN

BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters by their category that show nothing."""


def trimmed(typed: str) -> str:
    """What was typed without spaces and what shows nothing at either end; nothing where nothing can be seen."""
    if not any(_seen(letter) for letter in typed):
        return "" if not CONTROL.search(typed) else typed
    first = next(at for at, letter in enumerate(typed) if not _space(letter))
    last = next(at for at in range(len(typed), 0, -1) if not _space(typed[at - 1]))
    return typed[first:last]


def _seen(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "CMZ" and letter not in BLANK


def _space(letter: str) -> bool:
    return letter.isspace() or letter in BLANK or unicodedata.category(letter) == "Cf"
