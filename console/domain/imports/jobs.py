"""What a worker is to do with uploads: claimed with a lease that is renewed while it is at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from console.domain import db
from console.domain.errors import Refused
from console.domain.leased import Leased

BELL = "import"
LEASE = timedelta(seconds=60)
TRIES = 3
QUEUE = Leased("import_job", LEASE, TRIES)
AFTERWARDS = timedelta(days=3)
"""How long files are kept once they are brought in: as long as rejected rows may be looked up."""
CUT_OFF = "problem.import_cut_off"
FAILED = "problem.import_failed"
UNREADABLE = "problem.import_unreadable"


class NotReadable(Refused):
    """Files of which nothing can be made any more."""

    key = UNREADABLE


@dataclass(frozen=True)
class Job:
    """An upload that a worker has: its mapping as TOML, and what is to be done with it."""

    id: int
    upload: int
    wants: str
    mapping: str
    opens: bool
    as_of: date | None
    run: int | None
    tries: int


async def claim(now: datetime) -> Job | None:
    """The next one, where nobody is at work on any: of one source only one may go on at a time."""
    # All wait for the first in the queue and look no further: whoever claims that one at this moment has the turn.
    row = await db.fetchrow(
        "WITH next AS MATERIALIZED (SELECT id FROM import_job WHERE id = (SELECT min(id) FROM import_job"
        "  WHERE failed IS NULL AND ended_at IS NULL AND tries < $3) AND coalesce(claimed_until < $1, true)"
        "  AND NOT EXISTS (SELECT FROM import_job WHERE claimed_until >= $1) FOR UPDATE)"
        " UPDATE import_job j SET claimed_until = $2, tries = j.tries + 1 FROM next, import_upload u"
        " WHERE j.id = next.id AND u.id = j.upload"
        " RETURNING j.id, j.upload, j.wants, u.mapping, u.opens, u.as_of, u.run, j.tries",
        now,
        now + LEASE,
        TRIES,
    )
    return Job(**row) if row else None


async def note(job: Job, file: str, done: int, of: int) -> None:
    """Note how far it is; of the programme there is no file."""
    await db.execute(
        'UPDATE import_job SET file = $3, done = least($4::int, $5::int), "of" = $5 WHERE id = $1 AND tries = $2',
        job.id,
        job.tries,
        file,
        done,
        of,
    )


async def end(job: Job, result: Mapping[str, Any], now: datetime) -> None:
    """It is done: what became of it is kept as long as the files are.

    Where somebody was erased meanwhile who came by them, they are not kept any longer.
    """
    if job.wants == "run":
        await db.execute(
            "UPDATE import_upload u SET keep_until = CASE WHEN EXISTS (SELECT FROM import_run r"
            "  JOIN import_key k ON k.source = r.source AND k.kind = 'client' JOIN client c ON c.id = k.entity_id"
            "  WHERE r.id = u.run AND c.erased_at >= (SELECT at FROM operation WHERE id = u.operation))"
            " THEN $2::timestamptz ELSE $3::timestamptz END WHERE u.id = $1",
            job.upload,
            now,
            now + AFTERWARDS,
        )
    await QUEUE.end(job, result, now)
