"""What a business wants its clients to be told, and when. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.domain.clock import WallTime
from console.domain.errors import Problem
from console.domain.messages.rules import MessageKind, Variables

MOST_REMINDERS = 5
LONGEST_DAYS = 31
LONGEST_MINUTES = 48 * 60
LONGEST_QUIET = 16 * 60
MOST_THANKS = 7 * 24
"""Hours."""
MOST_SATISFACTION = 14 * 24
"""Hours."""

BEFORE_QUIET = timedelta(minutes=30)
"""What would be due in the quiet hours is due so long before they begin: early enough to have left by then."""


@dataclass(frozen=True, order=True)
class Reminder:
    """When a client is reminded: so many `days` before, at a minute of the day; without days so many minutes before."""

    days: int | None
    minutes: int

    @property
    def code(self) -> str:
        return f"m{self.minutes}" if self.days is None else f"d{self.days}.{self.minutes}"

    @property
    def told(self) -> Variables:
        return {"minutes": self.minutes} if self.days is None else {"days": self.days}

    def at(self, starts_at: datetime, zone: ZoneInfo) -> datetime:
        """The instant, by the clocks of where the booking is."""
        if self.days is None:
            return starts_at - timedelta(minutes=self.minutes)
        day = WallTime.of(starts_at, zone).on - timedelta(days=self.days)
        return WallTime(day, self.minutes).bound(zone)


@dataclass(frozen=True)
class MessageSettings:
    """What is told at all, and when.

    `off`: kinds that nobody is told. Quiet hours in minutes of the day, from the evening into the morning; where both
    are the same there are none. `per_client` and `per_day`: how many messages a day go to one client, and to all; 0:
    as many as there are. `thanks`: how many hours after a visit; `satisfaction`: after a ticket was
    solved.
    """

    off: frozenset[MessageKind] = frozenset()
    reminders: tuple[Reminder, ...] = (Reminder(1, 10 * 60),)
    quiet_from: int = 21 * 60
    quiet_until: int = 9 * 60
    per_client: int = 5
    per_day: int = 2000
    thanks: int = 2
    satisfaction: int = 24

    def is_quiet(self, minute: int) -> bool:
        """Whether a minute of the day lies in the quiet hours."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= minute < self.quiet_until
        return minute >= self.quiet_from or minute < self.quiet_until

    def reminded_at(self, at: datetime, zone: ZoneInfo, now: datetime) -> datetime:
        """When a reminder for an instant is due: before the quiet hours of the client's zone, unless that is over."""
        wall = WallTime.of(at, zone)
        if not self.is_quiet(wall.minute):
            return at
        day = wall.on if wall.minute >= self.quiet_from else wall.on - timedelta(days=1)
        earlier = WallTime(day, self.quiet_from).bound(zone) - BEFORE_QUIET
        return earlier if earlier > now else at


def problems(settings: MessageSettings) -> dict[str, Problem]:
    """What is wrong with settings, by field."""
    found = {}
    codes = [one.code for one in settings.reminders]
    if len(set(codes)) < len(codes):
        found["reminders_1_count"] = Problem("problem.twice")
    if len(codes) > MOST_REMINDERS:
        found["reminders_1_count"] = Problem("problem.range", {"low": 0, "high": MOST_REMINDERS})
    if (settings.quiet_until - settings.quiet_from) % (24 * 60) > LONGEST_QUIET:
        found["quiet_until"] = Problem("problem.quiet_long", {"hours": LONGEST_QUIET // 60})
    return found
