"""The board of an agenda: columns of people and things with everything that lies in them, as classes of a grid.

It is prepared for the template down to the last text, rendered once for a revision, language and role, and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from console import i18n
from console.domain.booking.agenda import Agenda, AgendaDay, Column
from console.domain.booking.lying import Lying, Other, Taken
from console.domain.booking.places import minute
from console.domain.booking.rules import MOVABLE, Status
from console.domain.booking.sheet import (
    UNIT,
    Axis,
    Either,
    Span,
    Spot,
    WallAxis,
    axis,
    cells,
    gaps,
    lanes,
    spot,
    wall_axes,
)
from console.domain.business.rules import DAY, Interval
from console.domain.roster.rules import BookableKind, breaks, spans
from console.routes._agenda import STATUS_WORDS, Asked, clock_of, load, service_names, short
from console.routes._bookings import step_words, turn_words
from console.routes._page import Req
from console.routes._team import OFF_WORDS, day_head

NOW = "<!--now-->"
"""Where the line of the present goes into a board that was kept."""
UNSURE = ("words.time_skipped", "words.time_twice")
MOST_LANES = 6
MOST_COLUMNS = 60
MOST_MARKS = 3


@dataclass(slots=True)
class Block:
    """A booking on the board. `recurs`: words where it is one of a series; `data`: attributes for dragging."""

    id: int
    place: str
    called: str
    time: str
    what: str
    status: str
    recurs: str
    marks: list[tuple[str, str]]
    more: list[str]
    data: str


@dataclass(slots=True)
class Cells:
    """The free places of a date in a column: the date, and their classes, words, and what a press says of the time.

    That is a time on the wall, or where the wall shows it twice the minutes since the epoch at which it begins.
    """

    on: str
    places: list[tuple[str, str, str, str]]


@dataclass(slots=True)
class Col:
    """A column. `shades`: classes and words of what is closed, a break, time off; `tails`: classes of buffers.

    `free_said`: what a free place says behind its time. `top`, `walls`: as of a board, where each column has its own.
    """

    id: int
    kind: str
    on: str
    name: str
    said: str
    url: str
    today: bool
    free_said: str
    top: int | None
    walls: str
    shades: list[tuple[str, str]] = field(default_factory=list)
    tails: list[str] = field(default_factory=list)
    free: list[Cells] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Board:
    """All of it. `size`: classes of its height and number of columns; for dragging `walls`: what the wall shows.

    `top`: minutes since the epoch at which it begins, None where it has no one beginning; `twice`: words of what the
    wall shows twice, if it does; `unsure`: those of a time that a date does not have, and of one that it has twice.
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


