"""Documents that somebody waits for: asked for once, claimed with a lease, gone once they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain import db
from console.domain.doorbell import ring
from console.domain.leased import Leased
from console.domain.policies.rules import TRIES, Sheet, sheet_of

BELL = "print"
LEASE = timedelta(minutes=2)
"""How long a worker may have a document: several times as long as one may take."""
QUEUE = Leased("print_job", LEASE, TRIES, stays=False)
FORGET = timedelta(days=1)
"""After which time nobody asks any more why a document failed."""


@dataclass(frozen=True)
class Job:
    """A document that a worker has."""

    id: int
    hash: bytes
    sheet: Sheet
    html: str
    tries: int


async def ask(digest: bytes, sheet: Sheet, html: str, now: datetime) -> None:
    """Have a document printed; one that waits or is in work is not asked for twice, one that failed is tried anew."""
    asked = await db.fetchval(
        "INSERT INTO print_job (hash, document, language, paper, programme_version, html, asked_at, tries, visit)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) ON CONFLICT (hash) DO UPDATE"
        " SET asked_at = $7, tries = 0, failed = NULL, claimed_until = NULL WHERE print_job.failed IS NOT NULL"
        " RETURNING id",
        digest,
        sheet.document,
        sheet.language,
        sheet.paper,
        sheet.programme_version,
        html,
        now,
        sheet.visit,
    )
    if asked is not None:
        await ring(frozenset({BELL}))


async def claim(now: datetime) -> Job | None:
    """The next document that nobody has; nobody else gets it while the lease runs."""
    row = await db.fetchrow(
        "WITH next AS MATERIALIZED (SELECT id FROM print_job WHERE failed IS NULL AND tries < $3"
        "  AND (claimed_until IS NULL OR claimed_until < $1) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " UPDATE print_job j SET claimed_until = $2, tries = j.tries + 1 FROM next WHERE j.id = next.id"
        " RETURNING j.id, j.hash, j.document, j.language, j.paper, j.programme_version, j.visit, j.html, j.tries",
        now,
        now + LEASE,
        TRIES,
    )
    if row is None:
        return None
    return Job(row["id"], row["hash"], sheet_of(row), row["html"], row["tries"])


async def end(job: Job) -> None:
    """It is kept: nobody waits for it any more."""
    await db.execute("DELETE FROM print_job WHERE id = $1", job.id)


async def sweep(now: datetime, why: str) -> None:
    """Give up what ended its worker each time, for a reason of this key, and forget what failed long ago."""
    await QUEUE.sweep(now, why)
    await db.execute("DELETE FROM print_job WHERE failed IS NOT NULL AND asked_at < $1", now - FORGET)
