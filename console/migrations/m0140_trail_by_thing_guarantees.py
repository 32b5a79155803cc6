"""The trail is narrowed by thing, person and days without reading through all of it: what an undo is about is kept."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T14:40:00:000140"
VERSION = "1.38.0"
DESCRIPTION = "what an undo is about, and indexes of the trail by thing and by person"

STATEMENTS = (
    "ALTER TABLE operation ADD COLUMN deed text",
    "ALTER TABLE operation DISABLE TRIGGER append_only",
    """
    WITH RECURSIVE told AS (
        SELECT u.id, o.kind FROM operation u JOIN operation o ON o.id = u.undoes WHERE o.undoes IS NULL
        UNION ALL SELECT u.id, told.kind FROM operation u JOIN told ON told.id = u.undoes
    )
    UPDATE operation o SET deed = told.kind FROM told WHERE told.id = o.id
    """,
    "ALTER TABLE operation ENABLE TRIGGER append_only",
    "ALTER TABLE operation ADD CONSTRAINT operation_deed_check CHECK (deed IS NULL OR undoes IS NOT NULL)",
    """
    CREATE FUNCTION tell_deed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.deed := (SELECT coalesce(o.deed, o.kind) FROM operation o WHERE o.id = NEW.undoes);
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER deed BEFORE INSERT ON operation FOR EACH ROW WHEN (NEW.undoes IS NOT NULL)"
    " EXECUTE FUNCTION tell_deed()",
    "DROP TRIGGER append_only ON operation",
    """
    CREATE TRIGGER append_only BEFORE UPDATE ON operation FOR EACH ROW
    WHEN (
        OLD.result IS NOT NULL OR NEW.result IS NULL
        OR (OLD.id, OLD.kind, OLD.actor, OLD.intent_id, OLD.payload_hash, OLD.at, OLD.undoes, OLD.caused_by, OLD.reason,
            OLD.deed)
            IS DISTINCT FROM
           (NEW.id, NEW.kind, NEW.actor, NEW.intent_id, NEW.payload_hash, NEW.at, NEW.undoes, NEW.caused_by, NEW.reason,
            NEW.deed)
    ) EXECUTE FUNCTION append_only()
    """,
    # The days and the person stand in the indexes, so that what a filter skips is not fetched.
    "CREATE INDEX operation_thing ON operation (split_part(coalesce(deed, kind), '.', 1), id) INCLUDE (at, actor)",
    "CREATE INDEX operation_actor ON operation (actor, id) INCLUDE (at)",
    "CREATE INDEX operation_order ON operation (id) INCLUDE (at)",
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
