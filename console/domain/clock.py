"""Time. `now()` is the only clock; instants are aware UTC; what people plan in is `WallTime`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from console.domain.errors import Refused


class NoSuchTime(Refused):
    """A wall time that the clocks skip on that day."""

    key = "refused.no_such_time"


class TwiceThatDay(Refused):
    """A wall time that the clocks show twice on that day; say which by `fold`."""

    key = "refused.twice_that_day"


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def instant(moment: datetime) -> datetime:
    """The same moment in UTC. A naive datetime is refused with `ValueError`."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a naive datetime is not an instant")
    return moment.astimezone(UTC)


def business_date(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar date of an instant in a location's zone."""
    return instant(moment).astimezone(zone).date()


@dataclass(frozen=True, slots=True, order=True)
class WallTime:
    """What a clock on the wall shows: a date and minutes since its midnight (0 to 1440; 1440 is 24:00)."""

    on: date
    minute: int

    def __post_init__(self) -> None:
        if not 0 <= self.minute <= 1440:
            raise ValueError("minutes of a day run from 0 to 1440")

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> WallTime:
        """What the wall shows at an instant, to the minute."""
        local = instant(moment).astimezone(zone)
        return cls(local.date(), local.hour * 60 + local.minute)

    def instants(self, zone: ZoneInfo) -> tuple[datetime, ...]:
        """The instants at which the wall shows this: none when skipped, two when shown twice."""
        day, minute = (self.on + timedelta(days=1), 0) if self.minute == 1440 else (self.on, self.minute)
        local = datetime.combine(day, time(minute // 60, minute % 60), zone)
        both = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
        shown = [m for m in both if m.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)]
        return tuple(sorted(set(shown)))

    def bound(self, zone: ZoneInfo, *, last: bool = False) -> datetime:
        """The instant at which something planned for this begins, or with `last` ends. There always is one.

        Shown twice, it is the first for a beginning and the last for an end, but 24:00 ends its date as 0:00 begins
        the next; skipped, it is the moment of the change.
        """
        if shown := self.instants(zone):
            return shown[-1] if last and self.minute < 1440 else shown[0]
        local = datetime.combine(self.on, time()) + timedelta(minutes=self.minute)
        either = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        return _change(min(either), max(either), zone)

    def at(self, zone: ZoneInfo, *, fold: int | None = None) -> datetime:
        """The one instant meant. Raises `NoSuchTime`, or `TwiceThatDay` when `fold` (0 first, 1 second) is not said."""
        instants = self.instants(zone)
        if not instants:
            raise NoSuchTime
        if len(instants) == 2 and fold is None:
            raise TwiceThatDay
        return instants[min(fold or 0, len(instants) - 1)]


def turn(moment: datetime, zone: ZoneInfo) -> int | None:
    """Of a time that the wall shows twice that day, whether an instant is its first (0) or second one; else None."""
    both = WallTime.of(moment, zone).instants(zone)
    return both.index(instant(moment).replace(second=0, microsecond=0)) if len(both) > 1 else None


def bounds(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A business date as instants, half-open: 23, 24 or 25 hours, also where the clocks skip midnight.

    Both are the same where a zone left the date out.
    """
    return WallTime(on, 0).bound(zone), WallTime(on + timedelta(days=1), 0).bound(zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the zone's clocks change."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