class _Maker:
    """What the columns of one board share."""

    def __init__(self, request: Req, one: Asked, agenda: Agenda) -> None:
        self.one = one
        self.names = {who.id: who.name for who in agenda.everybody}
        self.services = service_names(request, agenda)
        self.statuses = {status: i18n.gettext(key) for status, key in STATUS_WORDS.items()}
        self.off = {kind.value: i18n.gettext(key) for kind, key in OFF_WORDS.items()}
        self.together = i18n.gettext("words.together_with")
        self.words = {name: i18n.gettext(key) for name, key in _WORDS.items()}
        self.week = one.view == "week"

    def column(self, day: AgendaDay, column: Column, where: Either) -> Col:
        who = column.bookable
        head = day_head(day.day, self.one.today) if self.week else {"today": False}
        made = Col(
            who.id,
            who.kind.value,
            day.day.isoformat(),
            f"{head['name']} {head['date']}" if self.week else who.name,
            load(column.booked, column.available) if _can_work(column) else self.words["unable"],
            self.one.url(view="day", on=day.day, person=None)
            if self.week
            else self.one.url(view="week", person=who.id),
            bool(head["today"]),
            i18n.words("words.free_of", {"name": who.name}),
            minute(where.passing.starts_at) if self.week else None,
            _walls(where.passing) if self.week else "",
        )
        there = [_on(where, span) for span in column.hours]
        taken = [_on(where, span) for span in (one.span for one in column.taken)]
        off = [_on(where, one.span) for one in column.taken if one.kind == "time_off"]
        made.shades = [*self._shades(there, where, off), *self._away(column.taken, where)]
        lying = [one for one in column.lying if _on(where, one.own)[1] > 0]
        made.blocks, made.tails = self._blocks(lying, where)
        standing = [_on(where, one.taken) for one in lying if one.status is not Status.NO_SHOW]
        made.free = self._free(where, there, [*taken, *standing]) if _can_work(column) else []
        return made

    def _shades(self, spans: list[Interval], where: Either, off: list[Interval]) -> Iterable[tuple[str, str]]:
        """What is closed, and breaks; the gap that a time off makes is called by that."""
        within = breaks(tuple(sorted(spans)))
        for gap in gaps(spans, where.minutes):
            if found := spot(*gap, where.minutes):
                pause = gap in within and not any(start < gap[1] and gap[0] < end for start, end in off)
                word = self.words["break"] if pause and found.height * UNIT >= 20 else ""
                yield f"{'pause' if pause else 'shut'} {_class(found)}", word

    def _away(self, taken: Iterable[Taken], where: Either) -> Iterable[tuple[str, str]]:
        for one in taken:
            if found := spot(*_on(where, one.span), where.minutes):
                word = {"time_off": self.off.get(one.word or "", ""), "hold": self.words["hold"]}.get(one.kind)
                word = self.words["nobody"] if one.kind == "nobody" else word
                word = f"{one.word}" if word is None else word
                yield f"{one.kind.replace('_', '-')} {_class(found)}", word if found.height * UNIT >= 20 else ""

    def _blocks(self, lying: Sequence[Lying], where: Either) -> tuple[list[Block], list[str]]:
        intervals = [_on(where, one.own) for one in lying]
        blocks, tails = [], []
        for one, interval, (lane, count) in zip(lying, intervals, lanes(intervals), strict=True):
            found = spot(*interval, where.minutes)
            if found is None:
                continue
            side = f" n{min(count, MOST_LANES)}" if count > 1 else ""
            side += f" l{min(lane, MOST_LANES - 1)}" if lane else ""
            blocks.append(self._block(one, found, side, where))
            before, after = _on(where, one.taken)
            if one.status is not Status.NO_SHOW:
                for tail in ((before, interval[0]), (interval[1], after)):
                    if drawn := spot(*tail, where.minutes):
                        tails.append(f"{_class(drawn)}{side}")
        return blocks, tails

    def _block(self, one: Lying, found: Spot, side: str, where: Either) -> Block:
        start, end = (_said(moment, where) for moment in one.own)
        names = [self.services[service] for service in one.services]
        others = [other for other in one.others if other.bookable in self.names]
        beside = [self.names[other.bookable] for other in others if other.services == one.services]
        size = " tiny" if found.height < 6 else " low" if found.height < 9 else " mid" if found.height < 14 else ""
        movable = "" if one.status not in MOVABLE else " mv ends" if one.own == one.span else " mv"
        more = [f"{start}–{end} · {self.statuses[one.status]}", ", ".join(names)]
        more += [f"{self.together} {', '.join(beside)}"] if beside else []
        more += [self._step(other, where) for other in others if other.services != one.services]
        return Block(
            one.booking,
            f"{one.status.value.replace('_', '-')} {_class(found)}{side}{size}{movable}",
            one.called or self.words["erased"],
            start,
            names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}",
            self.statuses[one.status],
            self.words["recurs"] if one.recurs else "",
            self._marks(one, others),
            [*more, *(text for text in (one.site, one.loud, one.note) if text)],
            self._data(one, where),
        )

    def _step(self, other: Other, where: Either) -> str:
        """What somebody else does of a booking: 12:00 Windows, Olga."""
        names = [self.services[service] for service in other.services]
        return step_words(
            clock_of(where.wall(where.at(other.starts_at))), ", ".join(names), [self.names[other.bookable]]
        )

    def _marks(self, one: Lying, others: Sequence[Other]) -> list[tuple[str, str]]:
        marks = [("away", self.words["away"])] * (one.away and one.status in MOVABLE)
        marks += [("loud", self.words["loud"])] * bool(one.loud)
        marks += [("over", self.words["over"])] * one.overbooked
        marks += [("more-people", f"+{len(others)}")] * bool(others)
        marks += [("noted", self.words["noted"])] * bool(one.note and not one.loud)
        return marks[:MOST_MARKS]

    def _data(self, one: Lying, where: Either) -> str:
        """Id, version, minutes of all services, and how many of them come before this part."""
        total = int((one.span[1] - one.span[0]).total_seconds()) // 60
        lead = int((one.own[0] - one.span[0]).total_seconds()) // 60
        return f"{one.booking} {one.version} {total} {lead}"

    def _free(self, where: Either, spans: Iterable[Interval], taken: Iterable[Interval]) -> list[Cells]:
        found: dict[str, Cells] = {}
        for start, end in cells(spans, taken, where.minutes):
            drawn = spot(start, end, where.minutes)
            wall = where.wall(start)
            on = (where.day + timedelta(days=wall // DAY)).isoformat()
            if drawn:
                found.setdefault(on, Cells(on, [])).places.append((_class(drawn), *_asked(where, start)))
        return list(found.values())


_WORDS = {
    "away": "words.mark_away",
    "break": "words.break",
    "hold": "words.being_booked",
    "loud": "words.mark_note",
    "over": "words.mark_over",
    "noted": "words.mark_noted",
    "erased": "words.erased_client",
    "recurs": "words.mark_recurs",
    "unable": "words.no_services_yet",
    "nobody": "words.crew_empty",
}


def _asked(where: Either, at: int) -> tuple[str, str, str]:
    """The words of a free place, and the name and value of what is asked for there."""
    time, turn = clock_of(where.wall(at)), where.turn(at)
    if turn is None or isinstance(where, WallAxis):
        return time, "time", time
    return turn_words(time, turn), "start", str(minute(where.starts_at) + at)


def _can_work(column: Column) -> bool:
    """People and crews can be booked once they can do a service."""
    return column.able or column.bookable.kind not in (BookableKind.PERSON, BookableKind.CREW)


def _said(moment: datetime, where: Either) -> str:
    """A time on the wall; of one that the wall shows twice, which of the two it is."""
    clock = where.passing
    at = clock.at(moment)
    time, turn = clock_of(clock.wall(at)), clock.turn(at)
    return time if turn is None else turn_words(time, turn)


def _walls(where: Either) -> str:
    return " ".join(f"{at}:{wall}" for at, wall in where.walls)


def _on(where: Either, span: Span) -> Interval:
    """Where a span lies; one at whose end the wall shows no more than at its beginning is as long as it takes."""
    start, end = where.at(span[0]), where.at(span[1])
    return start, end if end > start else start + int((span[1] - span[0]).total_seconds()) // 60


def _class(found: Spot) -> str:
    return f"t{found.top} h{found.height}"


def board(request: Req, one: Asked, agenda: Agenda, movable: bool) -> tuple[Board, Either | None]:
    """The board of a day or a week, and the hours of today on it."""
    maker = _Maker(request, one, agenda)
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
    made = Board(
        f"h{-(-where.minutes // UNIT)} c{min(max(len(cols), 1), MOST_COLUMNS)}",
        [(f"t{hour.at // UNIT}", clock_of(hour.wall)) for hour in where.hours],
        [f"t{hour.at // UNIT + 6}" for hour in where.hours if hour.at + 30 < where.minutes],
        _walls(where),
        minute(where.starts_at) if isinstance(where, Axis) else None,
        "|".join(turn_words("%", turn) for turn in (0, 1)) if maker.week or len(where.walls) > 1 else "",
        "|".join(i18n.words(key, {"time": "%"}) for key in UNSURE) if maker.week else "",
        cols,
        where.day.isoformat(),
        movable,
    )
    return made, next((by_day[day] for day in by_day if _has_today(one, day)), None)


def _has_today(one: Asked, day: date) -> bool:
    """Whether the present lies on a date's sheet: on today's, and on a day's alone also after its midnight."""
    return day == one.today or (one.view == "day" and day == one.today - timedelta(days=1))


def _spans(day: AgendaDay, column: Column) -> list[Span]:
    """What of a column makes a sheet longer: hours, and bookings that belong to the day."""
    return [*column.hours, *(one.own for one in column.lying if day.has(one))]


def is_shown(one: Asked, column: Column) -> bool:
    """People who are there or away, things that something is booked of; all of them where that is asked for."""
    if one.everybody or one.view == "week" or column.lying:
        return True
    if column.bookable.kind in (BookableKind.PERSON, BookableKind.CREW):
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
    erased = i18n.gettext("words.erased_client")
    return [
        Unconfirmed(lying.booking, _when(one, day.day, lying.span[0], agenda.zone), lying.called or erased)
        for day in agenda.days
        if day.day >= one.today
        for lying in sorted(day.bookings.values(), key=lambda lying: lying.span[0])
        if lying.status is Status.BOOKED
    ]


def _when(one: Asked, day: date, moment: datetime, zone: ZoneInfo) -> str:
    time = i18n.time_of_day(moment, zone)
    return f"{short(day)}, {time}" if one.view == "week" else time


@dataclass(frozen=True)
class Kept:
    """A board as it was rendered, in two halves with the line of the present between them, and what is said with it.

    `empty`: nothing is booked; `bare`: nobody is there either; `astray`: when bookings begin that are to be moved.
    """

    html: tuple[str, str]
    axis: Either | None
    asked: Asked
    summary: str
    unconfirmed: Sequence[Unconfirmed]
    closed: dict[str, str] | None
    empty: bool
    bare: bool
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
