"""Where bookings and days were moved, each told in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.audit.touched import Touch
from console.domain.booking.moved import ARRANGED, Moved, Stand
from console.routes._changes import Change
from console.routes._times import time_words
from console.routes._values import between, day_and_date


def is_theirs(moved: Moved, entry: audit.Entry) -> bool:
    """Whether the move of a booking is told to whom an entry is told."""
    return entry.own is None or ("booking", moved.booking) in entry.own


def besides(touch: Touch, moved: Sequence[Moved]) -> Touch:
    """What an operation did to an entity besides moving bookings, which is told in one line."""
    if not moved:
        return touch
    return replace(touch, fields=[one for one in touch.fields if one.name not in ARRANGED.get(touch.entity, ())])


def as_one(touched: Sequence[Touch]) -> tuple[list[Touch], list[Change]]:
    """What was done to days in a row besides moving them, which is told in one line: 3–16 August → 10–23 August.

    Days that went or came with the move did so at the end.
    """
    dates = [field for touch in touched for field in touch.fields if field.name == "date"]
    others = [replace(touch, fields=[one for one in touch.fields if one.name != "date"]) for touch in touched]
    if not dates:
        return others, []
    retired = [field.new for touch in touched for field in touch.fields if field.name == "retired_at"]
    gone = timedelta(days=sum(one is not None for one in retired))
    come = timedelta(days=sum(one is None for one in retired) + sum(not touch.fields for touch in touched))
    was, now = (sorted(getattr(one, side) for one in dates) for side in ("former", "new"))
    spans = between(was[0], was[-1] + gone), between(now[0], now[-1] + come)
    return others, [Change(i18n.gettext("column.holiday.date"), *spans)]


def told(one: Moved) -> Change:
    """Where a booking was and is, what stayed the same left out: Tue 12 May 12:30, Emma Jones → 14:30, Ben Carter."""
    was, now = one.before, one.after
    first, then = (clock.business_date(stand.starts_at, one.zone) for stand in (was, now))
    same_length = was.ends_at - was.starts_at == now.ends_at - now.starts_at
    same_who = was.who == now.who

    def words_of(stand: Stand, on: date | None) -> str:
        time = time_words(stand.starts_at, one.zone)
        if not same_length:
            time += f"–{time_words(stand.ends_at, one.zone)}"
        return ", ".join([f"{day_and_date(on)} {time}" if on else time, *([] if same_who else [stand.who])])

    return Change(i18n.gettext("words.moved"), words_of(was, first), words_of(now, then if then != first else None))
