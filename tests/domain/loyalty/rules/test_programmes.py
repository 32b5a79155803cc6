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
from console.domain.loyalty.rules.pricing import Asked, Off, Percentage, price
from console.domain.loyalty.rules.programme import Counter, Match, Programme, Standing, Threshold, Tier, Tiers
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


BASE = Tier("base", {"en": "Base"})
SILVER = Tier("silver", {"en": "Silver"}, 500, Threshold(4, 9), Threshold(3, 6))
GOLD = Tier("gold", {"en": "Gold"}, 900, Threshold(8, 20), Threshold(6, 12))


def ladder(*steps: tuple[int, Threshold], **more: Any) -> Programme:
    """Tiers above the first one, by their discounts and what they ask for."""
    named = (Tier(f"t{at}", {"en": f"T{at}"}, bp, enter) for at, (bp, enter) in enumerate(steps))
    return tiers(BASE, *named, **more)


@pytest.mark.parametrize(
    "programme",
    [
        ladder((500, Threshold(4, 9)), (900, Threshold(4, 10))),
        ladder((500, Threshold(4, 9)), (500, Threshold(8))),
        ladder((500, Threshold(spend=9)), (900, Threshold(visits=3))),
        ladder((500, Threshold(4, 9)), (900, Threshold(3)), match=Match.ANY),
        ladder((500, Threshold(4)), (900, Threshold(5, 90)), match=Match.ANY),
        ladder((500, Threshold(4)), window_days=0),
        ladder((0, Threshold(1))),
        tiers(replace(BASE, discount_bp=300), SILVER, GOLD, grace_days=0, hold_days=0),
        Programme(Counter(1, frozenset({"7"}), 5, 3, 0, 0, 9), max_discount_bp=0),
    ],
)
def test_what_the_rules_can_do_may_be_published(programme: Programme) -> None:
    assert problems(programme) == {}


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda one: Threshold(*one)), min_size=2, max_size=4),
    st.sampled_from(Match),
)
def test_every_tier_of_what_may_be_published_can_be_reached(asked: list[Threshold], match: Match) -> None:
    programme = ladder(*((500, enter) for enter in asked), match=match)
    if problems(programme):
        return
    assert programme.tiers is not None
    held = {programme.tiers.attained(Standing(visits, spend)) for visits in range(8) for spend in range(8)}
    assert set(range(1, len(asked) + 1)) <= held


@given(
    st.sampled_from([1_000, 3_000, 10_000]),
    st.lists(st.integers(0, 10_000), min_size=2, max_size=4),
    st.integers(1, 10**6),
)
def test_a_higher_tier_of_what_may_be_published_never_makes_a_visit_dearer(
    most: int, discounts: list[int], amount: int
) -> None:
    programme = replace(ladder(*((bp, Threshold(at)) for at, bp in enumerate(discounts, 1))), max_discount_bp=most)
    if problems(programme):
        return
    assert programme.tiers is not None
    dues = [
        price(programme, [Asked(amount)], [Percentage(Off.TIER, tier.discount_bp)]).due
        for tier in programme.tiers.ladder
    ]
    assert dues == sorted(dues, reverse=True)


def test_another_order_of_the_same_tiers_is_told_as_one_difference() -> None:
    found = differences(tiers(BASE, SILVER, GOLD), tiers(BASE, GOLD, SILVER))
    assert [(one.field, one.tier) for one in found] == [("ladder", None)]
    assert [tier.code for tier in found[0].before] == ["base", "silver", "gold"]
    assert [tier.code for tier in found[0].after] == ["base", "gold", "silver"]
    gone = differences(tiers(BASE, SILVER, GOLD), tiers(BASE, GOLD))
    assert [(one.field, one.tier) for one in gone] == [("tier", "silver")]


def test_an_example_of_a_programme_that_names_no_service_is_lived_all_the_same() -> None:
    assert example(Programme(Counter(services=frozenset())), Habit(30, USUAL)).visits > 0


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
        (tiers(BASE, Tier("s", {}, 500, Threshold(2))), "tier-1-name", "problem.required"),
        (tiers(BASE, Tier("s", {"en": "base"}, 500, Threshold(2))), "tier-1-name_en", "problem.tier_name_taken"),
        (ladder((900, Threshold(2)), (800, Threshold(3))), "tier-2-discount_bp", "problem.tier_discount_falls"),
        (tiers(replace(BASE, discount_bp=600), SILVER), "tier-1-discount_bp", "problem.tier_discount_falls"),
        (ladder((500, Threshold(4, 9)), (900, Threshold(4, 9))), "tier-1-enter_visits", "problem.tier_passed_over"),
        (ladder((500, Threshold(4, 9)), (900, Threshold(4, 5))), "tier-1-enter_visits", "problem.tier_passed_over"),
        (
            ladder((500, Threshold(4, 9)), (900, Threshold(3, 9)), match=Match.ANY),
            "tier-1-enter_visits",
            "problem.tier_passed_over",
        ),
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


