"""What a visit must be: its lines, what is taken for it, and what stays owed. Amounts in minor units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from console.domain.errors import Problem
from console.domain.ids import MethodId, ProductId, ReasonId, ServiceId
from console.domain.loyalty.rules.pricing import Asked

MOST_LINES = 30
MOST_OF_ONE = 99
MOST_MONEY = 10**12
FREELY_BACK = 1
"""So many days back anybody at the desk may date a visit; further back it is a manager's."""


@dataclass(frozen=True)
class Entered:
    """A line as the till has it: a service or a product, how many, and what one costs by the list.

    `unit`: another price that somebody put, with the `reason` why.
    """

    listed: int
    quantity: int = 1
    service: ServiceId | None = None
    product: ProductId | None = None
    unit: int | None = None
    reason: ReasonId | None = None

    @property
    def price(self) -> int:
        """What one of them costs."""
        return self.listed if self.unit is None else self.unit

    @property
    def asked(self) -> Asked:
        """The line as the rules of the price look at it."""
        return Asked(self.price, self.quantity, None if self.service is None else str(self.service))


@dataclass(frozen=True)
class Paid:
    """Money taken by a method; `tip`: it is no part of the price."""

    method: MethodId
    minor: int
    tip: bool = False


def line_problems(lines: Sequence[Entered]) -> dict[str, Problem]:
    """What is wrong with lines, by field (`line-<place>-<field>`)."""
    if not lines:
        return {"lines": Problem("problem.visit_of_nothing")}
    if len(lines) > MOST_LINES:
        return {"lines": Problem("problem.too_many_lines", {"most": MOST_LINES})}
    found: dict[str, Problem] = {}
    for place, line in enumerate(lines):
        if not 1 <= line.quantity <= MOST_OF_ONE:
            found[f"line-{place}-quantity"] = Problem("problem.out_of_range", {"least": 1, "most": MOST_OF_ONE})
        if not 0 <= line.price <= MOST_MONEY:
            found[f"line-{place}-unit"] = Problem("problem.out_of_range", {"least": 0, "most": MOST_MONEY})
        if line.unit is not None and line.unit != line.listed and line.reason is None:
            found[f"line-{place}-reason"] = Problem("problem.price_needs_reason")
    return found


def payment_problems(due: int, payments: Sequence[Paid]) -> dict[str, Problem]:
    """What is wrong with what is taken: nothing below 0, and no more than is owed; change is not kept."""
    found = {
        f"payment-{place}": Problem("problem.out_of_range", {"least": 0, "most": MOST_MONEY})
        for place, one in enumerate(payments)
        if not 0 <= one.minor <= MOST_MONEY
    }
    if not found and received(payments) > due:
        found["payments"] = Problem("problem.paid_too_much")
    return found


def received(payments: Iterable[Paid]) -> int:
    """What was paid of the price."""
    return sum(one.minor for one in payments if not one.tip)


def is_far_back(on: date, today: date) -> bool:
    """Whether dating a visit so needs a manager."""
    return (today - on).days > FREELY_BACK
