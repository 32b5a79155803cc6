"""A note, contact or site that was erased by itself stays so, and former values go by that, too."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T12:15:00:000135"
VERSION = "1.38.0"
DESCRIPTION = "parts of clients that were erased stay erased"

NAMED_BY = {"client_contact": "name", "client_note": "text", "client_site": "address"}
"""The column of each that is never empty until it is erased."""

STATEMENTS = (
    # As before, and by the erasure of a part.
    """
    CREATE OR REPLACE FUNCTION erased_only() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ours bigint;
        says_who text[];
    BEGIN
        BEGIN
            ours := currval('operation_id_seq');
        EXCEPTION WHEN object_not_in_prerequisite_state THEN
            ours := NULL;
        END;
        SELECT personal_columns(entity) INTO says_who FROM change WHERE id = OLD.change;
        IF (NEW.id, NEW.change) IS NOT DISTINCT FROM (OLD.id, OLD.change)
            AND NEW.values - says_who = OLD.values - says_who
            AND NOT EXISTS (
                SELECT FROM jsonb_each(NEW.values) kept WHERE OLD.values -> kept.key IS DISTINCT FROM kept.value
            )
            AND EXISTS (
                SELECT FROM operation WHERE id = ours AND result IS NULL
                AND kind IN ('client.erase', 'client_contact.erase', 'client_note.erase', 'client_site.erase')
            )
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'former values go by an erasure only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    # As before, or the part itself holds nothing any more.
    """
    CREATE OR REPLACE FUNCTION went_by_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        noted change;
        gone boolean;
    BEGIN
        SELECT * INTO noted FROM change WHERE id = NEW.change;
        IF personal_columns(noted.entity) <> '{}' THEN
            EXECUTE format('SELECT c.erased_at IS NOT NULL OR $2 AND r.retired_at IS NOT NULL AND NOT EXISTS ('
                || 'SELECT FROM jsonb_each_text(to_jsonb(r)) said WHERE said.key = ANY($3) AND said.value <> '''')'
                || ' FROM %I r JOIN client c ON c.id = r.client WHERE r.id = $1', noted.entity) INTO gone
                USING noted.entity_id, noted.entity IN ('client_contact', 'client_note', 'client_site'),
                    personal_columns(noted.entity);
        END IF;
        IF gone IS NOT TRUE THEN
            RAISE EXCEPTION 'former values go by the erasure of whose they were' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION part_stays_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'this was erased' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'client_part_erased';
    END $$
    """,
    *(
        f"CREATE TRIGGER part_stays_erased BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN (OLD.retired_at IS NOT NULL AND OLD.{column} IS NULL) EXECUTE FUNCTION part_stays_erased()"
        for table, column in NAMED_BY.items()
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
