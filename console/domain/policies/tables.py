"""What was printed, kept byte for byte, and what waits to be."""

from __future__ import annotations

from piccolo.columns import JSONB, BigSerial, Bytea, Date, ForeignKey, Integer, OnDelete, OnUpdate, Text, Timestamptz
from piccolo.table import Table

from console.domain.db import ENGINE
from console.domain.loyalty.tables import ProgrammeVersion
from console.domain.tables import operation_column
from console.domain.visits.tables import Visit


def _version_column() -> ForeignKey[ProgrammeVersion]:
    return ForeignKey(
        ProgrammeVersion, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict
    )


def _visit_column() -> ForeignKey[Visit]:
    return ForeignKey(Visit, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


class Printed(Table, tablename="printed", db=ENGINE):
    """A document as it was handed out: of a version, or of a visit. Append-only.

    `hash`: of what it was made from, each but once.
    """

    id = BigSerial(primary_key=True)
    operation = operation_column()
    hash = Bytea(null=False, default=None)
    document = Text(null=False, default=None)
    language = Text(null=False, default=None)
    paper = Text(null=False, default=None)
    programme_version = _version_column()
    content = Bytea(null=False, default=None)
    visit = _visit_column()


class PrintJob(Table, tablename="print_job", db=ENGINE):
    """A document that somebody waits for. It goes once it is kept in `printed`; no trail, nothing of the business.

    `claimed_until`: when a worker that has it counts as dead. `failed`: the key of why it cannot be printed.
    """

    id = BigSerial(primary_key=True)
    hash = Bytea(null=False, default=None)
    document = Text(null=False, default=None)
    language = Text(null=False, default=None)
    paper = Text(null=False, default=None)
    programme_version = _version_column()
    html = Text(null=False, default=None)
    asked_at = Timestamptz(null=False, default=None)
    claimed_until = Timestamptz(null=True, default=None)
    tries = Integer(null=False, default=None)
    failed = Text(null=True, default=None)
    visit = _visit_column()


class ProgrammeTrial(Table, tablename="programme_trial", db=ENGINE):
    """A draft that is tried on the visits of the year through `as_of`, beside the version that `stands`, if one does.

    One at a time: a later one takes its place. `rules`: the draft's as they were then, `draft_version` which state of
    it that was. `claimed_until`: when a worker that has it counts as dead. `done` of so many (`of`) clients. `failed`:
    the key of why it cannot be done. `result`: what came of it.
    """

    id = BigSerial(primary_key=True)
    operation = operation_column()
    draft = ForeignKey(
        ProgrammeVersion, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict
    )
    draft_version = Integer(null=False, default=None)
    rules = JSONB(null=False, default=None)
    stands = _version_column()
    as_of = Date(null=False, default=None)
    claimed_until = Timestamptz(null=True, default=None)
    tries = Integer(null=False, default=None)
    done = Integer(null=False, default=None)
    of = Integer(null=False, default=None)
    failed = Text(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    result = JSONB(null=True, default=None)
