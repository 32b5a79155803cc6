"""What the database itself guarantees of a mailbox that was numbered anew."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000324"
VERSION = "1.38.0"
DESCRIPTION = "where a mailbox was numbered anew it is known up to where, and since when mails may be new"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def guarantee():
        await db.execute(
            "ALTER TABLE mailbox_position ADD CONSTRAINT mailbox_position_anew_check"
            " CHECK (num_nonnulls(anew_since, anew_below) IN (0, 2) AND anew_below > 0)"
        )

    manager.add_raw(guarantee)
    return manager
