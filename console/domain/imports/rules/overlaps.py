"""In which lane each booking lies, and whether it lies over others: what happened is kept as it was."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple


class Lying(NamedTuple):
    """That somebody is taken from an instant until another, in a lane."""

    start: datetime
    end: datetime
    lane: int


Wanted = Mapping[int, tuple[datetime, datetime]]
"""Whom a booking takes, and when."""


def laid(there: Mapping[int, Iterable[Lying]], bookings: Sequence[Wanted]) -> list[dict[int, int] | None]:
    """Each booking's lanes by whom it takes, in the order given, None for one that lies over nobody: all in lane 0."""
    lying: dict[Hashable, list[Lying]] = defaultdict(list)
    longest: dict[Hashable, float] = defaultdict(float)
    for who, rows in there.items():
        lying[who] = sorted(rows)
        longest[who] = max(((row.end - row.start).total_seconds() for row in rows), default=0.0)
    found: list[dict[int, int] | None] = []
    for wanted in bookings:
        lanes: dict[int, int] = {}
        over = False
        for who, (start, end) in wanted.items():
            taken = {row.lane for row in _meeting(lying[who], start, end, longest[who])}
            over |= bool(taken)
            lanes[who] = next(lane for lane in range(len(taken) + 1) if lane not in taken)
            insort(lying[who], Lying(start, end, lanes[who]))
            longest[who] = max(longest[who], (end - start).total_seconds())
        found.append(lanes if over else None)
    return found


def _meeting(rows: Sequence[Lying], start: datetime, end: datetime, longest: float) -> Iterable[Lying]:
    """Those of rows, by when they begin, that meet a span: none begins earlier than the longest of them before it."""
    for row in reversed(rows):
        if row.start < end:
            if (start - row.start).total_seconds() >= longest:
                return
            if row.end > start:
                yield row
