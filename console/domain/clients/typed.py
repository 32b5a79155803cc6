"""What somebody typed to find a client: what it may mean, and how near a word comes to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from console.domain.clients.rules import card_number
from console.domain.text import fold, written_address

LONGEST = 200
MOST_WORDS = 6
LONGEST_WORD = 60
SHORTEST_DIGITS = 3
"""Digits from which on they are looked for at the end of phones."""
SHORTEST_TAX = 4
"""The same at the end of numbers for the taxes."""
SHORTEST_INSIDE = 3
"""Letters from which on a word is found from its middle, too."""
SHORTEST_TYPO = 4
"""Letters from which on one typo is forgiven; and one in the beginning of a word.

Three that begin a word, one of them wrong, tell nobody in particular: of the 6900 words of bench/_clients.py they
fit 240 in the median and 1200 at most, which 3400 and in a tenth of the cases 13 000 of its 100 000 clients have; four
fit 21 words. Of a whole word of three letters a typo is forgiven all the same: see `SHORTEST_FORGIVEN`.
"""
SHORTEST_FORGIVEN = 3
"""The same of a whole word where nobody is found who has what was typed."""
SHORTEST_EMAIL = 3
NATIONAL_DIGITS = 10
"""Digits from which on a leading 8 or 0 may be a trunk prefix, which is no part of the number itself."""

SHORTEST_NATIONAL = 5
"""Digits from which on what follows a 0 may be the whole number of a phone within its country."""
LONGEST_COUNTRY = 3
"""Digits of a country's code."""

_WORD = re.compile(r"[^\W_]+")
_PHONE_MARKS = re.compile(r"[\s+()\-\u2010-\u2015\u2212./]*")
_EMAIL = re.compile(r"\S*@\S*")


class Nearness(IntEnum):
    """How near a word comes to what was typed; the sum of all parts orders what was found.

    Each is more than all the parts can sum up to of the one before.
    """

    EXACT = 0
    BEGINS = 1
    INSIDE = 10
    TYPO = 100
    BEGINS_WITH_TYPO = 1000


@dataclass(frozen=True)
class Reading:
    """One thing that the typed text may mean; everything in it must be true of a client.

    `words`: folded, each the beginning of a name. `phones`: spellings of one phone's last digits, one of which fits;
    `national`: all its digits but the code of its country, where a 0 was dialled before them. `email`: the beginning
    of an address or of a part of it, as people write it or as mail knows it.
    """

    words: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    email: str | None = None
    national: str | None = None

    @property
    def tax(self) -> str | None:
        """The last digits of a number for the taxes, which those of a phone may be as well."""
        return next((digits for digits in self.phones[:1] if len(digits) >= SHORTEST_TAX), None)

    @property
    def stored_email(self) -> str | None:
        """How stored addresses begin among which the one is: its domain in ASCII up to where nobody knows the rest."""
        person, at, domain = (self.email or "").rpartition("@")
        if domain.isascii():
            return self.email
        *whole, last = domain.split(".")
        try:
            known = [label.encode("idna").decode() for label in whole]
        except UnicodeError:
            return self.email
        return f"{person}{at}{'.'.join([*known, last if last.isascii() else 'xn--'])}"

    def has_reach(self, kind: str, value: str) -> bool:
        """Whether a phone, an address or a tax number that begins as was looked for is meant (`value` as stored)."""
        if kind == "email":
            return value.startswith(self.email or "") or written_address(value).startswith(self.email or "")
        number = value[::-1]
        if kind != "phone" or any(number.endswith(digits) for digits in self.phones):
            return True
        return 0 < len(number) - len(self.national or "") <= LONGEST_COUNTRY


@dataclass(frozen=True)
class Typed:
    """A card's number, where it is one, and what else it may mean, the likeliest first."""

    card: str | None
    readings: tuple[Reading, ...]


def read(text: str) -> Typed:
    """What was typed, or scanned."""
    text = text.strip()[:LONGEST]
    addresses = [one.casefold() for one in _EMAIL.findall(text) if len(one) >= SHORTEST_EMAIL]
    runs = _runs(fold(_EMAIL.sub(" ", text)))[:MOST_WORDS]
    email = addresses[0] if addresses else None
    digits = [run for run in runs if _is_phone(run)]
    readings = []
    if digits and not email:
        phone = digits[0]
        words = tuple(part for run in runs if run is not phone for part in run.split())
        dialled = "".join(phone.split())
        readings.append(Reading(words, spellings(dialled), national=national(dialled)))
    words = tuple(part[:LONGEST_WORD] for run in runs for part in run.split())[:MOST_WORDS]
    if words or email:
        readings.append(Reading(words, email=email))
    if not email and _is_latin(text):
        readings.append(Reading(email=text.casefold()))
    return Typed(card_number(text), tuple(readings))


