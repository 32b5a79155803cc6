"""What the database itself guarantees of tickets."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000271"
VERSION = "1.38.0"
DESCRIPTION = "a ticket stands where its instants say, what was said in it stays, and belongs to its client"

STATUSES = "('open', 'pending', 'on_hold', 'solved', 'closed')"
PRIORITIES = "('low', 'normal', 'high', 'urgent')"
CHANNELS = "('phone', 'email', 'chat', 'in_person')"
MARKS = "('warned', 'breached')"

STATEMENTS = (
    # As before, and of tickets.
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
            ELSE ARRAY[]::text[]
        END
    $$
    """,
    "ALTER TABLE ticket_category ADD CONSTRAINT ticket_category_names_check CHECK (jsonb_typeof(names) = 'object')",
    f"ALTER TABLE ticket_target ADD CONSTRAINT ticket_target_priority_check CHECK (priority IN {PRIORITIES})",
    "ALTER TABLE ticket_target ADD CONSTRAINT ticket_target_minutes_check"
    " CHECK (first_reply > 0 AND resolution >= first_reply AND warn >= 0 AND warn < first_reply)",
    "CREATE UNIQUE INDEX ticket_target_priority_key ON ticket_target (priority) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX ticket_number_key ON ticket (number)",
    "ALTER TABLE ticket ADD CONSTRAINT ticket_number_check CHECK (number > 0)",
    f"ALTER TABLE ticket ADD CONSTRAINT ticket_status_check CHECK (status IN {STATUSES})",
    f"ALTER TABLE ticket ADD CONSTRAINT ticket_priority_check CHECK (priority IN {PRIORITIES})",
    f"ALTER TABLE ticket ADD CONSTRAINT ticket_channel_check CHECK (channel IN {CHANNELS})",
    f"ALTER TABLE ticket ADD CONSTRAINT ticket_first_reply_mark_check CHECK (first_reply_mark IN {MARKS})",
    f"ALTER TABLE ticket ADD CONSTRAINT ticket_resolution_mark_check CHECK (resolution_mark IN {MARKS})",
    "ALTER TABLE ticket ADD CONSTRAINT ticket_solved_check"
    " CHECK ((status IN ('solved', 'closed')) = (solved_at IS NOT NULL))",
    "ALTER TABLE ticket ADD CONSTRAINT ticket_closed_check CHECK ((status = 'closed') = (closed_at IS NOT NULL))",
    "CREATE INDEX ticket_to_do ON ticket (coalesce(due_at, 'infinity'), id)"
    " WHERE solved_at IS NULL AND retired_at IS NULL",
    "CREATE INDEX ticket_assigned ON ticket (assignee, coalesce(due_at, 'infinity'), id)"
    " WHERE solved_at IS NULL AND retired_at IS NULL",
    "CREATE INDEX ticket_marks ON ticket (mark_at) WHERE mark_at IS NOT NULL",
    "CREATE INDEX ticket_client ON ticket (client, id) WHERE client IS NOT NULL",
    "CREATE INDEX ticket_words ON ticket USING gin (to_tsvector('simple', folded))",
    "CREATE INDEX ticket_tags ON ticket USING gin (tags)",
    f"ALTER TABLE ticket_status ADD CONSTRAINT ticket_status_status_check CHECK (status IN {STATUSES})",
    "ALTER TABLE ticket_status ADD CONSTRAINT ticket_status_why_check CHECK (why ~ '^[a-z_]+$')",
    "CREATE INDEX ticket_status_ticket ON ticket_status (ticket, id)",
    "ALTER TABLE ticket_entry ADD CONSTRAINT ticket_entry_kind_check CHECK (kind IN ('in', 'out', 'note'))",
    f"ALTER TABLE ticket_entry ADD CONSTRAINT ticket_entry_channel_of_check CHECK (channel IN {CHANNELS})",
    "ALTER TABLE ticket_entry ADD CONSTRAINT ticket_entry_channel_check CHECK ((kind = 'note') = (channel IS NULL))",
    "CREATE INDEX ticket_entry_ticket ON ticket_entry (ticket, id)",
    "CREATE INDEX ticket_entry_client ON ticket_entry (client, id) WHERE client IS NOT NULL",
    "CREATE INDEX ticket_entry_words ON ticket_entry USING gin (to_tsvector('simple', folded))",
    "ALTER TABLE ticket_link ADD CONSTRAINT ticket_link_of_check CHECK (num_nonnulls(booking, visit) = 1)",
    "CREATE UNIQUE INDEX ticket_link_booking_key ON ticket_link (ticket, booking) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX ticket_link_visit_key ON ticket_link (ticket, visit) WHERE retired_at IS NULL",
    "CREATE INDEX ticket_link_booking ON ticket_link (booking) WHERE booking IS NOT NULL",
    "CREATE INDEX ticket_link_visit ON ticket_link (visit) WHERE visit IS NOT NULL",
    "CREATE INDEX ticket_view_staff ON ticket_view (staff, id)",
    "ALTER TABLE ticket_view ADD CONSTRAINT ticket_view_filter_check CHECK (jsonb_typeof(filter) = 'object')",
    "CREATE UNIQUE INDEX ticket_draft_key ON ticket_draft (ticket, staff)",
    "ALTER TABLE ticket_draft ADD CONSTRAINT ticket_draft_kind_check CHECK (kind IN ('out', 'note', 'in'))",
    """
    CREATE FUNCTION ticket_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (NEW.number, NEW.opened_at, NEW.channel) <> (OLD.number, OLD.opened_at, OLD.channel) THEN
            RAISE EXCEPTION 'a ticket keeps its number and when it was opened'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_stays BEFORE UPDATE OR DELETE ON ticket FOR EACH ROW EXECUTE FUNCTION ticket_stays()",
    """
    CREATE FUNCTION ticket_parts_are_its_clients() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM ticket t JOIN ticket_entry e ON e.ticket = t.id
            WHERE t.id = CASE TG_TABLE_NAME WHEN 'ticket' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'ticket')::bigint END
                AND e.client IS DISTINCT FROM t.client
        ) THEN
            RAISE EXCEPTION 'what was said in a ticket is its client''s'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ticket_parts_of_client';
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE CONSTRAINT TRIGGER ticket_parts_are_its_clients AFTER UPDATE OF client ON ticket"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ticket_parts_are_its_clients()",
    "CREATE CONSTRAINT TRIGGER ticket_parts_are_its_clients AFTER INSERT OR UPDATE OF client ON ticket_entry"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ticket_parts_are_its_clients()",
    """
    CREATE FUNCTION ticket_status_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ARRAY['version', 'operation', 'retired_at']
            <> to_jsonb(OLD) - ARRAY['version', 'operation', 'retired_at']
        THEN
            RAISE EXCEPTION 'that a ticket came to a status stays as it was'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_status_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_status_stays BEFORE UPDATE OR DELETE ON ticket_status"
    " FOR EACH ROW EXECUTE FUNCTION ticket_status_stays()",
    """
    CREATE FUNCTION ticket_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ARRAY['version', 'operation', 'retired_at', 'client', 'body', 'folded']
            <> to_jsonb(OLD) - ARRAY['version', 'operation', 'retired_at', 'client', 'body', 'folded']
            OR NOT (NEW.body IS NOT DISTINCT FROM OLD.body OR NEW.body IS NULL)
            OR NOT (NEW.folded = OLD.folded OR NEW.folded = '')
        THEN
            RAISE EXCEPTION 'what was said in a ticket stays'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_entry_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ticket_entry_stays BEFORE UPDATE OR DELETE ON ticket_entry"
    " FOR EACH ROW EXECUTE FUNCTION ticket_entry_stays()",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON ticket FOR EACH ROW EXECUTE FUNCTION stays_erased()",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON ticket_entry FOR EACH ROW EXECUTE FUNCTION stays_erased()",
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
