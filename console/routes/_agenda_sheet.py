"""Where things lie on an agenda's sheet, as classes of its grid, and what a clock shows there."""

from __future__ import annotations

from datetime import datetime

from console.domain.booking.places import minute
from console.domain.booking.sheet import Either, Span, Spot, WallAxis
from console.domain.business.rules import Interval
from console.routes._agenda import clock_of
from console.routes._times import turn_words


def on(where: Either, span: Span) -> Interval:
    """Where a span lies; one at whose end the wall shows no more than at its beginning is as long as it takes."""
    start, end = where.at(span[0]), where.at(span[1])
    return start, end if end > start else start + int((span[1] - span[0]).total_seconds()) // 60


def grid_class(found: Spot) -> str:
    return f"t{found.top} h{found.height}"


def said(moment: datetime, where: Either) -> str:
    """A time on the wall; of one that the wall shows twice, which of the two it is."""
    clock = where.passing
    at = clock.at(moment)
    time, turn = clock_of(clock.wall(at)), clock.turn(at)
    return turn_words(time, turn)


def walls_of(where: Either) -> str:
    return " ".join(f"{at}:{wall}" for at, wall in where.walls)


def asked(where: Either, at: int) -> tuple[str, str, str]:
    """The words of a free place, and the name and value of what is asked for there."""
    time, turn = clock_of(where.wall(at)), where.turn(at)
    if turn is None or isinstance(where, WallAxis):
        return time, "time", time
    return turn_words(time, turn), "start", str(minute(where.starts_at) + at)
