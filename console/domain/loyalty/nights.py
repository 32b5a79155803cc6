"""The nightly work on accounts: what is due, and catching up before a visit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.clients.tables import Client
from console.domain.clock import WallTime
from console.domain.ids import ClientId
from console.domain.loyalty import queries
from console.domain.loyalty.accounts import Account, account, accounts, post
from console.domain.loyalty.rules.card import DAY, Card
from console.domain.loyalty.rules.live import Ahead, Live, fair_pauses
from console.domain.loyalty.rules.nights import next_night, nights
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission

BEGINS = 3 * 60
"""When the night of a business date is done, in minutes since its midnight in the home location's zone."""


def last_night(now: datetime, zone: ZoneInfo) -> date:
    """The last business date whose night is to be done by an instant.

    Where the clocks skip 03:00 it is when they change, where they show it twice it is the first.
    """
    today = clock.business_date(now, zone)
    return today if WallTime(today, BEGINS).bound(zone) <= now else today - DAY


async def due(to: date, most: int, after: int = 0) -> Sequence[ClientId]:
    """Clients on whose accounts a night through a date may change something, by their ids, from `after` one on.

    What an erased client held stays as it was.
    """
    in_force = (await queries.versions()).version(to).effective_from
    rows = await db.fetch(
        "SELECT a.client FROM loyalty_account a JOIN client c ON c.id = a.client AND c.erased_at IS NULL"
        " WHERE (a.next_night <= $1 OR a.night < $2) AND a.client > $3 ORDER BY a.client LIMIT $4",
        to,
        in_force,
        after,
        most,
    )
    return [row["client"] for row in rows]


async def pass_over(to: date, clients: Sequence[ClientId], now: datetime) -> Sequence[ClientId]:
    """Say of those clients on whose accounts the nights through a date change nothing that they are done.

    Answers the others; who is locked by somebody is left for later. That a night changed nothing is nobody's doing, so
    no operation tells of it.
    """
    async with db.ENGINE.transaction():
        free = await db.fetch(
            "SELECT id FROM client WHERE id = ANY($1::bigint[]) AND erased_at IS NULL ORDER BY id"
            " FOR NO KEY UPDATE SKIP LOCKED",
            clients,
        )
        held = await accounts([row["id"] for row in free], to)
        around_them = await lives(held.values(), clock.business_date(now, (await business()).zone))
        quiet = {client: card for client, one in held.items() if (card := _quiet(one, to, around_them[client]))}
        await db.execute(
            "UPDATE loyalty_account a SET night = $3, next_night = quiet.next"
            " FROM unnest($1::bigint[], $2::date[]) AS quiet (client, next)"
            " WHERE a.client = quiet.client AND a.night < $3",
            list(quiet),
            [next_night(held[client].versions, card) for client, card in quiet.items()],
            to,
        )
    return sorted(held.keys() - quiet.keys())


def _quiet(held: Account, to: date, facts: Live) -> Card | None:
    """The card after nights that change nothing; None where they change something, or cannot be done at all."""
    try:
        card, events = nights(held.versions, held.card, to, facts)
    except Exception:  # the operation that does them by themselves says why
        return None
    return None if events else card


@operation("loyalty.night", permission=Permission.PROGRAMME_CHANGE, undo=FINAL)
async def night(op: Operation, client: ClientId, to: date) -> dict[str, int]:
    """Do the nights of a client through that of a business date; those that are done are not done again.

    Nor are they for a client whom somebody has locked: they come later.
    """
    if not await op.lock_free(Client, client, "erased_at IS NULL"):
        op.nothing_new()
        return {"client": client}
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
    facts = await live(op, held)
    card, events = nights(held.versions, held.card, to, facts)
    return await post(op, held, card, events, source=f"night:{to}", live=facts)


async def live(op: Operation, held: Account) -> Live:
    """What is the case around an account now (loyalty rules, section 2, "live only")."""
    return await around(held, clock.business_date(op.now, (await business()).zone))


async def around(held: Account, today: date) -> Live:
    """Likewise, on a business date."""
    return (await lives([held], today))[held.client]


_BOOKINGS = """
    SELECT b.client, (b.starts_at AT TIME ZONE l.zone)::date AS on, (o.at AT TIME ZONE l.zone)::date AS made_on
    FROM booking b JOIN location l ON l.id = b.location
    JOIN change c ON c.entity = 'booking' AND c.entity_id = b.id AND c.created
    JOIN operation o ON o.id = c.operation
    WHERE b.client = ANY($1::bigint[]) AND b.retired_at IS NULL AND b.status IN ('booked', 'confirmed')
    UNION ALL SELECT b.client, (b.starts_at AT TIME ZONE l.zone)::date, NULL
    FROM booking b JOIN location l ON l.id = b.location
    JOIN LATERAL (SELECT cancelled_by FROM status_change WHERE booking = b.id AND retired_at IS NULL
        ORDER BY id DESC LIMIT 1) s ON s.cancelled_by = 'us'
    WHERE b.client = ANY($1::bigint[]) AND b.retired_at IS NULL AND b.status = 'cancelled'
"""
"""What a client is booked for, and what we called off (`made_on` NULL)."""


async def lives(held: Iterable[Account], today: date) -> dict[ClientId, Live]:
    """The same of many accounts by their clients, in as many statements as of one."""
    by_client = {one.client: one for one in held}
    ahead: dict[ClientId, list[Ahead]] = defaultdict(list)
    called_off: dict[ClientId, list[date]] = defaultdict(list)
    for row in await db.fetch(_BOOKINGS, list(by_client)):
        if row["made_on"] is None:
            called_off[row["client"]].append(row["on"])
        else:
            ahead[row["client"]].append(Ahead(row["on"], row["made_on"]))
    return {
        client: Live(today, ahead[client], fair_pauses(called_off[client], one.ledger.came))
        for client, one in by_client.items()
    }
