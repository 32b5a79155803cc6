"""What the rules say has happened on a card; the ledger's entries and the tier's history are written from these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from console.domain.loyalty.card import Lot
from console.domain.loyalty.programme import Standing


@dataclass(frozen=True, slots=True)
class StampExpired:
    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class FreeVisitExpired:
    on: date
    lot: Lot


@dataclass(frozen=True, slots=True)
class StampEarned:
    """`lot` None: it repaid one of those below zero."""

    on: date
    lot: Lot | None


@dataclass(frozen=True, slots=True)
class FreeVisitIssued:
    on: date
    lot: Lot
    consumed: Sequence[Lot]


@dataclass(frozen=True, slots=True)
class FreeVisitRedeemed:
    on: date
    lot: Lot


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
class WarningClosed:
    on: date


Event = (
    StampExpired
    | FreeVisitExpired
    | StampEarned
    | FreeVisitIssued
    | FreeVisitRedeemed
    | Raised
    | Dropped
    | Rematched
    | Warned
    | WarningClosed
)
