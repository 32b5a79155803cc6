"""What the database itself guarantees of the site of a booking, and of dates that a series skips."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T03:46:00:000108"
VERSION = "1.38.0"
DESCRIPTION = "a booking's site is its client's; a date is skipped once"

STATEMENTS = (
    "ALTER TABLE client_site ADD CONSTRAINT client_site_of_client UNIQUE (client, id)",
    "ALTER TABLE booking ADD CONSTRAINT booking_site_of_client"
    " FOREIGN KEY (client, site) REFERENCES client_site (client, id) ON UPDATE RESTRICT ON DELETE RESTRICT",
    "ALTER TABLE series ADD CONSTRAINT series_site_of_client"
    " FOREIGN KEY (client, site) REFERENCES client_site (client, id) ON UPDATE RESTRICT ON DELETE RESTRICT",
    "CREATE INDEX booking_site ON booking (site) WHERE site IS NOT NULL",
    "CREATE INDEX series_site ON series (site) WHERE site IS NOT NULL",
    "CREATE UNIQUE INDEX series_skip_key ON series_skip (series, \"on\") WHERE retired_at IS NULL",
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
