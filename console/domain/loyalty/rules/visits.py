"""What a finished visit does to a card (loyalty rules, sections 1 to 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from console.domain.loyalty.rules import points, stamps
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import Card
from console.domain.loyalty.rules.events import Event, Raised, Turn, WarningClosed
from console.domain.loyalty.rules.live import REPLAY, Live
from console.domain.loyalty.rules.pricing import Off, Percentage, Price
from console.domain.loyalty.rules.programme import Programme, Tiers
from console.domain.loyalty.rules.value import value
from console.domain.money import BP


@value
class Finished:
    """A visit as it was finished: its business date, its price, and what was paid of it by now in minor units.

    `stamped`: how many stamps the client earned on that date already. `visit`: which it is. `multiplier_bp`: of points,
    by what was held before it.
    """

    on: date
    price: Price
    paid: int
    stamped: int = 0
    visit: int = 0
    multiplier_bp: int = BP

    @property
    def attended(self) -> Attended:
        """What tiers see of it, and whether it is a visit for them (sections 2 and 5)."""
        price = self.price
        counts = price.has_service and price.listed > 0 and not price.free
        return Attended(self.on, counts, self.paid, self.visit)


def percentage(programme: Programme, card: Card) -> Sequence[Percentage]:
    """What the held tier takes off."""
    return of_tier(programme, card.tier)


def of_tier(programme: Programme, tier: int) -> Sequence[Percentage]:
    """What a tier takes off."""
    return [] if programme.tiers is None else [Percentage(Off.TIER, programme.tiers.ladder[tier].discount_bp)]


def multiplier(programme: Programme, card: Card) -> int:
    """By what the held tier multiplies the points of a visit, in basis points."""
    return BP if programme.tiers is None else programme.tiers.ladder[card.tier].points_multiplier_bp


def earns_stamp(programme: Programme, visit: Finished) -> bool:
    """Section 1: one stamp where a line qualifies, no free visit and no package was used, and the day is not full."""
    counter = programme.counter
    if counter is None or visit.price.free or visit.stamped >= counter.max_stamps_per_day:
        return False
    earns = False
    for line in visit.price.lines:
        asked = line.asked
        if asked.packed:
            return False
        earns = earns or (asked.service is not None and counter.qualifies(asked.service, asked.unit))
    return earns


def finish(programme: Programme, card: Card, visit: Finished, live: Live = REPLAY) -> Turn:
    """A card after a visit whose night is done: the free visit taken, the stamp, points, the spend, the move up."""
    card, events = post(programme, card, visit)
    card, happened = attend(programme.tiers, card, visit.attended, live)
    return card, events + happened


def post(programme: Programme, card: Card, visit: Finished) -> Turn:
    """The free visit and the points that a visit takes, and the stamp and the points that it earns."""
    events: list[Event] = []
    if visit.price.free:
        card, happened = stamps.redeem(card, visit.on)
        events += happened
    if programme.counter is not None and earns_stamp(programme, visit):
        card, happened = stamps.earn(programme.counter, card, visit.on)
        events += happened
    if visit.price.redeemed:
        card, happened = points.redeem(card, visit.on, visit.price.redeemed)
        events += happened
    if programme.points is not None:
        many = programme.points.earned(visit.paid, visit.multiplier_bp)
        card, happened = points.earn(programme.points, card, visit.on, many)
        events += happened
    return card, events


def attend(tiers: Tiers | None, card: Card, visit: Attended, live: Live = REPLAY) -> Turn:
    """Section 2: up, at once; an open warning is closed by that, and where the tier is kept again."""
    if tiers is None:
        return card.attending(visit), []
    attended, on = card.attendance.adding(visit), visit.on
    standing = attended.standing(on, tiers.window_days, live)
    attained = tiers.attained(standing)
    if attained > card.tier:
        raised: list[Event] = [Raised(on, attained, card.tier)]
        closed: list[Event] = [] if card.drops_on is None else [WarningClosed(on)]
        return card.but(attended=attended, tier=attained, drops_on=None), raised + closed
    if card.drops_on is not None and tiers.kept(card.tier, standing):
        return card.but(attended=attended, drops_on=None), [WarningClosed(on)]
    return card.but(attended=attended), []
