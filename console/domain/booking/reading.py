"""What searches around some dates of a location need to know, read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from console.domain.booking.known import Known, learn
from console.domain.booking.question import Doing
from console.domain.booking.seeking import CHUNKS
from console.domain.ids import LocationId

_EVE = timedelta(days=1)


@dataclass
class Reading:
    """For searches for some of these services that begin on these dates, or on the eve of one.

    What was read as far as one of them looks is there for all others: as many statements however many they are.
    """

    location: LocationId
    asked: Sequence[Doing]
    days: Sequence[date]
    zone: ZoneInfo
    _read: list[Known] = field(default_factory=list)

    async def known(self, first: date, days: int) -> Known:
        """What a search over some days needs to know; of another date than these it is read for it alone."""
        known = next((one for one in self._read if one.covers(first, days)), None)
        if known is None:
            begin, reach = self._reach(first, days)
            known = await learn(self.location, self.asked, begin, reach, self.zone)
            self._read.append(known)
        return known.within(first, days)

    def _reach(self, first: date, days: int) -> tuple[date, int]:
        begin, last = min(self.days) - _EVE, max(self.days)
        if not begin <= first <= last:
            return first, days
        return begin, (last - begin).days + max(days, CHUNKS[0])
