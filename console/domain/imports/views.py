"""What the pages of an import show: uploads that are prepared, how far a worker is, and runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from console.domain import db
from console.domain.errors import NotFound
from console.domain.ids import ActorId


@dataclass(frozen=True)
class FileView:
    """An uploaded file; `size` in bytes."""

    id: int
    name: str
    size: int


@dataclass(frozen=True)
class UploadView:
    """Files that are to be brought in, and how; `mapping` as its TOML. `run`: which one they were brought in by.

    `aside`: files that came with them and hold no table.
    """

    id: int
    mapping: str
    reminders: bool
    opens: bool
    as_of: date | None
    version: int
    run: int | None
    keep_until: datetime
    aside: Sequence[str]
    files: Sequence[FileView]


@dataclass(frozen=True)
class JobView:
    """What a worker is to do, and how far it is. `failed`: the key of why it cannot; `result`: what became of it."""

    upload: int
    wants: str
    in_work: bool
    file: str | None
    done: int
    of: int
    failed: str | None
    ended: bool
    result: Mapping[str, Any]

    @property
    def waits(self) -> bool:
        return not self.ended and self.failed is None


@dataclass(frozen=True)
class PreparedView:
    """An upload in the list of those that are not brought in yet."""

    id: int
    at: datetime
    actor: ActorId
    names: Sequence[str]
    keep_until: datetime


@dataclass(frozen=True)
class RunView:
    """A run: by the file what became of its rows (`report`), and the operation that began it. `came`: anything."""

    id: int
    source: str
    at: datetime
    actor: ActorId
    operation: int
    report: Mapping[str, Mapping[str, Any]]
    finished: bool
    undone: bool
    reminders: bool
    came: bool


_RUNS = (
    "SELECT r.id, r.source, o.at, o.actor, o.id AS operation, r.report, r.finished_at IS NOT NULL AS finished,"
    " r.retired_at IS NOT NULL AS undone, r.reminders,"
    " EXISTS (SELECT FROM import_key k WHERE k.run = r.id) AS came FROM import_run r"
    " JOIN change c ON c.entity = 'import_run' AND c.entity_id = r.id AND c.created"
    " JOIN operation o ON o.id = c.operation"
)


async def upload(upload_id: int) -> UploadView:
    """An upload with its files. Raises `NotFound`."""
    row = await db.fetchrow(
        "SELECT id, mapping, reminders, opens, as_of, version, run, keep_until, aside FROM import_upload WHERE id = $1",
        upload_id,
    )
    if row is None:
        raise NotFound
    files = await db.fetch(
        "SELECT id, name, octet_length(content) AS size FROM import_file WHERE upload = $1 ORDER BY id", upload_id
    )
    return UploadView(**{**row, "aside": json.loads(row["aside"])}, files=[FileView(**file) for file in files])


async def operation_of(upload_id: int) -> int:
    """Which operation wrote an upload last. Raises `NotFound`."""
    found = await db.fetchval("SELECT operation FROM import_upload WHERE id = $1", upload_id)
    if found is None:
        raise NotFound
    return int(found)


async def contents(upload_id: int) -> dict[str, bytes]:
    """What is in the files of an upload, by their names."""
    rows = await db.fetch("SELECT name, content FROM import_file WHERE upload = $1 ORDER BY id", upload_id)
    return {row["name"]: row["content"] for row in rows}


async def upload_of(run: int) -> UploadView | None:
    """The upload by which a run came; None where it came otherwise, or its files are not kept any more."""
    of = await db.fetchval("SELECT id FROM import_upload WHERE run = $1", run)
    return await upload(of) if of else None


async def job(upload_id: int, now: datetime) -> JobView | None:
    """What a worker is to do with an upload, or did."""
    row = await db.fetchrow(
        "SELECT upload, wants, coalesce(claimed_until >= $2, false) AS in_work, file, done, of, failed,"
        " ended_at IS NOT NULL AS ended, coalesce(result, '{}') AS result FROM import_job WHERE upload = $1",
        upload_id,
        now,
    )
    return JobView(**{**row, "result": json.loads(row["result"])}) if row else None


async def prepared() -> list[PreparedView]:
    """Uploads that are not brought in yet, the last one first."""
    rows = await db.fetch(
        "SELECT u.id, o.at, o.actor, u.keep_until, array(SELECT name FROM import_file WHERE upload = u.id ORDER BY id)"
        " AS names FROM import_upload u JOIN operation o ON o.id = u.operation WHERE u.run IS NULL ORDER BY u.id DESC"
    )
    return [PreparedView(**row) for row in rows]


async def runs() -> list[RunView]:
    """All runs, the last one first."""
    return [_run(row) for row in await db.fetch(f"{_RUNS} ORDER BY r.id DESC")]


async def last_of(source: str) -> RunView | None:
    """The last run of a source that stands and is finished."""
    row = await db.fetchrow(
        f"{_RUNS} WHERE r.source = $1 AND r.finished_at IS NOT NULL AND r.retired_at IS NULL"
        " ORDER BY r.id DESC LIMIT 1",
        source,
    )
    return _run(row) if row else None


async def run(run_id: int) -> RunView:
    """A run. Raises `NotFound`."""
    row = await db.fetchrow(f"{_RUNS} WHERE r.id = $1", run_id)
    if row is None:
        raise NotFound
    return _run(row)


def _run(row: asyncpg.Record) -> RunView:
    return RunView(**{**row, "report": json.loads(row["report"])})
