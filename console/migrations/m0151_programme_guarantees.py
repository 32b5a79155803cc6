"""What the database itself guarantees of the programme's versions."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T16:00:00:000151"
VERSION = "1.38.0"
DESCRIPTION = "published versions of the programme stay as they are"

STATEMENTS = (
    "ALTER TABLE programme_version ADD CONSTRAINT programme_version_published_check"
    " CHECK (num_nulls(number, effective_from, published_at) IN (0, 3))",
    "ALTER TABLE programme_version ADD CONSTRAINT programme_version_number_check CHECK (number > 0)",
    "CREATE UNIQUE INDEX programme_version_number_key ON programme_version (number)",
    "CREATE UNIQUE INDEX programme_date_key ON programme_version (effective_from) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX programme_draft_key ON programme_version ((true))"
    " WHERE published_at IS NULL AND retired_at IS NULL",
    """
    CREATE FUNCTION programme_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.published_at IS NOT NULL AND (
            TG_OP = 'DELETE' OR OLD.retired_at IS NOT NULL
            OR (NEW.rules, NEW.number, NEW.effective_from, NEW.published_at)
                IS DISTINCT FROM (OLD.rules, OLD.number, OLD.effective_from, OLD.published_at)
        ) THEN
            RAISE EXCEPTION 'a published version of the programme stays as it is'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'programme_version_stays';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
    """,
    "CREATE TRIGGER programme_version_stays BEFORE UPDATE OR DELETE ON programme_version"
    " FOR EACH ROW EXECUTE FUNCTION programme_version_stays()",
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
