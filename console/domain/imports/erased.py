"""Files by which somebody came do not stay longer than they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.domain import db
from console.domain.imports.rules.reading import parsed
from console.domain.imports.uploads import forget
from console.domain.running import Operation, watching

GO, STAY = "effect.import_files_go", "effect.import_files_stay"
"""What is told of how many uploads."""


@watching("client")
class FilesGo:
    """Forgets the uploads of a source by which a client came who is erased; one that is at work goes at its end.

    Of the others nobody knows whom they name: that they are still kept is told.
    """

    def __init__(self, op: Operation) -> None:
        self.op = op
        self.clients: list[int] = []

    async def before(self, table: str, row_id: int | None, values: Mapping[str, Any]) -> None:
        if row_id is not None and values["erased_at"] is None:
            self.clients.append(row_id)

    async def after(self) -> None:
        rows = await db.fetch(
            "SELECT DISTINCT k.source FROM import_key k JOIN client c ON c.id = k.entity_id AND c.erased_at IS NOT NULL"
            " WHERE k.kind = 'client' AND c.id = ANY($1::bigint[])",
            self.clients,
        )
        sources = {row["source"] for row in rows}
        kept = await db.fetch(
            "SELECT id, mapping, EXISTS (SELECT FROM import_job j WHERE j.upload = u.id AND j.ended_at IS NULL"
            " AND j.failed IS NULL) AS at_work FROM import_upload u"
        )
        theirs = [row for row in kept if parsed(row["mapping"], unfinished=True).source in sources]
        await forget([row["id"] for row in theirs if not row["at_work"]])
        for key, uploads in ((GO, len(theirs)), (STAY, len(kept) - len(theirs))):
            if uploads:
                self.op.effect(key, number=uploads)
