"""Of a session that ended it is known which operation ended it, so that its browser can be told why."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T12:13:00:000133"
VERSION = "1.38.0"
DESCRIPTION = "which operation ended a session"

STATEMENTS = (
    "ALTER TABLE staff_session ADD COLUMN ended_by bigint",
    "ALTER TABLE staff_session ADD CONSTRAINT staff_session_ended_by_fkey FOREIGN KEY (ended_by)"
    " REFERENCES operation (id) ON UPDATE RESTRICT ON DELETE RESTRICT",
    "ALTER TABLE staff_session ADD CONSTRAINT staff_session_ended_check"
    " CHECK (ended_by IS NULL OR revoked_at IS NOT NULL)",
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
