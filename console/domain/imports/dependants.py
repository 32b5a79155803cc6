"""What came to depend on a run of an import since: while there is any of it, the run is not taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import asyncpg

from console.domain import db
from console.domain.clients.queries import client_names
from console.domain.errors import Refused
from console.domain.ids import ClientId
from console.domain.loyalty import unopening
from console.domain.loyalty.rules.telling import KINDS
from console.domain.messages.rules import OUT
from console.domain.messages.tables import STATUS
from console.domain.tables import referring
from console.domain.undo import refuse_for

MOST_NAMED = 50
MOST_TOLD = 3
"""Clients who are named of those who were told something."""
OF_ITSELF = ("loyalty.open", "loyalty.night")
"""What follows from what came by itself, and goes with it."""


class TheyWereTold(Refused):
    """Clients who came by it, or of whose cards it is, were told something: nothing takes that back."""

    key = "refused.import_told"


async def look(run: int) -> None:
    """Raise why a run is not taken back, as `refuse` does."""
    mine = await parts_of(run)
    await refuse(mine, await made_by(mine))


async def parts_of(run: int) -> list[int]:
    """The operations that took in what a run brought."""
    rows = await db.fetch("SELECT DISTINCT operation FROM import_key WHERE run = $1", run)
    return [row["operation"] for row in rows]


async def made_by(operations: Collection[int]) -> Mapping[str, list[int]]:
    """What operations made, by its entity."""
    rows = await db.fetch(
        "SELECT entity, array_agg(entity_id ORDER BY entity_id) AS ids FROM change"
        " WHERE operation = ANY($1::bigint[]) AND created GROUP BY entity",
        list(operations),
    )
    return {row["entity"]: row["ids"] for row in rows}


async def refuse(mine: Collection[int], made: Mapping[str, list[int]]) -> None:
    """Raise `HasDependants` with the later operations that changed what came, or refer to it, and stand.

    `Closed` where some of them cannot be undone. Of another run the operation is named by whose undo all of it goes.
    What the programme put on cards for what came, and nights made of it, goes with it; whatever else is on those cards
    is in the way, and so is what was told of it: `TheyWereTold`.
    """
    found, told = await _dependants(mine, made)
    refuse_for(found)
    if told:
        names = await client_names(list(told))
        named = ", ".join(str(names[one].text) for one in list(told)[:MOST_TOLD])
        raise TheyWereTold(names=named + ", …" * (len(told) > MOST_TOLD))


async def later(operations: Sequence[int]) -> Sequence[asyncpg.Record]:
    """Of operations that began runs (`mine`) those that are in the way, as `refuse` names them, the latest first."""
    begun = await db.fetch(
        "SELECT c.operation, c.entity_id AS run FROM change c JOIN import_run r ON r.id = c.entity_id"
        " WHERE c.operation = ANY($1::bigint[]) AND c.entity = 'import_run' AND c.created AND r.retired_at IS NULL",
        list(operations),
    )
    rows: list[asyncpg.Record] = []
    for one in begun:
        mine = await parts_of(one["run"])
        found, told = await _dependants(mine, await made_by(mine))
        rows += await db.fetch(
            "SELECT $1::bigint AS mine, id, kind, at, undoes FROM operation WHERE id = ANY($2::bigint[])"
            " ORDER BY id DESC",
            one["operation"],
            [*found, *told.values()],
        )
    return rows


async def _dependants(
    mine: Collection[int], made: Mapping[str, list[int]]
) -> tuple[dict[int, asyncpg.Record], dict[ClientId, int]]:
    """What was done since with what came, and with the cards that were opened over it; and who was told of it."""
    opened = await unopening.opened_over(made.get("visit", ()), made.get("client", ()))
    found: dict[int, asyncpg.Record] = {}
    for entity, ids in made.items():
        asked = [
            "SELECT c.operation FROM change c WHERE c.entity = $1 AND c.entity_id = ANY($2::bigint[])",
            *(_referring(name, column) for name, column in referring(entity)),
            *(["SELECT operation FROM loyalty_entry WHERE visit = ANY($2::bigint[])"] if entity == "visit" else ()),
        ]
        found |= await _standing(" UNION ".join(asked), entity, ids, mine)
    takers = await db.fetch(_TAKERS, list(mine), made.get("booking", []))
    found |= await _operations([row["operation"] for row in takers], mine)
    built = await unopening.built_on(list(opened), list(opened.values()))
    found |= await _operations(built, mine)
    parts = [id_ for id_, row in found.items() if row["kind"].startswith("import.")]
    for row in await db.fetch(_BEGUN, parts):
        found[row["id"]] = row
    found = {id_: row for id_, row in found.items() if id_ not in parts}
    return found, await _told(opened, made.get("client", ()))


async def _operations(ids: Sequence[int], mine: Collection[int]) -> dict[int, asyncpg.Record]:
    return await _standing("SELECT unnest($2::bigint[]) WHERE $1 <> ''", "operation", ids, mine)


async def _standing(asked: str, entity: str, ids: Sequence[int], mine: Collection[int]) -> dict[int, asyncpg.Record]:
    rows = await db.fetch(_STANDING.format(asked=asked), entity, ids, list(mine), list(OF_ITSELF), MOST_NAMED)
    return {row["id"]: row for row in rows}


_STANDING = """
    WITH RECURSIVE last AS (
        SELECT o.id, o.kind, o.at, false AS undone FROM operation o
        WHERE o.id IN ({asked}) AND o.id <> ALL($3::bigint[]) AND o.undoes IS NULL AND o.kind <> ALL($4::text[])
            AND (o.kind NOT LIKE 'import.%' OR o.id IN (SELECT operation FROM import_key))
        UNION ALL SELECT u.id, u.kind, u.at, NOT undone FROM last JOIN operation u ON u.undoes = last.id
    )
    SELECT id, kind, at FROM last
    WHERE NOT undone AND NOT EXISTS (SELECT FROM operation u WHERE u.undoes = last.id) ORDER BY id DESC LIMIT $5
