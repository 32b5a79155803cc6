"""What the database itself guarantees of what waits while a ticket is open."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000291"
VERSION = "1.38.0"
DESCRIPTION = "one pause at a time for a ticket, which only ends; the usual category of stamps holds"

STATEMENTS = (
    "UPDATE ticket_category SET holds = names ->> 'en' = 'Stamps and free visits'",
    "UPDATE ticket_category SET holds = false WHERE holds IS NULL",
    "ALTER TABLE ticket_category ALTER COLUMN holds SET NOT NULL",
    "ALTER TABLE loyalty_pause ADD CONSTRAINT loyalty_pause_last_check CHECK (last >= first)",
    "ALTER TABLE loyalty_pause ADD CONSTRAINT loyalty_pause_ticket_check CHECK (ticket > 0)",
    "CREATE UNIQUE INDEX loyalty_pause_open_key ON loyalty_pause (ticket) WHERE last IS NULL AND retired_at IS NULL",
    "CREATE INDEX loyalty_pause_client ON loyalty_pause (client, first)",
    """
    CREATE FUNCTION loyalty_pause_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (OLD.last IS NOT NULL AND NEW.last IS DISTINCT FROM OLD.last)
            OR (NEW.client, NEW.ticket, NEW.first) <> (OLD.client, OLD.ticket, OLD.first)
        THEN
            RAISE EXCEPTION 'that something waited stays as it was'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'loyalty_pause_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER loyalty_pause_stays BEFORE UPDATE OR DELETE ON loyalty_pause"
    " FOR EACH ROW EXECUTE FUNCTION loyalty_pause_stays()",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON loyalty_pause FOR EACH ROW EXECUTE FUNCTION stays_erased()",
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
