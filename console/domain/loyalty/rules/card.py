"""What a client holds: stamps, free visits, points, a tier, the visits that keep it. Values; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from console.domain.loyalty.rules.attendance import Attendance, Attended
from console.domain.loyalty.rules.live import REPLAY, Live, Span
from console.domain.loyalty.rules.programme import Standing, Tiers
from console.domain.loyalty.rules.value import value

DAY = timedelta(1)
LAST = date.max - DAY
L = TypeVar("L", bound="Lot")


@value
class Lot:
    """A stamp or a free visit: its number, in the order in which they came, and the dates from and through it is good.

    `through` None: it never expires. `expired`: a night has said so; a visit dated before may use it all the same.
    It may be good for longer than through that date: see `Card.last_day`.
    """

    number: int
    on: date
    through: date | None
    expired: bool = False

    @property
    def urgency(self) -> tuple[date, int]:
        """Lots are used by it: what expires first, then the oldest."""
        return (self.through or date.max, self.number)

    def ended(self: L) -> L:
        """The same, of which a night has said that it expired."""
        return type(self)(self.number, self.on, self.through, True)


@value
class PointLot(Lot):
    """The points of one visit, of which so many are `left`.

    A lot has parts, of other last days, where some of it was spent, came back, and got more time by that.
    """

    left: int = 0

    def ended(self) -> PointLot:
        return PointLot(self.number, self.on, self.through, True, self.left)

    def of(self, left: int) -> PointLot:
        """So many of it."""
        return PointLot(self.number, self.on, self.through, self.expired, left)


@lru_cache(2**14)
def valid_through(on: date, days: int) -> date | None:
    """The last date on which what came on a date is good; 0 days never expire, nor what lasts longer than dates do."""
    return on + timedelta(days) if 0 < days <= (date.max - on).days else None


@dataclass(frozen=True)
class Card:
    """Everything that the rules look at of one client.

    `stamps` and `free_visits` are those not used, expired ones too as far back as a visit may still be dated. `owed`:
    stamps below zero, which later ones repay first. `last_stamp` and `last_free_visit`: the numbers of the last ones
    that there ever were. `points`, `points_owed` and `last_points` are likewise of points. `attended`: by date.
    `drops_on`: the date of the drop that a warning told of, None without one. `night`: the last business date whose
    night is done. `waits`: in which spans a ticket about what may expire was open, by their first dates; without an end
    as yet: until `date.max`.
    """

    night: date
    stamps: Sequence[Lot] = ()
    owed: int = 0
    free_visits: Sequence[Lot] = ()
    last_stamp: int = 0
    last_free_visit: int = 0
    attended: Sequence[Attended] = ()
    tier: int = 0
    drops_on: date | None = None
    waits: Sequence[Span] = ()
    points: Sequence[PointLot] = ()
    points_owed: int = 0
    last_points: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "attended", Attendance.of(self.attended))

    def but(self, **other: Any) -> Card:
        """The card with some of its fields others: `dataclasses.replace` takes ten times as long, at each visit."""
        fields = self.__dict__.copy()
        fields.update(other)
        card = _new(Card)
        _put(card, "__dict__", fields)
        return card

    @property
    def attendance(self) -> Attendance:
        """What was attended, with its running sums."""
        return self.attended  # type: ignore[return-value]  # made one where the card is

    def standing(self, tiers: Tiers, on: date, live: Live = REPLAY) -> Standing:
        """What counts on a business date of what was attended so far (section 2, the window)."""
        return self.attendance.standing(on, tiers.window_days, live)

    def attending(self, visit: Attended) -> Card:
        """The card with a visit more, after the others of its date."""
        return self.but(attended=self.attendance.adding(visit))

    def without_visit(self, visit: int) -> Card:
        """The card without one of its visits."""
        return self.but(attended=Attendance.of(one for one in self.attended if one.visit != visit))

    def last_day(self, lot: Lot) -> date | None:
        """The last date on which a lot is good: what would expire waits while a ticket, opened before, is open."""
        return self._waited_for(lot.through)

    def _waited_for(self, last: date | None) -> date | None:
        for span in self.waits:
            if last is not None and span.first <= last < span.end:
                last = span.end - DAY
        return last

    def is_good(self, lot: Lot, on: date) -> bool:
        """Whether a lot counts on a date."""
        return bool(self._good([lot], on))

    def is_waiting(self, lot: Lot, on: date) -> bool:
        """Whether a lot is good on a date only because a ticket was open."""
        return lot.through is not None and lot.through < on and self.is_good(lot, on)

    def good_stamps(self, on: date) -> list[Lot]:
        """The stamps that count on a date, those first that are consumed first."""
        return self._in_order(self.stamps, on)

    def good_free_visits(self, on: date) -> list[Lot]:
        """The free visits that may be taken on a date, the one first that is taken first."""
        if not self.free_visits:
            return []
        return self._in_order(self.free_visits, on)

    def good_points(self, on: date) -> list[PointLot]:
        """The points that count on a date, those first that are spent first."""
        return self._in_order(self.points, on)

    def points_on(self, on: date) -> int:
        """How many points may be spent on a date."""
        if not self.points:
            return 0
        return max(0, sum([one.left for one in self._good(self.points, on)]) - self.points_owed)

    def without(self, *, stamps: Sequence[Lot] = (), free_visits: Sequence[Lot] = ()) -> Card:
        """The card without some of its lots."""
        return self.but(
            stamps=_without(self.stamps, stamps),
            free_visits=_without(self.free_visits, free_visits),
        )

    def without_expired(self) -> Card:
        """The card without what no visit uses any more, as long as none is dated before its night."""
        return self.but(
            stamps=tuple([one for one in self.stamps if not one.expired]),
            free_visits=tuple([one for one in self.free_visits if not one.expired]),
            points=tuple([one for one in self.points if not one.expired]),
        )

    def expire(self, on: date) -> tuple[Card, Sequence[Lot], Sequence[Lot], Sequence[PointLot]]:
        """The card on a date, and the stamps, free visits and points that have ended without being said so yet."""
        stamps, ended_stamps = self._ended(self.stamps, on)
        free_visits, ended_free_visits = self._ended(self.free_visits, on)
        points, ended_points = self._ended(self.points, on)
        if not (ended_stamps or ended_free_visits or ended_points):
            return self, (), (), ()
        card = self.but(stamps=stamps, free_visits=free_visits, points=points)
        return card, ended_stamps, ended_free_visits, ended_points

    def first_end(self) -> date | None:
        """The date of the first night in which something that the card holds expires."""
        if not (self.stamps or self.free_visits or self.points):
            return None
        lots = (*self.stamps, *self.free_visits, *self.points)
        through = min([last for one in lots if not one.expired and (last := one.through) is not None], default=None)
        last = self._waited_for(through)
        return None if last is None or last >= LAST else last + DAY

    def _ended(self, lots: Sequence[L], on: date) -> tuple[Sequence[L], Sequence[L]]:
        """Lots as they are on a date, and those that have ended without being said so yet."""
        if not lots:
            return lots, ()
        since = self._since(on)
        now, ended = [], []
        for one in lots:
            if one.expired or one.through is None or one.through >= since:
                now.append(one)
            else:
                now.append(one.ended())
                ended.append(one)
        return tuple(now), ended

    def _in_order(self, lots: Sequence[L], on: date) -> list[L]:
        good = self._good(lots, on)
        return sorted(good, key=_urgency) if len(good) > 1 else good

    def _good(self, lots: Sequence[L], on: date) -> list[L]:
        since = self._since(on)
        return [one for one in lots if one.on <= on and ((last := one.through) is None or since <= last)]

    def _since(self, on: date) -> date:
        """The earliest last day of a lot that is good on a date still: what would have ended by then waits."""
        for span in reversed(self.waits):
            if span.first <= on < span.end:
                on = span.first
        return on


def _without(lots: Sequence[Lot], gone: Sequence[Lot]) -> Sequence[Lot]:
    if not gone:
        return lots
    numbers = {one.number for one in gone}
    return tuple([one for one in lots if one.number not in numbers])


_new, _put = object.__new__, object.__setattr__
_urgency = attrgetter("urgency")
