"""The price of a visit, built up in steps (loyalty rules, section 4). Amounts are minor units, 0 or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from console.domain.loyalty.rules.programme import Counter, Programme
from console.domain.loyalty.rules.value import value
from console.domain.money import share, spread


class Off(StrEnum):
    """What takes something off a visit's price, in the order that breaks ties."""

    TIER = "tier"
    FIXED = "fixed"


class Asked(NamedTuple):
    """A line as it was entered: `unit` is the price of one of them, after an override.

    `service` is None for a product. `packed`: how many units a package or subscription covers.
    """

    unit: int
    quantity: int = 1
    service: str | None = None
    packed: int = 0


@value
class Percentage:
    """A discount in basis points on some of the lines; `services` None: on all that is discountable."""

    off: Off
    bp: int
    services: frozenset[str] | None = None

    def takes(self, line: Asked) -> bool:
        return self.services is None or line.service in self.services


@value
class Line:
    """What a line costs: its list price, what is taken off it, and what is left.

    That is by a package, a free visit, a discount, and the money that points pay.
    """

    asked: Asked
    packed: int = 0
    free: int = 0
    discount: int = 0
    points: int = 0

    @property
    def listed(self) -> int:
        return self.asked.unit * self.asked.quantity

    @property
    def uncovered(self) -> int:
        return self.listed - self.packed - self.free

    @property
    def due(self) -> int:
        return self.uncovered - self.discount - self.points


@dataclass(frozen=True, slots=True)
class Price:
    """A visit's lines in their order, the one percentage that was taken, where any was, and how many points pay.

    `listed`, `free`, `discount` and `due`: what the lines add up to. `has_service`: whether one of them is no product.
    """

    lines: Sequence[Line]
    best: Percentage | None
    redeemed: int = 0
    listed: int = field(init=False, compare=False)
    free: int = field(init=False, compare=False)
    discount: int = field(init=False, compare=False)
    due: int = field(init=False, compare=False)
    has_service: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        listed = free = discount = due = 0
        has_service = False
        for line in self.lines:
            asked = line.asked
            listed += asked.unit * asked.quantity
            free += line.free
            discount += line.discount
            due += asked.unit * asked.quantity - line.packed - line.free - line.discount - line.points
            has_service = has_service or asked.service is not None
        put = object.__setattr__
        put(self, "listed", listed)
        put(self, "free", free)
        put(self, "discount", discount)
        put(self, "due", due)
        put(self, "has_service", has_service)


def price(
    programme: Programme, asked: Sequence[Asked], percentages: Sequence[Percentage], *, free_visit: bool = False
) -> Price:
    """What a visit costs by the rules of its date; `free_visit`: one is taken where a line may be."""
    lines = [Line(one, packed=one.unit * one.packed) for one in asked]
    if free_visit and programme.counter is not None:
        lines = _take_free(programme.counter, lines)
    return _discounted(programme, lines, percentages)


def redeemable(programme: Programme, priced: Price, balance: int) -> int:
    """How many points of a balance may pay for a visit (section 3): none where a free visit was taken."""
    if programme.points is None or priced.free:
        return 0
    return programme.points.redeemable(balance, priced.due)


def pay_with_points(programme: Programme, priced: Price, many: int) -> Price:
    """A visit paid with so many points, as many as are redeemable at most; what they pay is spread over its lines."""
    if programme.points is None or not many:
        return priced
    parts = spread(many * programme.points.point_value, [line.due for line in priced.lines])
    lines = [
        Line(one.asked, one.packed, one.free, one.discount, part) for one, part in zip(priced.lines, parts, strict=True)
    ]
    return Price(lines, priced.best, many)


def free_line(counter: Counter, asked: Sequence[Asked]) -> int | None:
    """Which line a free visit covers one unit of: the dearest that qualifies, of equal ones the earlier; None: none."""
    able = [
        place
        for place, one in enumerate(asked)
        if one.service is not None and one.packed < one.quantity and counter.qualifies(one.service, one.unit)
    ]
    return max(able, key=lambda place: (asked[place].unit, -place), default=None)


def can_be_free(programme: Programme, asked: Sequence[Asked]) -> bool:
    """Whether a free visit may be taken on a visit with these lines."""
    return programme.counter is not None and free_line(programme.counter, asked) is not None


def _take_free(counter: Counter, lines: list[Line]) -> list[Line]:
    place = free_line(counter, [line.asked for line in lines])
    if place is None:
        return lines
    asked = lines[place].asked
    taken = Line(asked, lines[place].packed, counter.covered(asked.unit))
    return [*lines[:place], taken, *lines[place + 1 :]]


def _discounted(programme: Programme, lines: list[Line], percentages: Sequence[Percentage]) -> Price:
    """The percentage that is best in money on this visit, spread over the lines that it is taken on."""
    best, most, parts = None, 0, [0] * len(lines)
    for one in sorted(percentages, key=_order) if len(percentages) > 1 else percentages:
        weights = _weights(programme, lines, one)
        if (worth := share(sum(weights), one.bp)) > most:
            best, most, parts = one, worth, spread(worth, weights)
    if best is None:
        return Price(lines, None)
    return Price(
        [Line(line.asked, line.packed, line.free, part) for line, part in zip(lines, parts, strict=True)], best
    )


_ORDER = {off: place for place, off in enumerate(Off)}


def _order(percentage: Percentage) -> int:
    return _ORDER[percentage.off]


def _weights(programme: Programme, lines: Sequence[Line], percentage: Percentage) -> list[int]:
    products, services = programme.discounts_products, percentage.services
    return [
        line.uncovered
        if (products or line.asked.service is not None) and (services is None or line.asked.service in services)
        else 0
        for line in lines
    ]
