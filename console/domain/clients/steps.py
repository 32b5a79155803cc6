"""Parts of the clients' use cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from piccolo.table import Table

from console.domain import db
from console.domain.business import steps as business
from console.domain.clients import parts
from console.domain.clients.rules import Names, card_number
from console.domain.clients.tables import Client, ClientCard, ClientProfile
from console.domain.errors import Invalid, NotFound, NotUndoable, Problem, Refused, constraint
from console.domain.ids import BookableId, ClientId
from console.domain.running import Done, Operation
from console.domain.tables import Entity, referring
from console.domain.undo import restore, standing_on


class Erased(NotUndoable):
    """The database keeps an erased client as they are: nothing is written about them, and nothing undone."""

    key = "refused.client_erased"


constraint("client_erased", Erased)


class PartErased(NotUndoable):
    """A note, contact or site that was erased by itself: nothing brings it back."""

    key = "refused.client_part_erased"


constraint("client_part_erased", PartErased)


class PartRemoved(Refused):
    """A note, contact or site that somebody took away meanwhile."""

    key = "refused.part_removed"


async def lock(op: Operation, client: int) -> asyncpg.Record:
    """Lock a client, so that what is theirs changes one after the other. Raises `NotFound`, for an erased one too."""
    await op.lock(Client, [client])
    row = await db.fetchrow("SELECT id, pseudonym, retired_at FROM client WHERE id = $1 AND erased_at IS NULL", client)
    if row is None:
        raise NotFound
    return row


async def lock_to_edit(op: Operation, client: int) -> asyncpg.Record:
    """As `lock`; of a client in the archive, who may be edited like any other, it says that they are there."""
    row = await lock(op, client)
    if row["retired_at"] is not None:
        op.effect("words.client_in_archive")
    return row


async def lock_part(op: Operation, table: type[Table], part: int) -> ClientId:
    """Lock whose note, contact or site it is, and answer who. Raises `NotFound`, `PartRemoved`."""
    name = table._meta.tablename
    client = await parts.whose(name, part)
    await lock_to_edit(op, client)
    if not await db.fetchval(f'SELECT EXISTS (SELECT FROM "{name}" WHERE id = $1 AND retired_at IS NULL)', part):  # noqa: S608
        raise PartRemoved
    return client


async def lock_to_undo(op: Operation, done: Done) -> None:
    """Lock the clients whose parts an operation wrote. Raises `Erased` where one of them was."""
    clients: set[int] = set()
    for row in await db.fetch(
        "SELECT entity, array_agg(entity_id) AS ids FROM change WHERE operation = $1 GROUP BY entity", done.id
    ):
        whose = "id AS client" if row["entity"] == "client" else "client"
        parts = await db.fetch(f'SELECT {whose} FROM "{row["entity"]}" WHERE id = ANY($1)', row["ids"])  # noqa: S608
        clients |= {part["client"] for part in parts}
    await op.lock(Client, clients)
    erased = "SELECT EXISTS (SELECT FROM client WHERE id = ANY($1::bigint[]) AND erased_at IS NOT NULL)"
    if await db.fetchval(erased, list(clients)):
        raise Erased


async def erasures(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """The erasures of what these operations wrote, or of whose it was: they are in the way of every undo."""
    return await db.fetch(
        "SELECT DISTINCT mine.operation AS mine, o.id, o.kind, o.at, o.undoes FROM change mine"  # noqa: S608
        f" JOIN client ON client.id = {_whose()}"
        " JOIN change gone ON gone.entity = 'client' AND gone.entity_id = client.id AND 'erased_at' = ANY(gone.fields)"
        " JOIN operation o ON o.id = gone.operation"
        " WHERE mine.operation = ANY($1::bigint[]) AND client.erased_at IS NOT NULL"
        " UNION SELECT mine.operation, o.id, o.kind, o.at, o.undoes FROM change mine"
        " JOIN change gone ON gone.entity = mine.entity AND gone.entity_id = mine.entity_id AND gone.id > mine.id"
        " JOIN operation o ON o.id = gone.operation AND o.id <> mine.operation AND o.kind = ANY($2::text[])"
        " WHERE mine.operation = ANY($1::bigint[]) ORDER BY id DESC",
        list(operations),
        [f"{entity}.erase" for entity in parts.ERASABLE],
    )


_OF_PART = " WHEN '{0}' THEN (SELECT {1} FROM {0} WHERE id = mine.entity_id)"


def _whose() -> str:
    """Whose the row of a change is, of everything that refers to a client."""
    parts = "".join(_OF_PART.format(name, column) for name, column in referring("client"))
    return f"CASE mine.entity WHEN 'client' THEN mine.entity_id{parts} END"


@standing_on(erasures)
async def restore_of_client(op: Operation, done: Done) -> None:
    """The inverse of an edit of something that belongs to a client: the client is locked first, as by every edit."""
    await lock_to_undo(op, done)
    await restore(op, done)


async def take_in_nameless(op: Operation, pseudonym: UUID) -> asyncpg.Record:
    """Somebody of whom nothing is known but what is theirs, and who is to be erased; locked."""
    client = await op.insert(Client, pseudonym=pseudonym)
    nothing = {**Entity.personal["client_profile"], "joined_on": await business.today(op)}
    await op.insert(ClientProfile, client=client, **nothing)
    return await lock(op, client)


async def serves_here(preferred: BookableId | None) -> None:
    """Raise `Invalid` (`preferred`) for a person who is not in the plan."""
    sql = "SELECT EXISTS (SELECT FROM bookable WHERE id = $1 AND kind = 'person' AND retired_at IS NULL)"
    if preferred is not None and not await db.fetchval(sql, preferred):
        raise Invalid({"preferred": Problem("problem.choice")})


async def is_cards_number(names: Names) -> bool:
    """Whether a card was ever issued with a number that stands where a name does: it was scanned into the form."""
    called = (names.given, names.middle, names.family, names.company)
    numbers = [number for name in called if name and (number := card_number(name))]
    sql = "SELECT EXISTS (SELECT FROM client_card WHERE number = ANY($1::text[]))"
    return bool(numbers) and bool(await db.fetchval(sql, numbers))


async def profile(client: ClientId) -> asyncpg.Record:
    """A client's profile, which must be locked by `lock`."""
    row = await db.fetchrow("SELECT id, preferred FROM client_profile WHERE client = $1", client)
    if row is None:
        raise NotFound
    return row


async def refuse_cards(op: Operation, client: ClientId) -> None:
    """Report every card of a client lost: their numbers are given to nobody else, and open nothing."""
    rows = await db.fetch(
        "SELECT id FROM client_card WHERE client = $1 AND lost_at IS NULL AND retired_at IS NULL ORDER BY id", client
    )
    for row in rows:
        await op.update(ClientCard, row["id"], None, {"lost_at": op.now})
    if rows:
        op.effect("effect.cards_refused", count=len(rows))


async def mark_erased(op: Operation, client: asyncpg.Record, at: datetime) -> None:
    """Close a client, locked by `lock`, for good, and note it in the list that is replayed after a backup."""
    gone = {"retired_at": client["retired_at"] or op.now, "erased_at": at}
    await op.update(Client, client["id"], None, gone)
    await db.execute(
        "INSERT INTO erasure (operation, pseudonym, at) VALUES ($1, $2, $3) ON CONFLICT (pseudonym) DO NOTHING",
        op.id,
        client["pseudonym"],
        at,
    )
