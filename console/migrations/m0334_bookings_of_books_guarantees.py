"""What the database itself guarantees of bookings that came from the books of before."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000334"
VERSION = "1.38.0"
DESCRIPTION = "bookings that were kept elsewhere before say so, those that came already too"

STATEMENTS = (
    "ALTER TABLE booking DROP CONSTRAINT booking_source_check,"
    " ADD CONSTRAINT booking_source_check CHECK (source IN ('desk', 'phone', 'chat', 'mail', 'books'))",
    "ALTER TABLE booking DISABLE TRIGGER USER",  # of erased clients too: nothing of theirs comes back by it
    "UPDATE booking SET source = 'books' FROM change c JOIN operation o ON o.id = c.operation"
    " WHERE c.entity = 'booking' AND c.entity_id = booking.id AND c.created AND o.kind = 'import.take'",
    "ALTER TABLE booking ENABLE TRIGGER USER",
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
