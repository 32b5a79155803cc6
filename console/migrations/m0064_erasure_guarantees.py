"""An erased client stays as they are: the database refuses whatever would write about them again."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-25T12:00:00:000064"
VERSION = "1.38.0"
DESCRIPTION = "triggers that keep erased clients erased"

RECORD = ("client_card", "client_consent", "client_contact", "client_note", "client_profile", "client_site")

STATEMENTS = (
    # The lock waits for an erasure under way; whoever writes by a use case holds the client already.
    """
    CREATE FUNCTION stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        gone boolean;
    BEGIN
        IF TG_TABLE_NAME = 'client' THEN
            gone := true;
        ELSE
            SELECT erased_at IS NOT NULL INTO gone FROM client WHERE id = NEW.client FOR SHARE;
        END IF;
        IF gone THEN
            RAISE EXCEPTION 'the client was erased' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'client_erased';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER stays_erased BEFORE UPDATE ON client FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL)"
    " EXECUTE FUNCTION stays_erased()",
    *(
        f"CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION stays_erased()"
        for table in RECORD
    ),
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
