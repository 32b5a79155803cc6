"""Use cases of files that are brought in on the page: which they are, how they are read, and what is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import asyncpg

from console.domain import clock, db
from console.domain.business.queries import business
from console.domain.business.tables import BUSINESS, Business
from console.domain.errors import Forbidden, Invalid, NotFound, Problem, Refused, Stale
from console.domain.imports import actions, undoing
from console.domain.imports.jobs import BELL
from console.domain.imports.rules.arriving import LARGEST_TOGETHER, MOST_FILES, Arrivals, Arrived
from console.domain.imports.rules.books import digest_of
from console.domain.imports.rules.mapping import Mapped
from console.domain.imports.rules.reading import parsed
from console.domain.imports.rules.writing import written
from console.domain.imports.tables import ImportUpload
from console.domain.operation import operation
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission

KEPT = timedelta(days=7)
"""How long files are kept that are not brought in."""


class Begun(Refused):
    """What is brought in already is as it was."""

    key = "refused.import_begun"


class Nothing(Refused):
    """No file is there of which it is said what it holds."""

    key = "refused.import_nothing"


@dataclass(frozen=True)
class Wanted:
    """How files are to be brought in. `opens`: whether the programme runs over them then, through `as_of`."""

    mapped: Mapped
    reminders: bool = False
    opens: bool = False
    as_of: date | None = None


@operation("import.upload", permission=Permission.IMPORT_RUN, undo=FINAL)
async def upload(op: Operation, files: Arrivals, mapped: Mapped) -> dict[str, int]:
    """Keep files that are to be brought in, and how they are read."""
    op.wrote_beside()
    until = op.now + KEPT
    new = await db.fetchval(
        "INSERT INTO import_upload (operation, mapping, reminders, opens, version, keep_until, aside)"
        " VALUES ($1, $2, false, false, 1, $3, $4) RETURNING id",
        op.id,
        written(mapped),
        until,
        json.dumps(files.aside),
    )
    await _add(new, files.tables)
    return {"import_upload": new}


@operation("import.add_files", permission=Permission.IMPORT_RUN, undo=FINAL)
async def add_files(op: Operation, upload: int, version: int, arrivals: Arrivals, mapped: Mapped) -> dict[str, int]:
    """Keep more files. Raises `Invalid` (`files`) for a name that is there already, for too many, or too much of them.

    All of an upload is held at once whenever it is looked at.
    """
    await _changing(op, upload, version)
    files = arrivals.tables
    there = await db.fetch(
        "SELECT lower(name) AS name, octet_length(content) AS size FROM import_file WHERE upload = $1", upload
    )
    if again := [one.name for one in files if one.name.lower() in {row["name"] for row in there}]:
        raise Invalid({"files": Problem("problem.import_same_name", {"name": again[0]})})
    if len(there) + len(files) > MOST_FILES:
        raise Invalid({"files": Problem("problem.import_many_files", {"most": MOST_FILES})})
    if sum(row["size"] for row in there) + sum(len(one.content) for one in files) > LARGEST_TOGETHER:
        raise Invalid({"files": Problem("problem.import_files_large", {"limit": LARGEST_TOGETHER // 1024**2})})
    await _add(upload, files)
    await db.execute("UPDATE import_upload SET aside = $2 WHERE id = $1", upload, json.dumps(arrivals.aside))
    await _write(op, upload, mapped)
    return {"import_upload": upload}


@operation("import.remove_file", permission=Permission.IMPORT_RUN, undo=FINAL)
async def remove_file(op: Operation, upload: int, file: int) -> dict[str, int]:
    """Forget a file. Raises `NotFound`, `Begun`."""
    await _changing(op, upload, None)
    if not await db.fetchval("DELETE FROM import_file WHERE upload = $1 AND id = $2 RETURNING true", upload, file):
        raise NotFound
    await _write(op, upload, None)
    return {"import_upload": upload}


@operation("import.change", permission=Permission.IMPORT_RUN, undo=FINAL)
async def change(op: Operation, upload: int, version: int, wanted: Wanted) -> dict[str, int]:
    """Say how files are read, and what is to follow. Raises `Stale`, `Begun`, `Invalid` (`as_of`)."""
    row = await _changing(op, upload, version)
    mapping = written(wanted.mapped)
    stands = row["mapping"], row["reminders"], row["opens"], row["as_of"]
    if stands == (mapping, wanted.reminders, wanted.opens, wanted.as_of):
        op.nothing_new()
        return {"import_upload": upload}
    if wanted.as_of and wanted.as_of > clock.business_date(op.now, (await business()).zone):
        raise Invalid({"as_of": Problem("problem.import_as_of")})
    if wanted.opens and not op.actor.may(Permission.PROGRAMME_CHANGE):
        raise Forbidden(permission=Permission.PROGRAMME_CHANGE)
    await db.execute(
        "UPDATE import_upload SET reminders = $2, opens = $3, as_of = $4 WHERE id = $1",
        upload,
        wanted.reminders,
        wanted.opens,
        wanted.as_of,
    )
    await _write(op, upload, wanted.mapped)
    return {"import_upload": upload}


@operation("import.discard", permission=Permission.IMPORT_RUN, undo=FINAL)
async def discard(op: Operation, upload: int) -> None:
    """Forget files that are not brought in. Raises `NotFound`, `Begun`."""
    await _changing(op, upload, None)
    op.wrote_beside()
    await forget([upload])


@operation("import.try_out", permission=Permission.IMPORT_RUN, undo=FINAL)
async def try_out(op: Operation, upload: int) -> dict[str, int]:
    """Have a worker say what would become of the rows; it is not asked twice.

    Raises `NotFound`, `Begun`, `Nothing`, `OtherCurrency`.
    """
    row = await _changing(op, upload, None)
    await _ready(upload)
    await actions.check_currency(parsed(row["mapping"], unfinished=True))
    await _ask(op, upload, "trial")
    return {"import_upload": upload}


@operation("import.bring_in", permission=Permission.IMPORT_RUN, undo=undoing.TAKE_BACK)
async def bring_in(op: Operation, upload: int) -> dict[str, int]:
    """Have a worker bring files in: a second time, or uploaded twice, it is the run that it was.

    Raises `NotFound`, `Nothing`, `OtherCurrency`.
    """
    row = await _locked(op, upload)
    if row["run"] is not None:
        op.nothing_new()
        return {"import_run": row["run"]}
    digest = await _ready(upload)
    mapped = parsed(row["mapping"], unfinished=True)
    await op.lock(Business, [BUSINESS])  # nobody begins the same meanwhile
    run = await actions.unfinished(mapped, digest)
    if run and await db.fetchval("SELECT true FROM import_upload WHERE run = $1", run):
        op.nothing_new()
        return {"import_run": run}
    run = run or await actions.begun(op, mapped, digest, row["reminders"])
    await db.execute("UPDATE import_upload SET run = $2, operation = $3 WHERE id = $1", upload, run, op.id)
    await _ask(op, upload, "run")
    return {"import_run": run}


@operation("import.go_on", permission=Permission.IMPORT_RUN, undo=FINAL)
async def go_on(op: Operation, run: int) -> dict[str, int]:
    """Have a worker go on with a run that it gave up. Raises `NotFound`."""
    upload = await db.fetchval("SELECT id FROM import_upload WHERE run = $1", run)
    if upload is None:
        raise NotFound
    await _locked(op, upload)
    await _ask(op, upload, "run")
    return {"import_run": run}


async def forget(uploads: Sequence[int]) -> None:
    """Delete uploads with their files and with what was said of them; a run stays."""
    for sql in (
        "DELETE FROM import_job WHERE upload = ANY($1::bigint[])",
        "DELETE FROM import_file WHERE upload = ANY($1::bigint[])",
        "DELETE FROM import_upload WHERE id = ANY($1::bigint[])",
    ):
        await db.execute(sql, list(uploads))


async def forget_old(now: datetime) -> None:
    """Forget what was kept for long enough; what a worker still has to do is waited for."""
    rows = await db.fetch(
        "SELECT id FROM import_upload u WHERE keep_until < $1 AND NOT EXISTS (SELECT FROM import_job j"
        " WHERE j.upload = u.id AND j.wants = 'run' AND j.ended_at IS NULL AND j.failed IS NULL)",
        now,
    )
    await forget([row["id"] for row in rows])


async def _add(upload: int, files: Sequence[Arrived]) -> None:
    for one in files:
        await db.execute(
            "INSERT INTO import_file (upload, name, content) VALUES ($1, $2, $3)", upload, one.name, one.content
        )


async def _locked(op: Operation, upload: int) -> asyncpg.Record:
    await op.lock(ImportUpload, [upload])
    row = await db.fetchrow(
        "SELECT mapping, reminders, opens, as_of, version, run FROM import_upload WHERE id = $1", upload
    )
    if row is None:
        raise NotFound
    return row


async def _changing(op: Operation, upload: int, version: int | None) -> asyncpg.Record:
    row = await _locked(op, upload)
    if row["run"] is not None:
        raise Begun
    if version is not None and row["version"] != version:
        raise Stale("import_upload", upload)
    return row


async def _write(op: Operation, upload: int, mapped: Mapped | None) -> None:
    """Note another mapping, or that something else is another one; what was tried out before says nothing any more."""
    op.wrote_beside()
    await db.execute(
        "UPDATE import_upload SET mapping = coalesce($2, mapping), version = version + 1, operation = $3,"
        " keep_until = $4 WHERE id = $1",
        upload,
        written(mapped) if mapped else None,
        op.id,
        op.now + KEPT,
    )
    await db.execute("DELETE FROM import_job WHERE upload = $1", upload)


async def _ready(upload: int) -> str:
    """Which files there are, of which it is said what they hold. Raises `Nothing`."""
    row = await db.fetchrow("SELECT mapping FROM import_upload WHERE id = $1", upload)
    assert row is not None
    mapped = parsed(row["mapping"], unfinished=True)
    files = await db.fetch("SELECT name, content FROM import_file WHERE upload = $1", upload)
    known = {one["name"]: one["content"] for one in files if mapped.file(one["name"])}
    if not known:
        raise Nothing
    asked = {"zone": mapped.place.zone, "currency": mapped.business.currency}
    if unsaid := {name: Problem("problem.choose") for name, said in asked.items() if not said}:
        raise Invalid(unsaid)
    return digest_of(known, row["mapping"])


async def _ask(op: Operation, upload: int, wants: str) -> None:
    """What is waited for or in work already is not asked for again; what failed is."""
    op.wrote_beside()
    await db.execute(
        "DELETE FROM import_job WHERE upload = $1 AND (failed IS NOT NULL OR ended_at IS NOT NULL OR wants <> $2)",
        upload,
        wants,
    )
    await db.execute(
        "INSERT INTO import_job (upload, wants, asked_at, tries, done, of) VALUES ($1, $2, $3, 0, 0, 0)"
        " ON CONFLICT (upload) DO NOTHING",
        upload,
        wants,
        op.now,
    )
    op.ring(BELL)
