"""Weekly hours of one and the same person or thing change one after the other, whoever writes them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T08:22:00:000122"
VERSION = "1.38.0"
DESCRIPTION = "hours of one bookable wait for each other"

STATEMENTS = (
    # Where somebody works, and whether they work there, settles their time off and takes this lock already; who writes
    # hours alone waits here for whoever writes other ones, and then sees them: nobody is put in two places at once.
    """
    CREATE FUNCTION wait_for_hours() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(bookable_key(NEW.bookable));
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER wait BEFORE INSERT OR UPDATE OF hours ON schedule FOR EACH ROW EXECUTE FUNCTION wait_for_hours()",
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
