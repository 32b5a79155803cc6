"""The bookings of a column of an agenda's board: their words, their classes, and what dragging needs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console import i18n
from console.domain.booking.lying import Lying, Other, minutes
from console.domain.booking.rules import MOVABLE, Status
from console.domain.booking.sheet import Either, Spot, spot
from console.domain.ids import BookableId, BookingId
from console.routes._agenda import STATUS_WORDS, UNSAID_WORDS
from console.routes._agenda_marks import TOLD_ALONE, Mark, Marker
from console.routes._agenda_sheet import grid_class, on, said
from console.routes._bookings import step_words

MOST_LANES = 6
ROOM = (14, 11)
"""Units of height from which on a booking has room for a name of two lines: with marks beneath, and without."""

Tail = tuple[str, BookingId]
"""Classes of a buffer, and of which booking it is."""


@dataclass(slots=True)
class Block:
    """A booking on the board. `recurs`: words where it is one of a series; `named`: an address can lead to it here, of
    all the columns in which it lies.

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
    named: bool = False


class Blocks:
    """What the bookings of one board share."""

    def __init__(self, names: Mapping[BookableId, str], services: Mapping[int, str], marker: Marker) -> None:
        self.names = names
        self.services = services
        self.marker = marker
        self.statuses = {status: i18n.gettext(key) for status, key in STATUS_WORDS.items()}
        self.unsaid = i18n.gettext(UNSAID_WORDS)
        self.erased = i18n.gettext("words.erased_client")
        self.site_erased = i18n.gettext("words.site_erased")
        self.recurs = i18n.gettext("words.mark_recurs")

    def lying(
        self, lying: Sequence[Lying], beside: Sequence[tuple[int, int]], where: Either, missing: bool
    ) -> tuple[list[Block], list[Tail]]:
        blocks, tails = [], []
        for one, (lane, count) in zip(lying, beside, strict=True):
            interval = on(where, one.own)
            found = spot(*interval, where.minutes)
            if found is None:
                continue
            side = f" n{min(count, MOST_LANES)}" if count > 1 else ""
            side += f" l{min(lane, MOST_LANES - 1)}" if lane else ""
            blocks.append(self._block(one, found, side, where, missing))
            before, after = on(where, one.taken)
            if one.status is not Status.NO_SHOW:
                for tail in ((before, interval[0]), (interval[1], after)):
                    if drawn := spot(*tail, where.minutes):
                        tails.append((f"{grid_class(drawn)}{side}", one.booking))
        return blocks, tails

    def _block(self, one: Lying, found: Spot, side: str, where: Either, missing: bool) -> Block:
        start, end = (said(moment, where) for moment in one.own)
        names = [self.services[service] for service in one.services]
        others = [other for other in one.others if other.bookable in self.names]
        beside = [other for other in others if other.services == one.services]
        marks = self.marker.of(one, others, one.away or missing)
        movable = "" if one.status not in MOVABLE else " mv ends" if one.own == one.span else " mv"
        stands = "unsaid" if one.unsaid else one.status.value.replace("_", "-")
        more = [", ".join(names)]
        more += [mark.said for mark in marks if mark.kind in TOLD_ALONE]
        more += [self.marker.together(beside)] if beside else []
        site = self.site_erased if one.site == "" else one.site
        more += [self._step(other, where) for other in others if other.services != one.services]
        return Block(
            one.booking,
            f"{stands} {grid_class(found)}{side}{_size(found, marks)}{movable}",
            one.called or self.erased,
            start,
            f"{start}–{end}",
            names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}",
            self.unsaid if one.unsaid else self.statuses[one.status],
            self.recurs if one.recurs else "",
            marks,
            [*more, *(text for text in (site, one.loud, one.note) if text)],
            self._data(one, where),
            " ".join(map(str, dict.fromkeys(one.services))),
        )

    def _step(self, other: Other, where: Either) -> str:
        """What somebody else does of a booking: 12:00 Windows, Olga."""
        names = [self.services[service] for service in other.services]
        return step_words(said(other.starts_at, where), ", ".join(names), [self.names[other.bookable]])

    def _data(self, one: Lying, where: Either) -> str:
        """Id, version, minutes of all services, how many of them come before this part; and its buffers."""
        lead, before, after = (one.span[0], one.own[0]), (one.taken[0], one.own[0]), (one.own[1], one.taken[1])
        return " ".join(map(str, (one.booking, one.version, *map(minutes, (one.span, lead, before, after)))))


def _size(found: Spot, marks: Sequence[Mark]) -> str:
    """The class of a booking that has not room for everything."""
    least = ROOM[not marks]
    return " tiny" if found.height < 6 else " low" if found.height < 9 else " mid" if found.height < least else ""
