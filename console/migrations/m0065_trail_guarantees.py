"""The later changes of a row are found at once, however many there are: of its values, and of what is in an undo's way."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-25T12:00:00:000065"
VERSION = "1.38.0"
DESCRIPTION = "an index of the trail by rows, in the order of edits"

STATEMENTS = ("CREATE INDEX change_entity_order ON change (entity, entity_id, id)",)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def guarantee():
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(guarantee)
    return manager
