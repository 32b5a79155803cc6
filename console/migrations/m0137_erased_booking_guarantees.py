"""Nothing is booked again for an erased client: the database refuses a booking of theirs that would stand again."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T12:17:00:000137"
VERSION = "1.38.0"
DESCRIPTION = "a trigger that keeps bookings of erased clients called off"

STATEMENTS = (
    "CREATE TRIGGER stays_called_off BEFORE UPDATE ON booking FOR EACH ROW"
    " WHEN (OLD.status IN ('cancelled', 'no_show') AND NEW.status NOT IN ('cancelled', 'no_show'))"
    " EXECUTE FUNCTION stays_erased()",
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
