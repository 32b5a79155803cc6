"""A column of the agenda's board: somebody's or something's date, what lies in it, and where, as classes of a grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from console import i18n
from console.domain.booking.agenda import Agenda, AgendaDay, Column
from console.domain.booking.lying import Lying, Other, Taken, minutes
from console.domain.booking.places import minute
from console.domain.booking.rules import MOVABLE, Status
from console.domain.booking.sheet import UNIT, Either, Span, Spot, WallAxis, cells, gaps, lanes, spot
from console.domain.business.rules import DAY, Interval
from console.domain.desk.agenda_marks import NONE, Marks
from console.domain.ids import BookingId
from console.domain.roster.rules import BookableKind, breaks
from console.routes._agenda import STATUS_WORDS, Asked, clock_of, load, service_names
from console.routes._bookings import step_words
from console.routes._page import Req
from console.routes._team import OFF_WORDS, day_head
from console.routes._times import turn_words

MOST_LANES = 6
LANES = 2
"""Bookings side by side for which a usual column has room."""
MOST_MARKS = 3
ROOM = (14, 11)
"""Units of height from which on a booking has room for a name of two lines: with marks beneath, and without."""
LEAST_WORDS = 20
"""Minutes from which on a shade has room for words."""
DOERS = (BookableKind.PERSON, BookableKind.CREW)

COMING = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)
"""Of whoever comes or is there it is marked what the visit brings."""

_Tail = tuple[str, BookingId]


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands out of a booking: a class of its own, a word, an icon for where there is no room, and all of it."""

    kind: str
    word: str
    icon: str
    said: str


@dataclass(slots=True)
class Block:
    """A booking on the board. `recurs`: words where it is one of a series.

    For dragging `data`, and `does`: the ids of the services that are done in the column.
    """

    id: int
    place: str
    called: str
    time: str
    span: str
    what: str
    status: str
    recurs: str
    marks: list[Mark]
    more: list[str]
    data: str
    does: str


@dataclass(slots=True)
class Cells:
    """The free places of a date in a column: the date, and their classes, words, and what a press says of the time.

    That is a time on the wall, or where the wall shows it twice the minutes since the epoch at which it begins.
    """

    on: str
    places: list[tuple[str, str, str, str]]


@dataclass(slots=True)
class Col:
    """A column. `whose`: also in a week, where its name is a date; `lacks`: in words, who of a crew is missing.

    `shades`: classes and words of what is closed, a break, time off, and whether there is room for the words; `tails`:
    classes of buffers, and of which booking. `free_said`: what a free place says behind its time. `can`: the ids of the
    services that it can do. `top`, `walls`: as of a board, where each column has its own. `wide`: as many usual columns
    as it is wide at the least, where many bookings lie side by side.
    """

    id: int
    kind: str
    on: str
    name: str
    whose: str
    said: str
    url: str
    today: bool
    free_said: str
    can: str
    lacks: str
    top: int | None
    walls: str
    shades: list[tuple[str, str, bool]] = field(default_factory=list)
    tails: list[_Tail] = field(default_factory=list)
    free: list[Cells] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    wide: int = 1


