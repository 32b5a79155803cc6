"""A client's card as an operation left it: by what was written up to it, whatever has become of that since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import account, read_entry
from console.domain.loyalty.rules.card import Lot
from console.domain.loyalty.rules.fixed import Fixed, held_on
from console.domain.loyalty.rules.ladder import place
from console.domain.loyalty.rules.ledger import Ledger
from console.domain.loyalty.rules.outlook import StampCard
from console.domain.loyalty.rules.programme import Programme, Tier


@dataclass(frozen=True)
class Then:
    """What a client held on a business date by a programme; what that one does not have is None.

    `fixed` stands in place of the `tier`. `drops_on`: of the drop that a warning had told of. `since`: from which date
    on they held the tier or the fixed card that gave the visit its discount.
    """

    stamps: StampCard | None
    free_visits: Sequence[Lot]
    tier: Tier | None
    drops_on: date | None
    fixed: Fixed | None
    since: date | None


async def then(client: ClientId, programme: Programme, operation: int, on: date, gave: str | None) -> Then:
    """The card on a business date once an operation had finished a visit; `gave`: the tier that gave its discount."""
    entries = await db.fetch(
        'SELECT unit, verb, delta, "on", lot, through, visit, free_visit FROM loyalty_entry'
        " WHERE client = $1 AND operation <= $2 ORDER BY id",
        client,
        operation,
    )
    tiers = await db.fetch(
        'SELECT operation, "on", tier, before, drops_on, visit FROM tier_entry'
        " WHERE client = $1 AND operation <= $2 ORDER BY id",
        client,
        operation,
    )
    there = await account(client, on)
    fixed = held_on(there.fixed, on)
    last = tiers[-1] if tiers else None
    held = place(programme.tiers, last["tier"]) if last else 0
    card = replace(Ledger.of(map(read_entry, entries)).card(on, held, None), waits=there.card.waits)
    began = [row["on"] for row in tiers if row["tier"] == gave != row["before"]]
    counter = programme.counter
    good = sorted(card.good_stamps(on), key=lambda one: one.number)
    return Then(
        StampCard(counter, good, card.owed) if counter else None,
        card.good_free_visits(on) if counter else (),
        programme.tiers.ladder[held] if programme.tiers else None,
        last["drops_on"] if last else None,
        fixed,
        fixed.first if fixed else (began[-1] if gave and began else None),
    )