def names_somebody(text: str) -> bool:
    """Whether it can be a name, an address or a phone: it has a letter, or as many digits as are looked for."""
    return any(letter.isalpha() for letter in text) or sum(map(str.isdigit, text)) >= SHORTEST_DIGITS


def words(folded: str) -> list[str]:
    """The words of a folded text, as the database's `words_of` tells them apart: runs of letters and digits."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(folded)]


def _runs(folded: str) -> list[str]:
    """Words, with digits that only a phone's marks separate in one piece with spaces."""
    runs: list[str] = []
    end = 0
    for found in _WORD.finditer(folded):
        word, between = found.group(), folded[end : found.start()]
        if runs and _is_number(word) and _is_number(runs[-1].split()[-1]) and _PHONE_MARKS.fullmatch(between):
            runs[-1] += f" {word}"
        else:
            runs.append(word)
        end = found.end()
    return runs


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _is_phone(run: str) -> bool:
    digits = "".join(run.split())
    return _is_number(digits) and len(digits) >= SHORTEST_DIGITS


def _is_latin(text: str) -> bool:
    """Whether it may be the beginning of an address: one piece, ASCII, not digits alone."""
    return len(text) >= SHORTEST_EMAIL and bool(re.fullmatch(r"[A-Za-z0-9._+\-]*[A-Za-z][A-Za-z0-9._+\-]*", text))


def spellings(digits: str) -> tuple[str, ...]:
    """A phone's digits as typed and, of long ones, without what is dialled before them: 8, 0, 00, 810."""
    found = [digits]
    for prefix in ("810", "00", "8", "0"):
        rest = digits.removeprefix(prefix)
        if rest != digits and len(rest) >= NATIONAL_DIGITS - (prefix == "0"):
            found.append(rest)
    return tuple(found)


def national(digits: str) -> str | None:
    """The number within its country that a shorter spelling with a 0 before it stands for: 030 901820."""
    rest = digits.removeprefix("0")
    short = SHORTEST_NATIONAL <= len(rest) < NATIONAL_DIGITS - 1
    return rest if rest != digits and not rest.startswith("0") and short else None


def nearness(word: str, part: str, shortest_typo: int = SHORTEST_TYPO) -> Nearness | None:
    """How near a folded word comes to a folded part that was typed; None: it is another one."""
    if word == part:
        return Nearness.EXACT
    if word.startswith(part):
        return Nearness.BEGINS
    if len(part) >= SHORTEST_INSIDE and part in word:
        return Nearness.INSIDE
    if len(part) >= shortest_typo and one_typo(word, part):
        return Nearness.TYPO
    return Nearness.BEGINS_WITH_TYPO if len(part) >= SHORTEST_TYPO and _begins_with_typo(word, part) else None


def _begins_with_typo(word: str, part: str) -> bool:
    return any(one_typo(word[:length], part) for length in range(len(part) - 1, len(part) + 2))


def one_typo(one: str, other: str) -> bool:
    """Whether one letter too many, too few or wrong, or two neighbours exchanged, make one of the other (Damerau)."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, rest_of_other = one[same:], other[same:]
    if len(one) != len(other):
        return rest[1:] == rest_of_other or rest == rest_of_other[1:]
    return rest[1:] == rest_of_other[1:] or (
        rest[:2] == rest_of_other[1::-1] and len(rest) > 1 and rest[2:] == rest_of_other[2:]
    )


_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_TO_RUSSIAN = str.maketrans(_LATIN, _RUSSIAN)
_TO_LATIN = str.maketrans(_RUSSIAN, _LATIN)


def other_layout(text: str) -> str | None:
    """The same keys on the other keyboard, Russian or English: `gtnhjdf` is `петрова`; None where there is none."""
    small = text.casefold()
    if not re.search(r"[^\W\d_]", small):
        return None
    return small.translate(_TO_RUSSIAN if small.isascii() else _TO_LATIN)
