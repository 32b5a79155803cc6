"""What the database itself guarantees of receipts."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000188"
VERSION = "1.38.0"
DESCRIPTION = "a print is of a version of the programme or of a visit"

STATEMENTS = (
    "ALTER TABLE printed ADD CONSTRAINT printed_of_check CHECK (num_nonnulls(programme_version, visit) = 1)",
    "ALTER TABLE print_job ADD CONSTRAINT print_job_of_check CHECK (num_nonnulls(programme_version, visit) = 1)",
    "CREATE INDEX printed_visit ON printed (visit, id) WHERE visit IS NOT NULL",
)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def guarantee():
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(guarantee)
    return manager
