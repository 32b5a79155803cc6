"""What the database itself guarantees of messages."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000191"
VERSION = "1.38.0"
DESCRIPTION = "a message is told once, says nothing of who somebody is, and goes to nobody who was erased"

STATEMENTS = (
    "CREATE UNIQUE INDEX message_dedupe_key ON message (dedupe_key)",
    "CREATE INDEX message_due ON message (due_at, id) WHERE retired_at IS NULL AND status = 'due'",
    "CREATE INDEX message_client ON message (client, id)",
    "ALTER TABLE message ADD CONSTRAINT message_kind_check CHECK (kind ~ '^[a-z_]+\\.[a-z_]+$')",
    "ALTER TABLE message ADD CONSTRAINT message_status_check CHECK (status IN ('due', 'skipped'))",
    "ALTER TABLE message ADD CONSTRAINT message_variables_check CHECK (jsonb_typeof(variables) = 'object'"
    " AND NOT jsonb_path_exists(variables, 'strict $.* ? (@.type() == \"object\" || @.type() == \"array\""
    ' || (@.type() == "string" && !(@ like_regex "^[a-z0-9_.:-]{1,64}$")))\'))',
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON message FOR EACH ROW EXECUTE FUNCTION stays_erased()",
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
