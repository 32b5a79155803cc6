"""What the database itself guarantees of prints."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000186"
VERSION = "1.38.0"
DESCRIPTION = "a print is kept as it was handed out, once, and waited for once"

STATEMENTS = (
    "CREATE UNIQUE INDEX printed_hash_key ON printed (hash)",
    "ALTER TABLE printed ADD CONSTRAINT printed_hash_check CHECK (octet_length(hash) = 32)",
    "ALTER TABLE printed ADD CONSTRAINT printed_content_check CHECK (substring(content FROM 1 FOR 5) = '%PDF-')",
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON printed FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON printed EXECUTE FUNCTION append_only()",
    "CREATE UNIQUE INDEX print_job_hash_key ON print_job (hash)",
    "ALTER TABLE print_job ADD CONSTRAINT print_job_hash_check CHECK (octet_length(hash) = 32)",
    "ALTER TABLE print_job ADD CONSTRAINT print_job_tries_check CHECK (tries >= 0)",
    "ALTER TABLE print_job ADD CONSTRAINT print_job_failed_check CHECK (failed IS NULL OR claimed_until IS NULL)",
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
