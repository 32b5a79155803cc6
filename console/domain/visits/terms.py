"""What the programme grants a visit of a date: the version, the client's percentages, and the free visits they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from console.domain.loyalty.accounts import Account
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Lot
from console.domain.loyalty.rules.fixed import held_on, percentages
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.pricing import Off, Percentage
from console.domain.loyalty.rules.programme import Programme, Versions

LATEST = 2**63 - 1
"""No operation has a greater number."""


@dataclass(frozen=True)
class Terms:
    """`number` of the version (0: none) and its rules, the code of the `tier` held then, the free visits good then."""

    number: int
    programme: Programme
    percentages: Sequence[Percentage] = ()
    tier: str | None = None
    free_visits: Sequence[Lot] = ()

    def gives(self, best: Percentage | None) -> str | None:
        """The code of the tier that gave a discount."""
        return self.tier if best is not None and best.off is Off.TIER else None


def for_anybody(versions: Versions, on: date) -> Terms:
    """What is granted to somebody who is no client."""
    version = versions.version(on)
    return Terms(version.number, version.programme)


def for_client(held: Account, on: date, around: Live, operation: int = LATEST) -> Terms:
    """What is granted to a client whose nights through a date are done; by the tier that was due then, not since.

    `around`: the account. `operation`: the one that asks, where what others did later on that date is not to count.
    """
    version = held.versions.version(on)
    card, _ = held.before(Attended(on, False, 0), operation, around.then)
    tiers = version.programme.tiers
    return Terms(
        version.number,
        version.programme,
        percentages(version.programme, card, held_on(held.fixed, on)),
        tiers.ladder[card.tier].code if tiers else None,
        held.card.good_free_visits(on),
    )
