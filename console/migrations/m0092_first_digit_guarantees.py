"""What the database itself guarantees of cards: no number begins with 0."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db
from console.migrations.m0063_client_parts_guarantees import QUASIGROUP

ID = "2026-11-25T21:45:00:000092"
VERSION = "1.38.0"
DESCRIPTION = "no card's number begins with 0"

STATEMENTS = (
    f"""
    CREATE OR REPLACE FUNCTION is_card_number(number text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
        interim int := 0;
        digit text;
    BEGIN
        IF number !~ '^[1-9][0-9]{{7}}$' THEN
            RETURN false;
        END IF;
        FOREACH digit IN ARRAY string_to_array(number, NULL) LOOP
            interim := substr('{QUASIGROUP}', interim * 10 + digit::int + 1, 1)::int;
        END LOOP;
        RETURN interim = 0;
    END $$
    """,
    "ALTER TABLE client_card DROP CONSTRAINT client_card_number_check",
    # Such a number that was given before can still be reported lost.
    "ALTER TABLE client_card ADD CONSTRAINT client_card_number_check CHECK (is_card_number(number)"
    " OR number ~ '^0[0-9]{7}$' AND (lost_at IS NOT NULL OR retired_at IS NOT NULL)) NOT VALID",
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
