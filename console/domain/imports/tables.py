"""What was brought in from elsewhere: when, and by which key each thing in it is known here."""

from __future__ import annotations

from piccolo.columns import JSONB, BigInt, BigSerial, Bytea, ForeignKey, OnDelete, OnUpdate, Text, Timestamptz
from piccolo.table import Table

from console.domain.business.tables import Location
from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, keyed, operation_column, told_new_by


@keyed("source", "digest", by="CASE WHEN {row}.finished_at IS NULL THEN ({row}.source, {row}.digest) END")
@told_new_by("source")
@entity
class ImportRun(Entity, Table, tablename="import_run", db=ENGINE):
    """Files of a `source` that were brought in; `digest`: which files, and by which mapping. Retired: undone.

    `report`: by the file what it holds, and how many of its rows were read, imported, merged and rejected.
    `finished_at` None: it was stopped, and the same files go on where it was.
    """

    source = Text(null=False, default=None)
    location = ForeignKey(Location, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    digest = Text(null=False, default=None)
    report = JSONB(null=False, default=None)
    finished_at = Timestamptz(null=True, default=None)


class ImportKey(Table, tablename="import_key", db=ENGINE):
    """What something of a source became here, by the hash of what it is known by there: it is not brought in twice."""

    id = BigSerial(primary_key=True)
    operation = operation_column()
    run = ForeignKey(ImportRun, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    source = Text(null=False, default=None)
    kind = Text(null=False, default=None)
    key = Bytea(null=False, default=None)
    entity_id = BigInt(null=False, default=None)
