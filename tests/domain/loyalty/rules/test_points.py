"""Points: earned by what was paid, spent first to end first, given back and taken back (loyalty rules, 3 and 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.loyalty.rules import fixed, points
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import DAY, Card, Lot, PointLot
from console.domain.loyalty.rules.entries import Unit, Verb, posted
from console.domain.loyalty.rules.events import (
    Dropped,
    FreeVisitExpired,
    PointsEarned,
    PointsExpired,
    PointsRedeemed,
    PointsRepaid,
    PointsReturned,
    PointsRevived,
    PointsVoided,
    PointsWithdrawn,
    StampExpired,
    Turn,
)
from console.domain.loyalty.rules.live import Span
from console.domain.loyalty.rules.nights import next_night, nights
from console.domain.loyalty.rules.points import Earned
from console.domain.loyalty.rules.pricing import Asked, Off, Percentage, pay_with_points, price, redeemable
from console.domain.loyalty.rules.programme import (
    Counter,
    Points,
    Programme,
    Redeem,
    Threshold,
    Tier,
    Tiers,
    Version,
    Versions,
)
from console.domain.loyalty.rules.publication import problems
from console.domain.loyalty.rules.visits import Finished, finish, multiplier
from console.domain.loyalty.rules.written import read
from console.domain.money import BP
from console.domain.plain import to_plain

FIRST = date(2026, 1, 1)
CLEAN = [Asked(100_000, service="clean")]
DOUBLE = Tiers((Tier("base"), Tier("s", {}, 0, Threshold(1), points_multiplier_bp=20_000)))
TENTH = Points(earn_points=1, earn_per=10, point_value=1, max_share_bp=BP, min_redeem=0, valid_days=100)
"""A point for each ten, worth one."""


def on(day: int) -> date:
    return FIRST + timedelta(day)


def lots(*parts: tuple[int, int, int]) -> Sequence[PointLot]:
    """By the day on which each was earned, that through which it is good, and how many are left."""
    return [PointLot(at, on(day), on(through), left=left) for at, (day, through, left) in enumerate(parts, 1)]


def card(*parts: tuple[int, int, int], night: int = 0, owed: int = 0) -> Card:
    return Card(on(night), points=lots(*parts), points_owed=owed, last_points=len(parts))


def left(held: Card) -> list[tuple[int, int]]:
    return sorted((one.number, one.left) for one in held.points)


def visit(programme: Programme, held: Card, day: int, paid: int, spends: int = 0) -> Turn:
    priced = pay_with_points(programme, price(programme, [Asked(paid, service="clean")], []), spends)
    return finish(programme, held, Finished(on(day), priced, priced.due, multiplier_bp=multiplier(programme, held)))


@pytest.mark.parametrize(
    ("paid", "multiplier_bp", "earned"),
    [
        (100_000, BP, 10),
        (99_999, BP, 9),
        (9_999, BP, 0),
        (0, BP, 0),
        (100_000, 15_000, 15),
        (99_999, 15_000, 14),
        (100_000, 0, 0),
    ],
)
def test_ten_points_come_per_thousand_roubles_by_the_multiplier_and_never_a_part_of_one(
    paid: int, multiplier_bp: int, earned: int
) -> None:
    assert Points().earned(paid, multiplier_bp) == earned


def test_the_multiplier_is_that_of_the_tier_held_before_the_visit() -> None:
    programme = Programme(tiers=DOUBLE, points=TENTH)
    held, first = visit(programme, Card(on(0)), 0, 100)
    assert held.tier == 1
    held, second = visit(programme, held, 1, 100)
    earned = [one for one in (*first, *second) if isinstance(one, PointsEarned)]
    assert [(one.lot.number, one.lot.left, one.lot.through) for one in earned] == [(1, 10, on(100)), (2, 20, on(101))]
    assert held.points_on(on(1)) == 30


def test_nothing_multiplies_the_points_of_a_fixed_card() -> None:
    programme, held = Programme(tiers=DOUBLE, points=TENTH), Card(on(0), tier=1)
    assert fixed.multiplier(programme, held, None) == 20_000
    assert fixed.multiplier(programme, held, fixed.Fixed(500, FIRST)) == BP
    assert fixed.multiplier(replace(programme, tiers=None), Card(on(0)), None) == BP


@pytest.mark.parametrize(
    ("balance", "payable", "many"),
    [
        (500, 100_000, 300),  # 30 % of 1 000 roubles
        (500, 99_999, 299),
        (200, 100_000, 200),
        (50, 100_000, 50),
        (49, 100_000, 0),
        (500, 16_667, 50),
        (500, 16_666, 0),
        (0, 100_000, 0),
    ],
)
def test_so_many_points_pay_for_a_visit_as_there_are_as_their_share_is_and_none_below_the_least(
    balance: int, payable: int, many: int
) -> None:
    assert redeemable(Programme(points=Points()), price(Programme(), [Asked(payable)], []), balance) == many


def test_points_do_not_combine_with_a_free_visit_whatever_is_left_to_pay() -> None:
    programme = Programme(Counter(reward_max_value=10_000), points=Points())
    assert redeemable(programme, price(programme, CLEAN, [], free_visit=True), 500) == 0
    assert redeemable(programme, price(programme, CLEAN, []), 500) == 300
    assert redeemable(replace(programme, points=None), price(programme, CLEAN, []), 500) == 0


def test_points_are_taken_after_the_percentage_and_spread_so_that_lines_add_up() -> None:
    programme = Programme(points=replace(Points(), point_value=7, min_redeem=1))
    asked = [Asked(3_333, service="a"), Asked(1_000), Asked(1_001, 2, "b")]
    priced = price(programme, asked, [Percentage(Off.TIER, 1_000)])
    assert [line.due for line in priced.lines] == [2_999, 1_000, 1_802]
    many = redeemable(programme, priced, 10_000)
    assert many == 5_801 * 3_000 // BP // 7 == 248
    paid = pay_with_points(programme, priced, many)
    assert [line.points for line in paid.lines] == [898, 299, 539]
    assert (paid.redeemed, paid.due) == (248, 5_801 - 248 * 7)
    assert (paid.listed, paid.discount) == (priced.listed, priced.discount)


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 3), st.booleans()), min_size=1, max_size=4),
    st.integers(1, 500),
    st.integers(0, BP),
    st.integers(0, BP),
    st.integers(0, 9_000),
)
def test_a_visit_paid_with_points_adds_up_and_no_line_is_below_nothing(
    asked: list[tuple[int, int, bool]], value: int, share: int, bp: int, balance: int
) -> None:
    programme = Programme(points=Points(point_value=value, max_share_bp=share, min_redeem=1))
    lines = [Asked(unit, quantity, "clean" if service else None) for unit, quantity, service in asked]
    priced = price(programme, lines, [Percentage(Off.TIER, bp)])
    many = redeemable(programme, priced, balance)
    paid = pay_with_points(programme, priced, many)
    assert sum(line.points for line in paid.lines) == many * value <= priced.due * share // BP
    assert all(line.due >= 0 and line.points >= 0 for line in paid.lines)
    assert paid.due + many * value == priced.due
    assert many in (0, min(balance, priced.due * share // BP // value))


def test_what_ends_first_is_spent_first_and_of_two_the_earlier() -> None:
    held = Card(on(0), points=[*lots((0, 90, 50), (0, 60, 50), (0, 60, 50)), PointLot(4, on(0), None, left=50)])
    after, [spent] = points.redeem(held, on(0), 120)
    assert isinstance(spent, PointsRedeemed)
    assert [(one.number, one.left) for one in spent.lots] == [(2, 50), (3, 50), (1, 20)]
    assert left(after) == [(1, 30), (4, 50)]
    with pytest.raises(ValueError, match="1 points"):
        points.redeem(held, on(0), 201)


def test_whether_points_are_good_is_judged_by_the_date_also_where_the_night_is_late() -> None:
    held = card((0, 60, 50), (70, 200, 30))
    assert [held.points_on(on(day)) for day in (60, 61, 70)] == [50, 0, 30]


def test_points_end_on_the_night_after_their_last_day_after_stamps_and_free_visits_and_before_the_tier() -> None:
    stamp, free = Lot(1, on(0), on(60)), Lot(1, on(0), on(60))
    ladder = Tiers((Tier("base"), Tier("s", {}, 0, Threshold(1), Threshold(1))), window_days=7, grace_days=0)
    versions = Versions.of([Version(date.min, Programme(tiers=ladder, points=TENTH))])
    held = replace(card((0, 60, 50), night=60), stamps=[stamp], free_visits=[free], tier=1, drops_on=on(61))
    assert next_night(versions, held) == on(61)
    held, events = nights(versions, held, on(61))
    assert [type(one) for one in events] == [StampExpired, FreeVisitExpired, PointsExpired, Dropped]
    assert [one.lot.left for one in events if isinstance(one, PointsExpired)] == [50]
    assert held.points_on(on(61)) == 0
    assert nights(versions, held, on(300))[1] == []


def test_points_wait_while_a_ticket_opened_before_is_open() -> None:
    held = replace(card((0, 60, 50)), waits=[Span(on(50), on(80))])
    assert [held.points_on(on(day)) for day in (61, 79, 80)] == [50, 50, 0]


def test_a_visit_dated_back_spends_what_has_ended_since_and_that_it_ended_is_taken_back() -> None:
    held = replace(card(night=70), points=[PointLot(1, on(0), on(60), True, 50)], last_points=1)
    after, events = points.redeem(held, on(60), 20)
    assert [type(one) for one in events] == [PointsRevived, PointsRedeemed]
    assert [(one.verb, one.delta) for one in posted(events, 7)] == [(Verb.REVERSE, 20), (Verb.REDEEM, -20)]
    assert [(one.left, one.expired) for one in after.points] == [(30, True)]


def test_points_that_return_keep_their_own_days_but_have_two_weeks_at_least() -> None:
    held = card((0, 60, 5), (0, 200, 10))
    after, events = points.give_back(held, lots((0, 60, 20), (0, 200, 30)), on(55))
    assert [type(one) for one in events] == [PointsReturned]
    parts = sorted((one.number, one.through, one.left) for one in after.points)
    assert parts == [(1, on(60), 5), (1, on(69), 20), (2, on(200), 40)]


def test_points_that_return_after_their_last_day_are_good_for_two_weeks_more() -> None:
    held = replace(card(night=100), points=[PointLot(1, on(0), on(60), True, 5)], last_points=1)
    after, _ = points.give_back(held, lots((0, 60, 20)), on(100))
    assert [after.points_on(on(day)) for day in (100, 114, 115)] == [20, 20, 0]


def test_points_of_a_visit_that_is_taken_back_go_with_it() -> None:
    after, events = points.take_back(card((0, 60, 50), (0, 60, 9)), Earned(1, 50), 50, on(5))
    assert [type(one) for one in events] == [PointsWithdrawn]
    assert (left(after), after.points_owed) == ([(2, 9)], 0)


def test_points_that_were_spent_are_paid_by_others_and_else_below_zero_until_later_ones_repay() -> None:
    held = card((0, 60, 10), (0, 90, 15))
    after, events = points.take_back(held, Earned(1, 50), 50, on(5))
    assert [type(one) for one in events] == [PointsWithdrawn, PointsRepaid]
    assert (left(after), after.points_owed, after.points_on(on(5))) == ([], 25, 0)
    assert sum(one.delta for one in posted(events)) == -50
    after, events = points.earn(TENTH, after, on(6), 20)
    assert (left(after), after.points_owed) == ([], 5)
    after, events = points.earn(TENTH, after, on(7), 20)
    assert [type(one) for one in events] == [PointsEarned, PointsRepaid]
    assert (left(after), after.points_owed, after.points_on(on(7))) == ([(4, 15)], 0, 15)
    assert sum(one.delta for one in posted(events)) == 20


def test_a_later_visit_repays_first_and_cannot_be_paid_with_what_is_owed() -> None:
    programme = Programme(points=TENTH)
    held, events = visit(programme, card(owed=30, night=1), 1, 500)
    assert held.points_on(on(1)) == 20
    assert [(one.verb, one.delta, one.lot) for one in posted(events, 1) if one.unit is Unit.POINT] == [
        (Verb.EARN, 50, 1),
        (Verb.TRANSFER, -30, 1),
        (Verb.TRANSFER, 30, None),
    ]


def test_points_that_ended_by_themselves_stay_so_and_leave_no_deficit() -> None:
    held = replace(card(night=70), points=[PointLot(1, on(0), on(60), True, 30)], last_points=1)
    after, events = points.take_back(held, Earned(1, 50), 50, on(70))
    assert [type(one) for one in events] == [PointsVoided, PointsWithdrawn]
    assert (left(after), after.points_owed) == ([], 20)
    assert sum(one.delta for one in posted(events)) == -20
    assert after.points_on(on(60)) == 0


def test_points_live_and_are_spent_in_a_visit_before_it_earns_its_own() -> None:
    programme = Programme(points=TENTH)
    held, events = visit(programme, card((0, 60, 40)), 3, 500, spends=40)
    assert [type(one) for one in events] == [PointsRedeemed, PointsEarned]
    assert left(held) == [(2, 46)]
    assert list(held.attended) == [Attended(on(3), True, 460)]


def test_points_are_published_and_kept_as_they_were_written() -> None:
    programme = Programme(points=replace(Points(), redeem_points=Redeem.MAX))
    assert problems(programme) == {}
    assert read(to_plain(programme)) == programme
    assert read({"counter": None, "tiers": None}).points is None
    wrong = Points(-1, 0, 0, BP + 1, -1, -1)
    assert set(problems(Programme(points=wrong))) == {
        "earn_points",
        "earn_per",
        "point_value",
        "max_share_bp",
        "min_redeem",
        "valid_days",
    }


def test_no_lot_comes_of_a_visit_that_earns_no_point() -> None:
    held, events = visit(Programme(points=TENTH), Card(on(0)), 0, 9)
    assert (list(held.points), held.last_points, events) == ([], 0, [])


def test_the_night_of_the_day_after_the_last_one_is_the_next_that_changes_anything() -> None:
    versions = Versions.of([Version(date.min, Programme(points=TENTH))])
    held, _ = visit(Programme(points=TENTH), Card(on(0)), 0, 100)
    assert next_night(versions, held) == on(100) + DAY
