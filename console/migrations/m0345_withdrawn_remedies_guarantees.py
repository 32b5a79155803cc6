"""What the database itself guarantees of remedies that were withdrawn, and which of those that were declined are."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000345"
VERSION = "1.38.0"
DESCRIPTION = "a remedy is withdrawn by nobody but who proposed it"

STATEMENTS = (
    "ALTER TABLE ticket_remedy DROP CONSTRAINT ticket_remedy_status_check",
    "ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_status_check"
    " CHECK (status IN ('proposed', 'posted', 'declined', 'withdrawn'))",
    "ALTER TABLE ticket_remedy DISABLE TRIGGER USER",
    "UPDATE ticket_remedy r SET status = 'withdrawn' FROM operation o WHERE o.id = r.operation"
    " AND r.status = 'declined' AND o.kind = 'ticket.decline_remedy' AND o.actor = r.proposed_by",
    "ALTER TABLE ticket_remedy ENABLE TRIGGER USER",
    """
    CREATE FUNCTION ticket_remedy_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM operation o WHERE o.id = NEW.operation AND o.actor = NEW.proposed_by) THEN
            RAISE EXCEPTION 'a remedy is withdrawn by nobody but who proposed it'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_remedy_withdrawn';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_remedy_withdrawn BEFORE INSERT OR UPDATE ON ticket_remedy"
    " FOR EACH ROW WHEN (NEW.status = 'withdrawn') EXECUTE FUNCTION ticket_remedy_withdrawn()",
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
