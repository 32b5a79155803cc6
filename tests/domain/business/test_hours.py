"""Opening hours in writing: what is understood, what is refused, and that it reads back the same."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.business.rules import (
    CLOSED,
    DAY,
    LATEST_END,
    LONGEST_NIGHT,
    MOST_INTERVALS,
    Day,
    Unusable,
    format_day,
    parse_day,
    week_problems,
)

NINE_TO_SIX: Day = ((540, 1080),)
SPLIT: Day = ((540, 780), (840, 1200))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9-18", NINE_TO_SIX),
        ("09.00-18.00", NINE_TO_SIX),
        ("9:00 — 18:00", NINE_TO_SIX),
        ("0900-1800", NINE_TO_SIX),
        ("9h-18h", NINE_TO_SIX),
        ("9am-6pm", NINE_TO_SIX),
        ("9 a.m. – 6 p.m.", NINE_TO_SIX),
        ("from 9 to 18", NINE_TO_SIX),
        ("с 9 до 18", NINE_TO_SIX),
        ("9.00..18.00", NINE_TO_SIX),
        ("9:00–18:00.", NINE_TO_SIX),
        ("9:00–13:00, 14-20", SPLIT),
        ("14-20; 9-13", SPLIT),
        ("9-13 14-20", SPLIT),
        ("9-13 and 14-20", SPLIT),
        ("с 9 до 13 и с 14 до 20", SPLIT),
        ("", CLOSED),
        ("  ", CLOSED),
        ("closed", CLOSED),
        ("Закрыто", CLOSED),
        ("—", CLOSED),
        ("9-24:00", ((540, 1440),)),
        ("12am-12pm", ((0, 720),)),
        ("0-24", ((0, 1440),)),
        ("24/7", ((0, 1440),)),
        ("Круглосуточно", ((0, 1440),)),
        ("20-2", ((1200, 1560),)),
        ("20-0", ((1200, 1440),)),
        ("18:00-8:00", ((1080, 1920),)),
        ("1-3, 20-2", ((60, 180), (1200, 1560))),
    ],
)
def test_it_understands_hours_as_people_write_them(typed: str, meant: Day) -> None:
    assert parse_day(typed) == meant


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("nine to five", "problem.hours"),
        ("9", "problem.hours"),
        ("9-", "problem.hours"),
        ("9-13-18", "problem.hours"),
        ("9-18 except lunch", "problem.hours"),
        ("9:5-18", "problem.hours"),
        (",;", "problem.hours"),
        ("-9-18", "problem.hours"),
        ("9-18\x00", "problem.hours"),
        ("25-26", "problem.hours_time"),
        ("9:75-18", "problem.hours_time"),
        ("24:30-25", "problem.hours_time"),
        ("13pm-15", "problem.hours_time"),
        ("9999-18", "problem.hours_time"),
        ("9-9", "problem.hours_empty"),
        ("24-2", "problem.hours_empty"),
        ("18-9", "problem.hours_reversed"),
        ("9-5", "problem.hours_reversed"),
        ("9-13, 12-18", "problem.hours_overlap"),
        ("9-18, 9-18", "problem.hours_overlap"),
        ("9-13, 13-18", "problem.hours_touch"),
        ("1-2,3-4,5-6,7-8,9-10,11-12", "problem.hours_many"),
    ],
)
def test_it_refuses_in_words_what_nobody_can_mean(typed: str, problem: str) -> None:
    with pytest.raises(Unusable) as refused:
        parse_day(typed)
    assert refused.value.problem.key == problem


def test_it_names_the_ranges_that_are_in_each_others_way() -> None:
    with pytest.raises(Unusable) as refused:
        parse_day("9-13, 13-18")
    assert refused.value.problem.params == {"first": "9:00–13:00", "second": "13:00–18:00", "whole": "9:00–18:00"}


@st.composite
def days(draw: st.DrawFn) -> Day:
    """Any hours that can be typed."""
    most = draw(st.integers(1, MOST_INTERVALS))
    at = sorted(draw(st.sets(st.integers(0, DAY), min_size=2 * most, max_size=2 * most)))
    intervals = list(zip(at[::2], at[1::2], strict=True))
    start = intervals[-1][0]
    if start > DAY // 2 and draw(st.booleans()):
        intervals[-1] = start, draw(st.integers(DAY, min(DAY + LATEST_END, start + LONGEST_NIGHT)))
    return tuple(intervals)


@given(days())
def test_hours_written_and_read_again_are_the_same(day: Day) -> None:
    assert parse_day(format_day(day)) == day


@given(st.text(max_size=60) | st.from_regex(r"[0-9:.,; \-–apm]{0,40}", fullmatch=True))
def test_anything_typed_is_understood_the_same_again_or_refused(typed: str) -> None:
    try:
        day = parse_day(typed)
    except Unusable:
        return
    assert parse_day(format_day(day)) == day
    assert all(0 <= start < end <= DAY + LATEST_END for start, end in day)
    assert all(first[1] < second[0] for first, second in itertools.pairwise(day))


def week(**special: Day) -> tuple[Day, ...]:
    return tuple(special.get(name, CLOSED) for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        (week(), []),
        (week(fri=((1200, 1560),), sat=((600, 1200),)), []),
        (week(mon=((0, 1440),), tue=((0, 1440),)), []),
        (week(mon=((1200, 1560),), tue=((120, 600),)), []),
        (week(mon=((1200, 1560),), tue=((60, 600),)), ["monday"]),
        (week(sun=((1200, 1800),), mon=((300, 600),)), ["sunday"]),
    ],
)
def test_a_night_may_not_run_into_the_next_day_s_hours(days: tuple[Day, ...], wrong: list[str]) -> None:
    assert list(week_problems(days)) == wrong
