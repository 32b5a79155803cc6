"""What the database itself guarantees of files that are about to be brought in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000333"
VERSION = "1.38.0"
DESCRIPTION = "a worker is to do one thing at a time with an upload, brings it in once, and files are no larger than told"

STATEMENTS = (
    "UPDATE import_run SET reminders = false",
    "ALTER TABLE import_run ALTER COLUMN reminders SET NOT NULL",
    "CREATE UNIQUE INDEX import_upload_run_key ON import_upload (run) WHERE run IS NOT NULL",
    "ALTER TABLE import_upload ADD CONSTRAINT import_upload_as_of_check CHECK (as_of IS NULL OR opens)",
    "CREATE UNIQUE INDEX import_file_key ON import_file (upload, lower(name))",
    "ALTER TABLE import_file ADD CONSTRAINT import_file_size_check CHECK (octet_length(content) BETWEEN 1 AND 10485760)",
    "ALTER TABLE import_file ALTER COLUMN content SET STORAGE EXTERNAL",
    "CREATE UNIQUE INDEX import_job_key ON import_job (upload)",
    "ALTER TABLE import_job ADD CONSTRAINT import_job_wants_check CHECK (wants IN ('trial', 'run')),"
    " ADD CONSTRAINT import_job_end_check CHECK (ended_at IS NULL OR failed IS NULL),"
    " ADD CONSTRAINT import_job_done_check CHECK (0 <= done AND done <= of)",
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
