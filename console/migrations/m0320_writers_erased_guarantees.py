"""The erasure of whoever wrote by mail and is no client empties former values and hashes as a client's does."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000320"
VERSION = "1.38.0"
DESCRIPTION = "who wrote by mail and is no client is erased as a client is"

ERASURES = "('client.erase', 'client_contact.erase', 'client_note.erase', 'client_site.erase', 'ticket_mail.erase')"

STATEMENTS = (
    # As before, and by the erasure of who wrote.
    f"""
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
            AND EXISTS (SELECT FROM operation WHERE id = ours AND result IS NULL AND kind IN {ERASURES})
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'former values go by an erasure only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION forgotten_only() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ours bigint;
    BEGIN
        BEGIN
            ours := currval('operation_id_seq');
        EXCEPTION WHEN object_not_in_prerequisite_state THEN
            ours := NULL;
        END;
        IF ours <> OLD.id
            AND EXISTS (SELECT FROM operation WHERE id = ours AND result IS NULL AND kind IN {ERASURES})
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'operation is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    # Whom a restored backup brought back is found by the beginning of the hash of their first mail.
    "CREATE INDEX ticket_mail_key_begins ON ticket_mail (substring(key FROM 1 FOR 16))",
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
