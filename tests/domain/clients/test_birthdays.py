"""A birthday is read however people write it, and read again as it is shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import i18n
from console.domain.clients.rules import Birthday, read_birthday

DAYS = st.dates(date(1907, 1, 1), date(2026, 5, 12))


def read(typed: str) -> Birthday | None:
    return read_birthday(typed, i18n.month_numbers())


@pytest.mark.parametrize(
    "typed",
    [
        *("12.05", "12.5", "12/05", "12-05", "12 05", "12 . 05", "12.05."),
        *("12 May", "12 may", "12 MAY", "12th May", "May 12", "May 12th", "12May"),
        *("12 мая", "12 Мая", "мая 12", "12 май", "12мая", "12. мая"),
    ],
)
def test_a_day_and_a_month_are_enough(typed: str) -> None:
    assert read(typed) == Birthday(5, 12)


@pytest.mark.parametrize(
    "typed",
    [
        *("1990-05-12", "1990-5-12", "12.05.1990", "12.5.1990", "12/05/1990", "12-05-1990", "12 05 1990"),
        *("12 May 1990", "12 May, 1990", "May 12, 1990", "may 12 1990"),
        *("12 мая 1990", "12 мая 1990 г.", "12 мая 1990 года", "12 мая 1990г", "мая 12, 1990", "12.05.1990 г."),
    ],
)
def test_the_year_may_stand_there_as_well(typed: str) -> None:
    assert read(typed) == Birthday(5, 12, 1990)


@pytest.mark.parametrize("typed", ["3 сент 1990", "3 сен 1990", "3 sept 1990", "Sep. 3, 1990", "3 SEPTEMBER 1990"])
def test_three_letters_of_a_month_are_enough(typed: str) -> None:
    assert read(typed) == Birthday(9, 3, 1990)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "12", "may", "мая 1990", "12 ма", "12 ju", "12.05.90", "1990.05.12", "tomorrow", "12 мартобря"),
        *("12.05.19900", "112.05.1990", "12.05.1990.1", "12 May 1990 BC", "-12.05", "12 12 12", "½ May", "١٢.٠٥"),
    ],
)
def test_what_is_no_birthday(typed: str) -> None:
    assert read(typed) is None


@given(DAYS, st.booleans(), st.sampled_from(["en", "ru"]))
def test_a_birthday_is_read_as_it_is_shown(day: date, known: bool, language: str) -> None:
    before = i18n.current()
    i18n.use(language)
    try:
        birthday = Birthday(day.month, day.day, day.year if known else None)
        assert read(i18n.day_of_year(birthday.month, birthday.day, birthday.year)) == birthday
    finally:
        i18n.use(before)


@given(DAYS, st.sampled_from([".", "/", "-", " "]))
def test_the_day_stands_before_the_month(day: date, mark: str) -> None:
    assert read(f"{day.day}{mark}{day.month:02}{mark}{day.year}") == Birthday(day.month, day.day, day.year)
    assert read(f"{day.day:02}{mark}{day.month}") == Birthday(day.month, day.day)
    assert read((day + timedelta(days=1)).isoformat()) != Birthday(day.month, day.day, day.year)


@given(st.text(max_size=40))
def test_no_text_breaks_it(typed: str) -> None:
    found = read(typed)
    assert found is None or 1 <= len(str(found.day)) <= 2
