"""What the database itself guarantees of how far bookings were told anew."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000264"
VERSION = "1.38.0"
DESCRIPTION = "one walk through what is due about bookings"

STATEMENTS = ("ALTER TABLE retelling ADD CONSTRAINT retelling_one_check CHECK (id = 1)",)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def guarantee():
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(guarantee)
    return manager
