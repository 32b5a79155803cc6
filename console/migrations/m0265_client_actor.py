"""A client who answers by their link has a name of their own in the trail."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000265"
VERSION = "1.38.0"
DESCRIPTION = "the client as an actor"

STATEMENTS = (
    "ALTER TABLE actor DROP CONSTRAINT actor_kind_check",
    "ALTER TABLE actor ADD CONSTRAINT actor_kind_check"
    " CHECK (kind IN ('system', 'terminal', 'demo', 'client', 'staff'))",
    "INSERT INTO actor (id, kind) VALUES (4, 'client')",
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
