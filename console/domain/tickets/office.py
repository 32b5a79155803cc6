"""The hours in which tickets' time counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from console.domain.business.queries import business
from console.domain.business.rules import CLOSED
from console.domain.clock import business_date
from console.domain.ids import LocationId
from console.domain.roster.queries import calendar
from console.domain.roster.rules import Place
from console.domain.tickets.sla import HORIZON, Hours


async def hours(first: datetime, last: datetime | None = None) -> Hours:
    """Those of the first location that is open, for what begins between two instants. It never opens without one."""
    zone = (await business()).zone
    begins, ends = business_date(first, zone), business_date(last or first, zone)
    places = (await calendar(begins - timedelta(days=1), ends + HORIZON + timedelta(days=1))).places
    return Hours(next(iter(places.values()), Place(LocationId(0), (CLOSED,) * 7, {})), zone)
