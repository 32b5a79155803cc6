"""Earning stamps, and the free visit that they become (loyalty rules, section 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from console.domain.loyalty.card import Card, Lot, valid_through
from console.domain.loyalty.events import Event, FreeVisitIssued, StampEarned
from console.domain.loyalty.programme import Counter


def earn(counter: Counter, card: Card, on: date) -> tuple[Card, list[Event]]:
    """One stamp of a finished visit, which first repays one below zero, and the free visit that it completes."""
    if card.owed:
        return replace(card, owed=card.owed - 1), [StampEarned(on, None)]
    lot = Lot(_next(card.stamps), on, valid_through(on, counter.stamp_valid_days))
    card, issued = issue(counter, replace(card, stamps=(*card.stamps, lot)), on)
    return card, [StampEarned(on, lot), *issued]


def issue(counter: Counter, card: Card, on: date) -> tuple[Card, list[Event]]:
    """As many free visits as the good stamps make, on the same date."""
    events: list[Event] = []
    while len(good := card.good_stamps(on)) >= counter.stamps_required:
        consumed = good[: counter.stamps_required]
        lot = Lot(_next(card.free_visits), on, valid_through(on, counter.reward_valid_days))
        card = card.without(stamps=consumed)
        card = replace(card, free_visits=(*card.free_visits, lot))
        events.append(FreeVisitIssued(on, lot, consumed))
    return card, events


def _next(lots: Sequence[Lot]) -> int:
    return max((one.number for one in lots), default=0) + 1
