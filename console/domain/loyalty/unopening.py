"""Taking back what a programme that was run over visits of before put on cards, with what nights made of it since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import Account, accounts, entry_row, tier_row
from console.domain.loyalty.moving_in import keep_nights
from console.domain.loyalty.rules.emptying import emptied
from console.domain.loyalty.rules.events import Retraced
from console.domain.loyalty.rules.ladder import code, logged
from console.domain.loyalty.rules.telling import KINDS
from console.domain.loyalty.sources import Source
from console.domain.loyalty.tables import LoyaltyAccount, LoyaltyEntry, TierEntry
from console.domain.loyalty.telling import told
from console.domain.running import Operation, Overtaken

_OPENED = """
    SELECT e.client, max(e.operation) AS operation FROM (
        SELECT client, source, visit, operation FROM loyalty_entry UNION ALL
        SELECT client, source, visit, operation FROM tier_entry) e
    WHERE starts_with(e.source, 'opening:') AND (e.visit = ANY($1::bigint[]) OR e.client = ANY($2::bigint[]))
        AND NOT EXISTS (SELECT FROM loyalty_entry b WHERE b.client = e.client AND b.operation > e.operation
            AND starts_with(b.source, 'unopened:'))
        AND NOT EXISTS (SELECT FROM tier_entry b WHERE b.client = e.client AND b.operation > e.operation
            AND starts_with(b.source, 'unopened:'))
    GROUP BY e.client ORDER BY e.client
"""


async def opened_over(visits: Collection[int], clients: Collection[int]) -> dict[ClientId, int]:
    """Those on whose cards a programme put something for one of visits, or who are of some clients, by which operation.

    What was taken back since is on no card.
    """
    rows = await db.fetch(_OPENED, list(visits), list(clients))
    return {ClientId(row["client"]): row["operation"] for row in rows}


async def built_on(opened: Sequence[ClientId], since: Sequence[int]) -> list[int]:
    """The operations that put something on cards, or took something off, after those that opened them, nights aside."""
    rows = await db.fetch(
        "SELECT DISTINCT e.operation FROM unnest($1::bigint[], $2::bigint[]) AS o (client, operation) JOIN ("
        "  SELECT client, source, operation FROM loyalty_entry WHERE unit IN ('stamp', 'free_visit') UNION ALL"
        "  SELECT client, source, operation FROM tier_entry) e ON e.client = o.client AND e.operation > o.operation"
        " WHERE split_part(e.source, ':', 1) NOT IN ('night', 'opening')",
        opened,
        since,
    )
    return [row["operation"] for row in rows]


async def unopen(op: Operation, clients: Sequence[ClientId]) -> None:
    """Take all that is on the cards of clients, who must be locked, off them again; what is due of it is withdrawn.

    Of visits that stand they are as they were before: an opening over those begins its nights after the last one.
    """
    today = clock.business_date(op.now, (await business()).zone)
    held = await accounts(clients, today)
    if any(one.last > op.id for one in held.values()):
        raise Overtaken
    source = f"{Source.UNOPENED}:{op.id}"
    entries, tiers, kept = list[dict[str, Any]](), list[dict[str, Any]](), dict[str | None, list[int]]()
    for client, one in held.items():
        on, card = max(today, one.night), one.card
        version = one.versions.version(on).number
        entries += [entry_row(client, entry, source, {"version": version}) for entry in emptied(one.ledger, on)]
        back = [Retraced(on, 0, card.tier, None)] if card.tier or card.drops_on else []
        tiers += [tier_row(client, step, source, None) for step in logged(one.versions, card, back)]
        first = code(one.versions.on(one.night).tiers, 0)
        kept.setdefault(first, []).extend([one.id] if one.id is not None else [])
    await op.insert_many(LoyaltyEntry, entries)
    await op.insert_many(TierEntry, tiers)
    for first, ids in kept.items():
        await op.update_many(LoyaltyAccount, ids, {"stamps": 0, "free_visits": 0, "tier": first, "drops_on": None})
    await _begin_anew(held.values())
    await keep_nights(dict.fromkeys(clients, ()))
    for client in await _told(clients):
        await (await told(client)).settle(op, {}, ())


async def _begin_anew(held: Collection[Account]) -> None:
    """Say that nights after the last visit that stands are to be done again: on an empty card they change nothing."""
    last = {one.client: max(came) for one in held if (came := one.ledger.came)}
    await db.execute(
        "UPDATE loyalty_account a SET night = o.night, next_night = NULL"
        " FROM unnest($1::bigint[], $2::date[]) AS o (client, night) WHERE a.client = o.client AND a.night > o.night",
        list(last),
        list(last.values()),
    )


async def _told(clients: Sequence[ClientId]) -> list[ClientId]:
    """Those of clients who were, or are to be, told of their cards."""
    rows = await db.fetch(
        "SELECT DISTINCT client FROM message WHERE client = ANY($1::bigint[]) AND kind = ANY($2::text[]) ORDER BY 1",
        clients,
        list(KINDS),
    )
    return [ClientId(row["client"]) for row in rows]
