"""What needs many concepts to be read: everything that happened to a client, and everything that is kept of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from console.domain import db
from console.domain.audit import queries as audit
from console.domain.audit.naming import Key
from console.domain.audit.touched import standing
from console.domain.clients import parts as parts_of_client
from console.domain.desk.rules import Why
from console.domain.ids import ClientId
from console.domain.tables import Record, referring

CLIENT = "client"


@dataclass(frozen=True)
class Timeline:
    """Operations that touched a client's record, newest first; `older`: the id to go on before, where there are more.

    Of each only what is this client's own is told: fields, and what it was about.
    """

    entries: Sequence[audit.Entry]
    older: int | None


def holding() -> list[tuple[str, str]]:
    """The entities that a client's record is made of, each with its column that is the client's id."""
    return [(CLIENT, "id"), *referring(CLIENT)]


def parts() -> list[str]:
    """The parts of a client's record, in the order in which the concepts declared them."""
    held = dict(holding())
    return list(dict.fromkeys(part for name, part in Record.parts.items() if name in held))


def part_of(entity: str) -> str:
    """The part of a client's record that an entity belongs to."""
    return Record.parts[entity]


async def timeline(
    client: ClientId, *, part: str | None = None, before: int | None = None, most: int = 20, personal: bool = False
) -> Timeline:
    """What happened to a client or a part of their record: `most` operations at a time, `before` one by its id.

    `personal`: with the values that say who they are, for themselves alone.
    """
    shown = [name for name, _ in holding() if part is None or Record.parts.get(name) == part]
    if not shown:
        return Timeline((), None)
    whole, *rows = await db.fetch(_touching(), client, before, most + 1, shown)
    latest = [row["operation"] for row in rows[:most]]
    keys = {key for row in rows[:most] for key in zip(row["entities"], row["ids"], strict=True)}
    own = frozenset(zip(whole["entities"] or (), whole["ids"] or (), strict=True))
    entries = [_own_part(one, own) for one in await audit.entries(latest, keys, personal=personal)]
    return Timeline(entries, latest[-1] if len(rows) > most else None)


async def happened(client: ClientId) -> int:
    """How many operations touched a client's record."""
    rows = " UNION ALL ".join(_OF_ONE.format(name, column) for name, column in holding())
    count: int = await db.fetchval(
        f"SELECT count(DISTINCT c.operation) FROM ({rows}) own (entity, id)"  # noqa: S608
        " JOIN change c ON c.entity = own.entity AND c.entity_id = own.id",
        client,
    )
    return count


def _own_part(entry: audit.Entry, own: Collection[Key]) -> audit.Entry:
    """What an operation was to one of the clients whom it concerned, by the rows of their record."""
    about = [key for key in entry.deed.about if key in own or key[0] not in _of_clients(CLIENT)]
    touched = [(touch.entity, touch.id) for touch in entry.touched]
    meant = [key for key in touched if key[0] == entry.deed.kind.partition(".")[0]]
    return replace(entry, deed=replace(entry.deed, about=about or meant or touched), own=own)


def _of_clients(entity: str) -> set[str]:
    """An entity, and all that refer to it, and so on: whose rows are somebody's."""
    found, ahead = {entity}, [entity]
    while ahead:
        new = {name for name, _ in referring(ahead.pop())} - found
        found |= new
        ahead += new
    return found


_WITHIN = {"fee_payment": "fee", "payment": "visit", "refund": "visit"}
"""Entities whose rows are a client's through a visit or a fee, with what it is, as the column is called."""
_OF_ONE = 'SELECT \'{0}\', id FROM "{0}" WHERE "{1}" = $1'
_OF_ITS_OWN = (
    "SELECT '{0}' AS entity, w.id FROM own JOIN \"{0}\" w ON own.entity = '{1}' AND w.\"{1}\" = own.id"
    " WHERE own.entity = ANY($4::text[])"
)


