"""What a client's card may have lost wrongly: a tier, and free visits that ended meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import Account
from console.domain.loyalty.rules.attendance import Attendance
from console.domain.loyalty.rules.card import Lot
from console.domain.loyalty.rules.ladder import place
from console.domain.loyalty.rules.live import Live
from console.domain.loyalty.rules.wronged import lost, still_held
from console.domain.tickets.remedies.rules import LOOKED_BACK, Cause, Found, Gives, Remedy, lapsed_meanwhile


async def lost_tiers(held: Account, live: Live, today: date) -> list[Found]:
    """The tiers above the one they hold that they lost lately, the latest loss first."""
    tiers = held.versions.on(today).tiers
    if tiers is None:
        return []
    ids = await db.fetch("SELECT id FROM tier_entry WHERE client = $1 ORDER BY id", held.client)
    attended = Attendance.of(held.ledger.attended.values())
    there = []
    for at in lost(held.versions, held.held, held.card.tier, today):
        one = held.held[at]
        if one.on < today - LOOKED_BACK:
            continue
        then = place(tiers, one.before)
        there.append(
            Found(
                Remedy(Cause.WRONG_TIER, ids[at]["id"], Gives.TIER),
                one.on,
                held.versions.version(one.on).number,
                still_held(held.versions, held.held, at, attended, today, live),
                what=then,
                called=tiers.ladder[then].names,
                instead=tiers.ladder[held.card.tier].names,
            )
        )
    return there


async def given_back(client: ClientId) -> set[int]:
    """The numbers of the free visits that tickets gave back: their time was given anew once."""
    rows = await db.fetch(
        "SELECT DISTINCT lot FROM loyalty_entry WHERE client = $1 AND unit = 'free_visit' AND verb = 'reverse'"
        " AND source LIKE 'remedy:%'",
        client,
    )
    return {row["lot"] for row in rows}


def lapsed(held: Account, given: Collection[int], opened_on: date, today: date) -> list[Found]:
    """The free visits that ended while a ticket was open, but for those given back before."""
    return [
        ended(held, lot, Remedy(Cause.REWARD_LAPSED, lot.number, Gives.FREE_VISIT_BACK), lot.through)
        for lot in held.card.free_visits
        if lot.through is not None
        and lot.number not in given
        and lapsed_meanwhile(lot.through, opened_on, today)
        and not held.card.is_good(lot, today)
    ]


def ended(held: Account, lot: Lot, remedy: Remedy, on: date) -> Found:
    """A free visit that has ended, to be given back."""
    version = held.versions.version(lot.on)
    counter = version.programme.counter
    return Found(remedy, on, version.number, stamps=counter.stamps_required if counter else 0, what=lot.number)
