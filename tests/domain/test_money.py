"""Money, its one rounding, and spreading an amount over parts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.money import BP, Money, share, spread

amounts = st.integers(0, 10**15)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("minor", "bp", "part"),
    [
        (0, 500, 0),
        (10_000, 0, 0),
        (10_000, 500, 500),
        (10_000, BP, 10_000),
        (9, 500, 0),  # 0.45
        (10, 500, 1),  # 0.50 goes up
        (11, 500, 1),  # 0.55
        (30, 500, 2),  # 1.50 goes up: not to the even 2 by chance, see the next
        (50, 500, 3),  # 2.50 goes up, where banker's rounding answers 2
        (3, 3_333, 1),  # 0.9999
        (333_333, 725, 24_167),  # 24 166.6425
        (10, 15_000, 15),  # more than the whole
        (2**62, BP, 2**62),
    ],
)
def test_a_share_is_rounded_half_up(minor: int, bp: int, part: int) -> None:
    assert share(minor, bp) == part


@given(amounts, st.integers(0, 3 * BP))
def test_a_share_is_less_than_half_a_unit_from_the_exact_one_or_half_above(minor: int, bp: int) -> None:
    difference = share(minor, bp) - Fraction(minor * bp, BP)
    assert Fraction(-1, 2) < difference <= Fraction(1, 2)


@pytest.mark.parametrize(("minor", "bp"), [(-1, 500), (100, -1)])
def test_a_share_of_less_than_nothing_is_refused(minor: int, bp: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        share(minor, bp)


@pytest.mark.parametrize(
    ("minor", "weighed", "parts"),
    [
        (0, [], []),
        (0, [0, 0], [0, 0]),
        (100, [1], [100]),
        (100, [1, 1, 1], [34, 33, 33]),  # a tie: the earlier part gets the rest
        (101, [1, 1, 1], [34, 34, 33]),
        (10, [0, 5, 5], [0, 5, 5]),
        (100, [1, 2], [33, 67]),  # 66.67 has the larger remainder
        (1, [1, 3], [0, 1]),
        (1_000, [300, 300, 400], [300, 300, 400]),
        (7, [2, 3, 5], [1, 2, 4]),  # 1.4 2.1 3.5: the remainder .5 is the largest
    ],
)
def test_an_amount_is_spread_by_largest_remainder(minor: int, weighed: list[int], parts: list[int]) -> None:
    assert spread(minor, weighed) == parts


@given(amounts, weights.filter(any))
def test_the_parts_add_up_and_lie_within_one_unit_of_the_exact_ones(minor: int, weighed: list[int]) -> None:
    parts = spread(minor, weighed)
    assert sum(parts) == minor
    exact = [Fraction(minor * weight, sum(weighed)) for weight in weighed]
    assert all(abs(part - wanted) < 1 for part, wanted in zip(parts, exact, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weighed, strict=True) if weight == 0)


@given(weights, st.data())
def test_no_part_exceeds_its_weight(weighed: list[int], data: st.DataObject) -> None:
    parts = spread(data.draw(st.integers(0, sum(weighed))), weighed)
    assert all(part <= weight for part, weight in zip(parts, weighed, strict=True))


def test_an_amount_cannot_be_spread_over_nothing() -> None:
    with pytest.raises(ValueError, match="nothing to spread"):
        spread(1, [0, 0])


@pytest.mark.parametrize(("minor", "weighed"), [(-1, [1]), (1, [2, -1])])
def test_negative_amounts_and_weights_are_not_spread(minor: int, weighed: list[int]) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        spread(minor, weighed)


def test_money_adds_and_compares_within_one_currency() -> None:
    price, off = Money(1_000, "EUR"), Money(250, "EUR")
    assert price - off == Money(750, "EUR")
    assert price + off == Money(1_250, "EUR")
    assert off * 4 == price
    assert -off == Money(-250, "EUR")
    assert off < price <= price
    assert price > off >= off


def test_two_currencies_do_not_mix() -> None:
    euro, rouble = Money(1, "EUR"), Money(1, "RUB")
    assert euro != rouble
    for mix in (euro.__add__, euro.__sub__, euro.__lt__, euro.__le__, euro.__gt__, euro.__ge__):
        with pytest.raises(ValueError, match="do not mix"):
            mix(rouble)


@pytest.mark.parametrize("amount", [1.0, "1", True, None])
def test_money_is_made_of_whole_minor_units_only(amount: object) -> None:
    with pytest.raises(TypeError, match="minor units"):
        Money(amount, "EUR")


def test_money_times_a_fraction_is_refused() -> None:
    with pytest.raises(TypeError):
        Money(100, "EUR") * 0.5


@pytest.mark.parametrize("code", ["", "EU", "EURO", "eur", "E1R", "ЕUR", "€€€"])
def test_a_currency_is_three_capital_letters(code: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, code)
