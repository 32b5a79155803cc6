"""The last owner who can sign in stays one at every level of isolation."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T15:00:00:000147"
VERSION = "1.38.0"
DESCRIPTION = "of two owners who leave at once one stays at every level of isolation"

STATEMENTS = (
    # Looked at when the transaction is to end, so that one may hand over to another in any order. Whoever waits for the
    # lock sees what those before them did only where each statement has a snapshot of its own, at READ COMMITTED. At
    # the other levels the owners are locked as they were seen: where one was changed since, that is an error
    # (could not serialize), and where somebody is changing one, nobody waits, as they may be waiting for us.
    """
    CREATE OR REPLACE FUNCTION keep_an_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        of_demo boolean := (SELECT demo FROM business);
    BEGIN
        IF OLD.password_hash IS NULL AND of_demo IS NOT TRUE THEN
            RETURN NULL;
        END IF;
        PERFORM pg_advisory_xact_lock(4::bigint << 48);
        IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
            PERFORM FROM staff WHERE role = 'owner' AND retired_at IS NULL AND (password_hash IS NOT NULL OR of_demo)
                FOR SHARE NOWAIT;
        ELSE
            PERFORM FROM staff WHERE role = 'owner' AND retired_at IS NULL AND (password_hash IS NOT NULL OR of_demo);
        END IF;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no owner could sign in any more'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'staff_owner_remains', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NULL;
    END $$
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
