"""What the rules say has happened on a card; the ledger's entries and the tier's history are written from these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from console.domain.loyalty.rules.card import Card, Lot, PointLot
from console.domain.loyalty.rules.programme import Standing


@dataclass(frozen=True, slots=True)
class StampExpired:
    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class FreeVisitExpired:
    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class StampRevived:
    """A visit of an earlier date uses it: that it expired since is taken back (section 5)."""

    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class FreeVisitRevived:
    """Likewise."""

    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class StampVoided:
    """It had expired, and its visit is taken back: nothing revives it any more."""

    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class FreeVisitVoided:
    """Likewise, of one that a stamp of that visit was consumed for."""

    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class StampEarned:
    """`lot` None: it repaid one of those below zero."""

    on: date
    lot: Lot | None


@dataclass(frozen=True, slots=True)
class StampGiven(StampEarned):
    """We give it for something that went wrong: no visit has earned it."""


@dataclass(frozen=True, slots=True)
class FreeVisitIssued:
    on: date
    lot: Lot
    consumed: Sequence[Lot]


@dataclass(frozen=True, slots=True)
class FreeVisitGiven(FreeVisitIssued):
    """Likewise: it is made of no stamps."""


@dataclass(frozen=True, slots=True)
class FreeVisitRedeemed:
    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class StampWithdrawn:
    """Its visit is taken back, or it pays for one that was spent; `lot` None: there is none, one is owed."""

    on: date
    lot: Lot | None
    spent: bool = False


@dataclass(frozen=True, slots=True)
class FreeVisitWithdrawn:
    """The stamps that it was made of return; then the one that is gone is withdrawn."""

    on: date
    lot: Lot
    returned: Sequence[Lot]


@dataclass(frozen=True, slots=True)
class FreeVisitReturned:
    """The visit that it was used for is taken back; `lot` with the days that it is good for now."""

    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class PointsEarned:
    on: date
    lot: PointLot


@dataclass(frozen=True, slots=True)
class PointsExpired:
    on: date
    lot: PointLot


@dataclass(frozen=True, slots=True)
class PointsRevived:
    """A visit of an earlier date spends them: that so many expired since is taken back."""

    on: date
    lots: Sequence[PointLot]


@dataclass(frozen=True, slots=True)
class PointsRedeemed:
    """So many of each lot pay for a visit."""

    on: date
    lots: Sequence[PointLot]


@dataclass(frozen=True, slots=True)
class PointsReturned:
    """The visit that they paid for is taken back; `lots` with the days that they are good for now."""

    on: date
    lots: Sequence[PointLot]


@dataclass(frozen=True, slots=True)
class PointsWithdrawn:
    """What a visit earned is taken back, as far as it is there; `owed`: so many are not, and are below zero."""

    on: date
    lots: Sequence[PointLot]
    owed: int


@dataclass(frozen=True, slots=True)
class PointsVoided:
    """They had expired, and their visit is taken back: nothing revives them any more."""

    on: date
    lots: Sequence[PointLot]


@dataclass(frozen=True, slots=True)
class PointsRepaid:
    """So many of each lot go into what is below zero."""

    on: date
    lots: Sequence[PointLot]


@dataclass(frozen=True, slots=True)
class Raised:
    on: date
    tier: int
    before: int


@dataclass(frozen=True, slots=True)
class Dropped:
    on: date
    tier: int
    before: int


@dataclass(frozen=True, slots=True)
class Rematched:
    """Another version has other tiers: the same one by its code, or the next lower that is left."""

    on: date
    tier: int
    before: int


@dataclass(frozen=True, slots=True)
class Warned:
    """What is missing to keep the tier, and the date of the drop: the tier applies through the day before."""

    on: date
    drops_on: date
    missing: Standing


@dataclass(frozen=True, slots=True)
class Postponed:
    """Another version gives an open warning its full grace (section 5)."""

    on: date
    drops_on: date


@dataclass(frozen=True, slots=True)
class WarningClosed:
    on: date


@dataclass(frozen=True, slots=True)
class Retraced:
    """A visit in the past is another one now: the tier that follows from it, and the drop that is due, if one is."""

    on: date
    tier: int
    before: int
    drops_on: date | None


@dataclass(frozen=True, slots=True)
class Adjusted:
    """We put a tier right by hand; an open warning is closed by that."""

    on: date
    tier: int
    before: int
    drops_on: date | None = None


LadderEvent = Raised | Dropped | Rematched | Warned | Postponed | WarningClosed | Retraced | Adjusted
"""What changes the tier that is held, or the warning about it."""

Event = (
    StampExpired
    | FreeVisitExpired
    | StampRevived
    | FreeVisitRevived
    | StampVoided
    | FreeVisitVoided
    | StampEarned
    | FreeVisitIssued
    | FreeVisitRedeemed
    | StampWithdrawn
    | FreeVisitWithdrawn
    | FreeVisitReturned
    | PointsEarned
    | PointsExpired
    | PointsRevived
    | PointsRedeemed
    | PointsReturned
    | PointsWithdrawn
    | PointsVoided
    | PointsRepaid
    | LadderEvent
)

Turn = tuple[Card, list[Event]]
"""A card as it is then, and what happened on the way."""
