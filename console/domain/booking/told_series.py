"""The bookings of a series that its client is told of together, in a message or on the page of their link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.domain import db
from console.domain.booking.rules import UNDONE
from console.domain.booking.told_client import ToldClient, told_clients
from console.domain.ids import BookingId, ClientId, SeriesId


@dataclass(frozen=True)
class ToldSeries:
    """Bookings of a series in the order of time, one at least."""

    series: SeriesId
    bookings: Sequence[ToldClient]

    @property
    def first(self) -> ToldClient:
        return self.bookings[0]

    @property
    def client(self) -> ClientId:
        return self.first.booking.client


async def told_of(series: SeriesId, now: datetime) -> list[ToldClient]:
    """Those of a series that are not over."""
    rows = await db.fetch(
        "SELECT b.id FROM booking b JOIN series s ON s.id = b.series AND s.client = b.client"
        " WHERE b.series = $1 AND b.retired_at IS NULL AND b.ends_at > $2",
        series,
        now,
    )
    return await told_clients([BookingId(row["id"]) for row in rows])


_THAT_STAND = """
    SELECT id FROM booking WHERE series = $1 AND starts_at <= $2 AND ends_at > $3
        AND retired_at IS NULL AND status = ANY($4::text[])
"""
_CALLED_OFF = """
    SELECT id FROM booking WHERE series = $1 AND starts_at <= $2 AND ends_at > $3
        AND (retired_at IS NOT NULL OR status = 'cancelled')
        AND starts_at >= (SELECT starts_at FROM booking WHERE id = $4)
"""


async def told_together(
    series: SeriesId, first: BookingId, last: datetime, now: datetime, *, off: bool
) -> list[ToldClient]:
    """Those of a series that a message names, through the last one's beginning, as they are now.

    `off`: those that do not take place, from the first one on; else all that are to come. The first one alone where
    none of them is left.
    """
    if off:
        rows = await db.fetch(_CALLED_OFF, series, last, now, first)
    else:
        rows = await db.fetch(_THAT_STAND, series, last, now, list(UNDONE))
    return await told_clients([BookingId(row["id"]) for row in rows] or [first])
