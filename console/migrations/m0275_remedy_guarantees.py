"""What the database itself guarantees of remedies."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000275"
VERSION = "1.38.0"
DESCRIPTION = "something is put right once, by two people where it takes two, and before its ticket is closed"

STATEMENTS = (
    "ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_cause_check"
    " CHECK (cause IN ('missing_stamp', 'reward_lapsed'))",
    "ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_status_check"
    " CHECK (status IN ('proposed', 'posted', 'declined'))",
    "ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_posted_check CHECK ((status = 'posted')"
    " = (posted_by IS NOT NULL) AND (posted_by IS NULL) = (posted_at IS NULL))",
    "ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_second_check"
    " CHECK (approved_by <> proposed_by AND (approved_by IS NULL OR status = 'posted'))",
    "CREATE UNIQUE INDEX ticket_remedy_of_key ON ticket_remedy (client, cause, of)"
    " WHERE status = 'proposed' AND retired_at IS NULL",
    "CREATE UNIQUE INDEX ticket_remedy_visit_key ON ticket_remedy (of) WHERE cause = 'missing_stamp'"
    " AND status = 'posted' AND retired_at IS NULL",
    "CREATE INDEX ticket_remedy_ticket ON ticket_remedy (ticket, id)",
    "CREATE INDEX ticket_remedy_client ON ticket_remedy (client, id)",
    "CREATE INDEX ticket_remedy_by ON ticket_remedy (proposed_by, posted_at)",
    "CREATE INDEX ticket_remedy_posted_by ON ticket_remedy (posted_by) WHERE posted_by IS NOT NULL",
    """
    CREATE FUNCTION ticket_remedy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.status <> 'proposed'
            OR (NEW.ticket, NEW.client, NEW.cause, NEW.of, NEW.proposed_by)
                <> (OLD.ticket, OLD.client, OLD.cause, OLD.of, OLD.proposed_by)
        THEN
            RAISE EXCEPTION 'a remedy stays as it was proposed, and as it was posted'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_remedy_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_remedy_stays BEFORE UPDATE OR DELETE ON ticket_remedy"
    " FOR EACH ROW EXECUTE FUNCTION ticket_remedy_stays()",
    """
    CREATE FUNCTION ticket_remedy_of_its_client() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM ticket t WHERE t.id = NEW.ticket AND t.client = NEW.client) THEN
            RAISE EXCEPTION 'a remedy is for the client of its ticket'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ticket_remedy_of_client';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_remedy_of_its_client BEFORE INSERT ON ticket_remedy"
    " FOR EACH ROW EXECUTE FUNCTION ticket_remedy_of_its_client()",
    """
    CREATE FUNCTION ticket_remedy_waits() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM ticket_remedy WHERE ticket = NEW.id AND status = 'proposed' AND retired_at IS NULL) THEN
            RAISE EXCEPTION 'something that this ticket is to put right waits'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_remedy_waits';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_remedy_waits BEFORE UPDATE OF status ON ticket"
    " FOR EACH ROW WHEN (NEW.status = 'closed') EXECUTE FUNCTION ticket_remedy_waits()",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON ticket_remedy"
    " FOR EACH ROW EXECUTE FUNCTION stays_erased()",
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
