"""A refund of tips alone says why they went back, and lowers nothing of the price."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000321"
VERSION = "1.38.0"
DESCRIPTION = "a refund of tips alone keeps its reason"

STATEMENTS = (
    "ALTER TABLE refund DROP CONSTRAINT refund_minor_check",
    "ALTER TABLE refund ADD CONSTRAINT refund_minor_check"
    ' CHECK (reason IS NOT NULL AND minor >= CASE WHEN "full" THEN 1 ELSE 0 END)',
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
