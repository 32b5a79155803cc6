"""What the database itself guarantees of places, whatever way they are written, and of the locations that hold them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T01:30:00:000101"
VERSION = "1.38.0"
DESCRIPTION = "places stay apart when rows change, statuses stay, locations with bookings to come stay open"

STATEMENTS = (
    # As before, and for rows that change as well; a hold is bounded by the clock that it is measured by.
    """
    CREATE OR REPLACE FUNCTION refuse_over_others() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.kind = 'hold' AND NEW.expires_at > clock_timestamp() + interval '1 hour' THEN
            RAISE check_violation USING CONSTRAINT = 'occupancy_hold_check', MESSAGE = 'a hold is short';
        END IF;
        IF NEW.kind = 'booking' AND (SELECT overbooked FROM booking WHERE id = NEW.booking) IS NOT NULL THEN
            RETURN NEW;
        END IF;
        PERFORM FROM occupancy o WHERE o.bookable = NEW.bookable AND o.during && NEW.during AND o.id <> NEW.id
            AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp());
        IF FOUND THEN
            RAISE exclusion_violation USING CONSTRAINT = 'occupancy_ordinary', MESSAGE = 'the place is taken';
        END IF;
        RETURN NEW;
    END $$
    """,
    "DROP TRIGGER ordinary ON occupancy",
    "CREATE TRIGGER ordinary BEFORE INSERT OR UPDATE OF bookable, during, kind, booking, hold, expires_at ON occupancy"
    " FOR EACH ROW EXECUTE FUNCTION refuse_over_others()",
    # What was said of a status stays as it was said; an undo takes it back, and nothing else happens to it.
    """
    CREATE FUNCTION statuses_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'what was said of a status stays' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER statuses_stay BEFORE UPDATE ON status_change FOR EACH ROW WHEN"
    " ((OLD.booking, OLD.status, OLD.reason, OLD.cancelled_by, OLD.late)"
    " IS DISTINCT FROM (NEW.booking, NEW.status, NEW.reason, NEW.cancelled_by, NEW.late))"
    " EXECUTE FUNCTION statuses_stay()",
    "CREATE TRIGGER statuses_stay_there BEFORE DELETE ON status_change"
    " FOR EACH ROW EXECUTE FUNCTION statuses_stay()",
    # Whoever books shares the location's row until they are done: of the two at once the second sees the first.
    """
    CREATE FUNCTION refuse_closing_over_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM booking WHERE location = NEW.id AND retired_at IS NULL AND status IN ('booked', 'confirmed')
            AND starts_at > now() - interval '100 hours' AND ends_at > now();
        IF FOUND THEN
            RAISE restrict_violation USING CONSTRAINT = 'location_expected', MESSAGE = 'bookings to come lie there';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER expected BEFORE UPDATE OF retired_at ON location FOR EACH ROW"
    " WHEN (OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL) EXECUTE FUNCTION refuse_closing_over_bookings()",
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
