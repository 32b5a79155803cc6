"""What another programme's files hold: a TOML file, so that its export needs no code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

from console.domain.business.rules import Week, week_problems
from console.domain.errors import Problem
from console.domain.imports.rules.styles import Dates, Decimals, S, minute_in
from console.domain.text import fold


class Holds(StrEnum):
    """What the rows of a file are, in the order in which they are taken in."""

    SERVICES = "services"
    PRODUCTS = "products"
    CLIENTS = "clients"
    BOOKINGS = "bookings"
    RECEIPTS = "receipts"
    CANCELLATIONS = "cancellations"
    NO_SHOWS = "no_shows"


class Negative(StrEnum):
    """What a line of a receipt is that is below zero."""

    COVER = "cover"
    DISCOUNT = "discount"
    RETURN = "return"


_OF_CLIENT = frozenset({"name", "given_name", "family_name", "phone", "email"})
_LISTING = frozenset({"code", "name", "category", "price", "active"})
_BOOKED = frozenset({"client", "service", "staff", "date", "time"})

FIELDS: Mapping[Holds, frozenset[str]] = {
    Holds.SERVICES: _LISTING | {"minutes"},
    Holds.PRODUCTS: _LISTING | {"barcode"},
    Holds.CLIENTS: _OF_CLIENT | {"client", "birthday", "joined_on"},
    Holds.BOOKINGS: _BOOKED | _OF_CLIENT,
    Holds.RECEIPTS: _OF_CLIENT | {"receipt", "client", "date", "item", "staff", "quantity", "amount"},
    Holds.CANCELLATIONS: _BOOKED | {"cancelled_on"},
    Holds.NO_SHOWS: _BOOKED,
}
"""What the columns of a file may be."""

NEEDED: Mapping[Holds, frozenset[str]] = {
    Holds.SERVICES: frozenset({"code", "name"}),
    Holds.PRODUCTS: frozenset({"code", "name"}),
    Holds.CLIENTS: frozenset(),
    Holds.BOOKINGS: frozenset({"service", "staff", "date", "time"}),
    Holds.RECEIPTS: frozenset({"date", "item", "amount"}),
    Holds.CANCELLATIONS: frozenset({"client", "service", "date"}),
    Holds.NO_SHOWS: frozenset({"client", "service", "date"}),
}

LANGUAGES = ("en", "ru")
DATES = frozenset({"date", "cancelled_on", "birthday", "joined_on"})
AMOUNTS = frozenset({"price", "amount"})


class BadMapping(ValueError):
    """A mapping that cannot be used: every problem, by the key that it is at."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


@dataclass(frozen=True)
class File:
    """Files whose names fit a pattern: what they hold, and the column of each field."""

    pattern: str
    holds: Holds
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Below:
    """What lines below zero are: those of some `items` (None: any), with a `quantity` below zero or not (None: any).

    `covers`: which items a cover is of, None: any.
    """

    what: Negative
    items: frozenset[str] | None = None
    quantity: bool | None = None
    covers: frozenset[str] | None = None

    def fits(self, item: str, quantity: int) -> bool:
        return (self.items is None or fold(item) in self.items) and self.quantity in (None, quantity < 0)


@dataclass(frozen=True)
class Business:
    """`country`: whose phone numbers are those without a country's code, None: none."""

    name: str
    currency: str
    language: str
    country: str | None = None


@dataclass(frozen=True)
class Place:
    name: str
    zone: str
    hours: Week
    notice_hours: int


@dataclass(frozen=True)
class Mapped:
    """A mapping. `source`: under which the keys of what was imported are kept; `time`: of what has a date alone.

    `minutes` of services that say none, but for `durations` by code; `create`: make services that are not there yet.
    """

    source: str
    business: Business
    place: Place
    files: Sequence[File]
    time: int
    minutes: int
    durations: Mapping[str, int] = field(default_factory=dict)
    create: bool = False
    walk_in: frozenset[str] = frozenset()
    negative: Sequence[Below] = ()
    dates: Dates | None = None
    decimals: Decimals | None = None

    def file(self, name: str) -> File | None:
        """What a file holds by its name; None where no pattern fits."""
        return next((one for one in self.files if fnmatchcase(name.lower(), one.pattern.lower())), None)

    def below(self, item: str, quantity: int) -> Below | None:
        return next((one for one in self.negative if one.fits(item, quantity)), None)


