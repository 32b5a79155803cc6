"""Parts of the clients' use cases."""

from __future__ import annotations

from datetime import date

import asyncpg

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.clients.tables import Client
from console.domain.errors import Invalid, NotFound, Problem
from console.domain.ids import BookableId, ClientId
from console.domain.operation import Operation


async def today(op: Operation) -> date:
    """The business date of an operation."""
    return clock.business_date(op.now, (await business()).zone)


async def lock(op: Operation, client: int) -> asyncpg.Record:
    """Lock a client, so that what is theirs changes one after the other. Raises `NotFound`, for an erased one too."""
    await op.lock(Client, [client])
    row = await db.fetchrow("SELECT id, pseudonym, retired_at FROM client WHERE id = $1 AND erased_at IS NULL", client)
    if row is None:
        raise NotFound
    return row


async def serves_here(preferred: BookableId | None) -> None:
    """Raise `Invalid` (`preferred`) for a person who is not in the plan."""
    sql = "SELECT EXISTS (SELECT FROM bookable WHERE id = $1 AND kind = 'person' AND retired_at IS NULL)"
    if preferred is not None and not await db.fetchval(sql, preferred):
        raise Invalid({"preferred": Problem("problem.choice")})


async def profile(client: ClientId) -> asyncpg.Record:
    """A client's profile, which must be locked by `lock`."""
    row = await db.fetchrow("SELECT id, preferred FROM client_profile WHERE client = $1", client)
    if row is None:
        raise NotFound
    return row
