"""To which date of a location an instant belongs: hours past midnight belong to the date on which they began.

The board, the list, files, the month and every link to a day of the agenda go by this; time off goes by the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain.booking.sheet import Span, window
from console.domain.business.queries import LocationView, location
from console.domain.clock import WallTime
from console.domain.ids import LocationId
from console.domain.roster import queries as roster
from console.domain.roster.queries import Calendar

LATEST = 12 * 60
"""Minutes after midnight through which hours of the date before may run."""


async def windows(where: LocationView, first: date, days: int, known: Calendar | None = None) -> Mapping[date, Span]:
    """The instants that belong to each of some dates, without a gap. `known`: from the eve of the first date on."""
    known = known or await roster.calendar(first - timedelta(days=1), first + timedelta(days=days))
    place, zone = known.places.get(where.id), ZoneInfo(where.zone)
    found = {}
    for offset in range(days):
        on = first + timedelta(days=offset)
        before, opening = (place.on(on - timedelta(days=1)), place.on(on)) if place else ((), ())
        found[on] = window(on, before, opening, zone)
    return found


async def day_of(where: LocationId, zone: ZoneInfo, moment: datetime) -> date:
    """The date of a location's agenda on which an instant lies."""
    shown = WallTime.of(moment, zone)
    if shown.minute >= LATEST:
        return shown.on
    start, _ = (await windows(await location(where), shown.on, 1))[shown.on]
    return shown.on if start <= moment else shown.on - timedelta(days=1)