"""
"""Those in effect, where one was undone and done again by what did so. Parts of an undone run left no key."""

_TAKERS = """
    WITH was AS (
        SELECT DISTINCT ON (c.entity_id) c.entity_id AS id, f.values ->> 'status' AS status FROM change c
        JOIN former f ON f.change = c.id WHERE c.operation = ANY($1::bigint[]) AND c.entity = 'booking'
            AND NOT c.created AND f.values ? 'status' ORDER BY c.entity_id, c.id),
    back AS (
        SELECT o.bookable, tstzrange(min(i.starts_at - make_interval(mins => i.buffer_before)),
            max(i.ends_at + make_interval(mins => i.buffer_after))) AS during
        FROM was JOIN booking b USING (id) JOIN location l ON l.id = b.location
        JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
        JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
        CROSS JOIN LATERAL occupied_by(a.bookable, (b.starts_at AT TIME ZONE l.zone)::date) AS o (bookable)
        WHERE was.status IN ('booked', 'confirmed', 'arrived', 'finished') AND b.status IN ('cancelled', 'no_show')
            AND b.retired_at IS NULL AND b.overbooked IS NULL
        GROUP BY b.id, o.bookable)
    SELECT DISTINCT greatest(i.operation, a.operation) AS operation FROM back
    JOIN occupancy o ON o.bookable = back.bookable AND o.during && back.during AND o.booking <> ALL($2::bigint[])
    JOIN booking_item i ON i.booking = o.booking AND i.retired_at IS NULL
    JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
"""
"""What put others in the places to which bookings would come back."""

_BEGUN = """
    SELECT DISTINCT o.id, o.kind, o.at FROM import_key k
    JOIN change c ON c.entity = 'import_run' AND c.entity_id = k.run AND c.created
    JOIN operation o ON o.id = c.operation
    WHERE k.operation = ANY($1::bigint[])
"""


def _referring(name: str, column: str) -> str:
    return (
        f"SELECT c.operation FROM \"{name}\" r JOIN change c ON c.entity = '{name}' AND c.entity_id = r.id"  # noqa: S608
        f' AND c.created WHERE r."{column}" = ANY($2::bigint[]) AND r.retired_at IS NULL'
    )


async def _told(opened: Mapping[ClientId, int], clients: Collection[int]) -> dict[ClientId, int]:
    """Clients who came by it and were, or may have been, told anything, others told of cards opened over it; by what.

    That is the operation by which they are told.
    """
    rows = await db.fetch(
        "SELECT m.client, max(c.operation) AS operation FROM message m"  # noqa: S608
        " JOIN change c ON c.entity = 'message' AND c.entity_id = m.id AND c.created"
        " LEFT JOIN unnest($1::bigint[], $2::bigint[]) AS o (client, operation)"
        "  ON o.client = m.client AND m.kind = ANY($3::text[])"
        f" WHERE {STATUS} = ANY($4::text[]) AND (m.client = ANY($5::bigint[]) OR c.operation > o.operation)"
        " GROUP BY m.client ORDER BY m.client",
        list(opened),
        list(opened.values()),
        list(KINDS),
        list(OUT),
        list(clients),
    )
    return {ClientId(row["client"]): row["operation"] for row in rows}
