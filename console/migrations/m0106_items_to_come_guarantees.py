"""The bookings of a service that are to come are counted without looking at those that are past."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T03:46:00:000106"
VERSION = "1.38.0"
DESCRIPTION = "an index of the services of bookings by their time"

STATEMENTS = (
    "DROP INDEX booking_item_service",
    "CREATE INDEX booking_item_service ON booking_item (service, starts_at)",
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
