"""A client's card as pages show it on a business date, whether the nights up to it have been done or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from console.domain.ids import ClientId
from console.domain.loyalty.accounts import Account, account
from console.domain.loyalty.nights import around
from console.domain.loyalty.rules.card import DAY, Card, Lot
from console.domain.loyalty.rules.events import Event, Warned
from console.domain.loyalty.rules.fixed import Fixed, held_on
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.outlook import StampCard, TierCard, stamp_card, tier_card
from console.domain.loyalty.rules.programme import Version


@dataclass(frozen=True)
class Overdue:
    """The stamps and free visits whose last day has gone by, which wait for the `tickets` of these numbers.

    `last`: the last date on which they do; None while one of the tickets is open.
    """

    stamps: Sequence[Lot] = ()
    free_visits: Sequence[Lot] = ()
    tickets: Sequence[int] = ()
    last: date | None = None


@dataclass(frozen=True)
class CardView:
    """What a client holds on a business date by the version in force; what that one does not have is None.

    `free_visits`: those that may be taken, the one that ends first before the others. `earned`: the visits that earned
    the stamps, by the stamps' numbers. `fixed`: what stands in place of the tier, which is tracked silently then.
    `came`: whether a visit of theirs stands that counts, was paid for or was free.
    """

    on: date
    version: Version
    stamps: StampCard | None
    free_visits: Sequence[Lot]
    earned: Mapping[int, int]
    tier: TierCard | None
    fixed: Fixed | None
    came: bool
    overdue: Overdue


async def card(client: ClientId, on: date) -> CardView | None:
    """The card of a client on a business date, no earlier than today's; None where no version is in force."""
    held = await account(client, on)
    if not held.versions.version(on).number:
        return None
    live = await around(held, on)
    now, events = nights(held.versions, held.card, on, live)
    stamps = stamp_card(held.versions, now)
    return CardView(
        on,
        held.versions.version(on),
        stamps,
        now.good_free_visits(on) if stamps else (),
        {lot: visit for visit, lot in held.ledger.earned.items() if lot is not None},
        tier_card(held.versions, now, live, _warned(held, events, now.drops_on)),
        held_on(held.fixed, on),
        bool(held.ledger.came),
        _overdue(held, now, on) if stamps else Overdue(),
    )


def _overdue(held: Account, now: Card, on: date) -> Overdue:
    stamps, free_visits = (
        [one for one in lots if not one.expired and now.is_waiting(one, on)] for lots in (now.stamps, now.free_visits)
    )
    held_now = [one for one in held.pauses if one.span.first <= on < one.span.end]
    holding = [one for one in held_now if one.is_open] or held_now
    last = max((one.span.end - DAY for one in holding if not one.is_open), default=None)
    return Overdue(stamps, free_visits, sorted({one.ticket for one in holding}), last)


def _warned(held: Account, events: Sequence[Event], drops_on: date | None) -> date | None:
    """The business date whose night opened the warning that is open."""
    new = next((one.on for one in reversed(events) if isinstance(one, Warned)), None)
    if new is not None or drops_on is None:
        return new
    found = None
    for one in reversed(held.held):
        if one.drops_on != drops_on:
            break
        found = one.on
    return found
