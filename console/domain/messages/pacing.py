"""What holds a message up: the night where the client is, and how many are enough for a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from console.domain.clock import WallTime, bounds, business_date
from console.domain.messages.rules import MessageKind, Reason
from console.domain.messages.settings_rules import MessageSettings

NOTICE: Mapping[MessageKind, timedelta] = {
    MessageKind.BOOKING_CONFIRMATION: timedelta(0),
    MessageKind.BOOKING_MOVED: timedelta(hours=2),
    MessageKind.BOOKING_CANCELLED: timedelta(hours=2),
}
"""How long before they set out for a booking a client has to hear what became of it, in the night if need be."""


@dataclass(frozen=True)
class Today:
    """How many messages went, or may have gone, on a business date: to one client, and to all."""

    client: int = 0
    all: int = 0


@dataclass(frozen=True)
class Held:
    """Until when a message waits, and why."""

    until: datetime
    reason: Reason


def held_up(
    now: datetime,
    zone: ZoneInfo,
    home: ZoneInfo,
    settings: MessageSettings,
    today: Today = Today(),
    by: datetime | None = None,
) -> Held | None:
    """Whether a message waits. `zone`: the client's, whose night it is; `home`: the business's, whose day it is.

    `by`: when they have to have it; what would come later in the morning does not wait for it.
    """
    until = quiet_until(now, zone, settings)
    if until and (by is None or until <= by):
        return Held(until, Reason.QUIET)
    capped = _capped(settings, today)
    if capped is None:
        return None
    tomorrow = bounds(business_date(now, home), home)[1]
    return Held(quiet_until(tomorrow, zone, settings) or tomorrow, capped)


def needed_by(kind: MessageKind, told: Mapping[str, Any], now: datetime) -> datetime | None:
    """When a client has to have what tells of a booking: before the first time to come at which they may be there.

    None of what they can do without in the night.
    """
    if kind not in NOTICE:
        return None
    begins = (datetime.fromisoformat(told[name]) for name in ("starts", "before") if told.get(name))
    first = min((one for one in begins if one > now), default=None)
    return first - NOTICE[kind] if first else None


def quiet_until(now: datetime, zone: ZoneInfo, settings: MessageSettings) -> datetime | None:
    """When the quiet hours end that an instant lies in; None outside of them."""
    wall = WallTime.of(now, zone)
    if not settings.is_quiet(wall.minute):
        return None
    day = wall.on if wall.minute < settings.quiet_until else wall.on + timedelta(days=1)
    end = WallTime(day, settings.quiet_until)
    first, last = end.bound(zone), end.bound(zone, last=True)
    return first if first > now else last


def _capped(settings: MessageSettings, today: Today) -> Reason | None:
    if 0 < settings.per_client <= today.client:
        return Reason.CLIENT_CAP
    return Reason.DAY_CAP if 0 < settings.per_day <= today.all else None
