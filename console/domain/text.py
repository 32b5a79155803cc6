"""Text as people compare it: one folding for search and for sorting."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WHOLE = str.maketrans({"ё": "е", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
"""Letters that are no letter with an accent, but are typed as one."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd\ud800-\udfff]")
"""What no text may hold: controls, what turns the direction of what follows, and characters that were lost."""
HIDDEN = re.compile(r"[\xad\u200b\u2061-\u2064\ufeff\U000e0000-\U000e007f]")
"""What shows nothing and makes two names of one; a longer text may hold it."""


def fold(text: str) -> str:
    """Case, accents and ё folded, й kept, runs of spaces made one: `  Ёлкин  JOSÉ` is `елкин jose`.

    The database's own folding differs between its versions and locales; columns to search or sort by hold this one.
    """
    composed = unicodedata.normalize("NFC", text.casefold()).translate(_WHOLE)
    return " ".join("".join(map(_plain, composed)).split())


def written_address(stored: str) -> str:
    """An email's address as people write it: olga@пример.рф for olga@xn--e1afmkfd.xn--p1ai."""
    person, at, domain = stored.rpartition("@")
    try:
        return f"{person}{at}{domain.encode('ascii').decode('idna')}" if "xn--" in domain else stored
    except UnicodeError:
        return stored


@lru_cache(4096)
def _plain(letter: str) -> str:
    if letter == "й":
        return letter
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
