"""A booking typed in one line: `4512 deep fri 10 ben` is a client, a service, a day, an hour and who does it.

The client comes first: words of the name, or the last digits of a phone. What follows may come in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from console.domain.ids import BookableId, ServiceId
from console.domain.text import fold

LONGEST = 200
SHORTEST_WEEKDAY = 3
"""Letters from which on the beginning of a weekday's name is that weekday."""

WEEKDAYS: Sequence[Sequence[str]] = (
    ("monday", "понедельник", "понедельника"),
    ("tuesday", "вторник", "вторника"),
    ("wednesday", "среда", "среду", "среды"),
    ("thursday", "четверг", "четверга"),
    ("friday", "пятница", "пятницу", "пятницы"),
    ("saturday", "суббота", "субботу", "субботы"),
    ("sunday", "воскресенье", "воскресенья"),
)
SHORT = {name: at for at, name in enumerate(("пн", "вт", "ср", "чт", "пт", "сб", "вс"))}
NEAR = {"today": 0, "сегодня": 0, "tomorrow": 1, "завтра": 1, "послезавтра": 2}
"""Days from today on, by their names."""
BETWEEN = frozenset(["at", "on", "with", "for", "by", "в", "во", "на", "к", "у", "с", "со", "для"])
"""Words that mean nothing by themselves."""

ENDINGS = "аеийоуыьюя"
LONGEST_ENDING = 2
SHORTEST_STEM = 3

Id = TypeVar("Id", bound=int)

_HOUR = re.compile(r"(\d{1,2})(?::(\d\d))?\s?(am|pm|h|ч)?")
_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}))?\.?")


@dataclass(frozen=True)
class Offered:
    """What can be booked and by whom, by their folded words; a service has those of all its names, and its code."""

    services: Mapping[ServiceId, tuple[str, ...]]
    people: Mapping[BookableId, tuple[str, ...]]


@dataclass(frozen=True)
class Wanted:
    """What was typed: `client` as it was; minutes on the wall."""

    client: str
    service: ServiceId
    on: date | None = None
    minute: int | None = None
    person: BookableId | None = None


@dataclass(frozen=True)
class _Said:
    """Words apart by what they mean."""

    services: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    on: date | None = None
    minute: int | None = None


def read(text: str, today: date, offered: Offered) -> Wanted | None:
    """What was meant, if every word of it is known, and a service with a day or an hour is among them."""
    client, rest = _apart(text[:LONGEST].split(), today, offered)
    said = _said(rest, today, offered)
    if not client or said is None or (said.on is None and said.minute is None):
        return None
    service, person = _only(said.services, offered.services), _only(said.people, offered.people)
    if service is None or (said.people and person is None):
        return None
    return Wanted(" ".join(client), service, said.on, said.minute, person)


def _apart(typed: Sequence[str], today: date, offered: Offered) -> tuple[Sequence[str], Sequence[str]]:
    """The client's words, of which there is one at least, and those from the first one on that means something else."""
    for at, word in enumerate(typed):
        if at and _goes_on(fold(word), today, offered):
            return typed[:at], typed[at:]
    return typed, ()


def _said(typed: Iterable[str], today: date, offered: Offered) -> _Said | None:
    """What each word means; None where one means nothing, or says another day or hour once more."""
    said = _Said()
    for word in map(fold, typed):
        on, minute = day(word, today), hour(word)
        if on is not None and said.on is None:
            said = replace(said, on=on)
        elif on is None and minute is not None and said.minute is None:
            said = replace(said, minute=minute)
        elif on is not None or minute is not None:
            return None
        elif _only((*said.services, word), offered.services, some=True) is not None:
            said = replace(said, services=(*said.services, word))
        elif _only((*said.people, word), offered.people, some=True) is not None:
            said = replace(said, people=(*said.people, word))
        elif word not in BETWEEN:
            return None
    return said


def _goes_on(word: str, today: date, offered: Offered) -> bool:
    """Whether a word is no part of the client's name."""
    named = word in BETWEEN or day(word, today) is not None or hour(word) is not None
    return named or any(_fits(words, word) for words in offered.services.values())


def _fits(words: Iterable[str], part: str) -> bool:
    """Whether one of the words begins so, or is that in another case of Russian: `ивану`, `генеральную`."""
    return any(word.startswith(part) or _is_case(word, part) for word in words)


def _is_case(word: str, part: str) -> bool:
    stem = word.rstrip(ENDINGS)
    stem = stem if len(word) - len(stem) <= LONGEST_ENDING else word
    same = not part.isascii() and len(stem) >= SHORTEST_STEM and part.startswith(stem)
    return same and len(part) - len(stem) <= LONGEST_ENDING


def _only(parts: Sequence[str], known: Mapping[Id, tuple[str, ...]], *, some: bool = False) -> Id | None:
    """The one in whose words every part begins one; with `some` any such one. None where there is none."""
    found = [one for one, words in known.items() if parts and all(_fits(words, part) for part in parts)]
    whole = [one for one in found if all(part in known[one] for part in parts)]
    if some:
        return next(iter(found), None)
    return found[0] if len(found) == 1 else whole[0] if len(whole) == 1 else None


def day(word: str, today: date) -> date | None:
    """The next date that a folded word names, today too: a weekday, today or tomorrow, 12.5. or 2026-05-12."""
    if word in NEAR:
        return today + timedelta(days=NEAR[word])
    if (weekday := _weekday(word)) is not None:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    if found := _DATE.fullmatch(word):
        return _dated(int(found[1]), int(found[2]), int(found[3]) if found[3] else None, today)
    try:
        return date.fromisoformat(word) if "-" in word else None
    except ValueError:
        return None


def _weekday(word: str) -> int | None:
    if word in SHORT:
        return SHORT[word]
    if len(word) < SHORTEST_WEEKDAY:
        return None
    return next((at for at, names in enumerate(WEEKDAYS) if any(name.startswith(word) for name in names)), None)


def _dated(on: int, month: int, year: int | None, today: date) -> date | None:
    """The date, in the year said or the next that has it."""
    for guess in [year] if year else range(today.year, today.year + 9):
        try:
            found = date(guess, month, on)
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def hour(word: str) -> int | None:
    """Minutes on the wall of 10, 10:30, 2pm, 10h or 10ч; None where it is no hour."""
    found = _HOUR.fullmatch(word)
    if not found or (not word.isascii() and found[3] != "ч"):
        return None
    hours, minutes, half = int(found[1]), int(found[2] or 0), found[3]
    if half in {"am", "pm"}:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + 12 * (half == "pm")
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None
