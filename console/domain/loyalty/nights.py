"""The nightly work on accounts: what is due, and catching up before a visit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.clients.steps import lock
from console.domain.ids import ClientId
from console.domain.loyalty import queries
from console.domain.loyalty.accounts import Account, account, post
from console.domain.loyalty.rules.live import Ahead, Live, fair_pauses
from console.domain.loyalty.rules.nights import nights
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission


async def due(to: date, most: int) -> Sequence[ClientId]:
    """Clients on whose accounts a night through a date may change something, the longest due first.

    What an erased client held stays as it was.
    """
    in_force = (await queries.versions()).version(to).effective_from
    rows = await db.fetch(
        "SELECT a.client FROM loyalty_account a JOIN client c ON c.id = a.client AND c.erased_at IS NULL"
        " WHERE a.next_night <= $1 OR a.night < $2 ORDER BY a.next_night NULLS LAST, a.client LIMIT $3",
        to,
        in_force,
        most,
    )
    return [row["client"] for row in rows]


@operation("loyalty.night", permission=Permission.PROGRAMME_CHANGE, undo=FINAL)
async def night(op: Operation, client: ClientId, to: date) -> dict[str, int]:
    """Do the nights of a client through that of a business date; those that are done are not done again.

    Raises `NotFound` for a client who was erased meanwhile.
    """
    await lock(op, client)
    held = await account(client, to)
    if held.id is None or held.night >= to:
        op.nothing_new()
    else:
        await catch_up(op, held, to)
    return {"client": client}


async def catch_up(op: Operation, held: Account, to: date) -> Account:
    """The same as a part of another operation that has locked the client; the account as it is then."""
    if held.night >= to:
        return held
    card, events = nights(held.versions, held.card, to, await live(op, held))
    return await post(op, held, card, events, source="night")


async def live(op: Operation, held: Account) -> Live:
    """What is the case around an account now (loyalty rules, section 2, "live only")."""
    return await around(held, clock.business_date(op.now, (await business()).zone))


async def around(held: Account, today: date) -> Live:
    """Likewise, on a business date."""
    ahead = await db.fetch(
        "SELECT (b.starts_at AT TIME ZONE l.zone)::date AS on, (o.at AT TIME ZONE l.zone)::date AS made_on"
        " FROM booking b JOIN location l ON l.id = b.location"
        " JOIN change c ON c.entity = 'booking' AND c.entity_id = b.id AND c.created"
        " JOIN operation o ON o.id = c.operation"
        " WHERE b.client = $1 AND b.retired_at IS NULL AND b.status IN ('booked', 'confirmed')",
        held.client,
    )
    called_off = await db.fetch(
        "SELECT DISTINCT (b.starts_at AT TIME ZONE l.zone)::date AS on"
        " FROM booking b JOIN location l ON l.id = b.location"
        " JOIN status_change s ON s.booking = b.id AND s.retired_at IS NULL AND s.cancelled_by = 'us'"
        " WHERE b.client = $1 AND b.retired_at IS NULL AND b.status = 'cancelled'",
        held.client,
    )
    came = [one.on for one in held.ledger.attended.values() if one.counts]
    return Live(
        today=today,
        ahead=[Ahead(row["on"], row["made_on"]) for row in ahead],
        paused=fair_pauses((row["on"] for row in called_off), came),
    )
