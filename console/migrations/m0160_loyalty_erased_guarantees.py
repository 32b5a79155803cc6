"""Nothing is posted for an erased client: what they held stays as it was, under their pseudonym."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000160"
VERSION = "1.38.0"
DESCRIPTION = "triggers that keep the loyalty of erased clients as it was"

RECORD = ("loyalty_account", "loyalty_entry", "tier_entry")

STATEMENTS = tuple(
    f"CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION stays_erased()"
    for table in RECORD
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
