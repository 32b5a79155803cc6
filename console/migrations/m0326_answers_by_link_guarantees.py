"""What the database itself guarantees of what clients read on the page of their link."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000326"
VERSION = "1.38.0"
DESCRIPTION = "by a link a client says that they come, or that they do not"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def guarantee():
        await db.execute(
            "ALTER TABLE status_change ADD CONSTRAINT status_change_starts_read_check"
            " CHECK (starts_read IS NULL OR status IN ('confirmed', 'cancelled'))"
        )

    manager.add_raw(guarantee)
    return manager
