"""How a column writes dates, times and amounts: recognised over the whole of it, since one cell may mean several."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar


class Dates(StrEnum):
    """In which order a date is written."""

    YMD = "ymd"
    DMY = "dmy"
    MDY = "mdy"


class Decimals(StrEnum):
    """What stands before the minor units of an amount."""

    POINT = "point"
    COMMA = "comma"


S = TypeVar("S", Dates, Decimals)


_DATE = re.compile(r"^(\d{1,4})[./\-](\d{1,2})[./\-](\d{1,4})(?:[ T].*)?$")
_TIME = re.compile(r"^(?:.*[ T])?(\d{1,2})[:.](\d{2})(?::\d{2})?\s*([AaPp])?\.?[Mm]?\.?$")
_AMOUNT = re.compile(r"^[-+]?\d[\d\s'  .,]*$")
_MONEY = re.compile(r"[^\d.,'\-+\s()]")
_CENTURY = 2000
FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST = 15
"""Digits of an amount."""


@dataclass(frozen=True)
class Style(Generic[S]):
    """What a column is written in; `also`: another style in which it would say something else just as well."""

    of: S
    also: S | None = None


def dates_of(column: Iterable[str]) -> Style[Dates]:
    """The style in which the most of a column are dates."""
    return _best(column, Dates, date_in)


def decimals_of(column: Iterable[str], digits: int = 2) -> Style[Decimals]:
    """Likewise of amounts of so many decimals: 1,234 may be either, 1,234.5 and 12,50 are only one."""
    return _best(column, Decimals, lambda text, style: amount_in(text, style, digits))


def _best(column: Iterable[str], styles: type[S], read: Callable[[str, S], object]) -> Style[S]:
    cells = {text for text in column if text}
    said = {style: [read(text, style) for text in cells] for style in styles}
    best, other, *_ = sorted(styles, key=lambda style: sum(one is not None for one in said[style]), reverse=True)
    many, also = (sum(one is not None for one in said[style]) for style in (best, other))
    return Style(best, other if many == also and said[best] != said[other] else None)


@lru_cache(8192)
def date_in(text: str, style: Dates) -> date | None:
    """A date as a style writes it, or by ISO 8601; None for what is none. Years of two digits are of this century."""
    found = _DATE.match(text)
    if found is None:
        return None
    first, second, third = found.groups()
    if len(first) > 2:
        style = Dates.YMD
    elif style is Dates.YMD:
        return None
    year, month, day = {
        Dates.YMD: (first, second, third),
        Dates.DMY: (third, second, first),
        Dates.MDY: (third, first, second),
    }[style]
    if len(year) not in (2, 4) or max(len(month), len(day)) > 2:
        return None
    whole = int(year) + (_CENTURY if len(year) == 2 else 0)
    try:
        return date(whole, int(month), int(day)) if FIRST_YEAR <= whole <= LAST_YEAR else None
    except ValueError:
        return None


@lru_cache(8192)
def minute_in(text: str) -> int | None:
    """Minutes since midnight of a time: 15:50, 3:50:00 PM or 950; None for what is none."""
    if text.isascii() and text.isdigit() and len(text) <= 4:
        return int(text) if int(text) < 24 * 60 else None
    found = _TIME.match(text)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def clock_of(minute: int) -> str:
    """A time as `minute_in` reads it: 09:30."""
    return f"{minute // 60:02}:{minute % 60:02}"


@lru_cache(8192)
def amount_in(text: str, style: Decimals, digits: int = 2) -> int | None:
    """An amount in minor units; None for what is none, or has more decimals than there are (zeros aside)."""
    bare = _MONEY.sub("", text).strip()
    negative = bare.startswith("-") or (bare.startswith("(") and bare.endswith(")"))
    bare = bare.strip("()+-").strip()
    if not _AMOUNT.match(bare):
        return None
    point, group = (".", ",") if style is Decimals.POINT else (",", ".")
    whole, _, minor = bare.partition(point)
    whole = _ungrouped(whole, group)
    minor = minor.strip().rstrip("0")
    if not whole.isascii() or not whole.isdigit() or len(whole) > LONGEST:
        return None
    if minor and not (minor.isascii() and minor.isdigit()):
        return None
    if len(minor) > digits:
        return None
    value: int = int(whole) * 10**digits + int(minor.ljust(digits, "0") or 0)
    return -value if negative else value


def _ungrouped(whole: str, group: str) -> str:
    """Digits without what stands between their thousands; as they are where they are not grouped by three."""
    for separator in (group, "'", " ", " ", " "):
        if separator in whole:
            first, *rest = whole.split(separator)
            return first + "".join(rest) if 1 <= len(first) <= 3 and all(len(part) == 3 for part in rest) else "?"
    return whole
