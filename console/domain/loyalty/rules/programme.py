"""The rules of one programme version as data (loyalty rules, sections 1 to 4). Nothing here knows a client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from console.domain.loyalty.rules.value import value
from console.domain.money import BP

EVERY = "*"
"""Stands for every service."""


class Match(StrEnum):
    """Whether a tier needs both its visits and its spend, or either."""

    ALL = "all"
    ANY = "any"


class StepDown(StrEnum):
    """How far a drop goes: one tier, or straight to the highest lower tier that is kept."""

    ONE = "one"
    MATCHING = "matching"


@dataclass(frozen=True, slots=True)
class Counter:
    """The visit counter. Amounts in minor units; a validity of 0 days never ends; a cap of 0 is none."""

    stamps_required: int = 4
    services: frozenset[str] = frozenset({EVERY})
    min_price: int = 0
    max_stamps_per_day: int = 1
    stamp_valid_days: int = 365
    reward_valid_days: int = 180
    reward_max_value: int = 0

    def qualifies(self, service: str, price: int) -> bool:
        """Whether a service at a price per unit (overridden, before discounts) earns a stamp and may be taken free.

        What costs nothing does not (section 5: a zero-price visit earns no stamp).
        """
        return price > 0 and price >= self.min_price and (EVERY in self.services or service in self.services)

    def covered(self, price: int) -> int:
        """How much of a unit's price a free visit pays."""
        return min(price, self.reward_max_value) if self.reward_max_value else price


@value
class Standing:
    """What a client did within a window: visits that count, and money paid in minor units."""

    visits: int
    spend: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a tier asks for; 0 asks nothing."""

    visits: int = 0
    spend: int = 0

    def missing(self, standing: Standing) -> Standing:
        """What lacks of each, never below 0."""
        return Standing(max(0, self.visits - standing.visits), max(0, self.spend - standing.spend))

    def met(self, standing: Standing, match: Match) -> bool:
        """With `ANY` only what is above 0 is looked at; where nothing is asked, it is met."""
        came, spent = standing.visits >= self.visits, standing.spend >= self.spend
        if match is Match.ALL:
            return came and spent
        return bool(self.visits and came) or bool(self.spend and spent) or not (self.visits or self.spend)


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the ladder: its discount and its multiplier of points in basis points; `names` by language."""

    code: str
    names: Mapping[str, str] = field(default_factory=dict)
    discount_bp: int = 0
    enter: Threshold = Threshold()
    keep: Threshold = Threshold()
    points_multiplier_bp: int = BP


@dataclass(frozen=True, slots=True)
class Tiers:
    """The ladder from tier 0 upward, held by its place in it, and how one moves on it. A window of 0 is a lifetime."""

    ladder: Sequence[Tier]
    window_days: int = 180
    match: Match = Match.ALL
    grace_days: int = 14
    step_down: StepDown = StepDown.ONE
    hold_days: int = 14

    def attained(self, standing: Standing) -> int:
        """The highest tier whose thresholds to enter are met."""
        for place in range(len(self.ladder) - 1, 0, -1):
            if self.ladder[place].enter.met(standing, self.match):
                return place
        return 0

    def kept(self, held: int, standing: Standing) -> bool:
        """Whether what keeps a tier is met; tier 0 always is."""
        return held == 0 or self.ladder[held].keep.met(standing, self.match)

    def below(self, held: int, standing: Standing) -> int:
        """Where a drop from a tier above 0 leads."""
        if self.step_down is StepDown.ONE:
            return held - 1
        return next(place for place in range(held - 1, -1, -1) if self.kept(place, standing))


class Redeem(StrEnum):
    """How many points a replayed visit is paid with: none, or as many as it may be."""

    NONE = "none"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Points:
    """Points for money paid: `earn_points` per `earn_per`, each worth `point_value`; amounts in minor units.

    `max_share_bp`: the largest share of what is payable that they pay. A validity of 0 days never ends.
    """

    earn_points: int = 10
    earn_per: int = 100_000
    point_value: int = 100
    max_share_bp: int = 3_000
    min_redeem: int = 50
    valid_days: int = 365
    redeem_points: Redeem = Redeem.NONE

    def earned(self, paid: int, multiplier_bp: int) -> int:
        """What so much money brings by the multiplier of a tier (section 3)."""
        return paid * self.earn_points * multiplier_bp // (self.earn_per * BP)

    def redeemable(self, balance: int, payable: int) -> int:
        """How many of a balance a visit may be paid with, of which so much is payable; 0 below the least."""
        most = min(balance, payable * self.max_share_bp // (BP * self.point_value))
        return most if most >= self.min_redeem else 0


@dataclass(frozen=True, slots=True)
class Programme:
    """One version's rules; a mechanic that is off is None."""

    counter: Counter | None = None
    tiers: Tiers | None = None
    max_discount_bp: int = 3_000
    discounts_products: bool = False
    points: Points | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A published programme, in force from a business date on until the next one is; its `number` for people."""

    effective_from: date
    programme: Programme
    number: int = 0


BEFORE_ANY = Version(date.min, Programme())
"""What is in force before the first version."""


@dataclass(frozen=True, slots=True)
class Versions:
    """All published versions, by the date from which they are in force, each its own."""

    published: Sequence[Version] = field(default_factory=tuple)

    @classmethod
    def of(cls, versions: Iterable[Version]) -> Versions:
        return cls(tuple(sorted(versions, key=lambda one: one.effective_from)))

    def on(self, day: date) -> Programme:
        """What is in force on a business date."""
        for one in reversed(self.published):
            if one.effective_from <= day:
                return one.programme
        return BEFORE_ANY.programme

    def version(self, day: date) -> Version:
        """The version in force on a business date, number 0 before the first one."""
        for one in reversed(self.published):
            if one.effective_from <= day:
                return one
        return BEFORE_ANY

    def begins(self, after: date) -> date | None:
        """The first date after one on which another version comes into force."""
        for one in self.published:
            if one.effective_from > after:
                return one.effective_from
        return None
