"""What puts loyalty right: what for, what it gives, and how much of it one of us may give in a month alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from console.domain.clock import bounds, business_date


class Cause(StrEnum):
    """What went wrong."""

    MISSING_STAMP = "missing_stamp"
    """A visit has no stamp."""
    REWARD_LAPSED = "reward_lapsed"
    """A free visit ended while the ticket about it was open."""


class RemedyStatus(StrEnum):
    """Whether a remedy waits for a second person, is posted, or was declined."""

    PROPOSED = "proposed"
    POSTED = "posted"
    DECLINED = "declined"


ALONE = {Cause.MISSING_STAMP: 5, Cause.REWARD_LAPSED: 2}
"""How many of each one of us may give in a month without anybody else."""
APPROVER = {Cause.MISSING_STAMP: 20, Cause.REWARD_LAPSED: 10}
"""The same of who may approve others'."""
LOOKED_BACK = timedelta(180)
"""How old a visit may be that is given a stamp."""


@dataclass(frozen=True)
class Remedy:
    """What is to be put right: `of` a visit by its id, or of a free visit by its number on the client's card."""

    cause: Cause
    of: int


def needs_another(cause: Cause, given: int, may_approve: bool) -> bool:
    """Whether one more, beside those `given` this month, takes a second person."""
    return given >= (APPROVER if may_approve else ALONE)[cause]


def month_of(now: datetime, zone: ZoneInfo) -> datetime:
    """When the business's month of an instant began."""
    return bounds(business_date(now, zone).replace(day=1), zone)[0]


def lapsed_meanwhile(through: date | None, opened_on: date, today: date) -> bool:
    """Whether what was good through a date was so when a ticket was opened, and is not any more."""
    return through is not None and opened_on <= through < today
