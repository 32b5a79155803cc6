"""What the database itself guarantees of the marks of what was brought in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000344"
VERSION = "1.38.0"
DESCRIPTION = "marks of before are plain hashes, and are found soon while there are any"

STATEMENTS = (
    "UPDATE import_key SET keyed = false",
    "ALTER TABLE import_key ALTER COLUMN keyed SET NOT NULL",
    "CREATE INDEX import_key_plain ON import_key (id) WHERE NOT keyed",
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
