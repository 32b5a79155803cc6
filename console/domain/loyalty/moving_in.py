"""Visits of before this console, as loyalty has them: that they were, and what was paid; a programme gave nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty.accounts import account, accounts, entry_row
from console.domain.loyalty.nights import catch_up
from console.domain.loyalty.queries import versions
from console.domain.loyalty.rules.attendance import Attended
from console.domain.loyalty.rules.entries import Entry, Unit, Verb, attendance
from console.domain.loyalty.rules.nights import next_night
from console.domain.loyalty.rules.programme import Versions
from console.domain.loyalty.sources import Source
from console.domain.loyalty.tables import LoyaltyAccount, LoyaltyEntry
from console.domain.running import Operation


async def attend(op: Operation, visits: Mapping[ClientId, Sequence[Attended]]) -> None:
    """Post that clients, who must be locked, came: what tiers count, in time, and neither stamps nor tiers.

    What is due on a card by the last visit is done before; other nights change nothing on the way, and are done.
    """
    rules = await versions()
    await _do_due(op, rules, visits)
    nights = await _nights(visits)
    rows: list[dict[str, Any]] = []
    for client, own in visits.items():
        night = nights.get(client, date.min)
        for one in own:
            night = max(night, one.on)
            snapshot: dict[str, Any] = {"version": rules.version(one.on).number}
            snapshot |= {} if night == one.on else {"night": night.isoformat()}
            rows += [
                entry_row(client, entry, f"{Source.VISIT}:{one.visit}", snapshot)
                for entry in attendance(None, one, one.visit or 0)
            ]
    await op.insert_many(LoyaltyEntry, rows)
    fresh = [client for client in visits if client not in nights]
    await op.insert_many(LoyaltyAccount, [_begun(client, max(one.on for one in visits[client])) for client in fresh])
    await keep_nights(visits)


async def _do_due(op: Operation, rules: Versions, visits: Mapping[ClientId, Sequence[Attended]]) -> None:
    """Do the nights of those on whose cards something is due that the nightly work has not come to yet."""
    last = {client: max(one.on for one in own) for client, own in visits.items()}
    rows = await db.fetch(
        "SELECT a.client FROM loyalty_account a JOIN unnest($1::bigint[], $2::date[], $3::date[])"
        " AS o (client, last, begins) ON o.client = a.client"
        " WHERE a.night < o.last AND (a.next_night <= o.last OR a.night < o.begins) ORDER BY a.client",
        list(last),
        list(last.values()),
        [rules.version(on).effective_from for on in last.values()],
    )
    for row in rows:
        through = last[row["client"]]
        await catch_up(op, await account(row["client"], through), through)


async def lower(op: Operation, client: ClientId, visit: int, on: date, minor: int, source: str) -> None:
    """Post that less was paid of a visit of a date, in minor units (below zero: more); `source`: by what."""
    entry = Entry(Unit.SPEND, Verb.REVERSE, -minor, on, visit=visit)
    night = await db.fetchval("SELECT night FROM loyalty_account WHERE client = $1", client)
    snapshot: dict[str, Any] = {"version": (await versions()).version(on).number}
    snapshot |= {} if night == on else {"night": night.isoformat()}
    await op.insert_many(LoyaltyEntry, [entry_row(client, entry, source, snapshot)])
    await keep_nights({client: ()})


async def take_back(op: Operation, visits: Sequence[int]) -> None:
    """Post the inverse of what visits are to tiers."""
    rows = await db.fetch(
        'SELECT client, unit, -sum(delta)::bigint AS delta, "on", visit FROM loyalty_entry'
        " WHERE visit = ANY($1::bigint[]) AND unit IN ('visit', 'spend')"
        ' GROUP BY client, unit, "on", visit HAVING sum(delta) <> 0 ORDER BY visit, unit',
        list(visits),
    )
    source, version = f"{Source.UNDO}:{op.id}", (await versions()).version
    nothing = dict.fromkeys(("lot", "through", "free_visit"))
    await op.insert_many(
        LoyaltyEntry,
        [
            {
                **row,
                **nothing,
                "verb": "reverse",
                "source": f"{source}:{row['visit']}",
                "snapshot": {"version": version(row["on"]).number},
            }
            for row in rows
        ],
    )
    await keep_nights({row["client"]: () for row in rows})


async def _nights(clients: Iterable[ClientId]) -> dict[ClientId, date]:
    """Through which date the nights of accounts are done."""
    rows = await db.fetch("SELECT client, night FROM loyalty_account WHERE client = ANY($1::bigint[])", list(clients))
    return {row["client"]: row["night"] for row in rows}


async def keep_nights(visits: Mapping[ClientId, Sequence[Attended]]) -> None:
    """Say on accounts through which date nights are done, and when one may change something: nobody's doing."""
    before = await _nights(visits)
    nights = {client: max([night, *(came.on for came in visits[client])]) for client, night in before.items()}
    rules = await versions()
    held = await accounts(list(visits), date.max) if rules.published else {}
    await db.execute(
        "UPDATE loyalty_account a SET night = o.night, next_night = o.next"
        " FROM unnest($1::bigint[], $2::date[], $3::date[]) AS o (client, night, next)"
        " WHERE a.client = o.client",
        list(nights),
        list(nights.values()),
        [
            next_night(rules, replace(held[client].card, night=night)) if client in held else None
            for client, night in nights.items()
        ],
    )


def _begun(client: ClientId, night: date) -> dict[str, Any]:
    return {"client": client, "stamps": 0, "free_visits": 0, "night": night}
