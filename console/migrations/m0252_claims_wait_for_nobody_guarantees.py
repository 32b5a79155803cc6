"""A message is claimed without waiting for who works on its client; whoever is erased has none due, and gets none."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000252"
VERSION = "1.38.0"
DESCRIPTION = "claiming a message takes no lock of its client"

STATEMENTS = (
    "DROP TRIGGER stays_erased_told ON message",
    "CREATE TRIGGER stays_erased_told BEFORE UPDATE ON message FOR EACH ROW WHEN"
    " ((NEW.version, NEW.kind, NEW.client, NEW.due_at, NEW.ends_at, NEW.variables, NEW.dedupe_key, NEW.retired_at)"
    "  IS DISTINCT FROM"
    "  (OLD.version, OLD.kind, OLD.client, OLD.due_at, OLD.ends_at, OLD.variables, OLD.dedupe_key, OLD.retired_at)"
    "  OR NEW.status = 'due' AND OLD.status NOT IN ('due', 'claimed'))"
    " EXECUTE FUNCTION stays_erased()",
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
