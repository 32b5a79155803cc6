"""What holds a message up: the night where the client is, and how many are enough for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain.clock import WallTime, bounds, business_date
from console.domain.messages.rules import Reason
from console.domain.messages.settings_rules import MessageSettings


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
    now: datetime, zone: ZoneInfo, home: ZoneInfo, settings: MessageSettings, today: Today = Today()
) -> Held | None:
    """Whether a message waits. `zone`: the client's, whose night it is; `home`: the business's, whose day it is."""
    if until := quiet_until(now, zone, settings):
        return Held(until, Reason.QUIET)
    capped = _capped(settings, today)
    if capped is None:
        return None
    tomorrow = bounds(business_date(now, home), home)[1]
    return Held(quiet_until(tomorrow, zone, settings) or tomorrow, capped)


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
