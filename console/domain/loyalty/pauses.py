"""What would expire waits while a ticket about it is open (loyalty rules, section 2): kept here, said by tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from console.domain import db
from console.domain.ids import ClientId
from console.domain.loyalty.rules.card import DAY
from console.domain.loyalty.rules.live import Pause, Span
from console.domain.loyalty.tables import LoyaltyPause
from console.domain.running import Operation

_OPEN = (
    "SELECT id, ticket, client FROM loyalty_pause WHERE ticket = ANY($1::int[]) AND last IS NULL"
    " AND retired_at IS NULL ORDER BY id"
)


async def keep(op: Operation, tickets: Mapping[int, ClientId | None], today: date) -> None:
    """Let what would expire wait for tickets by their numbers, or no more (None).

    For whose loyalty each does: those clients are locked, and those for whom it did. It goes on from a business date:
    a night that is done stays as it is, so nothing begins before it, nor ends.
    """
    there = {row["ticket"]: row for row in await db.fetch(_OPEN, list(tickets))}
    over = {number: row for number, row in there.items() if row["client"] != tickets[number]}
    new = {
        number: client
        for number, client in tickets.items()
        if client is not None and (number not in there or number in over)
    }
    if not (over or new):
        return
    clients = sorted({row["client"] for row in over.values()} | set(new.values()))
    nights = await db.fetch("SELECT client, night FROM loyalty_account WHERE client = ANY($1::bigint[])", clients)
    done = {row["client"]: row["night"] for row in nights}
    for row in over.values():
        await op.update(LoyaltyPause, row["id"], None, {"last": max(today, done.get(row["client"], today))})
    for number, client in new.items():
        await op.insert(LoyaltyPause, client=client, ticket=number, first=max(today, done.get(client, today)))
    await db.execute(
        "UPDATE loyalty_account SET next_night = least(next_night, greatest(night, $2) + 1)"
        " WHERE client = ANY($1::bigint[])",
        sorted({row["client"] for row in over.values()}),
        today,
    )


def until(last: date | None) -> date:
    """The first date on which nothing waits any more for a pause through a date."""
    return date.max if last is None else last + DAY


async def of_client(client: ClientId) -> Sequence[Pause]:
    """All pauses that a client ever had, the latest first."""
    rows = await db.fetch(
        "SELECT ticket, first, last FROM loyalty_pause WHERE client = $1 AND retired_at IS NULL"
        " ORDER BY first DESC, id DESC",
        client,
    )
    return [Pause(row["ticket"], Span(row["first"], until(row["last"]))) for row in rows]
