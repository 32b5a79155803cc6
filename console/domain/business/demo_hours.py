"""When the demo's business is open: what its stories tell of happens within these hours."""

from __future__ import annotations

from datetime import date, timedelta

from console.domain.business import public_holidays
from console.domain.business.demo import CENTRE_HOURS, COUNTRY
from console.domain.clock import WallTime

DAY = timedelta(days=1)


def is_closed(on: date) -> bool:
    """Whether nobody works on a date."""
    holidays = (off for off, _ in public_holidays.days(COUNTRY, None, on.year, "en"))
    return not CENTRE_HOURS[on.weekday()] or on in holidays


def open_through(on: date) -> date:
    """The last date through a date on which somebody works."""
    while is_closed(on):
        on -= DAY
    return on


def open_from(on: date) -> date:
    """The first date from a date on on which somebody works."""
    while is_closed(on):
        on += DAY
    return on


def hours(on: date) -> tuple[int, int]:
    """From which minute of an open date to which somebody works."""
    [(opens, closes)] = CENTRE_HOURS[on.weekday()]
    return opens, closes


def worked_before(now: WallTime, minutes: int) -> WallTime:
    """The time that lies so many minutes of work before another one."""
    on = open_through(now.on)
    opens, closes = hours(on)
    worked = min(max(now.minute, opens), closes) - opens if on == now.on else closes - opens
    while minutes >= worked:
        minutes -= worked
        on = open_through(on - DAY)
        opens, closes = hours(on)
        worked = closes - opens
    return WallTime(on, opens + worked - minutes)
