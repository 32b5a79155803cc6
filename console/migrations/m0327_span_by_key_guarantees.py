"""The span of a booking is looked at by its key, of thousands that come at once as well."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000327"
VERSION = "1.38.0"
DESCRIPTION = "the span of a booking is looked at by its key"

STATEMENTS = (
    # Nothing but the key is asked for: of a table nobody analysed yet, PostgreSQL takes rows that are not retired for
    # so few that it reads the index of all of them instead, for each booking of thousands that come at once.
    """
    CREATE OR REPLACE FUNCTION keep_span() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        touched bigint[];
        one bigint;
        said record;
        own record;
    BEGIN
        IF TG_TABLE_NAME = 'booking' THEN
            touched := ARRAY[NEW.id];
        ELSIF TG_OP = 'UPDATE' AND OLD.booking <> NEW.booking THEN
            touched := ARRAY[OLD.booking, NEW.booking];
        ELSE
            touched := ARRAY[NEW.booking];
        END IF;
        FOREACH one IN ARRAY touched LOOP
            SELECT starts_at, ends_at, retired_at INTO said FROM booking WHERE id = one;
            SELECT min(starts_at) FILTER (WHERE retired_at IS NULL) AS starts_at,
                max(ends_at) FILTER (WHERE retired_at IS NULL) AS ends_at
                INTO own FROM booking_item WHERE booking = one;
            IF said.retired_at IS NULL AND (said.starts_at, said.ends_at) IS DISTINCT FROM (own.starts_at, own.ends_at)
            THEN
                RAISE check_violation USING CONSTRAINT = 'booking_span',
                    MESSAGE = 'a booking begins and ends with its services', DETAIL = 'booking ' || one;
            END IF;
        END LOOP;
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
