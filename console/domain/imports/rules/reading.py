"""A mapping out of its TOML file, with everything in it that cannot be used."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from console.domain.business.rules import Week, week_problems
from console.domain.errors import Problem
from console.domain.imports.rules.mapping import (
    FIELDS,
    Below,
    Business,
    File,
    Holds,
    Mapped,
    Negative,
    Place,
    needed,
)
from console.domain.imports.rules.sheets import DELIMITERS, ENCODINGS
from console.domain.imports.rules.styles import Dates, Decimals, S, minute_in
from console.domain.text import fold

LANGUAGES = ("en", "ru")


class BadMapping(ValueError):
    """A mapping that cannot be used: every problem, by the key that it is at."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


Plain = Mapping[str, Mapping[str, object]]


def parsed(text: str, *, unfinished: bool = False, here: Plain = MappingProxyType({})) -> Mapped:
    """A mapping from its TOML; what it does not say of the business and its location is as `here`.

    One that is `unfinished` may speak of no file yet, and not know currency and time zone. Raises `BadMapping`.
    """
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping({"mapping": Problem("problem.mapping_no_toml", {"why": str(error)})}) from error
    for table, facts in here.items():
        if isinstance(said := plain.get(table, {}), Mapping):
            plain[table] = {**facts, **said}
    reader = _Reader(plain, unfinished)
    if not unfinished and not reader.at("file"):
        reader.wrong("file", "problem.mapping_missing")
    return reader.mapped()


class _Reader:
    """Reads every key, and collects what is wrong at which."""

    def __init__(self, plain: Mapping[str, Any], unfinished: bool) -> None:
        self.plain, self.unfinished = plain, unfinished
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
            dates=self.style("styles.dates", self.at("styles.dates"), Dates),
            decimals=self.style("styles.decimals", self.at("styles.decimals"), Decimals),
            service=self.maybe("unknown.service") or "",
        )
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
        code = self.known_by_then("business.currency")
        if code and not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            self.wrong("business.currency", "problem.mapping_currency")
        return code

    def language(self) -> str:
        code = self.text("business.language")
        if code and code not in LANGUAGES:
            self.wrong("business.language", "problem.mapping_choice", choices=", ".join(LANGUAGES))
        return code

    def known_by_then(self, key: str) -> str:
        return "" if self.unfinished and self.at(key) is None else self.text(key)

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

    def among(self, key: str, value: Any, choices: Sequence[str]) -> str | None:
        if value is not None and value not in choices:
            self.wrong(key, "problem.mapping_choice", choices=" ".join(choices))
        return value if isinstance(value, str) else None

    def style(self, key: str, value: Any, styles: type[S]) -> S | None:
        try:
            return None if value is None else styles(value)
        except ValueError:
            self.wrong(key, "problem.mapping_choice", choices=", ".join(styles))
            return None

    def place(self) -> Place:
        zone = self.known_by_then("location.zone")
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
        keys = {"pattern", "holds", "columns", "encoding", "delimiter", "dates", "decimals", "optional"}
        self.others(key, plain, keys)
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
        optional = frozenset(self.texts(f"{key}.optional", plain.get("optional", [])))
        for name in needed(holds, str(self.at("unknown.service") or "")) - (columns.keys() - optional):
            self.wrong(f"{key}.columns.{name}", "problem.mapping_missing")
        return File(
            str(pattern),
            holds,
            dict(columns),
            self.among(f"{key}.encoding", plain.get("encoding"), ENCODINGS),
            self.among(f"{key}.delimiter", plain.get("delimiter"), DELIMITERS),
            self.style(f"{key}.dates", plain.get("dates"), Dates),
            self.style(f"{key}.decimals", plain.get("decimals"), Decimals),
            optional & columns.keys(),
        )

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
