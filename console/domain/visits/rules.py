"""What a visit must be: its lines, its price, what is taken for it, and what stays owed. Amounts in minor units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from console.domain.errors import Problem
from console.domain.ids import MethodId, ProductId, ReasonId, ServiceId
from console.domain.loyalty.rules.pricing import Asked, Percentage, Price, price
from console.domain.loyalty.rules.programme import Programme

MOST_LINES = 30
MOST_OF_ONE = 99
MOST_MONEY = 10**10
FREELY_BACK = 1
"""So many days back anybody at the desk may date a visit; further back it is a manager's."""


@dataclass(frozen=True)
class Entered:
    """A line as the till has it: a service or a product, how many, and what one costs by the list.

    `unit`: another price that somebody put, with the `reason` why. Where the list has no price, `listed` is what was
    put.
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
    def overridden(self) -> bool:
        """Whether it costs something else than the list says."""
        return self.price != self.listed

    @property
    def asked(self) -> Asked:
        """The line as the rules of the price look at it."""
        return Asked(self.price, self.quantity, None if self.service is None else str(self.service))


@dataclass(frozen=True)
class Paid:
    """Money taken by a method, or given back by it; `tip`: it is no part of the price."""

    method: MethodId
    minor: int
    tip: bool = False


def priced(
    programme: Programme, lines: Sequence[Entered], percentages: Sequence[Percentage], *, free: bool = False
) -> Price:
    """What a visit with these lines costs; `free`: a free visit is played."""
    return price(programme, [line.asked for line in lines], percentages, free_visit=free)


def line_problems(lines: Sequence[Entered]) -> dict[str, Problem]:
    """What is wrong with lines, by field (`line-<place>-<field>`)."""
    if not lines:
        return {"lines": Problem("problem.visit_of_nothing")}
    if len(lines) > MOST_LINES:
        return {"lines": Problem("problem.too_many_lines", {"most": MOST_LINES})}
    found: dict[str, Problem] = {}
    for place, line in enumerate(lines):
        if (line.service is None) is (line.product is None):
            found[f"line-{place}-item"] = Problem("problem.choice")
        if not 1 <= line.quantity <= MOST_OF_ONE:
            found[f"line-{place}-quantity"] = Problem("problem.out_of_range", {"least": 1, "most": MOST_OF_ONE})
        if not 0 <= line.price <= MOST_MONEY:
            found[f"line-{place}-unit"] = Problem("problem.price_out_of_range")
        if line.overridden and line.reason is None:
            found[f"line-{place}-reason"] = Problem("problem.price_needs_reason")
    return found


def payment_problems(due: int, payments: Sequence[Paid]) -> dict[str, Problem]:
    """What is wrong with what is taken: each is above 0, and no more than is owed; change is not kept."""
    found = _sum_problems(payments)
    if not found and received(payments) > due:
        found["payments"] = Problem("problem.paid_too_much")
    return found


def owed_problems(owed: int, minor: int, name: str = "minor") -> dict[str, Problem]:
    """What is wrong with receiving so much of what is owed, by a field: it is above 0, and no more than that."""
    if minor <= 0:
        return {name: Problem("problem.money_above_zero")}
    return {name: Problem("problem.paid_too_much")} if minor > owed else {}


def _sum_problems(payments: Sequence[Paid]) -> dict[str, Problem]:
    return {
        f"payment-{place}": Problem("problem.money_above_zero" if one.minor < 1 else "problem.money_too_much")
        for place, one in enumerate(payments)
        if not 1 <= one.minor <= MOST_MONEY
    }


def received(payments: Iterable[Paid]) -> int:
    """What was paid of the price."""
    return sum(one.minor for one in payments if not one.tip)


def allotted(payments: Sequence[Paid], sums: Sequence[int]) -> tuple[list[tuple[Paid, ...]], tuple[Paid, ...]]:
    """What is paid put to some sums, in their order and by the methods in theirs; and what is left, with all tips."""
    left = [one for one in payments if not one.tip]
    shares = []
    for minor in sums:
        share, missing = list[Paid](), minor
        while missing and left:
            taken = min(left[0].minor, missing)
            share.append(replace(left[0], minor=taken))
            missing -= taken
            left = [replace(left[0], minor=left[0].minor - taken), *left[1:]] if taken < left[0].minor else left[1:]
        shares.append(tuple(share))
    return shares, (*left, *(one for one in payments if one.tip))


def tips(payments: Iterable[Paid]) -> int:
    """What was given besides the price."""
    return sum(one.minor for one in payments if one.tip)


@dataclass(frozen=True)
class Balance:
    """Where a visit stands: its price less what was refunded of it, what was paid of that, and the tips."""

    due: int
    paid: int
    tips: int

    @property
    def owed(self) -> int:
        return self.due - self.paid


def refund_problems(balance: Balance, back: Sequence[Paid]) -> dict[str, Problem]:
    """What is wrong with what is given back: no more than was paid, and something there must be to refund."""
    if found := _sum_problems(back):
        return found
    if received(back) > balance.paid:
        return {"payments": Problem("problem.refund_too_much")}
    if tips(back) > balance.tips:
        return {"payments": Problem("problem.refund_too_much_tip")}
    if not back and (balance.paid or not balance.due):
        return {"payments": Problem("problem.refund_of_nothing")}
    return {}


def is_full(balance: Balance, back: Sequence[Paid]) -> bool:
    """Whether nothing of what was paid is left after that: then all of the price is refunded, a debt too (section 5).

    Tips alone refund nothing of the price.
    """
    given = received(back)
    return balance.due > 0 and given == balance.paid and (given > 0 or not back)


def is_far_back(on: date, today: date) -> bool:
    """Whether dating a visit so needs a manager."""
    return (today - on).days > FREELY_BACK
