"""What was brought in, for whoever looks at it or takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.errors import NotFound
from console.domain.ids import BookingId, ClientId, OperationId


async def begun_by(run: int) -> OperationId:
    """The operation that began a run, whose undo takes all of it back. Raises `NotFound`."""
    operation = await db.fetchval(
        "SELECT operation FROM change WHERE entity = 'import_run' AND entity_id = $1 AND created", run
    )
    if operation is None:
        raise NotFound
    return OperationId(operation)


async def untouched_business() -> bool:
    """Whether nothing is said of the business yet, and it has no location: an import says it."""
    return bool(
        await db.fetchval(
            "SELECT version = 1 AND NOT EXISTS (SELECT FROM location WHERE retired_at IS NULL) FROM business"
        )
    )


async def came_by(run: int) -> bool:
    """Whether anything came by a run: also people of whom no row was taken in."""
    return bool(await db.fetchval("SELECT EXISTS (SELECT FROM import_key WHERE run = $1)", run))


async def mapping_of(run: int) -> str | None:
    """The mapping of a run as its TOML; None of runs of before it was kept."""
    mapping: str | None = await db.fetchval("SELECT mapping FROM import_run WHERE id = $1", run)
    return mapping


async def clients_of(source: str) -> list[ClientId]:
    """Whose visits were brought in from a source."""
    rows = await db.fetch(
        "SELECT DISTINCT v.client FROM import_key k JOIN visit v ON v.id = k.entity_id AND v.client IS NOT NULL"
        " WHERE k.source = $1 AND k.kind = 'visit' ORDER BY 1",
        source,
    )
    return [row["client"] for row in rows]


AT_ONCE = 200
"""Bookings that are spoken of in one operation."""


async def to_remind_of(run: int, now: datetime) -> list[list[BookingId]]:
    """The bookings of a run that are still to come, in parts; none where nobody is to be reminded of them."""
    rows = await db.fetch(
        "SELECT DISTINCT b.id FROM import_run r JOIN import_key k ON k.run = r.id AND k.kind = 'booking'"
        " JOIN booking b ON b.id = k.entity_id AND b.starts_at > $2 AND b.retired_at IS NULL"
        " WHERE r.id = $1 AND r.reminders ORDER BY b.id",
        run,
        now,
    )
    ids = [row["id"] for row in rows]
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]


@named("import_run")
async def run_names(ids: Sequence[int]) -> dict[int, Name]:
    """From what they came."""
    rows = await db.fetch("SELECT id, source FROM import_run WHERE id = ANY($1::bigint[])", ids)
    return {row["id"]: Name(row["source"]) for row in rows}
