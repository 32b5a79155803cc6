"""A service that goes from one booking to another is looked at in both."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T12:18:00:000138"
VERSION = "1.38.0"
DESCRIPTION = "the span of a booking that a service has left is that of the others"

STATEMENTS = (
    """
    CREATE OR REPLACE FUNCTION keep_span() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        touched bigint[];
        one bigint;
    BEGIN
        IF TG_TABLE_NAME = 'booking' THEN
            touched := ARRAY[NEW.id];
        ELSIF TG_OP = 'UPDATE' THEN
            touched := ARRAY[OLD.booking, NEW.booking];
        ELSE
            touched := ARRAY[NEW.booking];
        END IF;
        SELECT b.id INTO one FROM booking b CROSS JOIN LATERAL (
            SELECT min(i.starts_at) AS starts_at, max(i.ends_at) AS ends_at
            FROM booking_item i WHERE i.booking = b.id AND i.retired_at IS NULL
        ) own WHERE b.id = ANY (touched) AND b.retired_at IS NULL
            AND (b.starts_at IS DISTINCT FROM own.starts_at OR b.ends_at IS DISTINCT FROM own.ends_at) LIMIT 1;
        IF FOUND THEN
            RAISE check_violation USING CONSTRAINT = 'booking_span',
                MESSAGE = 'a booking begins and ends with its services', DETAIL = 'booking ' || one;
        END IF;
        RETURN NULL;
    END $$
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
