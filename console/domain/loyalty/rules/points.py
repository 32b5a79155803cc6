"""Earning points, paying with them, and taking both back (loyalty rules, sections 3 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from console.domain.loyalty.rules.card import Card, PointLot, valid_through
from console.domain.loyalty.rules.events import (
    Event,
    PointsEarned,
    PointsRedeemed,
    PointsRepaid,
    PointsReturned,
    PointsRevived,
    PointsVoided,
    PointsWithdrawn,
    Turn,
)
from console.domain.loyalty.rules.programme import Points
from console.domain.loyalty.rules.stamps import LEAST_LIFE


@dataclass(frozen=True, slots=True)
class Earned:
    """What a visit earned: the number of its lot, and how many of its points are not taken back."""

    lot: int
    still: int


def earn(points: Points, card: Card, on: date, many: int) -> Turn:
    """So many points of a visit of a date as one lot, which first repays what is below zero."""
    if not many:
        return card, []
    lot = PointLot(card.last_points + 1, on, valid_through(on, points.valid_days), left=many)
    card = card.but(points=(*card.points, lot), last_points=lot.number)
    if not card.points_owed:
        return card, [PointsEarned(on, lot)]
    card, repaid = _repay(card, on)
    return card, [PointsEarned(on, lot), *repaid]


def redeem(card: Card, on: date, many: int) -> Turn:
    """A visit of a date is paid with so many of the points that may be spent on it, those first that end first."""
    taken, lacking = _part(card.good_points(on), many)
    if lacking:
        raise ValueError(f"{lacking} points are not there")
    revived = [one for one in taken if one.expired]
    events: list[Event] = [PointsRevived(on, revived)] if revived else []
    return _less(card, taken), [*events, PointsRedeemed(on, taken)]


def give_back(card: Card, spent: Sequence[PointLot], on: date) -> Turn:
    """The points that a visit was paid with return from it, each for two weeks at least."""
    returned = _merged(
        replace(one, through=one.through and max(one.through, on + LEAST_LIFE), expired=False) for one in spent
    )
    card, repaid = _repay(card.but(points=_merged((*card.points, *returned))), on)
    return card, [PointsReturned(on, returned), *repaid]


def take_back(card: Card, earned: Earned, many: int, on: date) -> Turn:
    """So many of the points that a visit earned go (section 5).

    Those of its lot that have expired by themselves stay so for good; what was spent of it is owed.
    """
    own = sorted((one for one in card.points if one.number == earned.lot), key=lambda one: one.urgency)
    taken, owed = _part(own, many)
    ended, there = ([one for one in taken if one.expired is expired] for expired in (True, False))
    events: list[Event] = [PointsVoided(on, ended)] if ended else []
    events += [PointsWithdrawn(on, there, owed)] if there or owed else []
    card = _less(card, taken)
    card, repaid = _repay(card.but(points_owed=card.points_owed + owed), on)
    return card, [*events, *repaid]


def _repay(card: Card, on: date) -> Turn:
    """What is below zero is paid by the points that are there."""
    if not card.points_owed:
        return card, []
    there = [one for one in card.good_points(on) if not one.expired]
    taken, left = _part(there, card.points_owed)
    return _less(card, taken).but(points_owed=left), [PointsRepaid(on, taken)] if taken else []


def _part(lots: Iterable[PointLot], many: int) -> tuple[list[PointLot], int]:
    """So many points of lots in their order, by lots, and how many are lacking."""
    taken = []
    for one in lots:
        if part := min(one.left, many):
            taken.append(one.of(part))
            many -= part
    return taken, many


def _less(card: Card, taken: Sequence[PointLot]) -> Card:
    if not taken:
        return card
    gone = {(one.number, one.through): one.left for one in taken}
    left = []
    for one in card.points:
        less = gone.get((one.number, one.through), 0)
        if less < one.left:
            left.append(one.of(one.left - less) if less else one)
    return card.but(points=tuple(left))


def _merged(lots: Iterable[PointLot]) -> Sequence[PointLot]:
    found: dict[tuple[int, date | None], PointLot] = {}
    for one in lots:
        there = found.get((one.number, one.through))
        found[one.number, one.through] = one.of(one.left + (there.left if there else 0))
    return tuple(found.values())
