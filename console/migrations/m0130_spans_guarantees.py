"""A booking lasts from the beginning of its first service to the end of its last one."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T12:11:00:000130"
VERSION = "1.38.0"
DESCRIPTION = "the span of a booking is that of its services"

STATEMENTS = (
    # Looked at once at the end, for a booking and its services are written one after the other.
    """
    CREATE FUNCTION keep_span() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        one bigint;
    BEGIN
        IF TG_TABLE_NAME = 'booking' THEN
            one := NEW.id;
        ELSE
            one := NEW.booking;
        END IF;
        PERFORM FROM booking b CROSS JOIN LATERAL (
            SELECT min(i.starts_at) AS starts_at, max(i.ends_at) AS ends_at
            FROM booking_item i WHERE i.booking = b.id AND i.retired_at IS NULL
        ) own WHERE b.id = one AND b.retired_at IS NULL
            AND (b.starts_at IS DISTINCT FROM own.starts_at OR b.ends_at IS DISTINCT FROM own.ends_at);
        IF FOUND THEN
            RAISE check_violation USING CONSTRAINT = 'booking_span',
                MESSAGE = 'a booking begins and ends with its services', DETAIL = 'booking ' || one;
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE CONSTRAINT TRIGGER span AFTER INSERT OR UPDATE OF starts_at, ends_at, retired_at ON booking"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep_span()",
    "CREATE CONSTRAINT TRIGGER span AFTER INSERT OR UPDATE OF starts_at, ends_at, retired_at, booking ON booking_item"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep_span()",
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
