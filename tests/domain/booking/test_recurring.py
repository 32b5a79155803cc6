"""On which dates a recurring booking falls: tables, and properties of every rule."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.booking.recurring import (
    Made,
    Occurrence,
    OnHoliday,
    Recurrence,
    Unit,
    dates,
    occurrences,
    problems,
    shifted,
)
from console.domain.errors import Invalid

TUESDAY = date(2026, 5, 12)
"""The second Tuesday of its month."""
WEEKLY = Recurrence(TUESDAY, 1, Unit.WEEK, (1,))
MONTHLY = Recurrence(TUESDAY, 1, Unit.MONTH, (1,))
YEAR_END = date(2026, 12, 31)


def days(*typed: str) -> list[date]:
    return [date.fromisoformat(f"2026-{one}") for one in typed]


@pytest.mark.parametrize(
    ("rule", "last", "expected"),
    [
        (WEEKLY, "06-02", ("05-12", "05-19", "05-26", "06-02")),
        (replace(WEEKLY, every=2), "06-20", ("05-12", "05-26", "06-09")),
        (replace(WEEKLY, weekdays=(0, 1, 4)), "05-22", ("05-12", "05-15", "05-18", "05-19", "05-22")),
        (replace(WEEKLY, weekdays=(0,)), "05-26", ("05-18", "05-25")),
        (replace(WEEKLY, until=date(2026, 5, 26)), "12-31", ("05-12", "05-19", "05-26")),
        (replace(WEEKLY, every=2, weekdays=(0, 3)), "06-10", ("05-14", "05-25", "05-28", "06-08")),
        (MONTHLY, "08-31", ("05-12", "06-09", "07-14", "08-11")),
        (replace(MONTHLY, every=3), "12-31", ("05-12", "08-11", "11-10")),
        (replace(MONTHLY, starts_on=date(2026, 6, 30)), "10-31", ("06-30", "07-28", "08-25", "09-29", "10-27")),
        (replace(MONTHLY, starts_on=date(2026, 5, 1), weekdays=(4,)), "08-31", ("05-01", "06-05", "07-03", "08-07")),
        (replace(MONTHLY, weekdays=(1, 3)), "06-30", ("05-12", "05-14", "06-09", "06-11")),
        (WEEKLY, "05-11", ()),
    ],
)
def test_a_rule_gives_its_dates(rule: Recurrence, last: str, expected: tuple[str, ...]) -> None:
    assert dates(rule, date.fromisoformat(f"2026-{last}")) == days(*expected)


@pytest.mark.parametrize(
    ("on_holiday", "closed", "expected"),
    [
        (OnHoliday.SKIP, ("05-19",), ("05-12", None, "05-26")),
        (OnHoliday.MOVE, ("05-19",), ("05-12", "05-20", "05-26")),
        (OnHoliday.MOVE, ("05-19", "05-20", "05-21"), ("05-12", "05-22", "05-26")),
        (OnHoliday.MOVE, tuple(f"05-{day}" for day in range(19, 27)), ("05-12", "05-27", "05-28")),
        (OnHoliday.MOVE, (*(f"05-{day}" for day in range(19, 32)), "06-01"), ("05-12", None, "06-03")),
    ],
)
def test_a_holiday_is_skipped_or_moved_on(
    on_holiday: OnHoliday, closed: tuple[str, ...], expected: tuple[str | None, ...]
) -> None:
    found = around(replace(WEEKLY, on_holiday=on_holiday), days("05-26")[0], days(*closed))
    assert [one.held for one in found] == [date.fromisoformat(f"2026-{one}") if one else None for one in expected]
    assert [one.on for one in found] == days("05-12", "05-19", "05-26")


def test_two_are_never_moved_onto_one_day() -> None:
    rule = replace(WEEKLY, weekdays=(0, 1, 2), on_holiday=OnHoliday.MOVE)
    found = around(rule, days("05-20")[0], days("05-18", "05-19"))
    assert [one.held for one in found] == days("05-12", "05-13", "05-21", "05-22", "05-20")


def test_it_is_moved_to_no_day_that_is_closed_by_the_hours_and_to_no_other_date_however_far_one_looks() -> None:
    """Monday to Friday over a week and a day of holidays, open from Monday to Saturday."""
    rule = Recurrence(date(2026, 12, 30), 1, Unit.WEEK, tuple(range(5)), count=12, on_holiday=OnHoliday.MOVE)
    holidays = [date(2027, 1, day) for day in range(1, 9)]
    found = around(rule, date(2027, 3, 31), holidays, shut=(6,))
    moved = {one.on.day: one.held for one in found if one.held != one.on}
    assert moved == {1: date(2027, 1, 9), 4: date(2027, 1, 16), 5: None, 6: None, 7: None, 8: None}
    assert sum(1 for one in found if one.held) == 12
    assert found[-1].on == date(2027, 1, 20)
    for ahead in range(30):
        last = rule.starts_on + timedelta(days=ahead)
        assert around(rule, last, holidays, shut=(6,)) == [one for one in found if one.on <= last]


def test_what_is_skipped_does_not_count() -> None:
    found = around(replace(WEEKLY, count=3), YEAR_END, days("05-19", "06-02"))
    assert [one.held for one in found] == [*days("05-12"), None, *days("05-26"), None, *days("06-09")]


def around(rule: Recurrence, last: date, holidays: Container[date], shut: Container[int] = ()) -> list[Occurrence]:
    """Its occurrences where some dates are closed, and each of some weekdays by the hours."""
    return occurrences(
        rule, last, lambda on: on in holidays, lambda on: on not in holidays and on.weekday() not in shut
    )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"every": 0}, "every"),
        ({"every": 53}, "every"),
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (7,)}, "weekdays"),
        ({"until": TUESDAY - timedelta(days=1)}, "until"),
        ({"until": date(2040, 1, 1)}, "until"),
        ({"count": 0}, "count"),
        ({"count": 261}, "count"),
        ({"count": 3, "until": YEAR_END}, "count"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changed: dict[str, object], field: str) -> None:
    assert problems(replace(WEEKLY, **changed)).keys() == {field}  # type: ignore[arg-type]
    assert problems(WEEKLY) == {}


rules = st.builds(
    Recurrence,
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.integers(1, 12),
    st.sampled_from(Unit),
    st.sets(st.integers(0, 6), min_size=1).map(lambda those: tuple(sorted(those))),
    st.none(),
    st.none() | st.integers(1, 40),
)


@given(rules, st.integers(0, 900))
def test_dates_keep_to_weekdays_and_rise_and_a_longer_look_only_adds(rule: Recurrence, ahead: int) -> None:
    last = rule.starts_on + timedelta(days=ahead)
    found = dates(rule, last)
    assert all(rule.starts_on <= one <= last and one.weekday() in rule.weekdays for one in found)
    assert all(one < other for one, other in pairwise(found))
    assert dates(rule, last + timedelta(days=400))[: len(found)] == found


@given(
    rules,
    st.sampled_from(OnHoliday),
    st.integers(0, 200),
    st.sets(st.integers(0, 200)),
    st.sets(st.integers(0, 6), max_size=6),
)
def test_each_date_takes_place_or_is_moved_to_a_day_of_its_own_that_is_open_or_is_skipped(
    rule: Recurrence, on_holiday: OnHoliday, ahead: int, closed: set[int], shut: set[int]
) -> None:
    rule = replace(rule, on_holiday=on_holiday)
    last = rule.starts_on + timedelta(days=ahead)
    holidays = {rule.starts_on + timedelta(days=one) for one in closed}
    found = around(rule, last, holidays, shut)
    held = [one.held for one in found if one.held]
    by_rule = dates(rule, last)
    assert [one.on for one in found] == by_rule[: len(found)]
    assert len(held) == len(set(held))
    assert len(found) == len(by_rule) or len(held) == rule.count
    for one in found:
        assert (one.held == one.on) == (one.on not in holidays)
        if one.held not in (one.on, None):
            assert on_holiday is OnHoliday.MOVE
            assert one.held not in by_rule
            assert one.held not in holidays
            assert one.held.weekday() not in shut
    longer = around(rule, last + timedelta(days=100), holidays, shut)
    assert longer[: len(found)] == found


@given(rules, st.integers(0, 400))
def test_weeks_are_as_far_apart_as_the_rule_says(rule: Recurrence, ahead: int) -> None:
    found = dates(replace(rule, unit=Unit.WEEK), rule.starts_on + timedelta(days=ahead))
    mondays = {one - timedelta(days=one.weekday()) for one in [rule.starts_on, *found]}
    assert all((one - min(mondays)).days % (7 * rule.every) == 0 for one in mondays)


@given(
    rules, st.lists(st.integers(-6, 6), min_size=1, max_size=4), st.integers(0, 900), st.none() | st.integers(0, 400)
)
def test_each_date_of_a_rule_that_is_moved_is_as_much_later(
    rule: Recurrence, moves: list[int], ahead: int, until: int | None
) -> None:
    rule = replace(rule, until=None if until is None else rule.starts_on + timedelta(days=until))
    found, last = dates(rule, rule.starts_on + timedelta(days=ahead)), rule.starts_on + timedelta(days=ahead)
    for days in moves:
        rule = shifted(rule, days)
    later = timedelta(days=sum(moves))
    assert dates(rule, last + later) == [one + later for one in found]
    assert {one.weekday() for one in dates(rule, last + later)} <= set(rule.weekdays) or rule.unit is Unit.MONTH


@given(rules, st.integers(-6, 6), st.integers(0, 900), st.integers(0, 900))
def test_a_rule_by_weeks_goes_on_from_any_of_its_dates(rule: Recurrence, days: int, since: int, ahead: int) -> None:
    rule = shifted(replace(rule, unit=Unit.WEEK), days)
    last = rule.starts_on + timedelta(days=ahead)
    found = dates(rule, last)
    if found:
        first = found[since % len(found)]
        assert dates(replace(rule, starts_on=first), last) == [one for one in found if one >= first]


def test_a_rule_by_months_is_moved_no_further_than_a_month() -> None:
    rule = replace(MONTHLY, shifted=28)
    assert shifted(rule, 3).shifted == 31
    with pytest.raises(Invalid) as refused:
        shifted(rule, 4)
    assert refused.value.problems["days"].params == {"low": -6, "high": 3}


def test_dates_that_were_made_are_as_they_were_made_whatever_is_closed_by_now() -> None:
    rule = replace(WEEKLY, count=3, on_holiday=OnHoliday.MOVE)
    [first, second, third, fourth, fifth] = days("05-12", "05-19", "05-26", "06-02", "06-09")
    before = Made(third, frozenset({second}))
    found = occurrences(rule, fifth, {first, fourth}.__contains__, lambda _: True, before)
    moved = fourth + timedelta(days=1)
    assert found == [Occurrence(*both) for both in ((first, first), (second, None), (third, third), (fourth, moved))]