class Maker:
    """What the columns of one board share."""

    def __init__(self, request: Req, one: Asked, agenda: Agenda, marks: Mapping[BookingId, Marks]) -> None:
        self.one = one
        self.marks = marks
        self.names = {who.id: who.name for who in agenda.everybody}
        self.services = service_names(request, agenda)
        self.statuses = {status: i18n.gettext(key) for status, key in STATUS_WORDS.items()}
        self.off = {kind.value: i18n.gettext(key) for kind, key in OFF_WORDS.items()}
        self.together = i18n.gettext("words.together_with")
        self.words = {name: i18n.gettext(key) for name, key in WORDS.items()}
        self.week = one.view == "week"

    def column(self, day: AgendaDay, column: Column, where: Either) -> Col:
        who = column.bookable
        head = day_head(day.day, self.one.today) if self.week else {"today": False}
        made = Col(
            who.id,
            who.kind.value,
            day.day.isoformat(),
            f"{head['name']} {head['date']}" if self.week else who.name,
            who.name,
            self._said(column),
            self.one.url(view="day", on=day.day, person=None)
            if self.week
            else self.one.url(view="week", person=who.id),
            bool(head["today"]),
            i18n.words("words.free_of", {"name": who.name}),
            " ".join(map(str, sorted(column.able))),
            i18n.words("words.without", {"names": i18n.listing(list(column.missing))}) if column.missing else "",
            minute(where.passing.starts_at) if self.week else None,
            walls_of(where.passing) if self.week else "",
        )
        there = [_on(where, span) for span in column.hours]
        taken = [_on(where, span) for span in (one.span for one in column.taken)]
        off = [_on(where, one.span) for one in column.taken if one.kind == "time_off"]
        made.shades = [*self._shades(there, where, off), *self._away(column.taken, where)]
        if column.missing:
            made.shades = [*self._missing(made.lacks, where)]
        lying = [one for one in column.lying if _on(where, one.own)[1] > 0]
        beside = lanes([_on(where, one.own) for one in lying])
        made.wide = -(-min(max((count for _, count in beside), default=1), MOST_LANES) // LANES)
        made.blocks, made.tails = self._blocks(lying, beside, where, bool(column.missing))
        standing = [_on(where, one.taken) for one in lying if one.status is not Status.NO_SHOW]
        made.free = self._free(where, there, [*taken, *standing]) if _can_work(column) else []
        return made

    def _said(self, column: Column) -> str:
        if not _can_work(column):
            return self.words["unable"]
        return load(column.booked, column.available) if column.booked or not column.missing else ""

    def _shades(self, spans: list[Interval], where: Either, off: list[Interval]) -> Iterable[tuple[str, str, bool]]:
        """What is closed, and breaks; the gap that a time off makes is called by that."""
        within = breaks(tuple(sorted(spans)))
        for gap in gaps(spans, where.minutes):
            if found := spot(*gap, where.minutes):
                pause = gap in within and not any(start < gap[1] and gap[0] < end for start, end in off)
                yield _shade("pause" if pause else "shut", found, self.words["break"] if pause else "")

    def _away(self, taken: Iterable[Taken], where: Either) -> Iterable[tuple[str, str, bool]]:
        words = {"hold": self.words["hold"], "nobody": self.words["nobody"]}
        for one in _together(taken):
            if found := spot(*_on(where, one.span), where.minutes):
                word = self.off.get(one.word or "", "") if one.kind == "time_off" else one.word or ""
                yield _shade(one.kind.replace("_", "-"), found, words.get(one.kind, word))

    def _missing(self, lacks: str, where: Either) -> Iterable[tuple[str, str, bool]]:
        """All the date of a crew that somebody of it is missing from."""
        if found := spot(0, where.minutes, where.minutes):
            yield f"missing {_class(found)}", lacks, False

    def _blocks(
        self, lying: Sequence[Lying], beside: Sequence[tuple[int, int]], where: Either, missing: bool
    ) -> tuple[list[Block], list[_Tail]]:
        blocks, tails = [], []
        for one, (lane, count) in zip(lying, beside, strict=True):
            interval = _on(where, one.own)
            found = spot(*interval, where.minutes)
            if found is None:
                continue
            side = f" n{min(count, MOST_LANES)}" if count > 1 else ""
            side += f" l{min(lane, MOST_LANES - 1)}" if lane else ""
            blocks.append(self._block(one, found, side, where, missing))
            before, after = _on(where, one.taken)
            if one.status is not Status.NO_SHOW:
                for tail in ((before, interval[0]), (interval[1], after)):
                    if drawn := spot(*tail, where.minutes):
                        tails.append((f"{_class(drawn)}{side}", one.booking))
        return blocks, tails

    def _block(self, one: Lying, found: Spot, side: str, where: Either, missing: bool) -> Block:
        start, end = (_said(moment, where) for moment in one.own)
        names = [self.services[service] for service in one.services]
        others = [other for other in one.others if other.bookable in self.names]
        beside = [other for other in others if other.services == one.services]
        marks = self._marks(one, others, one.away or missing)
        movable = "" if one.status not in MOVABLE else " mv ends" if one.own == one.span else " mv"
        more = [", ".join(names)]
        more += [mark.said for mark in marks if mark.kind in _TOLD_ALONE]
        more += [self._together(beside)] if beside else []
        site = self.words["site_erased"] if one.site == "" else one.site
        more += [self._step(other, where) for other in others if other.services != one.services]
        return Block(
            one.booking,
            f"{one.status.value.replace('_', '-')} {_class(found)}{side}{_size(found, marks)}{movable}",
            one.called or self.words["erased"],
            start,
            f"{start}–{end}",
            names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}",
            self.statuses[one.status],
            self.words["recurs"] if one.recurs else "",
            marks,
            [*more, *(text for text in (site, one.loud, one.note) if text)],
            self._data(one, where),
            " ".join(map(str, dict.fromkeys(one.services))),
        )

    def _step(self, other: Other, where: Either) -> str:
        """What somebody else does of a booking: 12:00 Windows, Olga."""
        names = [self.services[service] for service in other.services]
        return step_words(_said(other.starts_at, where), ", ".join(names), [self.names[other.bookable]])

    def _marks(self, one: Lying, others: Sequence[Other], away: bool) -> list[Mark]:
        """Those of a booking, what matters most first: where there is little room the last ones are left out."""
        marks = []
        if away and one.status in MOVABLE:
            marks.append(self._mark("away", self.words["away_said"]))
        if one.loud:
            marks.append(self._mark("loud", one.loud))
        if one.overbooked:
            marks.append(self._mark("over", self.words["over_said"]))
        coming = self.marks.get(one.booking, NONE) if one.status in COMING else NONE
        if coming.is_free:
            marks.append(self._mark("free", self.words["free_said"]))
        if coming.is_at_risk:
            marks.append(self._mark("at-risk", self.words["at_risk_said"]))
        if others:
            marks.append(Mark("more-people", f"+{len(others)}", "", self._together(others)))
        if one.note and not one.loud:
            marks.append(self._mark("noted", one.note))
        return marks[:MOST_MARKS]

    def _mark(self, kind: str, said: str) -> Mark:
        return Mark(kind, self.words[kind], ICONS[kind], said)

    def _together(self, others: Sequence[Other]) -> str:
        return f"{self.together} {', '.join(self.names[other.bookable] for other in others)}"

    def _data(self, one: Lying, where: Either) -> str:
        """Id, version, minutes of all services, how many of them come before this part; and its buffers."""
        lead, before, after = (one.span[0], one.own[0]), (one.taken[0], one.own[0]), (one.own[1], one.taken[1])
        return " ".join(map(str, (one.booking, one.version, *map(minutes, (one.span, lead, before, after)))))

    def _free(self, where: Either, spans: Iterable[Interval], taken: Iterable[Interval]) -> list[Cells]:
        found: dict[str, Cells] = {}
        for start, end in cells(spans, taken, where.minutes):
            drawn = spot(start, end, where.minutes)
            wall = where.wall(start)
            on = (where.day + timedelta(days=wall // DAY)).isoformat()
            if drawn:
                found.setdefault(on, Cells(on, [])).places.append((_class(drawn), *_asked(where, start)))
        return list(found.values())


ICONS = {
    "away": "away",
    "loud": "alert",
    "over": "over",
    "free": "gift",
    "at-risk": "programme",
    "noted": "note",
}
_TOLD_ALONE = {"away", "over", "free", "at-risk"}
"""Marks of which nothing else on the card tells."""
WORDS = {
    "away": "words.mark_away",
    "away_said": "words.mark_away_said",
    "at-risk": "words.mark_at_risk",
    "at_risk_said": "words.mark_at_risk_said",
    "break": "words.break",
    "free": "words.mark_free",
    "free_said": "words.mark_free_said",
    "hold": "words.being_booked",
    "loud": "words.mark_note",
    "over": "words.mark_over",
    "over_said": "words.mark_over_said",
    "noted": "words.mark_noted",
    "erased": "words.erased_client",
    "site_erased": "words.site_erased",
    "recurs": "words.mark_recurs",
    "unable": "words.no_services_yet",
    "nobody": "words.crew_empty",
}


def _size(found: Spot, marks: Sequence[Mark]) -> str:
    """The class of a booking that has not room for everything."""
    least = ROOM[not marks]
    return " tiny" if found.height < 6 else " low" if found.height < 9 else " mid" if found.height < least else ""


def _shade(kind: str, found: Spot, word: str) -> tuple[str, str, bool]:
    return f"{kind} {_class(found)}", word, found.height * UNIT >= LEAST_WORDS


def _together(taken: Iterable[Taken]) -> list[Taken]:
    """The same, but what one after the other in a crew is taken for as one thing, with the names of them all."""
    found: list[Taken] = []
    for one in taken:
        last = found[-1] if found else None
        if last and last.kind == one.kind == "members" and last.span[1] == one.span[0]:
            names = dict.fromkeys([*(last.word or "").split(", "), *(one.word or "").split(", ")])
            found[-1] = replace(last, span=(last.span[0], one.span[1]), word=", ".join(names))
        else:
            found.append(one)
    return found


def _asked(where: Either, at: int) -> tuple[str, str, str]:
    """The words of a free place, and the name and value of what is asked for there."""
    time, turn = clock_of(where.wall(at)), where.turn(at)
    if turn is None or isinstance(where, WallAxis):
        return time, "time", time
    return turn_words(time, turn), "start", str(minute(where.starts_at) + at)


def _can_work(column: Column) -> bool:
    """People and crews can be booked once they can do a service."""
    return bool(column.able) or column.bookable.kind not in DOERS


def _said(moment: datetime, where: Either) -> str:
    """A time on the wall; of one that the wall shows twice, which of the two it is."""
    clock = where.passing
    at = clock.at(moment)
    time, turn = clock_of(clock.wall(at)), clock.turn(at)
    return turn_words(time, turn)


def walls_of(where: Either) -> str:
    return " ".join(f"{at}:{wall}" for at, wall in where.walls)


def _on(where: Either, span: Span) -> Interval:
    """Where a span lies; one at whose end the wall shows no more than at its beginning is as long as it takes."""
    start, end = where.at(span[0]), where.at(span[1])
    return start, end if end > start else start + int((span[1] - span[0]).total_seconds()) // 60


def _class(found: Spot) -> str:
    return f"t{found.top} h{found.height}"
