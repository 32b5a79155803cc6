"""What another version changes, field by field; a screen says it in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from console.domain.loyalty.rules.programme import Programme, Tier, Tiers


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is another one; `tier` is the code of the tier that it is about.

    A mechanic or a tier that is new or gone as a whole is one difference, of the field `counter`, `tiers`, `points` or
    `tier`: None on the side where there is none. Tiers that stay but stand in another order are one of the field
    `ladder`: the tiers of either side from below.
    """

    field: str
    before: Any
    after: Any
    tier: str | None = None


def differences(before: Programme, after: Programme) -> list[Difference]:
    """In the order of the form: the counter, the ladder, each tier from below, points, then what holds for all."""
    return [
        *_part("counter", before.counter, after.counter),
        *_part("tiers", before.tiers, after.tiers, apart="ladder"),
        *_ladders(before.tiers, after.tiers),
        *_part("points", before.points, after.points),
        *_fields(_simple(before), _simple(after)),
    ]


def _part(name: str, before: Any, after: Any, apart: str = "") -> Iterator[Difference]:
    if before is None or after is None:
        if before is not after:
            yield Difference(name, before, after)
        return
    old, new = ({key: value for key, value in asdict(one).items() if key != apart} for one in (before, after))
    yield from _fields(old, new)


def _ladders(before: Tiers | None, after: Tiers | None) -> Iterator[Difference]:
    if before is None or after is None:
        return
    old, new = ({tier.code: tier for tier in one.ladder} for one in (before, after))
    for code in [*old, *(code for code in new if code not in old)]:
        if code in old and code in new:
            yield from _fields(_flat(old[code]), _flat(new[code]), code)
        else:
            yield Difference("tier", old.get(code), new.get(code), code)
    former, now = ([tier for tier in one.ladder if tier.code in old and tier.code in new] for one in (before, after))
    if [tier.code for tier in former] != [tier.code for tier in now]:
        yield Difference("ladder", former, now)


def _flat(tier: Tier) -> dict[str, Any]:
    plain = asdict(tier)
    asked = {f"{when}_{name}": value for when in ("enter", "keep") for name, value in plain.pop(when).items()}
    return {**plain, **asked}


def _simple(programme: Programme) -> dict[str, Any]:
    return {name: value for name, value in asdict(programme).items() if name not in ("counter", "tiers", "points")}


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], tier: str | None = None) -> Iterator[Difference]:
    for name, value in before.items():
        if value != after[name]:
            yield Difference(name, value, after[name], tier)
