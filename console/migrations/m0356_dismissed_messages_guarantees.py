"""What the database itself guarantees of messages that were dismissed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000356"
VERSION = "1.38.0"
DESCRIPTION = "only what did not get through is dismissed, and what was dismissed is not sent any more"

STATEMENTS = (
    "ALTER TABLE message ADD CONSTRAINT message_dismissed_check CHECK"
    " (reason IS DISTINCT FROM 'dismissed' OR status IN ('unknown', 'failed'))",
    """
    CREATE FUNCTION stays_dismissed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'message % was dismissed', OLD.id USING ERRCODE = 'check_violation';
    END $$
    """,
    "CREATE TRIGGER stays_dismissed BEFORE UPDATE ON message FOR EACH ROW"
    " WHEN (OLD.reason = 'dismissed' AND NEW.status IN ('due', 'claimed')) EXECUTE FUNCTION stays_dismissed()",
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
