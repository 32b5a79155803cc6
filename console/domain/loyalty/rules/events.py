"""What the rules say has happened on a card; the ledger's entries and the tier's history are written from these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from console.domain.loyalty.rules.card import Card, Lot, PointLot
from console.domain.loyalty.rules.programme import Standing
from console.domain.loyalty.rules.value import value


@value
class StampExpired:
    on: date
    lot: Lot


@value
class FreeVisitExpired:
    on: date
    lot: Lot


@value
class StampRevived:
    """A visit of an earlier date uses it: that it expired since is taken back (section 5)."""

    on: date
    lot: Lot


@value
class FreeVisitRevived:
    """Likewise."""

    on: date
    lot: Lot


@value
class StampVoided:
    """It had expired, and its visit is taken back: nothing revives it any more."""

    on: date
    lot: Lot


@value
class FreeVisitVoided:
    """Likewise, of one that a stamp of that visit was consumed for."""

    on: date
    lot: Lot


@value
class StampEarned:
    """`lot` None: it repaid one of those below zero."""

    on: date
    lot: Lot | None


@value
class StampGiven(StampEarned):
    """We give it for something that went wrong: no visit has earned it."""


@value
class FreeVisitIssued:
    on: date
    lot: Lot
    consumed: Sequence[Lot]


@value
class FreeVisitGiven(FreeVisitIssued):
    """Likewise: it is made of no stamps."""


@value
class FreeVisitRedeemed:
    on: date
    lot: Lot


@value
class StampWithdrawn:
    """Its visit is taken back, or it pays for one that was spent; `lot` None: there is none, one is owed."""

    on: date
    lot: Lot | None
    spent: bool = False


@value
class FreeVisitWithdrawn:
    """The stamps that it was made of return; then the one that is gone is withdrawn."""

    on: date
    lot: Lot
    returned: Sequence[Lot]


@value
class FreeVisitReturned:
    """The visit that it was used for is taken back; `lot` with the days that it is good for now."""

    on: date
    lot: Lot


@value
class PointsEarned:
    on: date
    lot: PointLot


@value
class PointsExpired:
    on: date
    lot: PointLot


@value
class PointsRevived:
    """A visit of an earlier date spends them: that so many expired since is taken back."""

    on: date
    lots: Sequence[PointLot]


@value
class PointsRedeemed:
    """So many of each lot pay for a visit."""

    on: date
    lots: Sequence[PointLot]


@value
class PointsReturned:
    """The visit that they paid for is taken back; `lots` with the days that they are good for now."""

    on: date
    lots: Sequence[PointLot]


@value
class PointsWithdrawn:
    """What a visit earned is taken back, as far as it is there; `owed`: so many are not, and are below zero."""

    on: date
    lots: Sequence[PointLot]
    owed: int


@value
class PointsVoided:
    """They had expired, and their visit is taken back: nothing revives them any more."""

    on: date
    lots: Sequence[PointLot]


@value
class PointsRepaid:
    """So many of each lot go into what is below zero."""

    on: date
    lots: Sequence[PointLot]


@value
class Raised:
    on: date
    tier: int
    before: int


@value
class Dropped:
    on: date
    tier: int
    before: int


@value
class Rematched:
    """Another version has other tiers: the same one by its code, or the next lower that is left."""

    on: date
    tier: int
    before: int


@value
class Warned:
    """What is missing to keep the tier, and the date of the drop: the tier applies through the day before."""

    on: date
    drops_on: date
    missing: Standing


@value
class Postponed:
    """Another version gives an open warning its full grace (section 5)."""

    on: date
    drops_on: date


@value
class WarningClosed:
    on: date


@value
class Retraced:
    """A visit in the past is another one now: the tier that follows from it, and the drop that is due, if one is."""

    on: date
    tier: int
    before: int
    drops_on: date | None


@value
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
