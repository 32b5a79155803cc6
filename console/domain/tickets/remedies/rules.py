"""What puts loyalty right: what for, what it gives, and how much of it one of us may give in a month alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from console.domain.clock import bounds, business_date
from console.domain.ids import ReasonId


class Cause(StrEnum):
    """What went wrong."""

    MISSING_STAMP = "missing_stamp"
    """A visit has no stamp."""
    WRONG_TIER = "wrong_tier"
    """A tier was lost."""
    REWARD_LAPSED = "reward_lapsed"
    """A free visit ended while the ticket about it was open."""
    WE_CANCELLED = "we_cancelled"
    """We called a booking off, or did not come."""
    BAD_SERVICE = "bad_service"
    """A visit was not as it should have been."""


class Gives(StrEnum):
    """How it is put right."""

    STAMP = "stamp"
    """The stamp of a visit."""
    TIER = "tier"
    """The tier that was lost."""
    FREE_VISIT_BACK = "free_visit_back"
    """A free visit that has ended is good again, for two weeks."""
    FEE = "fee"
    """What is left of a booking's fees is not asked."""
    REFUND = "refund"
    """Money that was paid for a visit, all of it or a part."""
    DEBT = "debt"
    """What is owed for a visit is not asked, all of it or a part."""
    STAMPS = "stamps"
    """Stamps that no visit has earned."""
    FREE_VISIT = "free_visit"
    """A free visit that is made of no stamps."""


OF_VISITS = (Cause.MISSING_STAMP, Cause.BAD_SERVICE)
"""The causes whose evidence is a visit."""


class RemedyStatus(StrEnum):
    """Whether a remedy waits for a second person, is posted, was declined, or withdrawn by who proposed it."""

    PROPOSED = "proposed"
    POSTED = "posted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


LOOKED_BACK = timedelta(180)
"""How old what went wrong may be."""
MOST_STAMPS = 3
"""So many are given for one visit."""


@dataclass(frozen=True)
class Remedy:
    """What is to be put right: `of` what by its number, and how.

    That is a visit, a booking, or an entry of the tier's log by its id; a free visit by its number on the client's
    card. `amount`: in minor units, or of stamps. `reason`: why money is given.
    """

    cause: Cause
    of: int
    gives: Gives
    amount: int = 1
    reason: ReasonId | None = None

    @property
    def key(self) -> str:
        """What tells it from others of one client."""
        return f"{self.cause}:{self.of}:{self.gives}"


@dataclass(frozen=True)
class Cost:
    """What a remedy costs us: money in minor units, stamps (a free visit as many as it is made of), and tiers."""

    minor: int = 0
    stamps: int = 0
    tiers: int = 0


@dataclass(frozen=True)
class Found:
    """Something to put right, with the most that it may give.

    `on`: the date of a visit, of a booking or of a tier's loss, or the last one of a free visit. `version`: the number
    of the version that it is judged by, None where it is not. `by_rules`: whether they give it of their own accord, as
    things are known today. `number`: that of a visit's receipt. `currency`: that of money; `rest`: what is not asked
    any more with all that was paid. `stamps`: what one free visit is made of. `what`: the number of the free visit, or
    the place of the tier. `called`: the tier that was lost, `instead`: the one held since. `ours`: that we called it
    off. `full`: that a visit's date had all its stamps.
    """

    remedy: Remedy
    on: date
    version: int | None = None
    by_rules: bool = False
    number: int | None = None
    currency: str | None = None
    rest: int = 0
    stamps: int = 0
    what: int | None = None
    called: Mapping[str, str] | None = None
    instead: Mapping[str, str] | None = None
    ours: bool = False
    full: bool = False

    @property
    def cost(self) -> Cost:
        """What it costs us."""
        amount = self.remedy.amount
        match self.remedy.gives:
            case Gives.REFUND:
                return Cost(minor=amount + self.rest)
            case Gives.DEBT | Gives.FEE:
                return Cost(minor=amount)
            case Gives.TIER:
                return Cost(tiers=1)
            case Gives.STAMP | Gives.STAMPS:
                return Cost(stamps=amount)
            case Gives.FREE_VISIT | Gives.FREE_VISIT_BACK:
                return Cost(stamps=self.stamps)

    def asked(self, remedy: Remedy) -> Found:
        """The same for as much of it as is asked."""
        return replace(self, remedy=remedy, rest=self.rest if remedy.amount == self.remedy.amount else 0)


@dataclass(frozen=True)
class Limit:
    """How much one of us may give in a month without anybody else, in what it costs; None: as much as they like."""

    minor: int | None = None
    stamps: int | None = None
    tiers: int | None = None


class Measure(StrEnum):
    """What a limit is of."""

    MONEY = "money"
    STAMPS = "stamps"
    TIERS = "tiers"


@dataclass(frozen=True)
class Exceeded:
    """A limit that takes a second person: of what, and the most that one gives alone; money in minor units."""

    of: Measure
    most: int


def exceeded(limit: Limit, given: Cost, cost: Cost, currency: str | None, ours: str) -> Exceeded | None:
    """The limit beyond which it is to give what costs that, beside what was `given` this month; None: there is none.

    Limits of money are in our currency; any amount of another one is beyond them.
    """
    if cost.minor and limit.minor is not None and currency != ours:
        return Exceeded(Measure.MONEY, limit.minor)
    sums = {
        Measure.MONEY: (limit.minor, given.minor, cost.minor),
        Measure.STAMPS: (limit.stamps, given.stamps, cost.stamps),
        Measure.TIERS: (limit.tiers, given.tiers, cost.tiers),
    }
    beyond = (
        Exceeded(of, most)
        for of, (most, so_far, more) in sums.items()
        if most is not None and more and so_far + more > most
    )
    return next(beyond, None)


def month_of(now: datetime, zone: ZoneInfo) -> datetime:
    """When the business's month of an instant began."""
    return bounds(business_date(now, zone).replace(day=1), zone)[0]


def lapsed_meanwhile(through: date | None, opened_on: date, today: date) -> bool:
    """Whether what was good through a date was so when a ticket was opened, and is not any more."""
    return through is not None and opened_on <= through < today
