"""What the database itself guarantees of messages that tell of an instant."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000260"
VERSION = "1.38.0"
DESCRIPTION = "a message tells of an instant in UTC as well, and still of nobody"

STATEMENTS = (
    "ALTER TABLE message DROP CONSTRAINT message_variables_check",
    "ALTER TABLE message ADD CONSTRAINT message_variables_check CHECK (jsonb_typeof(variables) = 'object'"
    " AND NOT jsonb_path_exists(variables, 'strict $.* ? (@.type() == \"object\" || @.type() == \"array\""
    ' || (@.type() == "string" && !(@ like_regex "^([a-z0-9_.:-]{1,64}|[0-9]{4}-[0-9]{2}-[0-9]{2}T'
    "[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z)$\")))'))",
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
