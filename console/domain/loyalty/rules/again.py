"""A visit counts again after it was taken back: what that posted of the ledger is posted inversely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date

from console.domain.loyalty.rules.card import Card, Lot
from console.domain.loyalty.rules.entries import Entry, Unit, Verb
from console.domain.loyalty.rules.events import Event, FreeVisitIssued, FreeVisitRedeemed, StampEarned
from console.domain.loyalty.rules.ledger import Ledger
from console.domain.loyalty.rules.nights import expire
from console.domain.loyalty.rules.programme import Versions
from console.domain.loyalty.rules.stamps import issue


@dataclass(frozen=True, slots=True)
class Again:
    """A card with what a visit posted as it was: the entries that make it so, and what is `told`, of points nothing.

    `since`: what else comes of it today: what has ended by now, and what the stamps that there are by now make.
    """

    card: Card
    entries: Sequence[Entry]
    told: Sequence[Event]
    since: Sequence[Event]


def again(versions: Versions, card: Card, ledger: Ledger, taken: Sequence[Entry], on: date) -> Again:
    """The inverse of what was `taken` with a visit of a date (section 5, undo of an undo).

    Nothing of what that moved may have moved since. What more comes of it comes by the stamps and the rules of today.
    """
    entries = list(ledger.inverse(taken, card.night, on))
    there = deepcopy(ledger)
    for entry in entries:
        there.add(entry)
    then = there.card(card.night, card.tier, card.drops_on)
    card = replace(
        card,
        stamps=then.stamps,
        free_visits=then.free_visits,
        owed=then.owed,
        points=then.points,
        points_owed=then.points_owed,
    )
    card, ended = expire(card, card.night)
    counter = versions.on(card.night).counter
    card, issued = (card, []) if counter is None else issue(counter, card, card.night)
    return Again(card, entries, list(_told(there, taken, on)), [*ended, *issued])


def _told(ledger: Ledger, taken: Sequence[Entry], on: date) -> Iterator[Event]:
    voided = {(one.unit, one.lot) for one in taken if one.verb is Verb.REVERSE and one.free_visit is None}
    for one in taken:
        if one.unit is Unit.POINT:
            continue
        if one.verb is Verb.WITHDRAW and (one.unit, one.lot) not in voided:
            yield StampEarned(on, _own(ledger, one)) if one.unit is Unit.STAMP else _issued(ledger, one, on)
        redeemed = one.unit is Unit.FREE_VISIT and (one.visit, one.lot) in ledger.redeemed.items()
        if one.verb is Verb.REVERSE and redeemed and one.lot is not None:
            yield FreeVisitRedeemed(on, ledger.free_visits[one.lot].lot)


def _own(ledger: Ledger, entry: Entry) -> Lot | None:
    number = ledger.earned.get(entry.visit) if entry.visit is not None else None
    return None if number is None else ledger.stamps[number].lot


def _issued(ledger: Ledger, entry: Entry, on: date) -> FreeVisitIssued:
    assert entry.lot is not None
    consumed: list[Lot] = [one.lot for one in ledger.stamps.values() if one.spent_for == entry.lot]
    return FreeVisitIssued(on, ledger.free_visits[entry.lot].lot, consumed)
