"""What the database itself guarantees of mail that comes in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000306"
VERSION = "1.38.0"
DESCRIPTION = "a mail comes in once, stays as it came, and belongs to its ticket's client"

STATEMENTS = (
    # As before, and of mails and who wrote them.
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
            WHEN 'ticket' THEN ARRAY['subject', 'tags', 'folded', 'sender', 'sender_name']
            WHEN 'ticket_entry' THEN ARRAY['body', 'folded']
            WHEN 'ticket_file' THEN ARRAY['name', 'content']
            WHEN 'ticket_mail' THEN ARRAY['message_id', 'sender', 'sender_name', 'subject', 'quoted', 'left_out']
            ELSE ARRAY[]::text[]
        END
    $$
    """,
    "ALTER TABLE ticket ADD CONSTRAINT ticket_stranger_check CHECK (client IS NULL OR stranger_since IS NULL)",
    "ALTER TABLE ticket ADD CONSTRAINT ticket_continues_check CHECK (continues < id)",
    "CREATE INDEX ticket_continues ON ticket (continues) WHERE continues IS NOT NULL",
    "CREATE INDEX ticket_sender ON ticket (sender) WHERE sender IS NOT NULL AND solved_at IS NULL",
    "CREATE UNIQUE INDEX ticket_mail_key ON ticket_mail (key)",
    "CREATE UNIQUE INDEX ticket_mail_entry_key ON ticket_mail (entry)",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_key_check CHECK (octet_length(key) = 32)",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_kind_check"
    " CHECK (kind IN ('ordinary', 'automatic', 'bounce', 'unread'))",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_aside_check CHECK (aside ~ '^[a-z_]+$')",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_said_check"
    " CHECK (num_nonnulls(ticket, entry) = CASE WHEN aside IS NULL THEN 2 ELSE 0 END)",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_of_check CHECK (client IS NULL OR ticket IS NOT NULL)",
    "CREATE INDEX ticket_mail_ticket ON ticket_mail (ticket, id) WHERE ticket IS NOT NULL",
    "CREATE INDEX ticket_mail_client ON ticket_mail (client, id) WHERE client IS NOT NULL",
    "CREATE INDEX ticket_mail_aside ON ticket_mail (id) WHERE aside IS NOT NULL AND retired_at IS NULL",
    "CREATE INDEX ticket_mail_sender ON ticket_mail (sender, at) WHERE sender IS NOT NULL",
    """
    CREATE FUNCTION ticket_mail_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        may text[] := ARRAY['version', 'operation', 'retired_at', 'client'] || personal_columns('ticket_mail');
        emptied boolean;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            SELECT bool_and(to_jsonb(NEW) -> name IN (to_jsonb(OLD) -> name, 'null')) INTO emptied
            FROM unnest(personal_columns('ticket_mail')) AS name;
        END IF;
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - may <> to_jsonb(OLD) - may OR NOT emptied THEN
            RAISE EXCEPTION 'a mail stays as it came'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_mail_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_mail_stays BEFORE UPDATE OR DELETE ON ticket_mail"
    " FOR EACH ROW EXECUTE FUNCTION ticket_mail_stays()",
    # As before, and of mails.
    """
    CREATE OR REPLACE FUNCTION ticket_parts_are_its_clients() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        whole bigint := CASE TG_TABLE_NAME WHEN 'ticket' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'ticket')::bigint END;
    BEGIN
        IF EXISTS (SELECT FROM ticket t JOIN ticket_entry e ON e.ticket = t.id
                WHERE t.id = whole AND e.client IS DISTINCT FROM t.client)
            OR EXISTS (SELECT FROM ticket t JOIN ticket_file f ON f.ticket = t.id
                WHERE t.id = whole AND f.client IS DISTINCT FROM t.client)
            OR EXISTS (SELECT FROM ticket t JOIN ticket_mail m ON m.ticket = t.id
                WHERE t.id = whole AND m.client IS DISTINCT FROM t.client)
        THEN
            RAISE EXCEPTION 'what was said in a ticket is its client''s'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ticket_parts_of_client';
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE CONSTRAINT TRIGGER ticket_parts_are_its_clients AFTER INSERT OR UPDATE OF client ON ticket_mail"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ticket_parts_are_its_clients()",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON ticket_mail FOR EACH ROW EXECUTE FUNCTION stays_erased()",
    "CREATE UNIQUE INDEX mailbox_position_name_key ON mailbox_position (name)",
    "ALTER TABLE mailbox_position ADD CONSTRAINT mailbox_position_read_check"
    " CHECK (num_nonnulls(uidvalidity, last_uid) IN (0, 2) AND last_uid >= 0)",
    "ALTER TABLE mailbox_position ADD CONSTRAINT mailbox_position_trouble_check"
    " CHECK ((trouble IS NULL) = (trouble_since IS NULL))",
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
