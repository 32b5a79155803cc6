"""Earning stamps, the free visit that they become, and taking both back (loyalty rules, sections 1 and 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from console.domain.loyalty.rules.card import Card, Lot, valid_through
from console.domain.loyalty.rules.events import (
    Event,
    FreeVisitGiven,
    FreeVisitIssued,
    FreeVisitRedeemed,
    FreeVisitReturned,
    FreeVisitRevived,
    FreeVisitVoided,
    FreeVisitWithdrawn,
    StampEarned,
    StampGiven,
    StampRevived,
    StampVoided,
    StampWithdrawn,
    Turn,
)
from console.domain.loyalty.rules.programme import Counter, Versions

LEAST_LIFE = timedelta(14)
"""How long what returns by an undo is good at least (section 5)."""


@dataclass(frozen=True, slots=True)
class Reward:
    """A free visit, the stamps that it was made of, and whether a visit has used it.

    `never_good`: it had ended already when the visit that completed it was posted.
    """

    lot: Lot
    consumed: Sequence[Lot]
    used: bool
    never_good: bool = False


def earn(counter: Counter, card: Card, on: date, event: type[StampEarned] = StampEarned) -> Turn:
    """One stamp of a visit of a date, which first repays one below zero, and the free visit that it completes."""
    if card.owed:
        return card.but(owed=card.owed - 1), [event(on, None)]
    lot = Lot(card.last_stamp + 1, on, valid_through(on, counter.stamp_valid_days))
    card = card.but(stamps=(*card.stamps, lot), last_stamp=lot.number)
    card, issued = issue(counter, card, on)
    return card, [event(on, lot), *issued]


def give(counter: Counter, card: Card, on: date) -> Turn:
    """One stamp that no visit has earned, likewise."""
    return earn(counter, card, on, StampGiven)


def give_free(counter: Counter, card: Card, on: date) -> Turn:
    """A free visit that no stamps were consumed for."""
    lot = Lot(card.last_free_visit + 1, on, valid_through(on, counter.reward_valid_days))
    card = card.but(free_visits=(*card.free_visits, lot), last_free_visit=lot.number)
    return card, [FreeVisitGiven(on, lot, ())]


def issue_since(versions: Versions, card: Card, on: date) -> Turn:
    """What a stamp more of an earlier date completes after it, each time by the rules of then.

    That is on the date of the last stamp that is needed, or of the night on which fewer are.
    """
    events: list[Event] = []
    begun = (one.effective_from for one in versions.published)
    for day in sorted({day for day in (*(one.on for one in card.stamps), *begun) if on < day <= card.night}):
        if (counter := versions.on(day).counter) is not None:
            card, issued = issue(counter, card, day)
            events += issued
    return card, events


def issue(counter: Counter, card: Card, on: date) -> Turn:
    """As many free visits as the good stamps make, on the same date."""
    events: list[Event] = []
    while len(card.stamps) >= counter.stamps_required and len(good := card.good_stamps(on)) >= counter.stamps_required:
        consumed = good[: counter.stamps_required]
        lot = Lot(card.last_free_visit + 1, on, valid_through(on, counter.reward_valid_days))
        numbers = {one.number for one in consumed}
        left = tuple([one for one in card.stamps if one.number not in numbers])
        card = card.but(stamps=left, free_visits=(*card.free_visits, lot), last_free_visit=lot.number)
        events += [StampRevived(on, one) for one in consumed if one.expired]
        events.append(FreeVisitIssued(on, lot, consumed))
    return card, events


def redeem(card: Card, on: date) -> Turn:
    """The free visit that ends first is used by a visit of a date."""
    lot = card.good_free_visits(on)[0]
    revived: list[Event] = [FreeVisitRevived(on, lot)] if lot.expired else []
    return card.without(free_visits=[lot]), [*revived, FreeVisitRedeemed(on, lot)]


def give_back(card: Card, lot: Lot, on: date) -> Turn:
    """A free visit returns from a visit that is taken back, for two weeks at least."""
    through = lot.through and max(lot.through, on + LEAST_LIFE)
    returned = replace(lot, through=through, expired=False)
    return card.but(free_visits=(*card.free_visits, returned)), [FreeVisitReturned(on, returned)]


def take_back(counter: Counter | None, card: Card, stamp: Lot | None, reward: Reward | None, on: date) -> Turn:
    """The stamp of a visit is gone (section 5); `stamp` None: it had repaid one. `reward`: what it was consumed for.

    What has expired by itself stays so for good, and nothing is owed for it.
    """
    if stamp is None:
        return _owe(card, on)
    if reward is None:
        there = [one for one in card.stamps if one.number == stamp.number]
        if not there:  # it has paid for another one that was taken back
            return _owe(card, on)
        gone: list[Event] = [StampVoided(on, one) if one.expired else StampWithdrawn(on, one) for one in there]
        return card.without(stamps=there), gone
    if reward.used:
        return _owe(card, on)
    events: list[Event] = []
    if not card.is_good(reward.lot, on):
        ended = [one for one in card.free_visits if one.number == reward.lot.number]
        if not reward.never_good:
            return card.without(free_visits=ended), [FreeVisitVoided(on, one) for one in ended]
        events += [FreeVisitRevived(on, one) for one in ended]
    others = [one for one in reward.consumed if one.number != stamp.number]
    free_visits = tuple(one for one in card.free_visits if one.number != reward.lot.number)
    card = card.but(stamps=(*card.stamps, *others), free_visits=free_visits)
    events += [FreeVisitWithdrawn(on, reward.lot, reward.consumed), StampWithdrawn(on, stamp)]
    if counter is not None:
        card, issued = issue(counter, card, on)
        events += issued
    return card, events


def _owe(card: Card, on: date) -> Turn:
    """A stamp that was used up is paid by one that is there, else by the next that is earned."""
    good = card.good_stamps(on)
    if good:
        return card.without(stamps=good[:1]), [StampWithdrawn(on, good[0], spent=True)]
    return card.but(owed=card.owed + 1), [StampWithdrawn(on, None, spent=True)]
