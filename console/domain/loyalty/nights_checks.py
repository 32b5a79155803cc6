"""What must be true of the nights of accounts, by the same rules that do them; `console doctor` runs these."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, timedelta

from console.domain import clock, db
from console.domain.loyalty.accounts import Account, accounts
from console.domain.loyalty.nights import due
from console.domain.loyalty.rules.card import DAY
from console.domain.loyalty.rules.nights import next_night
from console.domain.loyalty.rules.programme import Versions

AT_ONCE = 500
"""How many accounts are in memory."""

FARTHEST = timedelta(hours=14)
"""How far ahead of UTC a place may be (UTC+14, Kiritimati)."""


async def nights_are_done() -> list[str]:
    """No account waits for its night for two days, wherever it is: the worker runs, and no night fails."""
    late = clock.now().date() - 2 * DAY
    return [
        f"the night of client {client} waits since {late} or longer: the worker does not run, or its log says why"
        for client in await due(late, 20)
    ]


async def nights_are_of_dates_that_have_come() -> list[str]:
    """The night of no account is done before its date begins anywhere."""
    today = (clock.now().astimezone(UTC) + FARTHEST).date()
    rows = await db.fetch("SELECT client FROM loyalty_account WHERE night > $1 ORDER BY client LIMIT 20", today)
    return [f"the nights of client {row['client']} are done before their dates" for row in rows]


async def nights_come_when_they_must() -> list[str]:
    """The next night of each account comes before the rules change anything of what its entries make."""
    wrong = list[str]()
    async for held, next_one in _kept():
        must = next_night(_begun(held.versions, held.night), held.card)
        if must is not None and (next_one is None or next_one > must):
            wrong.append(f"the next night of client {held.client} does not come on {must} as it must")
    return wrong[:20]


def _begun(versions: Versions, night: date) -> Versions:
    """Those that an account was told of by its last night: what begins later is waited for by its date."""
    return replace(versions, published=[one for one in versions.published if one.effective_from <= night])


async def _kept() -> AsyncIterator[tuple[Account, date | None]]:
    """Each account as its entries make it, and the next night that is kept beside it."""
    last = 0
    while True:
        async with db.ENGINE.transaction():
            await db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            rows = await db.fetch(
                "SELECT client, night, next_night FROM loyalty_account WHERE client > $1 ORDER BY client LIMIT $2",
                last,
                AT_ONCE,
            )
            held = await accounts([row["client"] for row in rows], date.max)
        for row in rows:
            yield held[row["client"]], row["next_night"]
        if len(rows) < AT_ONCE:
            return
        last = rows[-1]["client"]
