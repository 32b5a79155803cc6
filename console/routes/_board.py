"""The board of an agenda: columns of people and things beside the hours, for the template down to the last text.

It is rendered once for a revision, language and role, and kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from console import i18n
from console.domain.booking.agenda import Agenda, AgendaDay, Column
from console.domain.booking.places import minute
from console.domain.booking.rules import Status
from console.domain.booking.sheet import UNIT, Axis, Either, Span, axis, wall_axes
from console.domain.desk.agenda_marks import Marks
from console.domain.ids import BookingId
from console.domain.roster.rules import spans
from console.routes import _called
from console.routes._agenda import Asked, clock_of, short
from console.routes._agenda_sheet import walls_of
from console.routes._column import DOERS, Col, Maker
from console.routes._page import Req
from console.routes._times import time_words, turn_words

NOW = "<!--now-->"
"""Where the line of the present goes into a board that was kept."""
UNSURE = ("words.time_skipped", "words.time_twice")
MOST_COLUMNS = 60
MOST_ON_PAPER = 8


@dataclass(slots=True)
class Board:
    """All of it. `size`: classes of its height and width in columns; for dragging `walls`: what the wall shows.

    `top`: minutes since the epoch at which it begins, None where it has no one beginning; `twice`: words of what the
    wall shows twice, if it does; `unsure`: those of a time that a date does not have, and of one that it has twice.
    `services`: what the services are called that lie on it, by their ids.
    """

    size: str
    hours: list[tuple[str, str]]
    halves: list[str]
    walls: str
    top: int | None
    twice: str
    unsure: str
    cols: list[Col]
    day: str
    movable: bool
    services: Mapping[int, str]

    @property
    def many(self) -> bool:
        """Whether a sheet of paper is too narrow to have all columns side by side."""
        return len(self.cols) > MOST_ON_PAPER


def board(
    request: Req, one: Asked, agenda: Agenda, movable: bool, marks: Mapping[BookingId, Marks]
) -> tuple[Board, Either | None]:
    """The board of a day or a week, and the hours of today on it."""
    maker = Maker(request, one, agenda, marks)
    shown = [(day, column) for day in agenda.days for column in day.columns if is_shown(one, column)]
    if maker.week:
        dated = [(day.day, span) for day, column in shown for span in _spans(day, column)]
        axes: Sequence[Either] = wall_axes([day.day for day in agenda.days], dated, agenda.zone)
    else:
        [day] = agenda.days
        reach = [span for _, column in shown for span in _spans(day, column)]
        axes = [axis(day.day, [*spans(day.day, day.open, agenda.zone), *reach], agenda.zone)]
    by_day = {one.day: one for one in axes}
    where = axes[0]
    cols = [maker.column(day, column, by_day[day.day]) for day, column in shown]
    for block in {block.id: block for col in reversed(cols) for block in reversed(col.blocks)}.values():
        block.named = True
    made = Board(
        f"h{-(-where.minutes // UNIT)} c{min(max(sum(col.wide for col in cols), 1), MOST_COLUMNS)}",
        [(f"t{hour.at // UNIT}", clock_of(hour.wall)) for hour in where.hours],
        [f"t{hour.at // UNIT + 6}" for hour in where.hours if hour.at + 30 < where.minutes],
        walls_of(where),
        minute(where.starts_at) if isinstance(where, Axis) else None,
        "|".join(turn_words("%", turn) for turn in (0, 1)) if maker.week or len(where.walls) > 1 else "",
        "|".join(i18n.words(key, {"time": "%"}) for key in UNSURE) if maker.week else "",
        cols,
        where.day.isoformat(),
        movable,
        maker.services,
    )
    return made, next((by_day[day] for day in by_day if _has_today(one, day)), None)


def _has_today(one: Asked, day: date) -> bool:
    """Whether the present lies on a date's sheet: on today's, and on a day's alone also after its midnight."""
    return day == one.today or (one.view == "day" and day == one.today - timedelta(days=1))


def _spans(day: AgendaDay, column: Column) -> list[Span]:
    """What of a column makes a sheet longer: hours, bookings that belong to the day, and what reaches into it."""
    start, end = column.window
    reaching = [one.own for one in column.lying if one.own[0] < start < one.own[1]]
    there = [one.own for one in column.lying if day.has(one)]
    return [*column.hours, *there, *((start, min(until, end)) for _, until in reaching)]


def is_shown(one: Asked, column: Column) -> bool:
    """People who are there or away, things that something is booked of; all of them where that is asked for."""
    if one.everybody or one.view == "week" or column.lying:
        return True
    if column.bookable.kind in DOERS:
        return bool(column.hours) or column.away
    return bool(column.taken)


@dataclass(frozen=True)
class Unconfirmed:
    """A booking that the client has not confirmed: when in words, and whose."""

    id: int
    when: str
    called: str


def unconfirmed(one: Asked, agenda: Agenda) -> list[Unconfirmed]:
    """Those of the days that are shown and not over, in the order of time."""
    erased = _called.erased()
    return [
        Unconfirmed(lying.booking, _when(one, day.day, lying.span[0], agenda.zone), lying.called or erased)
        for day in agenda.days
        if day.day >= one.today
        for lying in sorted(day.bookings.values(), key=lambda lying: lying.span[0])
        if lying.status is Status.BOOKED and not lying.unsaid
    ]


def _when(one: Asked, day: date, moment: datetime, zone: ZoneInfo) -> str:
    time = time_words(moment, zone)
    return f"{short(day)}, {time}" if one.view == "week" else time


@dataclass(frozen=True)
class Kept:
    """A board as it was rendered, in two halves with the line of the present between them, and what is said with it.

    `empty`: nothing is booked; `bare`: nobody is there either; `free`: there is a free place; `astray`: when bookings
    begin that are to be moved.
    """

    html: tuple[str, str]
    axis: Either | None
    asked: Asked
    summary: str
    unconfirmed: Sequence[Unconfirmed]
    closed: dict[str, str] | None
    empty: bool
    bare: bool
    free: bool
    people: Sequence[tuple[int, str]]
    astray: Sequence[datetime] = ()

    def at(self, now: datetime) -> Markup:
        """The board with the line of the present, where it shows this day."""
        before, after = self.html
        where = self.axis
        at = where.at(now) if where else -1
        line = ""
        if where and 0 <= at < where.minutes:
            time = clock_of(where.wall(at))
            line = f'<div class="now t{at // UNIT}" data-now="{at}"><span>{time}</span></div>'
        return Markup(before + line + after)  # noqa: S704  # rendered by our own template, which escapes
