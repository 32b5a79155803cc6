"""What the database itself guarantees of how far tickets were settled anew, and of the order of their statuses."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000293"
VERSION = "1.38.0"
DESCRIPTION = "one walk through the tickets that are not solved; no status before the one that it followed"

STATEMENTS = (
    "ALTER TABLE ticket_settling ADD CONSTRAINT ticket_settling_one_check CHECK (id = 1)",
    """
    CREATE FUNCTION ticket_status_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.at < (SELECT max(at) FROM ticket_status WHERE ticket = NEW.ticket AND retired_at IS NULL) THEN
            RAISE EXCEPTION 'a ticket comes to no status before the one that it had'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ticket_status_goes_on';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_status_goes_on BEFORE INSERT ON ticket_status"
    " FOR EACH ROW EXECUTE FUNCTION ticket_status_goes_on()",
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
