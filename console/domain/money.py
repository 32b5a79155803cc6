"""Money: integer minor units of one currency. There are no floats, and one rounding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BP = 10_000
"""Basis points in one whole: 10 000 bp = 100 %."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (kopeck, cent) of an ISO 4217 currency.

    Amounts of two currencies cannot be added or compared: `ValueError`.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        code = self.currency
        if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.minor


def share(minor: int, bp: int) -> int:
    """`bp` basis points of an amount of 0 or more, rounded half up to the minor unit (loyalty rules, section 4)."""
    if minor < 0 or bp < 0:
        raise ValueError("a share is taken of an amount of 0 or more, by 0 bp or more")
    return (minor * bp + BP // 2) // BP


def spread(minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount of 0 or more over weights by largest remainder, ties to the earlier one.

    The parts add up to the amount, and no part exceeds its weight while the amount does not
    exceed their sum (loyalty rules, section 4). Raises `ValueError` where nothing has a weight.
    """
    total = sum(weights)
    if minor < 0 or any(weight < 0 for weight in weights):
        raise ValueError("amounts and weights are 0 or more")
    if total == 0:
        if minor:
            raise ValueError("nothing to spread the amount over")
        return [0] * len(weights)
    if len(weights) == 1:
        return [minor]
    parts = [minor * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(minor * weights[i] % total), i))
    for index in by_remainder[: minor - sum(parts)]:
        parts[index] += 1
    return parts
