"""What the database itself guarantees of how files were read, and of those that were left aside."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000338"
VERSION = "1.38.0"
DESCRIPTION = "runs of uploads that are still kept have their mapping; what was left aside is a list"

STATEMENTS = (
    "UPDATE import_run r SET mapping = u.mapping FROM import_upload u WHERE u.run = r.id",
    "UPDATE import_upload SET aside = '[]'",
    "ALTER TABLE import_upload ALTER COLUMN aside SET NOT NULL,"
    " ADD CONSTRAINT import_upload_aside_check CHECK (jsonb_typeof(aside) = 'array')",
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