def parsed(text: str) -> Mapped:
    """A mapping from its TOML. Raises `BadMapping`."""
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping({"mapping": Problem("problem.mapping_no_toml", {"why": str(error)})}) from error
    return _Reader(plain).mapped()


class _Reader:
    """Reads every key, and collects what is wrong at which."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self.plain = plain
        self.problems: dict[str, Problem] = {}
        self.known: set[str] = set()

    def mapped(self) -> Mapped:
        found = Mapped(
            source=self.text("source"),
            business=Business(
                self.text("business.name"), self.currency(), self.language(), self.maybe("business.country")
            ),
            place=self.place(),
            files=[self.file(f"file[{at}]", one) for at, one in enumerate(self.tables("file"), 1)],
            time=self.clock("unknown.time"),
            minutes=self.whole("services.minutes", 1, 720),
            durations=self.durations(),
            create=self.flag("services.create"),
            walk_in=frozenset(fold(one) for one in self.texts("receipts.walk_in", self.at("receipts.walk_in") or [])),
            negative=[
                self.below(f"receipts.negative[{at}]", one)
                for at, one in enumerate(self.tables("receipts.negative"), 1)
            ],
            dates=self.style("styles.dates", Dates),
            decimals=self.style("styles.decimals", Decimals),
        )
        if not found.files and "file" not in self.problems:
            self.wrong("file", "problem.mapping_missing")
        self.unknown(self.plain, "")
        if self.problems:
            raise BadMapping(self.problems)
        return found

    def wrong(self, key: str, problem: str, **params: object) -> None:
        self.problems.setdefault(key, Problem(problem, params))

    def at(self, key: str) -> Any:
        self.known.add(key)
        value: Any = self.plain
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def text(self, key: str) -> str:
        value = self.at(key)
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, "problem.mapping_missing" if value is None else "problem.mapping_text")
            return ""
        return value.strip()

    def texts(self, key: str, value: Any) -> Sequence[str]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(key, "problem.mapping_texts")
            return ()
        return value

    def currency(self) -> str:
        code = self.text("business.currency")
        if code and not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            self.wrong("business.currency", "problem.mapping_currency")
        return code

    def language(self) -> str:
        code = self.text("business.language")
        if code and code not in LANGUAGES:
            self.wrong("business.language", "problem.mapping_choice", choices=", ".join(LANGUAGES))
        return code

    def maybe(self, key: str) -> str | None:
        return None if self.at(key) is None else self.text(key)

    def whole(self, key: str, least: int, most: int) -> int:
        value = self.at(key)
        if type(value) is not int or not least <= value <= most:
            self.wrong(key, "problem.mapping_whole", least=least, most=most)
            return least
        return value

    def flag(self, key: str) -> bool:
        value = self.at(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "problem.mapping_flag")
        return value is True

    def clock(self, key: str) -> int:
        minute = minute_in(self.text(key))
        if minute is None:
            self.wrong(key, "problem.mapping_time")
        return minute or 0

    def style(self, key: str, styles: type[S]) -> S | None:
        value = self.at(key)
        try:
            return None if value is None else styles(value)
        except ValueError:
            self.wrong(key, "problem.mapping_choice", choices=", ".join(styles))
            return None

    def place(self) -> Place:
        zone = self.text("location.zone")
        try:
            ZoneInfo(zone or "UTC")
        except (ValueError, OSError, KeyError):
            self.wrong("location.zone", "problem.mapping_zone")
        notice = self.whole("location.notice_hours", 0, 720)
        return Place(self.text("location.name"), zone, self.hours("location.hours"), notice)

    def hours(self, key: str) -> Week:
        days = self.texts(key, self.at(key))
        week = tuple(self.day(key, day) for day in days)
        if len(week) != 7 or week_problems(week):
            self.wrong(key, "problem.mapping_hours")
        return week

    def day(self, key: str, day: str) -> tuple[tuple[int, int], ...]:
        """`09:00-13:00 14:00-18:00`, nothing for a day that is closed."""
        spans = []
        for part in day.split():
            start, _, end = part.partition("-")
            both = minute_in(start), 1440 if end == "24:00" else minute_in(end)
            if both[0] is None or both[1] is None:
                self.wrong(key, "problem.mapping_hours")
                return ()
            spans.append((both[0], both[1]))
        return tuple(spans)

    def durations(self) -> Mapping[str, int]:
        value = self.at("services.durations") or {}
        if not isinstance(value, Mapping):
            self.wrong("services.durations", "problem.mapping_table")
            return {}
        for code, minutes in value.items():
            self.known.add(f"services.durations.{code}")
            if type(minutes) is not int or not 1 <= minutes <= 720:
                self.wrong(f"services.durations.{code}", "problem.mapping_whole", least=1, most=720)
        return {fold(code): minutes for code, minutes in value.items()}

    def tables(self, key: str) -> Sequence[Mapping[str, Any]]:
        value = self.at(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            self.wrong(key, "problem.mapping_table")
            return ()
        return value

    def file(self, key: str, plain: Mapping[str, Any]) -> File:
        pattern, columns = plain.get("pattern"), plain.get("columns")
        self.others(key, plain, {"pattern", "holds", "columns"})
        if not isinstance(pattern, str) or not pattern:
            self.wrong(f"{key}.pattern", "problem.mapping_text")
        try:
            holds = Holds(str(plain.get("holds")))
        except ValueError:
            self.wrong(f"{key}.holds", "problem.mapping_choice", choices=", ".join(Holds))
            return File(str(pattern), Holds.CLIENTS, {})
        if not isinstance(columns, Mapping) or not all(isinstance(one, str) and one for one in columns.values()):
            self.wrong(f"{key}.columns", "problem.mapping_table")
            return File(str(pattern), holds, {})
        for name in columns.keys() - FIELDS[holds]:
            self.wrong(f"{key}.columns.{name}", "problem.mapping_unknown")
        for name in NEEDED[holds] - columns.keys():
            self.wrong(f"{key}.columns.{name}", "problem.mapping_missing")
        return File(str(pattern), holds, dict(columns))

    def below(self, key: str, plain: Mapping[str, Any]) -> Below:
        self.others(key, plain, {"is", "items", "quantity", "covers"})
        if plain.get("quantity") not in (None, "negative", "positive"):
            self.wrong(f"{key}.quantity", "problem.mapping_choice", choices="negative, positive")
        items, covers = (
            None if plain.get(name) is None else frozenset(map(fold, self.texts(f"{key}.{name}", plain[name])))
            for name in ("items", "covers")
        )
        try:
            what = Negative(str(plain.get("is")))
        except ValueError:
            self.wrong(f"{key}.is", "problem.mapping_choice", choices=", ".join(Negative))
            what = Negative.DISCOUNT
        quantity = {"negative": True, "positive": False}.get(str(plain.get("quantity")))
        return Below(what, items, quantity, covers)

    def others(self, key: str, plain: Mapping[str, Any], known: set[str]) -> None:
        for name in plain.keys() - known:
            self.wrong(f"{key}.{name}", "problem.mapping_unknown")

    def unknown(self, plain: Mapping[str, Any], under: str) -> None:
        """Every key that nothing asked for: it is mistyped, or means something to another version."""
        for name, value in plain.items():
            key = f"{under}{name}"
            if key in self.known:
                continue
            if isinstance(value, Mapping) and any(known.startswith(f"{key}.") for known in self.known):
                self.unknown(value, f"{key}.")
            else:
                self.wrong(key, "problem.mapping_unknown")
