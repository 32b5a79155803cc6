"""Makes the bookings of series as far ahead as they are kept."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from console.domain import clock
from console.domain.booking import series, series_dates
from console.domain.errors import DomainError
from console.domain.ids import SeriesId
from console.domain.intent import SYSTEM, Intent

log = logging.getLogger(__name__)

NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000005")


async def extend_series(ctx: dict[str, Any]) -> None:
    """Every hour: series that have dates to be booked; one that fails holds up no other."""
    await extend_due(clock.now())


async def extend_due(now: datetime) -> None:
    """Book what has come within the horizon of each location; the same day of it again changes nothing."""
    for zone in await series_dates.zones():
        last = clock.business_date(now, zone) + series_dates.AHEAD
        for one in await series_dates.due(last, zone):
            await _extend(Intent(uuid5(NAMESPACE, f"{one} {last}"), SYSTEM, now), one)


async def _extend(intent: Intent, one: SeriesId) -> None:
    try:
        await series.extend(intent, one)
    except DomainError as refusal:
        log.warning("series %s was not booked further: %s", one, refusal.reason)
    except asyncpg.PostgresError:
        log.exception("series %s was not booked further", one)
