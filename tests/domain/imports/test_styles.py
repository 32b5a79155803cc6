"""Dates, times and amounts are recognised over a whole column."""

from __future__ import annotations

from datetime import date

import pytest

from console.domain.imports.rules.styles import (
    Dates,
    Decimals,
    amount_in,
    date_in,
    dates_of,
    decimals_of,
    minute_in,
)


@pytest.mark.parametrize(
    ("column", "style"),
    [
        (["03/15/2018", "04/05/2018"], Dates.MDY),
        (["15.03.2018", "05.04.2018"], Dates.DMY),
        (["2018-03-15", ""], Dates.YMD),
        (["15.03.18", "rubbish"], Dates.DMY),
    ],
)
def test_one_date_that_can_be_read_in_one_way_alone_tells_of_all(column: list[str], style: Dates) -> None:
    found = dates_of(column)
    assert (found.of, found.also) == (style, None)


def test_dates_that_can_be_read_in_two_ways_are_said_to_be() -> None:
    found = dates_of(["03/04/2018", "05/06/2018"])
    assert {found.of, found.also} == {Dates.DMY, Dates.MDY}


def test_dates_that_mean_the_same_either_way_are_no_question() -> None:
    assert dates_of(["05/05/2018"]).also is None


@pytest.mark.parametrize(
    ("column", "style"),
    [
        (["1,234.50", "12"], Decimals.POINT),
        (["1.234,50", "12"], Decimals.COMMA),
        (["1 234,5"], Decimals.COMMA),
        (["100", "-50"], Decimals.POINT),
    ],
)
def test_amounts_tell_what_stands_before_their_minor_units(column: list[str], style: Decimals) -> None:
    assert decimals_of(column).of is style
    assert decimals_of(column).also is None


def test_thousands_that_may_be_decimals_are_a_question() -> None:
    assert decimals_of(["1,234", "2,345"]).also is not None or decimals_of(["1,234", "2,345"]).of is Decimals.POINT


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1,234.50", 123450), ("-50", -5000), ("(50.4)", -5040), ("$ 12", 1200), ("12.500", 1250), ("12.505", None),
     ("1,23.00", None), ("abc", None), ("", None)],
)  # fmt: skip
def test_an_amount_is_so_many_minor_units_or_none(text: str, minor: int | None) -> None:
    assert amount_in(text, Decimals.POINT) == minor


def test_spaces_of_any_kind_part_thousands() -> None:
    assert {amount_in(f"1{space}234,50", Decimals.COMMA) for space in "  '"} == {123450}


@pytest.mark.parametrize(
    ("text", "minute"),
    [("950", 950), ("3:50:00 PM", 950), ("15:50", 950), ("12:00 AM", 0), ("12:30 pm", 750), ("25:00", None),
     ("13:00 PM", None), ("1440", None), ("noon", None)],
)  # fmt: skip
def test_a_time_is_minutes_of_the_day(text: str, minute: int | None) -> None:
    assert minute_in(text) == minute


def test_a_date_that_is_none_is_none_in_any_style() -> None:
    assert date_in("02/30/2018", Dates.MDY) is None
    assert date_in("2018-07-10T10:00", Dates.MDY) == date(2018, 7, 10)
