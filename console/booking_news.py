"""What a message tells of a booking or of several at once, in half a sentence with which a text begins."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from console import i18n
from console.domain.messages.rules import MessageKind, Outgoing
from console.series_wording import Several


class _News(StrEnum):
    BOOKED = "words.news_booked"
    MOVED = "words.news_moved"
    CANCELLED = "words.news_cancelled"
    CALLED_OFF = "words.news_called_off"
    """We cancelled, and are sorry."""


NEWS: Mapping[MessageKind, _News] = {
    MessageKind.BOOKING_CONFIRMATION: _News.BOOKED,
    MessageKind.BOOKING_MOVED: _News.MOVED,
    MessageKind.BOOKING_CANCELLED: _News.CANCELLED,
}


def booking_news(one: Outgoing, several: Several | None, day: str, time: str, *, shortly: bool) -> str:
    """You are booked for Tuesday 12 May at 10:00; 4 of your bookings are cancelled, from Tuesday 12 May at 10:00 to
    2 June 2026, `shortly` without the year. Empty for a reminder, which tells no news.
    """
    news = _News.CALLED_OFF if one.variables.get("by") == "us" else NEWS.get(one.kind)
    if news is None:
        return ""
    when = i18n.words("words.news_when", {"day": day, "time": time})
    if several is None:
        return i18n.words(news, {"when": when})
    last = several.last
    until = i18n.day_of_year(last.month, last.day) if shortly else i18n.full_day(last)
    return _together(news, {"first": when, "last": until}, several.count)


def _together(news: _News, told: Mapping[str, str], count: int) -> str:
    return i18n.words(
        "words.news_booked_several"
        if news is _News.BOOKED
        else "words.news_moved_several"
        if news is _News.MOVED
        else "words.news_cancelled_several"
        if news is _News.CANCELLED
        else "words.news_called_off_several",
        {**told, "count": count},
    )
