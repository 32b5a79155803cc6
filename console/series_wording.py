"""Series in words: how often they come, on which days, when, until when, and what is booked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from console import i18n
from console.domain.booking.recurring import Recurrence, Unit

EVERY_ONE: Mapping[Unit, str] = {Unit.WEEK: "words.every_week", Unit.MONTH: "words.every_month"}
ON_WEEKDAYS = (
    "words.on_mondays",
    "words.on_tuesdays",
    "words.on_wednesdays",
    "words.on_thursdays",
    "words.on_fridays",
    "words.on_saturdays",
    "words.on_sundays",
)
NTH = (
    (
        "words.first_monday",
        "words.first_tuesday",
        "words.first_wednesday",
        "words.first_thursday",
        "words.first_friday",
        "words.first_saturday",
        "words.first_sunday",
    ),
    (
        "words.second_monday",
        "words.second_tuesday",
        "words.second_wednesday",
        "words.second_thursday",
        "words.second_friday",
        "words.second_saturday",
        "words.second_sunday",
    ),
    (
        "words.third_monday",
        "words.third_tuesday",
        "words.third_wednesday",
        "words.third_thursday",
        "words.third_friday",
        "words.third_saturday",
        "words.third_sunday",
    ),
    (
        "words.fourth_monday",
        "words.fourth_tuesday",
        "words.fourth_wednesday",
        "words.fourth_thursday",
        "words.fourth_friday",
        "words.fourth_saturday",
        "words.fourth_sunday",
    ),
    (
        "words.last_monday",
        "words.last_tuesday",
        "words.last_wednesday",
        "words.last_thursday",
        "words.last_friday",
        "words.last_saturday",
        "words.last_sunday",
    ),
)
"""The keys of the weekdays of each week of a month; from the fifth on it is the last."""


def rule_words(rule: Recurrence, minute: int) -> str:
    """Every 2 weeks on Tuesday and Friday at 10:00, until 12 May 2027."""
    days = i18n.listing(_days(rule))
    if rule.unit is Unit.MONTH and rule.shifted:
        days = i18n.words("words.days_shifted", {"days": days, "shift": shift_words(rule.shifted)})
    parts = {"every": every_words(rule), "days": days, "time": i18n.clock(minute)}
    said = i18n.words("words.rule_weekly" if rule.unit is Unit.WEEK else "words.rule_monthly", parts)
    if rule.until:
        until = i18n.full_day(rule.until)
        return i18n.words("words.rule_until", {"rule": said, "date": until})
    if rule.count:
        return i18n.words("words.rule_times", {"rule": said, "count": rule.count})
    return said


@dataclass(frozen=True)
class Several:
    """Several bookings of a series: the dates of the first and the last, and how many; `goes_on`: more will come."""

    first: date
    last: date
    count: int
    goes_on: bool = False


def several_words(rule: Recurrence, minute: int, several: Several | None, *, shortly: bool = False) -> str:
    """Every week on Tuesdays at 10:00, 8 bookings from 12 May to 30 June 2026; `shortly` without days and beginning."""
    ever = replace(rule, until=None, count=None)
    said = every_words(ever) if shortly else rule_words(ever, minute)
    if several is None:
        return said
    first, last = several.first, several.last
    if shortly:
        until = i18n.day_of_year(last.month, last.day)
        return i18n.words(
            "words.told_series_shortly_so_far" if several.goes_on else "words.told_series_shortly",
            {"rule": said, "count": several.count, "last": until},
        )
    begins = i18n.day_of_year(first.month, first.day, first.year if first.year != last.year else None)
    return i18n.words(
        "words.told_series_so_far" if several.goes_on else "words.told_series",
        {"rule": said, "count": several.count, "first": begins, "last": i18n.full_day(last)},
    )


def shift_words(days: int) -> str:
    """So many days later, or earlier."""
    if days > 0:
        return i18n.words("words.days_later", {"count": days})
    return i18n.words("words.days_earlier", {"count": -days})


def every_words(rule: Recurrence) -> str:
    """Every 2 weeks."""
    if rule.every == 1:
        return i18n.gettext(EVERY_ONE[rule.unit])
    if rule.unit is Unit.WEEK:
        return i18n.words("words.every_weeks", {"count": rule.every})
    return i18n.words("words.every_months", {"count": rule.every})


def _days(rule: Recurrence) -> list[str]:
    begins, weekdays = rule.counted
    if rule.unit is Unit.WEEK:
        return [i18n.gettext(ON_WEEKDAYS[(one + rule.shifted) % 7]) for one in weekdays]
    nth = min((begins.day - 1) // 7, len(NTH) - 1)
    return [i18n.gettext(NTH[nth][one]) for one in weekdays]
