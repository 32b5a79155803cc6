"""A fixed card: a discount instead of a tier, which neither grows nor shrinks (loyalty rules, section 2)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import Postponed
from console.domain.loyalty.rules.fixed import Fixed, held_on, percentages, told
from console.domain.loyalty.rules.pricing import Asked, Off, Percentage, price
from console.domain.loyalty.rules.programme import Programme, Threshold, Tier, Tiers

FIRST = date(2026, 1, 1)
TIERS = Tiers((Tier("base"), Tier("gold", discount_bp=2_000, enter=Threshold(visits=3), keep=Threshold(visits=2))))
RULES = Programme(tiers=TIERS)
GOLD = Card(FIRST, tier=1)
HOMES = frozenset({"1", "2"})


def on(day: int) -> date:
    return FIRST + timedelta(day)


def test_it_stands_instead_of_the_tier_and_stays_whatever_the_tier_is() -> None:
    fixed = Fixed(1_000, FIRST)
    assert percentages(RULES, GOLD, None) == [Percentage(Off.TIER, 2_000)]
    for card in (GOLD, Card(FIRST)):
        assert percentages(RULES, card, fixed) == [Percentage(Off.FIXED, 1_000)]
    assert percentages(Programme(), GOLD, fixed) == [Percentage(Off.FIXED, 1_000)]


def test_on_categories_it_takes_something_off_their_services_alone() -> None:
    found = percentages(RULES, GOLD, Fixed(1_000, FIRST, None, HOMES))
    asked = [Asked(5_000, service="1"), Asked(3_000, service="3"), Asked(500)]
    assert [line.discount for line in price(RULES, asked, found).lines] == [500, 0, 0]


def test_over_the_most_discount_it_is_not_cut() -> None:
    """The cap cuts only what is stacked on the best one (section 4)."""
    found = price(RULES, [Asked(1_000, service="1")], percentages(RULES, GOLD, Fixed(5_000, FIRST)))
    assert (RULES.max_discount_bp, found.discount) == (3_000, 500)


@pytest.mark.parametrize(("day", "bp"), [(-1, None), (0, 500), (9, 500), (10, 700), (19, 700), (20, None), (99, None)])
def test_a_visit_is_priced_by_the_card_of_its_own_date(day: int, bp: int | None) -> None:
    cards = [Fixed(500, FIRST, on(10)), Fixed(600, on(10), on(10)), Fixed(700, on(10), on(20))]
    found = held_on(cards, on(day))
    assert (found.bp if found else None) == bp


def test_once_it_ends_an_open_warning_that_nobody_was_told_gets_full_grace() -> None:
    risky = Card(FIRST, tier=1, drops_on=on(3))
    after, events = told(TIERS, risky, on(2))
    assert after.drops_on == on(16)
    assert events == [Postponed(on(2), on(16))]


def test_no_drop_comes_earlier_by_its_end() -> None:
    for card in (GOLD, Card(FIRST, tier=1, drops_on=on(30))):
        assert told(TIERS, card, on(2)) == (card, [])
    assert told(None, GOLD, on(2)) == (GOLD, [])


@given(
    bp=st.integers(1, 10_000),
    units=st.lists(st.integers(0, 10**7), min_size=1, max_size=5),
    services=st.none() | st.frozensets(st.sampled_from("123")),
)
def test_no_line_falls_below_zero_nor_costs_more(bp: int, units: list[int], services: frozenset[str] | None) -> None:
    asked = [Asked(unit, service=str(at % 3 + 1)) for at, unit in enumerate(units)]
    found = price(RULES, asked, percentages(RULES, GOLD, Fixed(bp, FIRST, None, services)))
    assert all(0 <= line.due <= line.listed for line in found.lines)
    assert sum(line.due for line in found.lines) == found.listed - found.discount == found.due
