"""Parts of the business's use cases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import asyncpg
from piccolo.table import Table

from console.domain import clock, db
from console.domain.business.queries import business, location
from console.domain.business.rules import Names
from console.domain.business.tables import Location
from console.domain.errors import Invalid, NotFound, Problem, Refused
from console.domain.ids import HolidayId, LocationId
from console.domain.running import Done, Operation
from console.domain.undo import Rule, restore, restoring


class LastLocation(Refused):
    """A business that has locations keeps one open."""

    key = "refused.last_location"


async def today(op: Operation, where: LocationId | None = None) -> date:
    """The business date of an operation, at a location where one is meant, else at the first one."""
    zone = (await business()).zone if where is None else ZoneInfo((await location(where)).zone)
    return clock.business_date(op.now, zone)


async def kept_names(table: type[Table], entity: int, names: Names) -> dict[str, str]:
    """The names given, and those in languages that the business does not offer now: no form asks for them."""
    kept = await db.fetchval(
        f"SELECT t.names - b.languages FROM {table._meta.tablename} t CROSS JOIN business b WHERE t.id = $1",  # noqa: S608
        entity,
    )
    return {**json.loads(kept or "{}"), **names}


async def keep_picture(op: Operation, media_type: str, content: bytes) -> int:
    """Store a logo and answer its id."""
    return int(
        await db.fetchval(
            "INSERT INTO logo (operation, media_type, content) VALUES ($1, $2, $3) RETURNING id",
            op.id,
            media_type,
            content,
        )
    )


async def lock_locations() -> dict[int, datetime | None]:
    """Lock every location, so that two closings at once see each other; when each was closed."""
    rows = await db.fetch("SELECT id, retired_at FROM location ORDER BY id FOR NO KEY UPDATE")
    return {row["id"]: row["retired_at"] for row in rows}


async def keep_one_open() -> None:
    """Raise `LastLocation` if the locations, which must be locked, are all closed now."""
    if await db.fetchval("SELECT count(*) > 0 AND bool_and(retired_at IS NOT NULL) FROM location"):
        raise LastLocation


restore_business = restoring()
"""Undo of what is said of the business: what counts in its currency may be in the way."""


async def restore_location(op: Operation, done: Done) -> None:
    """Undo for locations coming and going. The only location there ever was may go again."""
    states = await lock_locations()
    await restore(op, done)
    if len(states) > 1:
        await keep_one_open()


async def open_location(op: Operation, location: LocationId) -> None:
    """Lock a location in which something is to begin. Raises `Invalid` (`location`) for one that is closed."""
    await _open_locations(op, [location])


async def _open_locations(op: Operation, wanted: Sequence[int]) -> None:
    await op.lock(Location, wanted)
    sql = "SELECT count(*) FROM location WHERE id = ANY($1::bigint[]) AND retired_at IS NULL"
    if await db.fetchval(sql, wanted) < len(wanted):
        raise Invalid({"location": Problem("problem.location_closed")})


def at_open_locations(table: type[Table]) -> Rule:
    """The rule that nothing is put at a closed location, for what an undo brings back. Raises `Invalid` (`location`).

    What stood there when a location closed stays with it, for when it opens again.
    """

    async def rule(op: Operation) -> None:
        rows = await db.fetch(
            f"SELECT DISTINCT t.location FROM change c JOIN {table._meta.tablename} t ON t.id = c.entity_id"  # noqa: S608
            " WHERE c.operation = $1 AND c.entity = $2 AND c.fields && ARRAY['location', 'retired_at']"
            " AND t.retired_at IS NULL AND t.location IS NOT NULL",
            op.id,
            table._meta.tablename,
        )
        if rows:
            await _open_locations(op, [row["location"] for row in rows])

    return rule


async def lock_holiday(holiday: HolidayId) -> asyncpg.Record:
    """Lock a holiday and answer its `date`, `location` and `version`. Raises `NotFound` for one that was removed."""
    sql = "SELECT date, location, version FROM holiday WHERE id = $1 AND retired_at IS NULL FOR NO KEY UPDATE"
    row = await db.fetchrow(sql, holiday)
    if row is None:
        raise NotFound
    return row
