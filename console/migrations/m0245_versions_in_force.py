"""A version of the programme that something was judged by is not withdrawn."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000245"
VERSION = "1.38.0"
DESCRIPTION = "a version of the programme that is or was in force stays"

STATEMENTS = (
    """
    CREATE FUNCTION programme_version_is_to_come() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.effective_from <= (NEW.retired_at AT TIME ZONE coalesce(
                (SELECT zone FROM location WHERE retired_at IS NULL ORDER BY id LIMIT 1), 'UTC'))::date
            OR EXISTS (SELECT FROM loyalty_account WHERE night >= NEW.effective_from)
            OR EXISTS (SELECT FROM visit WHERE programme = NEW.number)
        THEN
            RAISE EXCEPTION 'a version of the programme that came into force is not withdrawn'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'programme_version_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER programme_version_is_to_come BEFORE UPDATE ON programme_version FOR EACH ROW"
    " WHEN (NEW.published_at IS NOT NULL AND NEW.retired_at IS NOT NULL AND OLD.retired_at IS NULL)"
    " EXECUTE FUNCTION programme_version_is_to_come()",
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
