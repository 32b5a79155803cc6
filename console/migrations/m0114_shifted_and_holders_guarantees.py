"""A series that was moved by days keeps its weeks and months; of a hold it is known whose it is."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T05:25:00:000114"
VERSION = "1.38.0"
DESCRIPTION = "days by which series were shifted, holders of holds"

STATEMENTS = (
    "ALTER TABLE series ADD COLUMN shifted smallint NOT NULL DEFAULT 0",
    "ALTER TABLE series ALTER COLUMN shifted DROP DEFAULT",
    "ALTER TABLE series ADD CONSTRAINT series_shifted_check"
    " CHECK (shifted BETWEEN CASE unit WHEN 'week' THEN 0 ELSE -31 END AND CASE unit WHEN 'week' THEN 6 ELSE 31 END)",
    "ALTER TABLE occupancy ADD COLUMN holder bigint",
    "ALTER TABLE occupancy ADD CONSTRAINT occupancy_holder_check CHECK (holder IS NULL OR kind = 'hold')",
    "CREATE INDEX occupancy_holder ON occupancy (holder) WHERE holder IS NOT NULL",
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
