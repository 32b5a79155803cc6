"""Who a client is: names, birthdays, tags, the numbers on their cards, and what they consent to."""

from __future__ import annotations

import calendar
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum import damm

from console.domain.errors import Problem
from console.domain.text import fold

MOST_REACHES = 5
"""Phones of one client, and emails."""
LONGEST_NAME = 60
"""Letters of a given, middle or family name."""
MOST_TAGS = 12
LONGEST_TAG = 30
CARD_DIGITS = 8
"""Digits of a card's number, the last of which checks the others."""
OLDEST = 120
"""Years back that a birthday may lie."""


class Source(StrEnum):
    """How a client heard of us."""

    FRIEND = "friend"
    PASSING_BY = "passing_by"
    SEARCH = "search"
    MAPS = "maps"
    SOCIAL = "social"
    ADVERT = "advert"
    PARTNER = "partner"
    OTHER = "other"


class Channel(StrEnum):
    """A way that messages go to a client."""

    SMS = "sms"
    EMAIL = "email"
    CALL = "call"
    MESSENGER = "messenger"


class Preference(StrEnum):
    """How a client said that messages are to go to them."""

    SMS = "sms"
    EMAIL = "email"
    NONE = "none"


class Purpose(StrEnum):
    """What messages are for."""

    REMINDERS = "reminders"
    OFFERS = "offers"
    FEEDBACK = "feedback"


class ConsentSource(StrEnum):
    """How we know that a client consented or took it back."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    ON_PAPER = "on_paper"
    IN_WRITING = "in_writing"
    IMPORT = "import"
    CORRECTION = "correction"


TOLD = (ConsentSource.IN_PERSON, ConsentSource.BY_PHONE, ConsentSource.ON_PAPER, ConsentSource.IN_WRITING)
"""How staff may say that they know; the others are an import's and an undo's."""

Agreed = Mapping[tuple[Channel, Purpose], bool]
"""What somebody consents to by channel and purpose; what is missing counts as no."""


@dataclass(frozen=True)
class Phone:
    """A phone number as E.164, and what it is called ("mobile", "her husband")."""

    number: str
    label: str = ""


@dataclass(frozen=True)
class Email:
    """An address in lower case, and what it is called."""

    address: str
    label: str = ""


@dataclass(frozen=True)
class Birthday:
    """A day of the year; `year` where it is known."""

    month: int
    day: int
    year: int | None = None

    @property
    def plain(self) -> str:
        """As it is stored: 1990-05-12, or 05-12 without its year."""
        day = f"{self.month:02}-{self.day:02}"
        return day if self.year is None else f"{self.year:04}-{day}"

    @classmethod
    def read(cls, plain: str) -> Birthday:
        *year, month, day = map(int, plain.split("-"))
        return cls(month, day, *year)


@dataclass(frozen=True)
class Names:
    """What a client is called. At least one of given name, family name and company is there."""

    given: str | None = None
    middle: str | None = None
    family: str | None = None
    company: str | None = None

    @property
    def person(self) -> str:
        """The person in the order that both our languages speak it: Anna Petrova."""
        return " ".join(part for part in (self.given, self.family) if part)

    @property
    def whole(self) -> str:
        """The person with the middle name: Анна Сергеевна Петрова."""
        return " ".join(part for part in (self.given, self.middle, self.family) if part)

    @property
    def shown(self) -> str:
        """What a client goes by: the company, else the person."""
        return self.company or self.person

    @property
    def listed(self) -> str:
        """What tells them from others where several are listed: the company, else the person with the middle name."""
        return self.company or self.whole

    @property
    def folded(self) -> str:
        """Every word that they are found by."""
        return fold(" ".join(part for part in (self.company, self.family, self.given, self.middle) if part))


def names_problem(names: Names) -> Problem | None:
    """A client is called something that can be found."""
    called = " ".join(part for part in (names.given, names.family, names.company) if part)
    return None if fold(called) else Problem("problem.client_nameless")


def contact_problem(name: str) -> Problem | None:
    """Somebody to speak with has a name that can be found."""
    return None if fold(name) else Problem("problem.required")


def site_words(name: str | None, address: str | None) -> str:
    """A site of a client's by its name and its address."""
    return ", ".join(filter(None, (name, address)))


def birthday_problem(birthday: Birthday, today: date) -> Problem | None:
    """A birthday is a day of the calendar, not one to come, and not older than anybody is."""
    year = 2000 if birthday.year is None else birthday.year
    if birthday.year is not None and not today.year - OLDEST <= year <= today.year:
        return Problem("problem.birthday_year", {"most": OLDEST})
    if not 1 <= birthday.month <= 12 or not 1 <= birthday.day <= calendar.monthrange(year, birthday.month)[1]:
        return Problem("problem.birthday")
    if birthday.year is None:
        return None
    if date(year, birthday.month, birthday.day) > today:
        return Problem("problem.birthday_year", {"most": OLDEST})
    return None


_BIRTHDAYS = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<day>[0-9]{1,2})[-./ ]+(?P<month>[0-9]{1,2})(?:[-./ ]+(?P<year>[0-9]{4}))?"),
    re.compile(r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[-. ]*(?P<name>[^\W\d_]+)(?:[-., ]+(?P<year>[0-9]{4}))?"),
    re.compile(r"(?P<name>[^\W\d_]+)[-. ]*(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?:[-., ]+(?P<year>[0-9]{4}))?"),
)
"""1990-05-12; 12.05.1990; 12 May 1990; May 12, 1990; all but the first one also without the year."""
_YEAR_WORD = re.compile(r"(?<=[0-9])[. ]*(?:г|года?)?[. ]*$")
SHORTEST_MONTH = 3


