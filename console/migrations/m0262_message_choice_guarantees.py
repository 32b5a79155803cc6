"""What the database itself guarantees of what clients are told."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000262"
VERSION = "1.38.0"
DESCRIPTION = "one choice of what clients are told, within bounds"

STATEMENTS = (
    "ALTER TABLE message_choice ADD CONSTRAINT message_choice_one_check CHECK (id = 1)",
    "ALTER TABLE message_choice ADD CONSTRAINT message_choice_quiet_from_check CHECK (quiet_from BETWEEN 0 AND 1439)",
    "ALTER TABLE message_choice ADD CONSTRAINT message_choice_quiet_until_check CHECK (quiet_until BETWEEN 0 AND 1439)",
    "ALTER TABLE message_choice ADD CONSTRAINT message_choice_per_client_check CHECK (per_client >= 0)",
    "ALTER TABLE message_choice ADD CONSTRAINT message_choice_per_day_check CHECK (per_day >= 0)",
    "ALTER TABLE message_choice ADD CONSTRAINT message_choice_thanks_check CHECK (thanks BETWEEN 0 AND 168)",
    "ALTER TABLE message_choice ADD CONSTRAINT message_choice_reminders_check"
    " CHECK (jsonb_typeof(reminders) = 'array')",
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
