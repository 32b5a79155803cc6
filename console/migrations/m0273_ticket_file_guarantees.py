"""What the database itself guarantees of the files that came with tickets."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000273"
VERSION = "1.38.0"
DESCRIPTION = "a file stays as it came, is no larger than it may be, and belongs to its ticket's client"

STATEMENTS = (
    # As before, and of files.
    """
    CREATE OR REPLACE FUNCTION personal_columns(entity text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE entity
            WHEN 'client_profile' THEN ARRAY['given_name', 'middle_name', 'family_name', 'company', 'tax_number',
                'phones', 'emails', 'birthday', 'address', 'tags', 'folded']
            WHEN 'client_contact' THEN ARRAY['name', 'role', 'phone', 'email', 'folded']
            WHEN 'client_site' THEN ARRAY['name', 'address', 'note']
            WHEN 'client_note' THEN ARRAY['text']
            WHEN 'booking' THEN ARRAY['note']
            WHEN 'series' THEN ARRAY['note']
            WHEN 'ticket' THEN ARRAY['subject', 'tags', 'folded']
            WHEN 'ticket_entry' THEN ARRAY['body', 'folded']
            WHEN 'ticket_file' THEN ARRAY['name', 'content']
            ELSE ARRAY[]::text[]
        END
    $$
    """,
    "ALTER TABLE ticket_file ADD CONSTRAINT ticket_file_size_check CHECK (size BETWEEN 1 AND 10485760)",
    "ALTER TABLE ticket_file ADD CONSTRAINT ticket_file_content_check CHECK (octet_length(content) = size)",
    "ALTER TABLE ticket_file ADD CONSTRAINT ticket_file_media_type_check CHECK (media_type ~ '^[a-z]+/[a-z0-9.+-]+$')",
    "CREATE INDEX ticket_file_ticket ON ticket_file (ticket, id)",
    "CREATE INDEX ticket_file_client ON ticket_file (client, id) WHERE client IS NOT NULL",
    "ALTER TABLE ticket_file ALTER COLUMN content SET STORAGE EXTERNAL",
    """
    CREATE FUNCTION ticket_file_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE'
            OR (NEW.ticket, NEW.media_type, NEW.size) <> (OLD.ticket, OLD.media_type, OLD.size)
            OR NEW.entry IS DISTINCT FROM OLD.entry
            OR NOT (NEW.name IS NOT DISTINCT FROM OLD.name OR NEW.name IS NULL)
            OR NOT (NEW.content IS NOT DISTINCT FROM OLD.content OR NEW.content IS NULL)
        THEN
            RAISE EXCEPTION 'a file stays as it came'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_file_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_file_stays BEFORE UPDATE OR DELETE ON ticket_file"
    " FOR EACH ROW EXECUTE FUNCTION ticket_file_stays()",
    # As before, and of files.
    """
    CREATE OR REPLACE FUNCTION ticket_parts_are_its_clients() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        whole bigint := CASE TG_TABLE_NAME WHEN 'ticket' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'ticket')::bigint END;
    BEGIN
        IF EXISTS (SELECT FROM ticket t JOIN ticket_entry e ON e.ticket = t.id
                WHERE t.id = whole AND e.client IS DISTINCT FROM t.client)
            OR EXISTS (SELECT FROM ticket t JOIN ticket_file f ON f.ticket = t.id
                WHERE t.id = whole AND f.client IS DISTINCT FROM t.client)
        THEN
            RAISE EXCEPTION 'what was said in a ticket is its client''s'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ticket_parts_of_client';
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE CONSTRAINT TRIGGER ticket_parts_are_its_clients AFTER INSERT OR UPDATE OF client ON ticket_file"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ticket_parts_are_its_clients()",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON ticket_file FOR EACH ROW EXECUTE FUNCTION stays_erased()",
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
