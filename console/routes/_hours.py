"""Opening hours between forms, pages and the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from babel.dates import get_day_names

from console import i18n
from console.domain.business import rules
from console.domain.clock import WallTime
from console.routes._fields import Bad, Field

TAIL = 12 * 60
"""An end until this minute of tomorrow is still felt as tonight."""


def hours(name: str, **options: Any) -> Field:
    """The hours of one day; nothing typed means closed."""
    return Field(name, _read, required=False, limit=100, empty=rules.CLOSED, show=day_words, **options)


def _read(typed: str) -> rules.Day:
    try:
        return rules.parse_day(typed)
    except rules.Unusable as unusable:
        raise Bad(unusable.problem.key, **unusable.problem.params) from None


def day_words(day: rules.Day) -> str:
    """`9:00–13:00, 14:00–20:00`, or closed."""
    if day == rules.ROUND_THE_CLOCK:
        return i18n.gettext("words.round_the_clock")
    return rules.format_day(day, i18n.gettext("words.closed"))


def week_words(week: rules.Week) -> list[str]:
    """A week in short: `Mon–Thu 9:00–18:00`, `Fri 20:00–2:00`."""
    names = get_day_names("abbreviated", context="stand-alone", locale=i18n.locale())
    alike = rules.alike(week)
    if not alike:
        return [i18n.gettext("words.no_hours")]
    if alike[0][:2] == (0, 6):
        return [i18n.words("words.every_day", {"hours": day_words(week[0])})]
    return [f"{_unbroken(_days(names, first, last))}\u00a0{_unbroken(day_words(day))}" for first, last, day in alike]


def _days(names: Mapping[int, str], first: int, last: int) -> str:
    return f"{names[first]}–{names[last]}" if last > first else names[first]


def _unbroken(text: str) -> str:
    """From and to on one line; the hours of a day break between intervals only."""
    return text.replace("–", "\u2060–\u2060")


def state_words(opening: rules.Opening, today: date) -> str:
    """How a place stands, in a sentence: open until when, or opens when."""
    if opening.open:
        return _until(opening.until, today)
    if opening.opens is None:
        return i18n.gettext("words.opens_never")
    time = rules.format_minute(opening.opens.minute)
    if opening.opens.on == today:
        return i18n.words("words.opens_at", {"time": time})
    return i18n.words("words.opens_on", {"day": _on(opening.opens.on, today), "time": time})


def _until(until: WallTime | None, today: date) -> str:
    if until is None:
        return i18n.gettext("words.open_always")
    time = rules.format_minute(until.minute)
    tonight = until.on == today + timedelta(days=1) and until.minute <= TAIL
    if until.on == today or tonight:
        return i18n.words("words.open_until", {"time": time})
    return i18n.words("words.open_until_day", {"day": _near(until.on, today), "time": time})


def _near(on: date, today: date) -> str:
    """A day inside a sentence: tomorrow, Monday, Monday 1 June."""
    if on == today + timedelta(days=1):
        return i18n.gettext("tomorrow")
    if on < today + timedelta(days=7):
        return i18n.dated(on, "EEEE")
    return i18n.weekday_and_date(on)


ON_DAYS = (
    "words.on_monday",
    "words.on_tuesday",
    "words.on_wednesday",
    "words.on_thursday",
    "words.on_friday",
    "words.on_saturday",
    "words.on_sunday",
)


def _on(on: date, today: date) -> str:
    """When something happens: tomorrow, on Monday, on 1 June."""
    if on == today + timedelta(days=1):
        return i18n.gettext("tomorrow")
    if on < today + timedelta(days=7):
        return i18n.gettext(ON_DAYS[on.weekday()])
    return i18n.words("words.on_date", {"date": days_words(on, on)})


def days_words(first: date, last: date) -> str:
    """A date, or the first and last of days in a row: 12 June, 1–8 January, 31 December – 2 January."""
    day = i18n.dated(last, "d MMMM")
    if first == last:
        return day
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day}"
    return f"{i18n.dated(first, 'd MMMM')}\u00a0– {day}"


def days_off_words(off: rules.Off) -> dict[str, Any]:
    """Days that depart from the weekly hours, for a list of them."""
    return {
        "when": days_words(off.first, off.last),
        "name": i18n.spoken(off.names),
        "place": off.place,
        "hours": day_words(off.hours),
    }
