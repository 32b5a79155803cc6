"""What long lists offer, labelled in the current language: currencies, zones, countries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

from babel.core import get_global
from babel.numbers import get_territory_currencies

from console import i18n
from console.cities import CITIES
from console.domain import clock
from console.domain.audit import naming
from console.domain.business import public_holidays

Choices = list[tuple[str, str]]

COMMON_CURRENCIES = ("EUR", "USD", "GBP", "RUB", "KZT", "BYN")
_AREAS = re.compile(r"(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/")


def languages() -> Choices:
    """Every language of ours."""
    return list(i18n.NAMES.items())


def spoken(offered: Iterable[str], chosen: str | None = None) -> Choices:
    """The languages that the business offers; the one that is `chosen` stays, though it was taken away."""
    known = {*offered, chosen}
    return [(code, name) for code, name in i18n.NAMES.items() if code in known]


def currencies(chosen: str) -> Choices:
    """Every currency that is tender somewhere today and has a name in the current language, the common ones first.

    The one that is `chosen` stays, whatever it is called.
    """
    others = (code for code in sorted({*_tender(), chosen}) if code not in COMMON_CURRENCIES)
    return [
        (code, _currency(i18n.current(), code))
        for code in [*COMMON_CURRENCIES, *others]
        if code == chosen or i18n.has_currency_name(code)
    ]


@cache
def _currency(language: str, code: str) -> str:
    return i18n.currency_name(code)


@cache
def _tender() -> list[str]:
    today = clock.now().date()
    return sorted(
        {
            code
            for territory in get_global("territory_currencies")
            for code in get_territory_currencies(territory, today, today)
        }
    )


CITY = "#"
"""Between a zone and a city in it, in what a form sends."""


def zones() -> Choices:
    """Every zone under its present name, by the name of its place, those without one in the language last.

    Big cities stand among them. Those of the business's country come first; the very first one asks to choose.
    """
    known = _zones(i18n.current())
    near = zones_of(i18n.region() or "")
    here = [one for one in known if zone_of(one[0]) in near]
    return [("", i18n.gettext("words.choose")), *here, *(one for one in known if zone_of(one[0]) not in near)]


def zone_of(chosen: str) -> str:
    """The zone that was chosen, by itself or by a city in it."""
    return chosen.partition(CITY)[0]


@cache
def _zones(language: str) -> Choices:
    named = [(zone, i18n.zone_name(zone)) for zone in _present_zones()]
    named += [
        (f"{zone}{CITY}{city}", f"{ours if language == 'ru' else city} ({zone})")
        for zone, cities in CITIES.items()
        for city, ours in cities
    ]
    return sorted(named, key=lambda one: (language != "en" and one[1][0].isascii(), one[1].casefold()))


@cache
def zones_of(country: str) -> frozenset[str]:
    """The zones of a country (ISO 3166); none where it is not known."""
    return frozenset(one for one in _present_zones() if get_global("zone_territories").get(one) == country)


def only_zone(country: str) -> str:
    """The zone of a country that has one only; "" where it has several, or is not known."""
    found = zones_of(country)
    return next(iter(found)) if len(found) == 1 else ""


def currency_of(country: str) -> str:
    """What is paid with in a country (ISO 3166); "" where that is not known."""
    return next(iter(get_territory_currencies(country, clock.now().date()) if country else ()), "")


@cache
def _present_zones() -> set[str]:
    """Old names of zones are left out where the machine's list of present ones is to be had."""
    known = {zone for zone in available_timezones() if _AREAS.match(zone)}
    for folder in TZPATH:
        table = Path(folder, "zone.tab")
        if table.is_file():
            rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if line[:1] not in "#")
            known &= {row[2] for row in rows}
            break
    return {*known, "UTC"}


_DOTTED = ("единенные", "единённые")
"""Babel writes no dots on this word, and we do."""


def countries() -> Choices:
    """Every country whose public holidays are known, by name; the first one asks to choose."""
    return [("", i18n.gettext("words.choose")), *_countries(i18n.current())]


@cache
def _countries(language: str) -> Choices:
    names = i18n.locale().territories
    known = ((code, names.get(code, code).replace(*_DOTTED)) for code in public_holidays.countries())
    return sorted(known, key=lambda one: one[1].casefold())


def regions(country: str) -> Choices:
    """The regions of a country that have days of their own."""
    return sorted(public_holidays.regions(country).items(), key=lambda one: one[1].casefold())


def country_of(zone: ZoneInfo) -> str:
    """The country in which a zone lies; empty where that is not known or its holidays are not."""
    code = str(get_global("zone_territories").get(zone.key, ""))
    return code if code in public_holidays.countries() else ""


async def place_words(country: str, region: str, location: int | None) -> str:
    """Whose public holidays and where, as a sentence has it: Germany, Bavaria, “Centre”."""
    named = [dict(_countries(i18n.current()))[country], *([dict(regions(country))[region]] if region else [])]
    known = await naming.names([("location", location)]) if location else {}
    where = [i18n.words("words.quoted", {"name": one.text}) for one in known.values()]
    return ", ".join([*named, *(where or [i18n.lower_first(i18n.gettext("words.everywhere"))])])
