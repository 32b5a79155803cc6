"""The programme run over visits of before this console: what they would have brought is on the card to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from console.domain import db
from console.domain.ids import ClientId, VisitId
from console.domain.loyalty.accounts import Account, account, post
from console.domain.loyalty.rules import visits
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.card import DAY
from console.domain.loyalty.rules.entries import attendance
from console.domain.loyalty.rules.ladder import code
from console.domain.loyalty.rules.ledger import Ledger
from console.domain.loyalty.rules.live import REPLAY
from console.domain.loyalty.rules.nights import nights
from console.domain.loyalty.rules.pricing import Price
from console.domain.loyalty.rules.visits import Finished
from console.domain.loyalty.sources import Source
from console.domain.running import Operation


async def unopened(clients: Sequence[ClientId]) -> list[ClientId]:
    """Those of clients who came, and whose cards nothing but that is on: no stamp, no free visit and no tier.

    What an opening put on one is not on it once that was taken back.
    """
    rows = await db.fetch(
        "SELECT a.client FROM loyalty_account a JOIN client c ON c.id = a.client AND c.erased_at IS NULL"
        " CROSS JOIN LATERAL (SELECT greatest((SELECT max(operation) FROM loyalty_entry WHERE client = a.client"
        "   AND starts_with(source, 'unopened:')), (SELECT max(operation) FROM tier_entry WHERE client = a.client"
        "   AND starts_with(source, 'unopened:')), 0) AS back) taken"
        " WHERE a.client = ANY($1::bigint[])"
        " AND EXISTS (SELECT FROM loyalty_entry e WHERE e.client = a.client AND e.unit = 'visit')"
        " AND NOT EXISTS (SELECT FROM loyalty_entry e WHERE e.client = a.client AND e.unit IN ('stamp', 'free_visit')"
        "  AND e.operation > taken.back)"
        " AND NOT EXISTS (SELECT FROM tier_entry t WHERE t.client = a.client AND t.operation > taken.back)"
        " ORDER BY a.client",
        list(clients),
    )
    return [row["client"] for row in rows]


async def open_card(op: Operation, client: ClientId, prices: Mapping[VisitId, Price], as_of: date) -> Account:
    """Post what the visits of a locked client through a date bring, each on its own, and the nights between them.

    They were paid as they were, so a free visit is taken by none. Nobody is told. `prices` of all of their visits;
    one without was taken back.
    """
    whole = await account(client, as_of)
    stands = (one for one in whole.ledger.attended.values() if one.visit in prices)
    came = sorted(stands, key=lambda one: (one.on, one.visit))
    first = min((one.on for one in came), default=as_of)
    numbered = Ledger(whole.ledger.stamps, whole.ledger.free_visits)
    held = replace(whole, night=first - DAY, ledger=numbered, written={})
    for one in came:
        if one.on <= as_of:
            held = await _finish(
                op, await _sleep(op, held, one.on, f"{one.visit}:night"), one, prices[VisitId(one.visit)]
            )
        else:
            _attend(held, one)
    return await _sleep(op, held, max(as_of, whole.night), "nights", even_idle=True)


async def _sleep(op: Operation, held: Account, to: date, source: str, *, even_idle: bool = False) -> Account:
    """The nights through a date; those that change nothing are only passed over."""
    card, events = nights(held.versions, held.card, to)
    if events or even_idle:
        return await post(
            op, held, card, events, source=f"{Source.OPENING}:{op.id}:{source}", live=REPLAY, silently=True
        )
    return replace(held, night=card.night)


async def _finish(op: Operation, held: Account, came: Attended, price: Price) -> Account:
    programme, stamped = held.versions.on(came.on), held.ledger.stamped(came.on)
    visit = Finished(came.on, price, came.paid, stamped, came.visit)
    if came.paid or not price.due:
        card, events = visits.finish(programme, held.card, visit)
    else:
        card, events = visits.attend(programme.tiers, held.card, came)  # all of it was given back
    if events:
        source = f"{Source.OPENING}:{op.id}:{came.visit}"
        held = await post(op, held, card, events, source=source, live=REPLAY, visit=came.visit, silently=True)
    _attend(held, came)
    return held


def _attend(held: Account, came: Attended) -> None:
    """Count a visit, of which the ledger says so already."""
    for entry in attendance(None, came, came.visit):
        held.ledger.add(entry)


def holding(held: Account) -> dict[str, Any]:
    """What is on a card, in numbers, with the tier by its code."""
    card = held.card
    return {
        "client": held.client,
        "stamps": held.ledger.balance,
        "free_visits": sum(not lot.expired for lot in card.free_visits),
        "tier": code(held.versions.on(card.night).tiers, card.tier),
    }
