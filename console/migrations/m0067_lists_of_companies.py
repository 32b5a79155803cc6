"""Companies are few among clients: an index of their own, in the order of the list."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-25T12:00:00:000067"
VERSION = "1.38.0"
DESCRIPTION = "index for the list of companies"

STATEMENTS = (
    "DROP INDEX client_profile_company",
    'CREATE INDEX client_profile_company ON client_profile (folded COLLATE "C", client) WHERE company IS NOT NULL',
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
