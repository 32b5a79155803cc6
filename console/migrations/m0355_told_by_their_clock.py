from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000355"
VERSION = "1.38.0"
DESCRIPTION = "bookings are told by the clock of their location, and those to come are told anew"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    manager.drop_column(
        table_class_name="Retelling", tablename="retelling", column_name="zone", db_column_name="zone", schema=None
    )

    async def anew():
        await db.execute("UPDATE retelling SET number = number + 1, after = 0")

    manager.add_raw(anew)
    return manager
