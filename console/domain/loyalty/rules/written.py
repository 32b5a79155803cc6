"""A programme as plain JSON and back: how a version is kept, hashed and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from console.domain.loyalty.rules.programme import (
    Counter,
    Match,
    Points,
    Programme,
    Redeem,
    StepDown,
    Threshold,
    Tier,
    Tiers,
)

# What is not an int or a text in JSON.
_READ: Mapping[str, Any] = {
    "services": frozenset,
    "match": Match,
    "step_down": StepDown,
    "redeem_points": Redeem,
    "enter": lambda plain: _of(Threshold, plain),
    "keep": lambda plain: _of(Threshold, plain),
    "ladder": lambda plain: tuple(_of(Tier, one) for one in plain),
    "counter": lambda plain: _of(Counter, plain),
    "tiers": lambda plain: _of(Tiers, plain),
    "points": lambda plain: _of(Points, plain),
}


def read(plain: Mapping[str, Any]) -> Programme:
    """The programme that `to_plain` wrote; what an older one does not say is as by default."""
    return _of(Programme, plain)  # type: ignore[no-any-return]


def _of(kind: type, plain: Mapping[str, Any] | None) -> Any:
    if plain is None:
        return None
    known = {one.name for one in fields(kind)}
    return kind(**{name: _READ.get(name, _same)(value) for name, value in plain.items() if name in known})


def _same(value: Any) -> Any:
    return value
