"""The services of a booking are looked for also where it was taken back: their indexes hold all rows."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T00:40:00:000097"
VERSION = "1.38.0"
DESCRIPTION = "indexes of what belongs to a booking, standing or not"

STATEMENTS = (
    "DROP INDEX booking_item_booking",
    "CREATE INDEX booking_item_booking ON booking_item (booking)",
    "CREATE INDEX assignment_item ON assignment (item)",
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
