"""Languages: gettext catalogues, and dates, numbers and money as a language writes them.

English stands in the templates; message keys of the domain have their English in `locales/en`.
The language of a request is a context variable, set once by the session middleware.
"""

from __future__ import annotations

import gettext as stdlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale, get_global
from babel.dates import format_date, format_datetime, format_time, get_day_names, get_month_names, get_timezone_location
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import (
    format_decimal,
    get_currency_name,
    get_currency_precision,
    get_currency_symbol,
)

from console.domain.errors import Problem
from console.domain.text import fold, written_address

LANGUAGES = ("en", "ru")
NAMES = {"en": "English", "ru": "Русский"}
_LOCALES = {"en": "en_GB", "ru": "ru_RU"}
_HERE = Path(__file__).parent / "locales"

_current: ContextVar[str] = ContextVar("language", default="en")
_default: ContextVar[str] = ContextVar("default_language", default="en")
_region: ContextVar[str | None] = ContextVar("region", default=None)


@cache
def catalogue(language: str) -> stdlib.GNUTranslations:
    """The messages of a language, compiled from its .po file in memory."""
    with (_HERE / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        messages = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return stdlib.GNUTranslations(compiled)


def use(language: str) -> None:
    """Set the language of the running request or job."""
    _current.set(_ours(language))


def _ours(language: str) -> str:
    return language if language in LANGUAGES else LANGUAGES[0]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Another language for a while."""
    before = _current.set(_ours(language))
    try:
        yield
    finally:
        _current.reset(before)


def use_default(language: str) -> None:
    """Set the business's own language for the running request."""
    _default.set(language)


def spoken(texts: Mapping[str, str], language: str | None = None) -> str:
    """A text in a language (the current one), else in the business's own, else in any; empty where there is none."""
    found = (texts.get(one) for one in (language or current(), _default.get()))
    return next(filter(None, (*found, *texts.values())), "")


def use_region(phone: str | None, zone: str = "") -> None:
    """Set the country of the running request: that of the business's phone (E.164), else that of its time zone."""
    _region.set(_region_of(phone) if phone else _country_of(zone))


def region() -> str | None:
    """The country (ISO 3166) whose phone numbers are written without its code; None where there is none."""
    return _region.get()


@cache
def _region_of(phone: str) -> str | None:
    import phonenumbers

    return phonenumbers.region_code_for_number(phonenumbers.parse(phone, None))


@cache
def _country_of(zone: str) -> str | None:
    """The country in which a zone lies; None where phones of it are not known."""
    import phonenumbers

    code = str(get_global("zone_territories").get(zone, ""))
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


def current() -> str:
    """The language of the running request or job."""
    return _current.get()


def locale() -> Locale:
    return _locale(current())


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])