def _touching() -> str:
    """The whole record of a client, then the latest operations on its rows of the entities asked for, with the rows,
    and with the money that they took or gave back for those.

    Of each row its latest ones by the index.
    """
    rows = " UNION ALL ".join(_OF_ONE.format(name, column) for name, column in holding())
    within = " UNION ALL ".join(_OF_ITS_OWN.format(name, of) for name, of in _WITHIN.items())
    return (
        f"WITH own (entity, id) AS ({rows}), found AS ("  # noqa: S608
        " SELECT latest.operation, array_agg(own.entity) AS entities, array_agg(own.id) AS ids FROM own"
        " CROSS JOIN LATERAL (SELECT DISTINCT operation FROM change c WHERE c.entity = own.entity"
        "  AND c.entity_id = own.id AND ($2::bigint IS NULL OR c.operation < $2)"
        "  ORDER BY operation DESC LIMIT $3) latest WHERE own.entity = ANY($4::text[])"
        " GROUP BY latest.operation ORDER BY latest.operation DESC LIMIT $3),"
        f" within AS ({within}), money AS (SELECT c.operation, array_agg(within.entity) AS entities,"
        "  array_agg(within.id) AS ids FROM within JOIN change c"
        "  ON c.entity = within.entity AND c.entity_id = within.id GROUP BY c.operation)"
        " SELECT NULL::bigint AS operation, array_agg(entity) AS entities, array_agg(id) AS ids FROM own"
        " UNION ALL SELECT operation, found.entities || money.entities, found.ids || money.ids"
        "  FROM found LEFT JOIN money USING (operation) ORDER BY operation DESC NULLS FIRST"
    )


@dataclass(frozen=True)
class Held:
    """The rows of a table that belong to a client, in the order of their ids: column to value."""

    part: str
    entity: str
    rows: Sequence[Mapping[str, Any]]


INNER = {"version", "operation", "folded"}
"""Columns that say nothing of a client: the console keeps its own order by them."""


async def held(client: ClientId) -> list[Held]:
    """Everything that is kept of a client, removed rows too, by the parts of their record; what was erased is not.

    Of a consent of which no more than the day is known, that day stands as its `at`.
    """
    values = await standing(await _record(client))
    for said in await parts_of_client.consent_log(client):
        values["client_consent", said.id]["at"] = said.on or said.at
    found = []
    for name, column in holding():
        filled = parts_of_client.ERASABLE.get(name)
        rows = [row for (entity, _), row in sorted(values.items()) if entity == name]
        rows = [row for row in rows if filled is None or row[filled] is not None]
        away = INNER | {column} - {"id"}
        found.append(Held(Record.parts[name], name, [_without(row, away) for row in rows]))
    return sorted(found, key=lambda one: parts().index(one.part))


def _without(row: Mapping[str, Any], away: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in away}


async def _record(client: ClientId) -> list[Key]:
    """Every row of a client's record."""
    rows = await db.fetch(
        " UNION ALL ".join(
            f'SELECT \'{name}\' AS entity, id FROM "{name}" WHERE "{column}" = $1'  # noqa: S608
            for name, column in holding()
        ),
        client,
    )
    return [(row["entity"], row["id"]) for row in rows]


@dataclass(frozen=True)
class ErasureView:
    """That a client was erased: when, by whom, and why (None: by an operation that gave no reason)."""

    at: datetime
    actor: int
    why: Why | None


async def erasure(client: ClientId) -> ErasureView | None:
    """How a client was erased; None for one who was not."""
    row = await db.fetchrow(
        "SELECT c.erased_at AS at, o.actor, o.reason FROM client c JOIN operation o ON o.id = c.operation"
        " WHERE c.id = $1 AND c.erased_at IS NOT NULL",
        client,
    )
    if row is None:
        return None
    return ErasureView(row["at"], row["actor"], Why(row["reason"]) if row["reason"] in set(Why) else None)


async def erasures() -> list[tuple[UUID, datetime]]:
    """The pseudonyms of everybody who was erased, and when, the first one first."""
    rows = await db.fetch("SELECT pseudonym, at FROM erasure ORDER BY id")
    return [(row["pseudonym"], row["at"]) for row in rows]


async def brought_back(pseudonyms: Sequence[UUID]) -> dict[UUID, ClientId | None]:
    """Who of these is here and not erased, by pseudonym; None: is here and erased. Unknown ones are left out."""
    rows = await db.fetch(
        "SELECT pseudonym, CASE WHEN erased_at IS NULL THEN id END AS id FROM client WHERE pseudonym = ANY($1::uuid[])",
        list(pseudonyms),
    )
    return {row["pseudonym"]: row["id"] for row in rows}
