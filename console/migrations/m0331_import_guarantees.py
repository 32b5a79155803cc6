"""What the database itself guarantees of what was brought in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000331"
VERSION = "1.38.0"
DESCRIPTION = "nothing is brought in twice, and what was taken elsewhere is taken no more"

STATEMENTS = (
    "UPDATE payment_method SET elsewhere = false",
    "ALTER TABLE payment_method ALTER COLUMN elsewhere SET NOT NULL,"
    " ADD CONSTRAINT payment_method_elsewhere_check CHECK (NOT elsewhere OR (retired_at IS NOT NULL AND NOT drawer))",
    "CREATE UNIQUE INDEX payment_method_elsewhere_key ON payment_method (elsewhere) WHERE elsewhere",
    "ALTER TABLE import_key ADD CONSTRAINT import_key_length_check CHECK (octet_length(key) = 32)",
    "CREATE UNIQUE INDEX import_key_key ON import_key (source, kind, key)",
    "CREATE INDEX import_key_run ON import_key (run)",
    "ALTER TABLE import_run ADD CONSTRAINT import_run_digest_check CHECK (digest ~ '^[0-9a-f]{64}$'),"
    " ADD CONSTRAINT import_run_report_check CHECK (jsonb_typeof(report) = 'object')",
    "CREATE UNIQUE INDEX import_run_open_key ON import_run (source, digest)"
    " WHERE finished_at IS NULL AND retired_at IS NULL",
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
