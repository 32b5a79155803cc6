"""What was brought in from elsewhere: when, and by which key each thing in it is known here."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    OnUpdate,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from console.domain.business.tables import Location
from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, keyed, operation_column, told_new_by


@keyed("source", "digest", by="CASE WHEN {row}.finished_at IS NULL THEN ({row}.source, {row}.digest) END")
@told_new_by("source")
@entity
class ImportRun(Entity, Table, tablename="import_run", db=ENGINE):
    """Files of a `source` that were brought in; `digest`: which files, and by which mapping. Retired: undone.

    `mapping`: as its TOML, by which such files are known again; None of runs of before it was kept.

    `report`: by the file what it holds, and how many of its rows were read, imported, merged and rejected.
    `finished_at` None: it was stopped, and the same files go on where it was. `reminders`: whether clients are
    reminded of bookings that are still to come.
    """

    source = Text(null=False, default=None)
    location = ForeignKey(Location, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    digest = Text(null=False, default=None)
    mapping = Text(null=True, default=None)
    report = JSONB(null=False, default=None)
    finished_at = Timestamptz(null=True, default=None)
    reminders = Boolean(null=False, default=None)


class ImportKey(Table, tablename="import_key", db=ENGINE):
    """What something of a source became here, by the mark of what it is known by there: it is not brought in twice.

    `keyed`: the mark is made with our key; those of before could be guessed, and are made anew where they are met.
    """

    id = BigSerial(primary_key=True)
    operation = operation_column()
    run = ForeignKey(ImportRun, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)
    source = Text(null=False, default=None)
    kind = Text(null=False, default=None)
    key = Bytea(null=False, default=None)
    keyed = Boolean(null=False, default=None)
    entity_id = BigInt(null=False, default=None)


class ImportUpload(Table, tablename="import_upload", db=ENGINE):
    """Files that somebody is about to bring in on the page, and how: a `mapping` as its TOML.

    `opens`: whether the programme runs over them then, through `as_of`, None: through the last receipt. `keep_until`:
    when it is forgotten with its files, which say a lot of many people. `aside`: the names of files that came with
    them and hold no table.
    """

    id = BigSerial(primary_key=True)
    operation = operation_column()
    mapping = Text(null=False, default=None)
    reminders = Boolean(null=False, default=None)
    opens = Boolean(null=False, default=None)
    as_of = Date(null=True, default=None)
    aside = JSONB(null=False, default=None)
    version = Integer(null=False, default=1)
    keep_until = Timestamptz(null=False, default=None)
    run = ForeignKey(ImportRun, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


def _upload_column() -> ForeignKey[ImportUpload]:
    return ForeignKey(ImportUpload, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


class ImportFile(Table, tablename="import_file", db=ENGINE):
    """A file as it was uploaded; its name is its own among those it came with."""

    id = BigSerial(primary_key=True)
    upload = _upload_column()
    name = Text(null=False, default=None)
    content = Bytea(null=False, default=None)


class ImportJob(Table, tablename="import_job", db=ENGINE):
    """What a worker is to do with an upload, or did: try it out or bring it in (`wants`). No trail.

    `claimed_until`: when a worker that has it counts as dead. `file`, `done`, `of`: how far it is. `failed`: the key of
    why it cannot be done. `result`: what became of the rows, and of cards; of what failed what its words name.
    """

    id = BigSerial(primary_key=True)
    upload = _upload_column()
    wants = Text(null=False, default=None)
    asked_at = Timestamptz(null=False, default=None)
    claimed_until = Timestamptz(null=True, default=None)
    tries = Integer(null=False, default=None)
    file = Text(null=True, default=None)
    done = Integer(null=False, default=None)
    of = Integer(null=False, default=None)
    failed = Text(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    result = JSONB(null=True, default=None)
