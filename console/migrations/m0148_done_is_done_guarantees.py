"""What an operation did is told before it ends: the application adds nothing to one that has committed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T15:00:00:000148"
VERSION = "1.38.0"
DESCRIPTION = "nothing is added to what a committed operation did"

STATEMENTS = (
    # By whom the tables are not owned: migrations put what they begin with beside the operation that began it all.
    """
    CREATE FUNCTION still_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM added JOIN operation o ON o.id = added.operation
            WHERE o.result IS NOT NULL AND o.xmin <> pg_current_xact_id()::xid
        ) AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
            RAISE EXCEPTION 'what an operation did is told before it ends' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER still_under_way AFTER INSERT ON change REFERENCING NEW TABLE AS added"
    " FOR EACH STATEMENT EXECUTE FUNCTION still_under_way()",
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