def gettext(message: str) -> str:
    """A message of the catalogue in the current language."""
    return catalogue(current()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """A message that depends on a number."""
    return catalogue(current()).ngettext(singular, plural, count)


def words(key: str, params: Mapping[str, Any] | None = None) -> str:
    """The text of a domain key, with its values; one with a `count` has plural forms."""
    values = {name: _shown(value) for name, value in (params or {}).items()}
    count = (params or {}).get("count")
    text = ngettext(key, key, count) if isinstance(count, int) else gettext(key)
    return _QUOTED_TWICE.sub(r"«\1„\2“\3»", text % values) if values else text


_QUOTED_TWICE = re.compile("«([^«»]*)«([^«»]*)»([^«»]*)»")
"""A name with quotation marks of its own inside others: «Бригада «Юг»» is written «Бригада „Юг“»."""


def problem(of: Problem) -> str:
    """A problem in words; `minor` of a `currency` as `sum`."""
    told = dict(of.params)
    if "minor" in told:
        told["sum"] = money(told.pop("minor"), told.pop("currency"))
    return words(of.key, told)


def listed(said: str, problems: Mapping[str, Problem]) -> str:
    """Problems in words for a terminal, a line each under what is said of them."""
    return "\n".join([said, *(f"  {at}: {problem(one)}" for at, one in sorted(problems.items()))])


_WANTED = re.compile(r"\s*([A-Za-z]+)(?:[-_][\w-]*)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*")
"""A part of an Accept-Language header: `ru`, `en-GB;q=0.8`."""


def negotiate(accept_language: str, offered: Sequence[str] = LANGUAGES, otherwise: str = LANGUAGES[0]) -> str:
    """The one of the languages offered that an Accept-Language header (RFC 9110) likes best, else the other one."""
    parts = map(_WANTED.fullmatch, accept_language[:500].split(","))
    liked = ((float(part[2] or 1), part[1].lower()) for part in parts if part)
    wanted = [(liking, one) for liking, one in liked if liking > 0 and one in offered]
    return max(wanted, key=lambda one: one[0], default=(0, otherwise))[1]


def _shown(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return short_day(value)
    return value if isinstance(value, bool) or not isinstance(value, int) else number(value)


def number(value: int) -> str:
    """A number with its thousands apart: 1 500."""
    return format_decimal(value, locale=locale())


def percent(bp: int) -> str:
    """A share in basis points, never broken across lines: 7.5 %."""
    return f"{format_decimal(Decimal(bp).scaleb(-2), '#,##0.##', locale())}\N{NO-BREAK SPACE}%"


def percentage_points(bp: int) -> str:
    """By how much two shares in basis points differ, never broken across lines: 0.35 pp."""
    return words("words.percentage_points", {"number": plain_percent(bp)})


def plain_percent(bp: int) -> str:
    """A share in basis points as it is typed: 10, 7.5 or 7,5."""
    return format_decimal(Decimal(bp).scaleb(-2), "0.##", locale())


def ordinal(value: int) -> str:
    """A number in a row: 4th, 4-й."""
    teens = 10 < value % 100 < 20
    return words("words.nth" if teens else _ORDINALS.get(value % 10, "words.nth"), {"nth": str(value)})


_ORDINALS = {1: "words.nth_like_1", 2: "words.nth_like_2", 3: "words.nth_like_3"}
"""How numbers that end so are written as ordinals, but for those from 11 to 13."""


def day(value: date, *, year: bool | None = None) -> str:
    """A date in words: Tuesday 12 May, with its year where that is not this one or is asked for."""
    return upper_first(weekday_and_date(value, year=year))


def weekday_and_date(value: date, *, year: bool | None = None) -> str:
    """The same inside a sentence: Tuesday 12 May, понедельник, 23 ноября."""
    comma = "," if current() == "ru" else ""
    return dated(value, f"EEEE{comma} d MMMM{' y' if year else ''}")


def dated(value: date, pattern: str) -> str:
    """A date as a pattern of CLDR has it; its day, month and year are never broken across lines."""
    return str(format_date(value, together(pattern), locale=locale()))


def together(pattern: str) -> str:
    """A pattern in which day, month and year are kept on one line."""
    return pattern.replace("d M", "d\u00a0M").replace("M y", "M\u00a0y")


def month(value: date) -> str:
    """The name of a month by itself: May."""
    return upper_first(format_date(value, "LLLL", locale=locale()))


@cache
def month_numbers() -> dict[str, int]:
    """The months by their folded names in all our languages, by themselves and beside a day."""
    return {
        fold(name): number
        for language in LANGUAGES
        for context in ("format", "stand-alone")
        for number, name in get_month_names("wide", context=context, locale=_locale(language)).items()
    }


def short_day(value: date) -> str:
    """A date in a table: 12 May 2026."""
    return _short_day(value, str(locale()))


@lru_cache(4096)
def _short_day(value: date, language: str) -> str:
    return str(format_date(value, together("d MMM y"), locale=language))


def full_day(value: date) -> str:
    """A date in a sentence, with its year: 12 May 2026, 12 мая 2026 года."""
    return dated(value, "d MMMM y'\u00a0года'" if current() == "ru" else "d MMMM y")


def day_of_year(month: int, day: int, year: int | None = None) -> str:
    """A day that comes every year: 12 May; with its year where that is known: 12 May 1990."""
    known = date(2000 if year is None else year, month, day)
    return dated(known, "d MMMM" if year is None else "d MMMM y")


def moment(value: datetime, zone: ZoneInfo) -> str:
    """An instant at a place: 12 May 2026, 10:04."""
    return format_datetime(value, together("d MMM y, H:mm"), tzinfo=zone, locale=locale())


def lately(value: datetime, zone: ZoneInfo, today: date) -> str:
    """An instant in words near today: today, 10:04; 12 May, 10:04; with its year where that is not this one."""
    local = value.astimezone(zone).date()
    if local in (today, today - timedelta(days=1)):
        return f"{near(local, today)}, {time_of_day(value, zone)}"
    if local.year != today.year:
        return moment(value, zone)
    return format_datetime(value, together("d MMM, H:mm"), tzinfo=zone, locale=locale())


def clock(minute: int) -> str:
    """Minutes of a day as a wall clock shows them: 9:00; 24:00 is the end of the day."""
    return f"{minute // 60}:{minute % 60:02}"


def time_of_day(value: datetime, zone: ZoneInfo) -> str:
    """An instant's wall time at a place: 10:04."""
    return format_time(value, "H:mm", tzinfo=zone, locale=locale())


def near(value: date, today: date) -> str:
    """A date in words near today: today, tomorrow, yesterday, else the date."""
    offset = (value - today) // timedelta(days=1)
    near_words = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
    return near_words.get(offset) or (day(value) if value.year == today.year else short_day(value))


def weekdays() -> list[str]:
    """The names of the days of a week, Monday first."""
    names = get_day_names("wide", context="stand-alone", locale=locale())
    return [upper_first(names[index]) for index in range(7)]


def listing(items: list[str]) -> str:
    """Items as a sentence lists them: one, two and three."""
    return format_list(items, locale=locale())


def money(minor: int, currency: str) -> str:
    """An amount with its currency, never broken across lines: 1 500 ₽, £12.50; no places where they are all 0."""
    amount = major(abs(minor), currency)
    places = 0 if amount == amount.to_integral_value() else get_currency_precision(currency)
    number = format_decimal(amount, "#,##0" + ("." + "0" * places if places else ""), locale())
    sign = currency_sign(currency)
    behind = current() == "ru"
    text = f"{number} {sign}" if behind else f"{sign}{' ' * sign[-1].isalpha()}{number}"
    return ("\u2212" * (minor < 0) + text).replace(" ", "\u00a0")


def plain_money(minor: int, currency: str) -> str:
    """An amount as it is typed: 1500, 1500.50 or 1500,50."""
    amount = major(minor, currency)
    shown = str(amount.to_integral_value() if amount == amount.to_integral_value() else amount)
    return shown.replace(".", locale().number_symbols["latn"]["decimal"])


def major(minor: int, currency: str) -> Decimal:
    """Minor units as whole ones: 150050 kopecks are 1500.50 roubles."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def currency_sign(code: str) -> str:
    return get_currency_symbol(code, locale=locale())


def has_currency_name(code: str) -> bool:
    """Whether a currency is called something in the current language."""
    return bool(get_currency_name(code, locale=locale()) != code)


def currency_name(code: str) -> str:
    name = get_currency_name(code, locale=locale())
    return f"{code}, {get_currency_name(code, locale='en') if name == code else name}"


def zone_name(zone: str) -> str:
    """A zone in words: Moscow (Europe/Moscow)."""
    return f"{_city(zone, current())} ({zone})"


@cache
def _city(zone: str, language: str) -> str:
    """The place of a zone; CLDR may know it by an older name of the zone only."""
    known = _locale(language).time_zones
    older = (old for old, new in get_global("zone_aliases").items() if new == zone)
    named = (str(known[name]["city"]) for name in (zone, *older) if "city" in known.get(name, {}))
    return next(named, "") or get_timezone_location(zone, locale=_locale(language), return_city=True)


def lower_first(text: str) -> str:
    """A heading's word as it stands inside a sentence; letters that stand for words stay: SBP."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """A word as a heading begins with it."""
    return text[:1].upper() + text[1:]


def email(stored: str) -> str:
    """An address as people read it: olga@пример.рф for olga@xn--e1afmkfd.xn--p1ai."""
    return written_address(stored)


def phone(stored: str) -> str:
    """A phone number (E.164) as people read it: +7 495 000-00-01."""
    import phonenumbers

    number = phonenumbers.parse(stored, None)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def duration(minutes: int) -> str:
    """Minutes in words, never broken across lines: 45 min, 1 h, 1 h 30 min."""
    hours, rest = divmod(minutes, 60)
    parts = [words("words.hours", {"number": hours})] * bool(hours)
    parts += [words("words.minutes", {"number": rest})] * bool(rest or not hours)
    return " ".join(parts).replace(" ", "\u00a0")
