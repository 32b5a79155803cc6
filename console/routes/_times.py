"""Times on the wall in words: of one that the wall shows twice that day, which of the two it is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock

TURNS = ("words.first_time", "words.second_time")


def time_words(moment: datetime, zone: ZoneInfo) -> str:
    """An instant on the wall: 10:04; where the wall shows that twice, the first 1:30."""
    return turn_words(i18n.time_of_day(moment, zone), clock.turn(moment, zone))


def turn_words(time: str, turn: int | None) -> str:
    """A time that the wall shows twice: the first (0) or the second one; None where it shows it once."""
    return time if turn is None else i18n.words(TURNS[turn], {"time": time})


def notice_words(hours: int) -> str:
    """How long before its start a booking is to be cancelled: 24 h; whole days from two on: 30 days."""
    days, rest = divmod(hours, 24)
    return i18n.duration(hours * 60) if rest or days < 2 else i18n.words("words.days", {"count": days})


def by_their_clock(when: str, at: datetime, home: ZoneInfo, theirs: ZoneInfo | None) -> str:
    """An instant in words, by the business's clock, with the time by that of who is told where it is another one."""
    if theirs is None or at.astimezone(theirs).utcoffset() == at.astimezone(home).utcoffset():
        return when
    return i18n.words("words.when_for_them", {"when": when, "time": time_words(at, theirs)})


def span_words(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """From and to on the wall: 10:00–11:30."""
    return f"{time_words(start, zone)}\u2060–\u2060{time_words(end, zone)}"
