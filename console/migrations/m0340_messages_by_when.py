"""What keeps the lists of what became of messages fast, however many there are."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000340"
VERSION = "1.38.0"
DESCRIPTION = "what became of messages is listed by when they left, in the order of an index"

STATEMENTS = (
    "CREATE INDEX message_told ON message (status, coalesce(sent_at, CASE WHEN retired_at IS NULL"
    " AND status IN ('unknown', 'failed') AND reason IS DISTINCT FROM 'dismissed' THEN try_at ELSE due_at END), id)",
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
