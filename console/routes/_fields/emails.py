"""An address that mail finds."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from console import i18n
from console.routes._fields.field import Bad, Field

EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@(?:[^@\s.\"(),:;<>\[\]\\]+\.)+[^@\s.\"(),:;<>\[\]\\]+")
LONGEST_EMAIL = 254


def email(name: str = "email", **options: Any) -> Field:
    """An address, in lower case; a letter may become two by that. Its domain is kept as mail knows it, in ASCII.

    Letters of another width or shape (ａ, ﬁ) are refused: they look like the usual ones, and no mail finds them.
    """

    def read(typed: str) -> str:
        lower = typed.lower()
        if len(lower) > LONGEST_EMAIL:
            raise Bad("problem.too_long", limit=LONGEST_EMAIL, length=len(lower))
        usual = unicodedata.normalize("NFKC", lower).lower()
        if usual != lower and EMAIL.fullmatch(usual):
            raise Bad("problem.email_letters", usual=i18n.email(_to_ascii(usual)))
        if not EMAIL.fullmatch(lower):
            raise Bad("problem.email")
        return _to_ascii(lower)

    return Field(name, read, kind="email", limit=LONGEST_EMAIL, show=i18n.email, **{"autocomplete": "off", **options})


def _to_ascii(address: str) -> str:
    person, _, domain = address.rpartition("@")
    try:
        return address if domain.isascii() else f"{person}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise Bad("problem.email") from None
