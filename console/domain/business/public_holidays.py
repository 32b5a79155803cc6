"""The public holidays of countries, from the `holidays` library: which countries, which regions, which days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

import holidays
from babel.dates import format_date

LONGEST_NAME = 200
_OURS = {"(moved from ": "(substituted from ", "(перенос с\u00a0": "(перенесено с "}
"""What we say for what the library says."""
_DATE = re.compile(r"\b(?:(?:0[1-9]|1[0-2])/(?:0[1-9]|[12]\d)|(?:0[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2]))[/.]\d{4}\b")


@cache
def countries() -> dict[str, tuple[str, ...]]:
    """Every country that the library knows (ISO 3166 code) with its regions, empty where they have the same days."""
    return {
        code: tuple(sorted(set(regions)))
        for code, regions in holidays.list_supported_countries(include_aliases=False).items()
    }


@cache
def regions(country: str) -> dict[str, str]:
    """The regions of a country: code to name, the code itself where the library has no name."""
    known = holidays.country_holidays(country)
    names: dict[str, str] = {}
    for name, code in getattr(known, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    return {code: names.get(code, code) for code in countries()[country]}


Days = tuple[tuple[date, str], ...]


def days(country: str, region: str | None, year: int, language: str, since: date | None = None) -> Days:
    """The public holidays of a year from `since` on, named in a language if the library has it.

    Where it does not, they are named in English, and else in the country's own language.
    """
    return tuple((day, name) for day, name in _days(country, region, year, language) if since is None or day >= since)


def named_days(
    country: str, region: str | None, year: int, languages: Sequence[str], otherwise: str
) -> list[tuple[date, dict[str, str]]]:
    """The same with a name in each of some languages that the library has; in one that it has not for want of any.

    `otherwise` is the language under which that one goes.
    """
    spoken = [language for language in languages if speaks(country, language)] or [otherwise]
    known = {language: dict(days(country, region, year, language)) for language in spoken}
    return [(day, {language: known[language][day] for language in spoken}) for day in known[spoken[0]]]


@cache
def speaks(country: str, language: str) -> bool:
    """Whether the library names the days of a country in a language; where it says none, they are in English."""
    known = holidays.country_holidays(country)
    codes = (*known.supported_languages, known.default_language or "en")
    return language in {code.split("_")[0] for code in codes}


@cache
def _days(country: str, region: str | None, year: int, language: str) -> Days:
    known = holidays.country_holidays(country, subdiv=region)
    # Left to itself the library would look at the machine's own language.
    supported = known.supported_languages or ()
    spoken = [code for wanted in (language, "en") for code in supported if code.split("_")[0] == wanted]
    chosen = spoken[0] if spoken else known.default_language
    found = holidays.country_holidays(country, subdiv=region, years=year, language=chosen)
    named = ((day, _named(name, chosen, day.year)) for day, name in sorted(found.items()))
    return tuple((day, name) for day, name in named if day.year == year)


def _named(name: str, language: str | None, year: int) -> str:
    """A name as people read it: `Day off (moved from 4 January)` for `Day off (substituted from 01/04/2026)`."""
    spoken = (language or "").split("_")[0]

    def said(found: re.Match[str]) -> str:
        on = _date(found[0])
        if spoken not in {"en", "ru"}:
            return on.isoformat()
        return format_date(on, "d MMMM" if on.year == year else "d MMMM y", locale=spoken)

    words = _DATE.sub(said, name)
    for ours, theirs in _OURS.items():
        words = words.replace(theirs, ours)
    return words[:LONGEST_NAME]


def _date(written: str) -> date:
    """A date as the library writes it: American, or with dots."""
    american = "/" in written
    first, second, year = map(int, re.split(r"[/.]", written))
    return date(year, first, second) if american else date(year, second, first)
