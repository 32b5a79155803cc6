"""What only the live programme knows of, a replay never (loyalty rules, section 2, "live only")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from console.domain.loyalty.rules.days import later

FAIR_PAUSE_DAYS = 30
"""The most that one cancellation of ours stretches the window by (section 2, fair pause)."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A booked or confirmed booking: its business date, and the date on which it was made."""

    on: date
    made_on: date


@dataclass(frozen=True, slots=True)
class Span:
    """Dates from one, without the last."""

    first: date
    end: date


@dataclass(frozen=True, slots=True)
class Pause:
    """In which span what would expire waited for the ticket of a number; without an end as yet: until `date.max`."""

    ticket: int
    span: Span

    @property
    def is_open(self) -> bool:
        return self.span.end == date.max


@dataclass(frozen=True, slots=True)
class Live:
    """What is the case around a card while its nights are done.

    `today`: the business date on which they really are; a warning cannot be told before it, so its grace runs from
    then. `paused`: disjoint spans in order.
    """

    today: date = date.min
    ahead: Sequence[Ahead] = ()
    paused: Sequence[Span] = ()

    @property
    def then(self) -> Live:
        """The same while nights of the past are done over again, each told on its own date."""
        return replace(self, today=date.min)

    def held_until(self, drops_on: date, hold_days: int, on: date) -> date | None:
        """The date of the booking for which a drop waits on a night; None where it waits for none."""
        latest = later(drops_on, hold_days)
        waited_for = (one.on for one in self.ahead if one.made_on < drops_on and on <= one.on <= latest)
        return max(waited_for, default=None)

    def leaves(self, visit: date, window_days: int) -> date:
        """The first date whose window holds a visit no more; days of a fair pause do not count."""
        leaves = later(visit, window_days)
        for span in self.paused:
            first = max(span.first, visit + timedelta(1))
            if first < leaves and first < span.end:
                leaves = later(leaves, (span.end - first).days)
        return leaves


REPLAY = Live()
"""Nothing is known but the visits."""


def fair_pauses(cancelled: Iterable[date], finished: Iterable[date]) -> Sequence[Span]:
    """The spans from each date of ours that we called off to the next finished visit; overlaps counted once."""
    visits = sorted(finished)
    spans: list[Span] = []
    for first in sorted(cancelled):
        longest = first + timedelta(FAIR_PAUSE_DAYS)
        end = next((min(day, longest) for day in visits if day >= first), longest)
        if spans and first <= spans[-1].end:
            spans[-1] = Span(spans[-1].first, max(end, spans[-1].end))
        else:
            spans.append(Span(first, end))
    return [one for one in spans if one.first < one.end]
