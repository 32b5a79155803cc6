"""Where an owner could sign in, an owner can: of two who leave at once, the second is refused."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T12:10:00:000123"
VERSION = "1.38.0"
DESCRIPTION = "the last owner who can sign in stays one"

STATEMENTS = (
    # Looked at when the transaction is to end, so that one may hand over to another in any order. Whoever waits here
    # for whoever ended before sees what they did, at READ COMMITTED: the statement after the lock has a snapshot of its
    # own there. 0147 sees to the other levels.
    """
    CREATE FUNCTION keep_an_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        of_demo boolean := (SELECT demo FROM business);
    BEGIN
        IF OLD.password_hash IS NULL AND of_demo IS NOT TRUE THEN
            RETURN NULL;
        END IF;
        PERFORM pg_advisory_xact_lock(4::bigint << 48);
        PERFORM FROM staff WHERE role = 'owner' AND retired_at IS NULL AND (password_hash IS NOT NULL OR of_demo);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no owner could sign in any more'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_owner_remains', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER staff_owner_remains AFTER UPDATE OF role, retired_at, password_hash ON staff
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (
        OLD.role = 'owner' AND OLD.retired_at IS NULL
        AND (NEW.role <> 'owner' OR NEW.retired_at IS NOT NULL OR NEW.password_hash IS NULL)
    ) EXECUTE FUNCTION keep_an_owner()
    """,
    """
    CREATE CONSTRAINT TRIGGER staff_owner_not_deleted AFTER DELETE ON staff
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.role = 'owner' AND OLD.retired_at IS NULL) EXECUTE FUNCTION keep_an_owner()
    """,
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
