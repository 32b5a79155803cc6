"""What the database itself refuses: lists of who or what is gone, operations without a result, links used twice.

Former values go only in the erasure of the client whose they were, and only those that say who somebody is.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T04:42:00:000111"
VERSION = "1.38.0"
DESCRIPTION = "lists name who is there, operations have results, used links stay used, former values go by their erasure"

STATEMENTS = (
    # Whoever comes into a list is there and not retired; the lock waits for a retirement under way.
    """
    CREATE FUNCTION members_are_there() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        fresh bigint[] := NEW.members;
        there bigint[];
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.retired_at IS NULL THEN
            fresh := ARRAY(SELECT unnest(NEW.members) EXCEPT SELECT unnest(OLD.members));
        END IF;
        there := ARRAY(
            SELECT id FROM bookable WHERE id = ANY (fresh) AND kind = 'person' AND retired_at IS NULL
            ORDER BY id FOR SHARE
        );
        IF NOT fresh <@ there THEN
            RAISE EXCEPTION 'somebody who is not in the plan cannot be in a crew'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'crew_list_members_there';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER members_are_there BEFORE INSERT OR UPDATE OF members, retired_at ON crew_list FOR EACH ROW"
    " WHEN (NEW.retired_at IS NULL) EXECUTE FUNCTION members_are_there()",
    """
    CREATE FUNCTION services_are_there() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        fresh bigint[] := NEW.services;
        there bigint[];
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            fresh := ARRAY(SELECT unnest(NEW.services) EXCEPT SELECT unnest(OLD.services));
        END IF;
        there := ARRAY(SELECT id FROM service WHERE id = ANY (fresh) AND retired_at IS NULL ORDER BY id FOR SHARE);
        IF NOT fresh <@ there THEN
            RAISE EXCEPTION 'a service that is not offered cannot come again and again'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'series_services_there';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER services_are_there BEFORE INSERT OR UPDATE OF services ON series FOR EACH ROW"
    " EXECUTE FUNCTION services_are_there()",
    # An operation that is committed says what it did.
    """
    CREATE FUNCTION has_result() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM operation WHERE id = NEW.id AND result IS NULL) THEN
            RAISE EXCEPTION 'operation % says nothing of what it did', NEW.id USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE CONSTRAINT TRIGGER has_result AFTER INSERT ON operation DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION has_result()",
    # A link that was used or revoked leads nowhere ever after.
    """
    CREATE FUNCTION stays_used() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a link that was used stays used' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER stays_used BEFORE UPDATE ON staff_token FOR EACH ROW"
    " WHEN (OLD.used_at IS NOT NULL AND NEW IS DISTINCT FROM OLD) EXECUTE FUNCTION stays_used()",
    # The columns that an erasure empties, of each table; a test holds it to what the code says.
    """
    CREATE FUNCTION personal_columns(entity text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE entity
            WHEN 'client_profile' THEN ARRAY['given_name', 'middle_name', 'family_name', 'company', 'tax_number',
                'phones', 'emails', 'birthday', 'address', 'tags', 'folded']
            WHEN 'client_contact' THEN ARRAY['name', 'role', 'phone', 'email', 'folded']
            WHEN 'client_site' THEN ARRAY['name', 'address', 'note']
            WHEN 'client_note' THEN ARRAY['text']
            WHEN 'booking' THEN ARRAY['note']
            WHEN 'series' THEN ARRAY['note']
            ELSE ARRAY[]::text[]
        END
    $$
    """,
    # As before, and personal columns only.
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
                SELECT FROM operation WHERE id = ours AND kind = 'client.erase' AND result IS NULL
            )
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'former values go by an erasure only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    # An erasure marks its client last: whose values went is looked at when it is over.
    """
    CREATE FUNCTION went_by_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        noted change;
        gone boolean;
    BEGIN
        SELECT * INTO noted FROM change WHERE id = NEW.change;
        IF personal_columns(noted.entity) <> '{}' THEN
            EXECUTE format('SELECT c.erased_at IS NOT NULL FROM %I r JOIN client c ON c.id = r.client WHERE r.id = $1',
                noted.entity) INTO gone USING noted.entity_id;
        END IF;
        IF gone IS NOT TRUE THEN
            RAISE EXCEPTION 'former values go by the erasure of whose they were' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE CONSTRAINT TRIGGER went_by_erasure AFTER UPDATE ON former DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION went_by_erasure()",
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
