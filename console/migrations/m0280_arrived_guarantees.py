"""What the database itself guarantees of messages that arrived by what their clients say."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000280"
VERSION = "1.38.0"
DESCRIPTION = "that a message arrived may be noted after the attempt of which nobody knew it"

STATEMENTS = (
    "ALTER TABLE message_attempt DROP CONSTRAINT message_attempt_outcome_check",
    "ALTER TABLE message_attempt ADD CONSTRAINT message_attempt_outcome_check CHECK"
    " (outcome IN ('sent', 'later', 'failed', 'unknown', 'arrived'))",
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
