"""Draft rules out of a TOML file (loyalty rules, section 6), with everything in it that cannot be used."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from enum import StrEnum
from typing import Any

from console.domain.errors import Problem
from console.domain.loyalty.rules.programme import Counter, Points, Programme, Threshold, Tier, Tiers
from console.domain.loyalty.rules.publication import impossible
from console.domain.money import BP

THRESHOLDS = {f"{when}_{what}": 0 for when in ("enter", "keep") for what in ("visits", "spend")}
TIER = {"code": "", "name": "", "discount_bp": 0, "points_multiplier_bp": BP, **THRESHOLDS}
MECHANICS = {"counter": Counter, "tiers": Tiers, "points": Points}


class BadRules(ValueError):
    """Rules that cannot be used: every problem, by the key that it is at."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


def parsed(text: str) -> Programme:
    """The programme that a rules file says; a table left out is a mechanic that is off. Raises `BadRules`."""
    try:
        plain = tomllib.loads(text)
    except ValueError as error:  # a number of more digits than Python reads, too
        raise BadRules({"rules": Problem("problem.mapping_no_toml", {"why": str(error)})}) from error
    reader = _Reader()
    programme = reader.programme(plain)
    problems = reader.problems or {_key(field): problem for field, problem in impossible(programme).items()}
    if problems:
        raise BadRules(problems)
    return programme


class _Reader:
    """Reads every key, and collects what is wrong at which."""

    def __init__(self) -> None:
        self.problems: dict[str, Problem] = {}

    def programme(self, plain: Mapping[str, Any]) -> Programme:
        found = {name: self.mechanic(name, self.table(name, plain[name])) for name in MECHANICS if name in plain}
        self.unknown("", plain, MECHANICS)
        return Programme(**found, max_discount_bp=BP)

    def mechanic(self, name: str, plain: Mapping[str, Any]) -> Any:
        kind = MECHANICS[name]
        ladder = {"ladder": self.ladder(plain.get("tier", []))} if kind is Tiers else {}
        others = {key: value for key, value in plain.items() if not (kind is Tiers and key == "tier")}
        defaults = {one.name: one.default for one in fields(kind) if one.default is not MISSING}
        return kind(**ladder, **self.values(f"{name}.", others, defaults))

    def ladder(self, plain: Any) -> Sequence[Tier]:
        if not isinstance(plain, list) or not plain:
            self.wrong("tiers.tier", "problem.mapping_table")
            return ()
        return [self.tier(place, self.table(_tier(place), one)) for place, one in enumerate(plain)]

    def tier(self, place: int, plain: Mapping[str, Any]) -> Tier:
        said = {**TIER, **self.values(f"{_tier(place)}.", plain, TIER)}
        enter, keep = (Threshold(said[f"{when}_visits"], said[f"{when}_spend"]) for when in ("enter", "keep"))
        code = said["code"] or str(place)
        return Tier(code, {"en": said["name"]}, said["discount_bp"], enter, keep, said["points_multiplier_bp"])

    def table(self, key: str, value: Any) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.wrong(key, "problem.mapping_table")
        return {}

    def values(self, under: str, plain: Mapping[str, Any], defaults: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a table says, each value of the type that is the default's."""
        self.unknown(under, plain, defaults)
        return {
            name: self.value(under + name, plain[name], default) for name, default in defaults.items() if name in plain
        }

    def value(self, key: str, value: Any, default: Any) -> Any:
        if isinstance(default, frozenset):
            if isinstance(value, list) and all(isinstance(one, str) for one in value):
                return frozenset(value)
            return self.wrong(key, "problem.mapping_texts", default)
        if isinstance(default, StrEnum):
            if value in list(type(default)):
                return type(default)(value)
            return self.wrong(key, "problem.mapping_choice", default, choices=", ".join(type(default)))
        if type(value) is type(default):
            return value
        return self.wrong(key, "problem.mapping_text" if isinstance(default, str) else "problem.whole_number", default)

    def unknown(self, under: str, plain: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        for name in plain.keys() - known.keys():
            self.wrong(under + name, "problem.mapping_unknown")

    def wrong(self, key: str, problem: str, instead: Any = None, **params: object) -> Any:
        self.problems[key] = Problem(problem, params)
        return instead


def _tier(place: int) -> str:
    return f"tiers.tier[{place}]"


def _key(field: str) -> str:
    """Where a field of a programme stands in the file."""
    if field.startswith("tier-"):
        _, place, name = field.split("-")
        return f"{_tier(int(place))}.{name}"
    return next(f"{name}.{field}" for name, kind in MECHANICS.items() if field in {one.name for one in fields(kind)})
