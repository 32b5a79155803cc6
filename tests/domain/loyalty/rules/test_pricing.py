"""What a visit costs, by examples of section 4 and by what must always hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.rules.pricing import Asked, Off, Percentage, Price, price
from console.domain.loyalty.rules.programme import Counter, Programme

SILVER = Percentage(Off.TIER, 500)
PLAIN = Programme(Counter())


def due(priced: Price) -> list[int]:
    return [line.due for line in priced.lines]


def test_a_discount_is_rounded_once_and_spread_so_that_lines_add_up() -> None:
    asked = [Asked(333, service="a"), Asked(333, service="b"), Asked(334, service="c")]
    priced = price(PLAIN, asked, [SILVER])
    assert priced.discount == 50
    assert [line.discount for line in priced.lines] == [17, 16, 17]
    assert sum(due(priced)) == priced.due == 950


def test_products_take_no_discount_unless_the_version_says_so() -> None:
    asked = [Asked(1_000, service="a"), Asked(1_000)]
    assert due(price(PLAIN, asked, [SILVER])) == [950, 1_000]
    assert due(price(replace(PLAIN, discounts_products=True), asked, [SILVER])) == [950, 950]


def test_the_percentage_that_takes_off_most_is_taken_and_of_equals_the_tiers() -> None:
    asked = [Asked(1_000, service="a"), Asked(5_000, service="b")]
    fixed = Percentage(Off.FIXED, 1_000, frozenset({"a"}))
    assert price(PLAIN, asked, [fixed, SILVER]).best == SILVER  # 300 of all, against 100 of one
    assert price(PLAIN, asked[:1], [fixed, SILVER]).best == fixed
    assert price(PLAIN, asked[:1], [replace(fixed, bp=500), SILVER]).best == SILVER


def test_a_free_visit_covers_one_unit_of_the_dearest_service_line_that_qualifies() -> None:
    programme = Programme(Counter(services=frozenset({"a", "b"})))
    asked = [Asked(2_000, 3, "a"), Asked(1_500, service="b"), Asked(9_000, service="c"), Asked(9_000)]
    priced = price(programme, asked, [], free_visit=True)
    assert [line.free for line in priced.lines] == [2_000, 0, 0, 0]
    assert due(priced) == [4_000, 1_500, 9_000, 9_000]


def test_what_lies_over_the_cap_stays_an_ordinary_line_and_takes_the_percentage() -> None:
    programme = Programme(Counter(reward_max_value=1_500))
    priced = price(programme, [Asked(2_000, service="a")], [SILVER], free_visit=True)
    assert (priced.free, priced.discount, priced.due) == (1_500, 25, 475)


def test_of_two_lines_that_cost_the_same_a_free_visit_covers_the_earlier_one() -> None:
    asked = [Asked(1_000, service="a"), Asked(2_000, service="b"), Asked(2_000, service="c")]
    assert [line.free for line in price(PLAIN, asked, [], free_visit=True).lines] == [0, 2_000, 0]


def test_a_free_visit_shuts_the_percentage_out_of_what_it_covers() -> None:
    priced = price(PLAIN, [Asked(2_000, service="a"), Asked(1_000, service="b")], [SILVER], free_visit=True)
    assert due(priced) == [0, 950]


@pytest.mark.parametrize(
    "asked",
    [[Asked(500)], [Asked(0, service="a")], [Asked(99, service="a")]],
    ids=["only a product", "costs nothing", "under the least price"],
)
def test_nothing_is_free_where_no_line_qualifies(asked: list[Asked]) -> None:
    assert price(Programme(Counter(min_price=100)), asked, [], free_visit=True).free == 0


def test_what_a_package_covers_is_not_paid_and_not_taken_free() -> None:
    asked = [Asked(2_000, 1, "a", packed=1), Asked(1_000, service="b")]
    priced = price(PLAIN, asked, [SILVER], free_visit=True)
    assert [(line.packed, line.free, line.due) for line in priced.lines] == [(2_000, 0, 0), (0, 1_000, 0)]


lines = st.lists(
    st.builds(Asked, st.integers(0, 10**7), st.integers(1, 5), st.sampled_from([None, "a", "b"]), st.just(0)),
    min_size=1,
    max_size=6,
)
programmes = st.builds(
    lambda cap, least, products: Programme(Counter(reward_max_value=cap, min_price=least), discounts_products=products),
    st.sampled_from([0, 1, 5_000]),
    st.sampled_from([0, 1_000]),
    st.booleans(),
)


@given(programmes, lines, st.integers(0, 10_000), st.integers(0, 10_000), st.booleans())
def test_lines_add_up_nothing_is_below_zero_and_more_loyalty_is_never_dearer(
    programme: Programme, asked: list[Asked], low: int, high: int, free: bool
) -> None:
    low, high = sorted((low, high))
    priced = price(programme, asked, [Percentage(Off.TIER, low)], free_visit=free)
    assert sum(due(priced)) == priced.due == priced.listed - priced.free - priced.discount
    assert all(min(line.free, line.discount, line.due) >= 0 for line in priced.lines)
    assert price(programme, asked, [Percentage(Off.TIER, high)], free_visit=free).due <= priced.due
    assert price(programme, asked, [Percentage(Off.TIER, low)], free_visit=True).due <= priced.due
    more = [Percentage(Off.TIER, low), Percentage(Off.FIXED, high, frozenset({"a"}))]
    assert price(programme, asked, more, free_visit=free).due <= priced.due
