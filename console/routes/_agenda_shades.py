"""The shades behind the bookings of an agenda's board: what is closed, breaks, time off, holds, whom a crew lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from console import i18n
from console.domain.booking.lying import Taken
from console.domain.booking.sheet import UNIT, Either, Spot, gaps, spot
from console.domain.business.rules import Interval
from console.domain.roster.rules import breaks
from console.routes._agenda_sheet import grid_class, on
from console.routes._team import OFF_WORDS

LEAST_WORDS = 20
"""Minutes from which on a shade has room for words."""

Shade = tuple[str, str, bool]
"""Classes, words, and whether there is room for them."""


class Shades:
    """What the shades of one board share."""

    def __init__(self) -> None:
        self.off = {kind.value: i18n.gettext(key) for kind, key in OFF_WORDS.items()}
        self.pause = i18n.gettext("words.break")
        self.words = {"hold": i18n.gettext("words.being_booked"), "nobody": i18n.gettext("words.crew_empty")}

    def closed(self, spans: list[Interval], where: Either, off: list[Interval]) -> Iterable[Shade]:
        """What is closed, and breaks; the gap that a time off makes is called by that."""
        within = breaks(tuple(sorted(spans)))
        for gap in gaps(spans, where.minutes):
            if found := spot(*gap, where.minutes):
                pause = gap in within and not any(start < gap[1] and gap[0] < end for start, end in off)
                yield _shade("pause" if pause else "shut", found, self.pause if pause else "")

    def taken(self, taken: Iterable[Taken], where: Either) -> Iterable[Shade]:
        for one in _together(taken):
            if found := spot(*on(where, one.span), where.minutes):
                word = self.off.get(one.word or "", "") if one.kind == "time_off" else one.word or ""
                yield _shade(one.kind.replace("_", "-"), found, self.words.get(one.kind, word))

    def missing(self, lacks: str, where: Either) -> Iterable[Shade]:
        """All the date of a crew that somebody of it is missing from."""
        if found := spot(0, where.minutes, where.minutes):
            yield f"missing {grid_class(found)}", lacks, False


def _shade(kind: str, found: Spot, word: str) -> Shade:
    return f"{kind} {grid_class(found)}", word, found.height * UNIT >= LEAST_WORDS


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
