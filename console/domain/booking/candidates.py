"""What a search for places chooses from: the services that are asked for, and who and what could do them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from console.domain.business.rules import Interval
from console.domain.ids import BookableId, ServiceId
from console.domain.roster.rules import BookableKind

ALWAYS: Interval = (-(2**40), 2**40)

DOERS = (BookableKind.PERSON, BookableKind.CREW)
"""Who does a service; all others are things that it needs."""


@dataclass(frozen=True)
class Wanted:
    """A service that is asked for. `needs`: how many of each kind; `able`: who and what can, with their minutes.

    `by`: whom the client wants for it, or which crew. `named`: it is said which people shall do it, and only those are
    able. `rather`: who and what goes before others.
    """

    service: ServiceId
    minutes: int
    buffer_before: int
    buffer_after: int
    needs: Mapping[BookableKind, int]
    able: Mapping[BookableId, int]
    named: bool = False
    by: BookableId | None = None
    rather: frozenset[BookableId] = frozenset()

    def may_be(self, who: BookableId) -> bool:
        """Whether somebody is as good as whoever is wanted."""
        return self.by in (None, who)

    @property
    def settled(self) -> bool:
        """Whether it is said who shall do it."""
        return self.named or self.by is not None


@dataclass(frozen=True)
class Candidate:
    """Somebody or something that could be booked.

    `open`: when it is there, `taken`: by bookings and holds, `away`: by time off; each in order. `load`: minutes taken
    on each date, by which work is spread. `kept`: dates on which the form that asks holds it. `days`: what a crew is
    with whoever is in it on each date.
    """

    id: BookableId
    kind: BookableKind
    position: int
    open: tuple[Interval, ...]
    taken: tuple[Interval, ...] = ()
    away: tuple[Interval, ...] = ()
    load: Mapping[date, int] = field(default_factory=dict)
    kept: frozenset[date] = frozenset()
    days: Mapping[date, Candidate] = field(default_factory=dict)

    def on(self, day: date) -> Candidate:
        """What it is for a booking that begins on a date: a crew with whoever is in it then, past midnight too."""
        return self.days.get(day, self)

    @cached_property
    def _busy(self) -> tuple[list[int], list[int]]:
        """Beginnings and ends of what occupies it, joined where it meets."""
        joined: list[list[int]] = []
        for start, end in sorted((*self.taken, *self.away)):
            if joined and start <= joined[-1][1]:
                joined[-1][1] = max(end, joined[-1][1])
            else:
                joined.append([start, end])
        return [start for start, _ in joined], [end for _, end in joined]

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.open]

    def is_there(self, start: int, end: int) -> bool:
        """Whether it is there all the while."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self.open[at][1]

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing occupies it meanwhile."""
        starts, ends = self._busy
        at = bisect_right(starts, start) - 1
        return (at < 0 or ends[at] <= start) and (at + 1 == len(starts) or end <= starts[at + 1])
