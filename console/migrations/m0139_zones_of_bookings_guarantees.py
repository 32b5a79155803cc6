"""A location with bookings to come stays in its zone: their dates, and with them who is in a crew, are by its wall."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T12:19:00:000139"
VERSION = "1.38.0"
DESCRIPTION = "no location with bookings to come goes to another zone"

STATEMENTS = (
    # Looked at once at the end, so that the application says first how many they are. Who books holds the location.
    """
    CREATE FUNCTION keep_zone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM booking b WHERE b.location = NEW.id AND b.retired_at IS NULL AND b.ends_at > now()
            AND b.starts_at > now() - interval '100 hours'
            AND b.status IN ('booked', 'confirmed', 'arrived', 'finished');
        IF FOUND THEN
            RAISE restrict_violation USING CONSTRAINT = 'location_zone_booked',
                MESSAGE = 'a location with bookings to come stays in its zone', DETAIL = 'location ' || NEW.id;
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE CONSTRAINT TRIGGER zone AFTER UPDATE OF zone ON location DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW WHEN (OLD.zone <> NEW.zone) EXECUTE FUNCTION keep_zone()",
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
