"""What a client holds: stamps, free visits, a tier, and the visits that keep it. Values; nothing here is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from console.domain.loyalty.live import REPLAY, Live
from console.domain.loyalty.programme import Standing, Tiers


@dataclass(frozen=True, slots=True)
class Lot:
    """A stamp or a free visit: its number, in the order in which they came, and the last date on which it is good.

    `through` None: it never expires.
    """

    number: int
    on: date
    through: date | None

    def is_good(self, on: date) -> bool:
        return self.through is None or on <= self.through

    @property
    def urgency(self) -> tuple[date, int]:
        """Lots are used by it: what expires first, then the oldest."""
        return (self.through or date.max, self.number)


def valid_through(on: date, days: int) -> date | None:
    """The last date on which what came on a date is good; 0 days never expire."""
    return on + timedelta(days) if days else None


@dataclass(frozen=True, slots=True)
class Attended:
    """A visit as tiers see it: its business date, whether it counts as one, and what was paid for it."""

    on: date
    counts: bool
    paid: int


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that the rules look at of one client.

    `owed`: stamps below zero, which later ones repay first. `attended`: by date. `drops_on`: the date of the drop that
    a warning told of, None without one. `night`: the last business date whose night is done.
    """

    night: date
    stamps: Sequence[Lot] = ()
    owed: int = 0
    free_visits: Sequence[Lot] = ()
    attended: Sequence[Attended] = ()
    tier: int = 0
    drops_on: date | None = None

    def standing(self, tiers: Tiers, on: date, live: Live = REPLAY) -> Standing:
        """What counts on a business date of what was attended so far (section 2, the window)."""
        days = tiers.window_days
        seen = [one for one in self.attended if one.on <= on and (not days or on < live.leaves(one.on, days))]
        return Standing(sum(one.counts for one in seen), sum(one.paid for one in seen))

    def good_stamps(self, on: date) -> list[Lot]:
        """The stamps that count on a date, those first that are consumed first."""
        return _in_order(self.stamps, on)

    def good_free_visits(self, on: date) -> list[Lot]:
        """The free visits that may be taken on a date, the one first that is taken first."""
        return _in_order(self.free_visits, on)

    def without(self, *, stamps: Sequence[Lot] = (), free_visits: Sequence[Lot] = ()) -> Card:
        """The card without some of its lots."""
        return replace(
            self,
            stamps=tuple(one for one in self.stamps if one not in stamps),
            free_visits=tuple(one for one in self.free_visits if one not in free_visits),
        )

    def ends(self) -> Iterator[date]:
        """The dates of the nights in which what the card holds expires."""
        for lot in (*self.stamps, *self.free_visits):
            if lot.through is not None:
                yield lot.through + timedelta(1)


def _in_order(lots: Sequence[Lot], on: date) -> list[Lot]:
    return sorted((one for one in lots if one.is_good(on)), key=lambda one: one.urgency)
