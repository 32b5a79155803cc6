"""What an operation was asked is forgotten with whom it was asked of: erased values could be tried out on its hash."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T15:00:00:000142"
VERSION = "1.38.0"
DESCRIPTION = "hashes of what was asked of erased clients are blanked"

ZEROS = "decode(repeat('00', 32), 'hex')"
PERSONAL = ("client_profile", "client_contact", "client_site", "client_note", "booking", "series")
NAMED_BY = {"client_contact": "name", "client_note": "text", "client_site": "address"}
"""The column of each that is never empty until it is erased."""
ERASURES = "('client.erase', 'client_contact.erase', 'client_note.erase', 'client_site.erase')"

STATEMENTS = (
    "DROP TRIGGER append_only ON operation",
    # Those who were erased before.
    *(
        f"""
        UPDATE operation o SET payload_hash = {ZEROS} FROM change c JOIN {table} r ON r.id = c.entity_id
        JOIN client k ON k.id = r.client
        WHERE c.entity = '{table}' AND o.id = c.operation AND o.kind NOT IN {ERASURES}
            AND (k.erased_at IS NOT NULL{f" OR r.{NAMED_BY[table]} IS NULL" if table in NAMED_BY else ""})
        """
        for table in PERSONAL
    ),
    # As before; and the erasure that is running may blank the hashes of others.
    f"""
    CREATE FUNCTION forgotten_only() RETURNS trigger LANGUAGE plpgsql AS $$
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
    f"""
    CREATE TRIGGER append_only BEFORE UPDATE ON operation FOR EACH ROW
    WHEN (
        (OLD.id, OLD.kind, OLD.actor, OLD.intent_id, OLD.at, OLD.undoes, OLD.caused_by, OLD.reason, OLD.deed)
            IS DISTINCT FROM
        (NEW.id, NEW.kind, NEW.actor, NEW.intent_id, NEW.at, NEW.undoes, NEW.caused_by, NEW.reason, NEW.deed)
        OR CASE WHEN NEW.payload_hash = OLD.payload_hash THEN OLD.result IS NOT NULL OR NEW.result IS NULL
            ELSE NEW.payload_hash <> {ZEROS} OR NEW.result IS DISTINCT FROM OLD.result END
    ) EXECUTE FUNCTION append_only()
    """,
    """
    CREATE TRIGGER forgotten_only BEFORE UPDATE ON operation FOR EACH ROW
    WHEN (NEW.payload_hash <> OLD.payload_hash) EXECUTE FUNCTION forgotten_only()
    """,
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
