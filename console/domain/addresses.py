"""An email's address as it is kept: what mail finds, in lower case, its domain in ASCII."""

from __future__ import annotations

import re
import unicodedata

from console.domain.errors import Problem
from console.domain.text import written_address

EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@(?:[^@\s.\"(),:;<>\[\]\\]+\.)+[^@\s.\"(),:;<>\[\]\\]+")
LONGEST_EMAIL = 254


class BadAddress(ValueError):
    """What no mail finds; `problem` says why."""

    def __init__(self, key: str, **params: object) -> None:
        self.problem = Problem(key, params)
        super().__init__(key)


def address_in(typed: str) -> str:
    """An address in lower case; a letter may become two by that. Raises `BadAddress`.

    Letters of another width or shape (ａ, ﬁ) are refused: they look like the usual ones, and no mail finds them.
    """
    lower = typed.lower()
    if len(lower) > LONGEST_EMAIL:
        raise BadAddress("problem.too_long", limit=LONGEST_EMAIL, length=len(lower))
    usual = unicodedata.normalize("NFKC", lower).lower()
    if usual != lower and EMAIL.fullmatch(usual):
        raise BadAddress("problem.email_letters", usual=written_address(_to_ascii(usual)))
    if not EMAIL.fullmatch(lower):
        raise BadAddress("problem.email")
    return _to_ascii(lower)


def _to_ascii(address: str) -> str:
    person, _, domain = address.rpartition("@")
    try:
        return address if domain.isascii() else f"{person}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise BadAddress("problem.email") from None
