"""What the door and the trail hold to: links asked for, mails of another address, and former values that stay."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-25T20:00:00:000073"
VERSION = "1.38.0"
DESCRIPTION = "guarantees of the door, and former values that only an erasure takes away"

STATEMENTS = (
    "ALTER TABLE staff_mail DROP CONSTRAINT staff_mail_purpose_check",
    "ALTER TABLE staff_mail ADD CONSTRAINT staff_mail_purpose_check CHECK (purpose IN"
    " ('invitation', 'reset', 'password_changed', 'two_step_on', 'two_step_off', 'address_changed'))",
    "CREATE INDEX link_request_asked_at ON link_request (asked_at)",
    # The operation under way is the one whose id this connection was given last, and has no result yet.
    """
    CREATE FUNCTION erased_only() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        ours bigint;
    BEGIN
        BEGIN
            ours := currval('operation_id_seq');
        EXCEPTION WHEN object_not_in_prerequisite_state THEN
            ours := NULL;
        END;
        IF (NEW.id, NEW.change) IS NOT DISTINCT FROM (OLD.id, OLD.change)
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
    "CREATE TRIGGER append_only BEFORE UPDATE ON former FOR EACH ROW EXECUTE FUNCTION erased_only()",
    "CREATE TRIGGER append_only_delete BEFORE DELETE ON former FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON former EXECUTE FUNCTION append_only()",
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
