"""What the database itself guarantees of drafts that are tried."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000358"
VERSION = "1.38.0"
DESCRIPTION = "one draft is tried at a time, and it either came to something or failed"

STATEMENTS = (
    "CREATE UNIQUE INDEX programme_trial_key ON programme_trial ((true))",
    "ALTER TABLE programme_trial"
    " ADD CONSTRAINT programme_trial_end_check CHECK (ended_at IS NULL OR (failed IS NULL AND result IS NOT NULL)),"
    " ADD CONSTRAINT programme_trial_done_check CHECK (0 <= done AND done <= of)",
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
