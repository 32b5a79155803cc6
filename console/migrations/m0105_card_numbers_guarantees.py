"""A card's number is looked up also where the card was taken back."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T03:46:00:000105"
VERSION = "1.38.0"
DESCRIPTION = "an index of the numbers of all cards, good or not"

STATEMENTS = ("CREATE INDEX client_card_number ON client_card (number)",)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def guarantee():
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(guarantee)
    return manager
