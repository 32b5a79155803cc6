"""What the database itself guarantees of where a reply goes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000317"
VERSION = "1.38.0"
DESCRIPTION = "a reply goes to whose its ticket is, and only a reply to somebody who is no client"

STATEMENTS = (
    # As before, and of where a reply went.
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
            WHEN 'ticket_entry' THEN ARRAY['body', 'folded', 'address']
            WHEN 'ticket_file' THEN ARRAY['name', 'content']
            WHEN 'ticket_mail' THEN ARRAY['message_id', 'sender', 'sender_name', 'subject', 'quoted', 'left_out']
            WHEN 'ticket_rating' THEN ARRAY['comment']
            ELSE ARRAY[]::text[]
        END
    $$
    """,
    "ALTER TABLE message ADD CONSTRAINT message_of_client_check CHECK (client IS NOT NULL OR kind = 'ticket.reply')",
    "ALTER TABLE ticket_entry ADD CONSTRAINT ticket_entry_address_check"
    " CHECK (address IS NULL OR kind = 'out' AND channel = 'email')",
    "ALTER TABLE ticket_mail DROP CONSTRAINT ticket_mail_kind_check",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_kind_check"
    " CHECK (kind IN ('ordinary', 'form', 'automatic', 'bounce', 'unread'))",
    # As before, and of where a reply was written to.
    """
    CREATE OR REPLACE FUNCTION ticket_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        may text[] := ARRAY['version', 'operation', 'retired_at', 'client'] || personal_columns('ticket_entry');
    BEGIN
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - may <> to_jsonb(OLD) - may
            OR NOT (NEW.body IS NOT DISTINCT FROM OLD.body OR NEW.body IS NULL)
            OR NOT (NEW.address IS NOT DISTINCT FROM OLD.address OR NEW.address IS NULL)
            OR NOT (NEW.folded = OLD.folded OR NEW.folded = '')
        THEN
            RAISE EXCEPTION 'what was said in a ticket stays'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_entry_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    # What is due of a ticket when it becomes another's is due to that one by the end of the transaction, or to nobody.
    """
    CREATE FUNCTION ticket_replies_are_its_clients() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM ticket t JOIN message m ON m.kind LIKE 'ticket.%'
                AND (m.variables ->> 'ticket')::bigint = t.id
            WHERE t.id = NEW.id AND m.status = 'due' AND m.retired_at IS NULL AND m.client IS DISTINCT FROM t.client)
        THEN
            RAISE EXCEPTION 'a reply goes to whose its ticket is'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ticket_replies_of_client';
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE CONSTRAINT TRIGGER ticket_replies_are_its_clients AFTER UPDATE OF client ON ticket"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ticket_replies_are_its_clients()",
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
