"""Use cases of prints: keeping one as it was made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from console.domain import db
from console.domain.errors import Refused, constraint
from console.domain.intent import Actor, Intent
from console.domain.operation import operation
from console.domain.policies.rules import Sheet
from console.domain.running import FINAL, Operation
from console.domain.team.rules import Permission

NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000185")


class KeptAlready(Refused):
    """The same is kept: that one is handed out."""

    key = "refused.print_kept"


constraint("printed_hash_key", KeptAlready)


@operation("print.keep", permission=Permission.PROGRAMME_READ, undo=FINAL)
async def keep(op: Operation, sheet: Sheet, digest: bytes, content: bytes) -> dict[str, int]:
    """Keep a document as it is handed out. Raises `KeptAlready`."""
    kept = await db.fetchval(
        "INSERT INTO printed (operation, hash, document, language, paper, programme_version, content, visit)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        op.id,
        digest,
        sheet.document,
        sheet.language,
        sheet.paper,
        sheet.programme_version,
        content,
        sheet.visit,
    )
    return {"printed": kept}


def once(actor: Actor, digest: bytes, now: datetime) -> Intent:
    """What an actor means to keep under a hash, the same whoever asks again."""
    return Intent(uuid5(NAMESPACE, digest.hex()), actor, now)