def read_birthday(typed: str, months: Mapping[str, int]) -> Birthday | None:
    """A birthday as people write it, the day before the month; None where it is none.

    `months`: folded names of months to their numbers; three letters of one are enough.
    """
    text = _YEAR_WORD.sub("", fold(typed))
    for pattern in _BIRTHDAYS:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            month = _month(parts["name"], months) if "name" in parts else int(parts["month"])
            return Birthday(month, int(parts["day"]), int(parts["year"]) if parts["year"] else None) if month else None
    return None


def has_short_year(typed: str, months: Mapping[str, int]) -> bool:
    """Whether somebody wrote a birthday with two digits of its year: 12.05.90, May 12, '90."""
    whole = re.sub(r"([-./, ])'?([0-9]{2})$", r"\g<1>19\2", _YEAR_WORD.sub("", fold(typed)))
    found = read_birthday(whole, months)
    return found is not None and found.year is not None and read_birthday(typed, months) is None


def _month(name: str, months: Mapping[str, int]) -> int | None:
    if name in months:
        return months[name]
    begun = {month for known, month in months.items() if len(name) >= SHORTEST_MONTH and known.startswith(name)}
    return begun.pop() if len(begun) == 1 else None


def next_birthday(birthday: Birthday, today: date) -> date:
    """The next time that it comes, today included; 29 February is 1 March in a common year."""
    for year in (today.year, today.year + 1):
        leaps = (birthday.month, birthday.day) == (2, 29) and not calendar.isleap(year)
        day = date(year, 3, 1) if leaps else date(year, birthday.month, birthday.day)
        if day >= today:
            return day
    raise AssertionError("a year without this birthday")


def tags(typed: str) -> tuple[str, ...]:
    """Tags between commas or lines: each once, whatever its case, in the order typed."""
    found: dict[str, str] = {}
    for one in re.split(r"[,;\n]", typed):
        tag = " ".join(re.sub(r"^[\s#]+", "", one).split())
        if tag:
            found.setdefault(fold(tag), tag)
    return tuple(found.values())


def tags_problem(given: Sequence[str]) -> Problem | None:
    """Few and short."""
    if len(given) > MOST_TAGS:
        return Problem("problem.tags_many", {"most": MOST_TAGS})
    if any(len(one) > LONGEST_TAG for one in given):
        return Problem("problem.tag_long", {"most": LONGEST_TAG})
    return None


def reaches_problem(given: Sequence[object]) -> Problem | None:
    """Few phones, and few emails."""
    return Problem("problem.reaches_many", {"most": MOST_REACHES}) if len(given) > MOST_REACHES else None


def new_card_number() -> str:
    """A number nobody can guess, to be read aloud: seven random digits and their check digit (Damm, 2004)."""
    return checked(f"{secrets.randbelow(9 * 10**6) + 10**6}")


def checked(payload: str) -> str:
    """Seven digits as a card's number, with their check digit behind."""
    return payload + damm.calc_check_digit(payload)


def card_number(typed: str) -> str | None:
    """The number that somebody typed, read aloud or scanned: digits with any spaces and dashes; None if it is none.

    No number begins with 0: eight noughts would be one. One wrong digit, or two neighbours exchanged, never make
    another card's number (Damm, 2004).
    """
    digits = _card_digits(typed)
    return digits if digits and damm.is_valid(digits) else None


def mistyped_card(typed: str) -> bool:
    """Whether it has the digits of a card's number, and is none by its check digit."""
    digits = _card_digits(typed)
    return digits is not None and not damm.is_valid(digits)


def _card_digits(typed: str) -> str | None:
    digits = re.sub(r"[\s\-\u2010-\u2015\u2212.]", "", typed)
    if not (len(digits) == CARD_DIGITS and digits.isascii() and digits.isdigit()) or digits.startswith("0"):
        return None
    return digits


def spaced_card(number: str) -> str:
    """A card's number as it is printed and read: 4512-0937."""
    return f"{number[:4]}-{number[4:]}"


@dataclass(frozen=True)
class Consented:
    """What holds for a channel and a purpose; nothing said counts as no."""

    channel: Channel
    purpose: Purpose
    given: bool


def consents_changed(holding: Agreed, wanted: Agreed) -> list[Consented]:
    """What has to be written down so that what is wanted holds, in the order of channels and purposes."""
    return [
        Consented(channel, purpose, wanted[channel, purpose])
        for channel in Channel
        for purpose in Purpose
        if (channel, purpose) in wanted and wanted[channel, purpose] != holding.get((channel, purpose), False)
    ]


def consent_day_problem(on: date, today: date, joined: date, said: Sequence[date]) -> Problem | None:
    """A client says something from the day on that they joined, until today, and after what they `said` before it."""
    if on > today:
        return Problem("problem.consent_later")
    if on < joined:
        return Problem("problem.consent_before_joining", {"date": joined})
    latest = max(said, default=on)
    return Problem("problem.consent_earlier", {"date": latest}) if on < latest else None
