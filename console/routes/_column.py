"""A column of the agenda's board: somebody's or something's date, what lies in it, and where it is free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from console import i18n
from console.domain.booking.agenda import Agenda, AgendaDay, Column
from console.domain.booking.places import minute
from console.domain.booking.rules import Status
from console.domain.booking.sheet import Either, cells, lanes, spot
from console.domain.business.rules import DAY, Interval
from console.domain.desk.agenda_marks import Marks
from console.domain.ids import BookingId
from console.domain.roster.rules import BookableKind
from console.routes._agenda import Asked, load, service_names
from console.routes._agenda_blocks import Block, Blocks, Tail
from console.routes._agenda_marks import Marker
from console.routes._agenda_shades import Shade, Shades
from console.routes._agenda_sheet import asked, grid_class, on, walls_of
from console.routes._page import Req
from console.routes._team import day_head

WIDEST = 3
"""Usual columns as wide as which a column may be."""
DOERS = (BookableKind.PERSON, BookableKind.CREW)


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
    shades: list[Shade] = field(default_factory=list)
    tails: list[Tail] = field(default_factory=list)
    free: list[Cells] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    wide: int = 1


class Maker:
    """What the columns of one board share."""

    def __init__(self, request: Req, one: Asked, agenda: Agenda, marks: Mapping[BookingId, Marks]) -> None:
        self.one = one
        names = {who.id: who.name for who in agenda.everybody}
        self.services = service_names(request, agenda)
        self.blocks = Blocks(names, self.services, Marker(marks, names))
        self.shades = Shades()
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
        there = [on(where, span) for span in column.hours]
        taken = [on(where, span) for span in (one.span for one in column.taken)]
        off = [on(where, one.span) for one in column.taken if one.kind == "time_off"]
        made.shades = [*self.shades.closed(there, where, off), *self.shades.taken(column.taken, where)]
        if column.missing:
            made.shades = [*self.shades.missing(made.lacks, where)]
        lying = [one for one in column.lying if on(where, one.own)[1] > 0]
        beside = lanes([on(where, one.own) for one in lying])
        made.wide = min(max((count for _, count in beside), default=1), WIDEST)
        made.blocks, made.tails = self.blocks.lying(lying, beside, where, bool(column.missing))
        standing = [on(where, one.taken) for one in lying if one.status is not Status.NO_SHOW]
        made.free = self._free(where, there, [*taken, *standing]) if _can_work(column) else []
        return made

    def _said(self, column: Column) -> str:
        if not _can_work(column):
            return i18n.gettext("words.no_services_yet")
        return load(column.booked, column.available) if column.booked or not column.missing else ""

    def _free(self, where: Either, spans: Iterable[Interval], taken: Iterable[Interval]) -> list[Cells]:
        found: dict[str, Cells] = {}
        for start, end in cells(spans, taken, where.minutes):
            drawn = spot(start, end, where.minutes)
            wall = where.wall(start)
            day = (where.day + timedelta(days=wall // DAY)).isoformat()
            if drawn:
                found.setdefault(day, Cells(day, [])).places.append((grid_class(drawn), *asked(where, start)))
        return list(found.values())


def _can_work(column: Column) -> bool:
    """People and crews can be booked once they can do a service."""
    return bool(column.able) or column.bookable.kind not in DOERS