@pytest.mark.parametrize(("required", "free", "saved"), [(4, 5, 10_400), (5, 4, 8_690), (9, 3, 5_210), (12, 2, 4_010)])
def test_a_longer_stamp_card_is_never_told_as_the_better_one(required: int, free: int, saved: int) -> None:
    """26 visits a year for 2 000 each: every 5th of them is 5.2, every 6th 4.3, every 10th 2.6, every 13th 2.0."""
    told = example(Programme(Counter(stamps_required=required, stamp_valid_days=0)), Habit(14, 2_000))
    assert (told.visits, told.free_visits, told.saved) == (26, free, saved)


def test_how_long_a_tier_lasts_is_told_for_whoever_loses_it_first() -> None:
    """Of a card that every third visit is free on, one that counts for no tier: the last visits counted are fewer."""
    ladder = Tiers((BASE, Tier("s", {}, 500, Threshold(2), Threshold(2))), window_days=40, grace_days=0)
    told = [example(Programme(counter, ladder), Habit(10, 2_000)).lost_after for counter in (None, Counter(2))]
    assert told[0] is not None
    assert told[1] is not None
    assert told[1] < told[0]


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
    visits = [Past.single(day + timedelta(7 * n), 1_000) for n in range(10)]
    steps = list(replay(Programme(Counter()), visits, visits[-1].on))
    assert [step.price.due for step in steps if step.price] == [1_000] * 4 + [0] + [1_000] * 4 + [0]


def test_a_replay_stamps_a_client_once_a_day_by_default_and_more_where_the_rules_say_so() -> None:
    day = date(2026, 1, 1)
    visits = [Past.single(day, 1_000)] * 3
    for most, expected in ((1, 1), (2, 2), (9, 3)):
        steps = list(replay(Programme(Counter(max_stamps_per_day=most)), visits, day))
        assert len(steps[-1].card.stamps) == expected


def test_a_service_that_does_not_count_is_neither_stamped_nor_free() -> None:
    day = date(2026, 1, 1)
    programme = Programme(Counter(1, services=frozenset({"deep"})))
    visits = [Past.single(day + timedelta(n), 1_000, service) for n, service in enumerate(["deep", "plain", "deep"])]
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
    visits = [Past.single(date(2026, 1, 1) + timedelta(day), minor) for day, minor in sorted(life)]
    prices = [step.price for step in replay(PRESETS[name](USUAL), visits, visits[-1].on) if step.price]
    assert sum(one.listed for one in prices) == sum(one.discount + one.free + one.due for one in prices)
    assert [one.listed for one in prices] == [minor for _, minor in sorted(life)]


def test_a_replay_takes_visits_of_several_lines_as_they_were_sold() -> None:
    day = date(2026, 1, 1)
    programme = Programme(Counter(1), Tiers([Tier("base", discount_bp=1_000)]))
    lines = [Asked(5_000, service="deep"), Asked(2_000, 2, service="plain"), Asked(700)]
    one, two = replay(programme, [Past(day, lines), Past(day + timedelta(7), lines)], day + timedelta(7))
    assert one.price is not None
    assert two.price is not None
    assert (one.price.listed, one.price.discount, one.paid) == (9_700, 900, 8_800), "products are not discountable"
    assert (two.price.free, two.price.discount, two.paid) == (5_000, 400, 4_300)
    assert [place for place, line in enumerate(two.price.lines) if line.free] == [0]


def test_what_was_given_back_is_no_spend_and_all_of_it_no_stamp_either() -> None:
    day = date(2026, 1, 1)
    programme = Programme(Counter(), Tiers([Tier("base"), Tier("silver", enter=Threshold(0, 1_000))]))
    line = [Asked(1_000, service="deep")]
    for kept, returned, tier, stamps in ((1_000, False, 1, 1), (600, False, 0, 1), (0, False, 0, 1), (0, True, 0, 0)):
        [step] = replay(programme, [Past(day, line, kept, 1_000, returned)], day)
        assert (step.paid, step.card.tier, len(step.card.stamps)) == (kept, tier, stamps)
