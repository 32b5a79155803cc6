"""Programmes as data: what may be published, presets, written and read, and what they mean for somebody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.presets import PRESETS, both, cumulative, shrinking
from console.domain.loyalty.rules.differences import differences
from console.domain.loyalty.rules.examples import Habit, example
from console.domain.loyalty.rules.programme import Counter, Programme, Threshold, Tier, Tiers
from console.domain.loyalty.rules.publication import problems
from console.domain.loyalty.rules.replaying import Past, replay
from console.domain.loyalty.rules.written import read
from console.domain.plain import to_plain

USUAL = 200_000


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_may_be_published_and_is_read_as_it_was_written(name: str) -> None:
    programme = PRESETS[name](USUAL)
    assert problems(programme) == {}
    assert read(to_plain(programme)) == programme


def tiers(*ladder: Tier, **more: Any) -> Programme:
    return Programme(tiers=Tiers(ladder, **more))


BASE = Tier("base")


@pytest.mark.parametrize(
    ("programme", "field", "key"),
    [
        (Programme(), "counter", "problem.programme_empty"),
        (Programme(Counter(0)), "stamps_required", "problem.out_of_range"),
        (Programme(Counter(max_stamps_per_day=0)), "max_stamps_per_day", "problem.out_of_range"),
        (Programme(Counter(stamp_valid_days=-1)), "stamp_valid_days", "problem.out_of_range"),
        (Programme(Counter(services=frozenset())), "services", "problem.no_service_counts"),
        (tiers(BASE), "tiers", "problem.too_few_tiers"),
        (tiers(BASE, Tier("silver")), "tier-1-enter_visits", "problem.tier_asks_nothing"),
        (tiers(BASE, Tier("silver", keep=Threshold(1))), "tier-1-enter_visits", "problem.tier_asks_nothing"),
        (
            tiers(BASE, Tier("s", enter=Threshold(3, 9), keep=Threshold(4, 9))),
            "tier-1-keep_visits",
            "problem.keep_over_enter",
        ),
        (
            tiers(BASE, Tier("s", enter=Threshold(3), keep=Threshold(3, 1))),
            "tier-1-keep_spend",
            "problem.keep_over_enter",
        ),
        (tiers(Tier("base", enter=Threshold(1)), Tier("s", enter=Threshold(2))), "tier-0-enter_visits", None),
        (tiers(BASE, Tier("base", enter=Threshold(2))), "tier-1-code", "problem.code_taken"),
        (tiers(BASE, Tier("s", {}, 4_000, Threshold(2))), "tier-1-discount_bp", "problem.over_most_discount"),
    ],
)
def test_publication_refuses_what_would_make_no_sense(programme: Programme, field: str, key: str | None) -> None:
    found = problems(programme)
    assert field in found
    assert key in (None, found[field].key)


def test_who_comes_often_enough_stays_and_gets_every_fifth_visit_free() -> None:
    told = example(both(USUAL), Habit(14, USUAL))
    assert (told.lowest, told.highest) == (2, 2)
    assert told.free_visits == pytest.approx(told.visits / 5, abs=1)
    assert told.lost_after is not None


def test_who_comes_seldom_stays_where_it_begins() -> None:
    told = example(shrinking(USUAL), Habit(60, USUAL))
    assert (told.lowest, told.highest, told.saved, told.lost_after) == (0, 0, 0, None)


def test_the_classic_card_is_never_lost() -> None:
    told = example(cumulative(USUAL), Habit(30, USUAL))
    assert (told.lowest, told.highest, told.lost_after) == (1, 2, None)


def test_who_stops_coming_loses_a_tier_after_the_window_and_grace_told_by_the_day() -> None:
    programme = tiers(BASE, Tier("s", {}, 500, Threshold(2), Threshold(1)), window_days=30, grace_days=10)
    told = example(programme, Habit(7, USUAL))
    assert (told.highest, told.reached_after, told.lost_after) == (1, 7, 40)


def test_a_replay_takes_each_free_visit_as_soon_as_it_may() -> None:
    day = date(2026, 1, 1)
    visits = [Past(day + timedelta(7 * n), 1_000) for n in range(10)]
    steps = list(replay(Programme(Counter()), visits, visits[-1].on))
    assert [step.price.due for step in steps if step.price] == [1_000] * 4 + [0] + [1_000] * 4 + [0]


def test_a_replay_stamps_a_client_once_a_day_by_default_and_more_where_the_rules_say_so() -> None:
    day = date(2026, 1, 1)
    visits = [Past(day, 1_000)] * 3
    for most, expected in ((1, 1), (2, 2), (9, 3)):
        steps = list(replay(Programme(Counter(max_stamps_per_day=most)), visits, day))
        assert len(steps[-1].card.stamps) == expected


def test_a_service_that_does_not_count_is_neither_stamped_nor_free() -> None:
    day = date(2026, 1, 1)
    programme = Programme(Counter(1, services=frozenset({"deep"})))
    visits = [Past(day + timedelta(n), 1_000, service) for n, service in enumerate(["deep", "plain", "deep"])]
    steps = list(replay(programme, visits, day + timedelta(3)))
    assert [step.price.due for step in steps if step.price] == [1_000, 1_000, 0]
    anything = replace(programme, counter=Counter(1, services=frozenset({"*"})))
    assert [step.price.due for step in replay(anything, visits, visits[-1].on) if step.price] == [1_000, 0, 1_000]


def test_what_another_version_changes_is_told_field_by_field() -> None:
    now = both(USUAL)
    assert now.tiers is not None
    base, silver, gold = now.tiers.ladder
    changed = replace(silver, discount_bp=700, keep=Threshold(2, 3 * USUAL))
    platinum = Tier("platinum", {}, 1_500, Threshold(20))
    then = replace(
        now,
        counter=replace(Counter(), stamps_required=5),
        tiers=replace(now.tiers, ladder=(base, changed, platinum), grace_days=30),
        max_discount_bp=2_000,
    )
    told = [(one.field, one.tier, one.before, one.after) for one in differences(now, then)]
    assert told == [
        ("stamps_required", None, 4, 5),
        ("grace_days", None, 14, 30),
        ("discount_bp", "silver", 500, 700),
        ("keep_visits", "silver", 3, 2),
        ("tier", "gold", gold, None),
        ("tier", "platinum", None, platinum),
        ("max_discount_bp", None, 3_000, 2_000),
    ]
    assert differences(now, now) == []
    assert [one.field for one in differences(now, replace(now, counter=None))] == ["counter"]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 10**6)), min_size=1, max_size=30),
    st.sampled_from(sorted(PRESETS)),
)
def test_what_was_listed_is_what_was_paid_taken_off_and_free(life: list[tuple[int, int]], name: str) -> None:
    visits = [Past(date(2026, 1, 1) + timedelta(day), minor) for day, minor in sorted(life)]
    prices = [step.price for step in replay(PRESETS[name](USUAL), visits, visits[-1].on) if step.price]
    assert sum(one.listed for one in prices) == sum(one.discount + one.free + one.due for one in prices)
    assert [one.listed for one in prices] == [visit.price for visit in visits]
