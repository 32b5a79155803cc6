"""How the messages of a ticket are found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000300"
VERSION = "1.38.0"
DESCRIPTION = "the messages of a ticket are found by it"

STATEMENTS = (
    "CREATE INDEX message_ticket ON message (((variables ->> 'ticket')::bigint)) WHERE kind LIKE 'ticket.%'",
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
