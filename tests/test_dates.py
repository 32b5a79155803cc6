"""Dates in words: a line of text never ends between a day and its month."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from console import i18n
from console.routes import _agenda, _hours, _team, _times, _values

DAY, ANOTHER = date(2026, 5, 12), date(2027, 6, 2)
MOMENT, ZONE = datetime(2026, 5, 12, 9, tzinfo=UTC), ZoneInfo("Europe/Moscow")


def test_russian_says_the_word_year_in_a_sentence() -> None:
    with i18n.speaking("ru"):
        assert i18n.full_day(DAY) == "12 мая 2026 года".replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("hours", "english", "russian"),
    [(24, "24 h", "24 ч"), (36, "36 h", "36 ч"), (48, "2 days", "2 дня"), (720, "30 days", "30 дней")],
)
def test_a_long_notice_is_said_in_days(hours: int, english: str, russian: str) -> None:
    for language, said in (("en", english), ("ru", russian)):
        with i18n.speaking(language):
            assert _times.notice_words(hours).replace("\u00a0", " ") == said


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_day_month_and_year_stand_on_one_line(language: str) -> None:
    with i18n.speaking(language):
        dates = [
            *(i18n.day(DAY), i18n.day(DAY, year=True), i18n.weekday_and_date(DAY, year=True), i18n.short_day(DAY)),
            *(i18n.day_of_year(5, 12), i18n.day_of_year(5, 12, 1990), i18n.full_day(DAY), i18n.moment(MOMENT, ZONE)),
            *(i18n.lately(MOMENT, ZONE, ANOTHER), i18n.lately(MOMENT, ZONE, date(2026, 6, 2)), i18n.near(DAY, ANOTHER)),
            *(_hours.days_words(DAY, DAY), _hours.days_words(DAY, ANOTHER), _team.week_title(DAY)),
            *(
                _agenda.short(DAY),
                _agenda.day_of_month(DAY),
                _values.day_and_date(DAY),
                _team.day_head(DAY, DAY)["date"],
            ),
        ]
    for words in dates:
        assert re.search(r"\d\xa0\w", words), words
        assert not re.search(r"\d \w|[^\W\d]\.? \d{4}", words), words
