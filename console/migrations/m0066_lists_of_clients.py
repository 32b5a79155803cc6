"""Lists of clients are paged by key: an index for each order, and one for each choice that leaves few of them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-25T12:00:00:000066"
VERSION = "1.38.0"
DESCRIPTION = "indexes for lists of clients"

STATEMENTS = (
    "CREATE INDEX client_profile_joined ON client_profile (joined_on, client)",
    "CREATE INDEX client_profile_born ON client_profile ((right(birthday, 5) COLLATE \"C\"))",
    "CREATE INDEX client_profile_company ON client_profile (client) WHERE company IS NOT NULL",
    "CREATE INDEX client_away ON client (id) WHERE retired_at IS NOT NULL AND erased_at IS NULL",
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
