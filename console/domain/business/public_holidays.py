"""The public holidays of countries, from the `holidays` library: which countries, which regions, which days."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import holidays

LONGEST_NAME = 200


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


@cache
def days(country: str, region: str | None, year: int, language: str) -> tuple[tuple[date, str], ...]:
    """The public holidays of a year, named in a language if the library has it, else in the country's own."""
    known = holidays.country_holidays(country, subdiv=region)
    # Left to itself the library would look at the machine's own language.
    spoken = [code for code in known.supported_languages or () if code.split("_")[0] == language]
    chosen = spoken[0] if spoken else known.default_language
    found = holidays.country_holidays(country, subdiv=region, years=year, language=chosen)
    return tuple((day, _named(name)) for day, name in sorted(found.items()) if day.year == year)


def _named(name: str) -> str:
    """A name as people everywhere read it: American dates inside (`substituted from 01/04/2026`) by ISO 8601."""
    return re.sub(r"\b([01]\d)/([0-3]\d)/(\d{4})\b", r"\3-\1-\2", name)[:LONGEST_NAME]
