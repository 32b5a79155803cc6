"""Two programmes over the same history: who gains and who loses, what each takes off, and who holds which tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.presets import PRESETS
from console.domain.loyalty.rules.pricing import Asked
from console.domain.loyalty.rules.programme import Counter, Points, Programme, Redeem, Threshold, Tier, Tiers
from console.domain.loyalty.rules.replaying import Past, Trial
from console.domain.loyalty.rules.trial import TOP, Comparison, Period, Sums, tried

AS_OF = date(2026, 5, 12)
USUAL = 200_000
FOURTH = Programme(Counter(3))
SILVER = Programme(None, Tiers([Tier("base"), Tier("silver", {}, 1_000, Threshold(3), Threshold(2))], 60, grace_days=7))


def ago(*days: int, minor: int = USUAL) -> list[Past]:
    return [Past.single(AS_OF - timedelta(n), minor) for n in sorted(days, reverse=True)]


def trial(stand: Programme, draft: Programme, *clients: Sequence[Past]) -> Comparison:
    found = Comparison.of(stand, draft, AS_OF)
    for client, visits in enumerate(clients, 1):
        found.add(client, visits)
    return found


@pytest.mark.parametrize(
    ("as_of", "since", "first", "many"),
    [
        (AS_OF, date(2025, 5, 13), date(2025, 5, 31), 13),
        (date(2024, 2, 29), date(2023, 3, 1), date(2023, 3, 31), 12),
        (date(2026, 12, 31), date(2026, 1, 1), date(2026, 1, 31), 12),
        (date(2025, 2, 28), date(2024, 2, 29), date(2024, 2, 29), 13),
    ],
)
def test_a_period_is_a_year_and_is_looked_at_at_the_end_of_each_month(
    as_of: date, since: date, first: date, many: int
) -> None:
    period = Period(as_of)
    looks = period.looks
    assert (period.since, looks[0], looks[-1], len(looks)) == (since, first, as_of, many)
    assert all((day + timedelta(1)).day == 1 for day in looks[:-1])


def test_what_was_before_the_period_fills_cards_but_is_not_counted() -> None:
    one = tried(Trial(Programme(Counter(3, reward_valid_days=0))), ago(400, 390, 380, 10), Period(AS_OF))
    assert one.sums == Sums(visits=1, listed=USUAL, free=USUAL, used=1)


def test_what_is_left_to_give_is_valued_at_what_the_clients_own_visits_cost() -> None:
    visits = [*ago(40, 30, minor=100_000), *ago(20, minor=400_000)]
    one = tried(Trial(FOURTH), visits, Period(AS_OF))
    assert (one.sums.issued, one.sums.unused, one.sums.worth) == (1, 1, 200_000)
    capped = tried(Trial(replace(FOURTH, counter=Counter(3, reward_max_value=90_000))), visits, Period(AS_OF))
    assert capped.sums.worth == 90_000
    expired = tried(Trial(replace(FOURTH, counter=Counter(3, reward_valid_days=5))), visits, Period(AS_OF))
    assert (expired.sums.expired, expired.sums.unused, expired.sums.worth) == (1, 0, 0)


def test_what_was_given_back_is_told_apart_from_what_was_taken_off() -> None:
    half = Past(AS_OF, [Asked(USUAL, service="1")], USUAL // 2, USUAL)
    one = tried(Trial(SILVER), [*ago(30, 20, 10), half], Period(AS_OF))
    assert (one.sums.listed, one.sums.discount, one.sums.lacking, one.sums.paid) == (
        4 * USUAL,
        USUAL // 10,
        USUAL * 9 // 20,
        3 * USUAL + USUAL * 9 // 20,
    )


def test_points_cost_what_they_paid_and_those_that_are_left_are_worth_what_they_pay() -> None:
    points = Points(earn_per=10_000, redeem_points=Redeem.MAX)
    one = tried(Trial(Programme(points=points)), ago(9, 2), Period(AS_OF)).sums
    assert (one.listed, one.spent, one.paid) == (2 * USUAL, 20_000, 2 * USUAL - 20_000)
    assert (one.points, one.worth) == (180, 18_000)


def test_a_tier_is_counted_on_each_day_looked_at_from_the_first_visit_on() -> None:
    found = trial(SILVER, FOURTH, ago(150, 140, 130), ago(3))
    held = dict(zip(found.period.looks, found.stand.population, strict=True))
    assert held[date(2025, 11, 30)] == [0, 0], "nobody had come"
    assert held[date(2025, 12, 31)] == [1, 0]
    assert held[date(2026, 1, 31)] == [0, 1]
    assert held[date(2026, 3, 31)] == [1, 0], "dropped after a warning"
    assert held[AS_OF] == [2, 0]
    assert all(one == [] for one in found.draft.population), "the draft has no tiers"


def test_it_says_who_gains_and_who_loses_and_by_how_much() -> None:
    regular, once = ago(50, 40, 30, 20), ago(9)
    found = trial(SILVER, FOURTH, once, regular, once)
    assert (found.clients, found.gain.many, found.lose.many) == (3, 1, 0)
    [one] = found.gain.top
    assert (one.client, one.paid, one.saves, one.tiers, one.used) == (
        2,
        (4 * USUAL - USUAL // 10, 3 * USUAL),
        USUAL - USUAL // 10,
        (1, 0),
        (0, 1),
    )
    assert trial(FOURTH, SILVER, regular).lose.minor == found.gain.minor


def test_those_who_gain_most_are_told_first_and_not_all_of_them() -> None:
    many = TOP + 5
    found = trial(Programme(), FOURTH, *(ago(4, 3, 2, 1, minor=USUAL + n % 7) for n in range(many)))
    assert (found.gain.many, len(found.gain.top)) == (many, TOP)
    assert [one.saves for one in found.gain.top] == sorted((one.saves for one in found.gain.top), reverse=True)
    assert found.gain.top[0].client == 7


def test_who_did_not_come_in_the_period_is_in_no_count_but_that_of_tiers() -> None:
    found = trial(SILVER, SILVER, ago(900))
    assert (found.clients, found.stand.sums) == (0, Sums())
    assert found.stand.population[-1] == [1, 0]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 500), st.integers(1, 10**6)), min_size=1, max_size=12),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(sorted(PRESETS)),
    st.sampled_from(sorted(PRESETS)),
)
def test_the_sums_of_both_sides_add_up(lives: list[list[tuple[int, int]]], one: str, other: str) -> None:
    clients = [[Past.single(AS_OF - timedelta(n), minor) for n, minor in sorted(life, reverse=True)] for life in lives]
    found = trial(PRESETS[one](USUAL), PRESETS[other](USUAL), *clients)
    for side in (found.stand, found.draft):
        sums = side.sums
        assert sums.listed == sums.discount + sums.free + sums.spent + sums.lacking + sums.paid
    assert found.stand.sums.listed == found.draft.sums.listed
    assert found.gain.minor - found.lose.minor == found.stand.sums.paid - found.draft.sums.paid
    if one == other:
        assert (found.stand, found.gain.many, found.lose.many) == (found.draft, 0, 0)
