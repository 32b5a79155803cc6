"""What the database itself guarantees of bookings, and how the occupancy by time off follows from it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-25T20:00:00:000071"
VERSION = "1.38.0"
DESCRIPTION = "constraints, triggers and indexes of bookings"

STATEMENTS = (
    "ALTER TABLE reason ADD CONSTRAINT reason_use_check CHECK (use IN ('cancellation', 'no_show', 'overbooking'))",
    "ALTER TABLE booking ADD CONSTRAINT booking_status_check"
    " CHECK (status IN ('booked', 'confirmed', 'arrived', 'finished', 'cancelled', 'no_show'))",
    "ALTER TABLE booking ADD CONSTRAINT booking_source_check CHECK (source IN ('desk', 'phone', 'chat', 'mail'))",
    "ALTER TABLE booking ADD CONSTRAINT booking_time_check"
    " CHECK (starts_at < ends_at AND ends_at <= starts_at + interval '100 hours')",
    "CREATE INDEX booking_day ON booking (location, starts_at) WHERE retired_at IS NULL",
    "CREATE INDEX booking_client ON booking (client, starts_at)",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON booking FOR EACH ROW EXECUTE FUNCTION stays_erased()",
    "ALTER TABLE booking_item ADD CONSTRAINT booking_item_time_check CHECK (starts_at < ends_at)",
    "ALTER TABLE booking_item ADD CONSTRAINT booking_item_buffer_check"
    " CHECK (buffer_before BETWEEN 0 AND 240 AND buffer_after BETWEEN 0 AND 240)",
    "ALTER TABLE booking_item ADD CONSTRAINT booking_item_price_check CHECK ((minor IS NULL) = (currency IS NULL)"
    " AND minor BETWEEN 0 AND 1000000000000 AND currency ~ '^[A-Z]{3}$')",
    "CREATE INDEX booking_item_booking ON booking_item (booking) WHERE retired_at IS NULL",
    "CREATE INDEX booking_item_service ON booking_item (service)",
    "CREATE UNIQUE INDEX assignment_key ON assignment (item, bookable) WHERE retired_at IS NULL",
    "CREATE INDEX assignment_bookable ON assignment (bookable)",
    "CREATE INDEX status_change_booking ON status_change (booking)",
    "ALTER TABLE status_change ADD CONSTRAINT status_change_status_check"
    " CHECK (status IN ('booked', 'confirmed', 'arrived', 'finished', 'cancelled', 'no_show'))",
    "ALTER TABLE status_change ADD CONSTRAINT status_change_cancelled_check CHECK ((status = 'cancelled')"
    " = (cancelled_by IS NOT NULL AND late IS NOT NULL) AND cancelled_by IN ('client', 'us'))",
    "ALTER TABLE occupancy ADD CONSTRAINT occupancy_during_check CHECK (NOT isempty(during) AND NOT lower_inf(during)"
    " AND NOT upper_inf(during) AND lower_inc(during) AND NOT upper_inc(during))",
    "ALTER TABLE occupancy ADD CONSTRAINT occupancy_kind_check CHECK (CASE kind"
    " WHEN 'booking' THEN booking IS NOT NULL AND num_nonnulls(time_off, hold, expires_at) = 0 AND lane >= 0"
    " WHEN 'time_off' THEN time_off IS NOT NULL AND num_nonnulls(booking, hold, expires_at) = 0 AND lane = 0"
    " WHEN 'hold' THEN num_nonnulls(hold, expires_at) = 2 AND num_nonnulls(booking, time_off) = 0 AND lane = 0"
    " ELSE false END)",
    "ALTER TABLE occupancy ADD CONSTRAINT occupancy_excl EXCLUDE USING gist"
    " (bookable WITH =, lane WITH =, during WITH &&)",
    "CREATE UNIQUE INDEX occupancy_booking ON occupancy (booking, bookable) WHERE booking IS NOT NULL",
    "CREATE INDEX occupancy_time_off ON occupancy (time_off) WHERE time_off IS NOT NULL",
    "CREATE INDEX occupancy_hold ON occupancy (hold) WHERE hold IS NOT NULL",
    # Every writer of a bookable's occupancy holds this first, bookables ascending.
    """
    CREATE FUNCTION bookable_key(bookable bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT (1::bigint << 48) | bookable
    $$
    """,
    # An ordinary booking, or a hold, lies over nothing in any lane; what is overbooked may lie over it later.
    """
    CREATE FUNCTION refuse_over_others() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.kind = 'booking' AND (SELECT overbooked FROM booking WHERE id = NEW.booking) IS NOT NULL THEN
            RETURN NEW;
        END IF;
        PERFORM FROM occupancy o WHERE o.bookable = NEW.bookable AND o.during && NEW.during
            AND (o.kind <> 'hold' OR o.expires_at > clock_timestamp());
        IF FOUND THEN
            RAISE exclusion_violation USING CONSTRAINT = 'occupancy_ordinary', MESSAGE = 'the place is taken';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER ordinary BEFORE INSERT ON occupancy FOR EACH ROW EXECUTE FUNCTION refuse_over_others()",
    # When somebody is away, by the wall at each of their locations; of the business's first one where they have none.
    """
    CREATE FUNCTION time_off_instants(away time_off) RETURNS tstzmultirange LANGUAGE sql STABLE AS $$
        WITH own (zone) AS (
            SELECT DISTINCT l.zone FROM schedule s JOIN location l ON l.id = s.location
            WHERE s.bookable = away.bookable AND s.retired_at IS NULL
        ), zones (zone) AS (
            SELECT zone FROM own UNION ALL
            (SELECT zone FROM location WHERE NOT EXISTS (SELECT FROM own) ORDER BY retired_at IS NOT NULL, id LIMIT 1)
        )
        SELECT coalesce(range_agg(tstzrange(
            (away.first + make_interval(mins => coalesce(away.from_minute, 0))) AT TIME ZONE zone,
            (away.last + make_interval(mins => coalesce(away.to_minute, 1440))) AT TIME ZONE zone
        )), '{}') FROM zones
    $$
    """,
    # The occupancy by time off is what bookings leave of it; and what lies in a lane above moves down once it can.
    """
    CREATE FUNCTION settle(who bigint, span tstzrange) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        away time_off;
        instants tstzmultirange;
        above occupancy;
        near bigint[];
    BEGIN
        near := ARRAY(
            SELECT id FROM time_off WHERE bookable = who AND retired_at IS NULL
                AND last >= (lower(span) AT TIME ZONE 'UTC')::date - 2
                AND first <= (upper(span) AT TIME ZONE 'UTC')::date + 2
            UNION
            SELECT time_off FROM occupancy WHERE bookable = who AND time_off IS NOT NULL AND during && span
        );
        IF near <> '{}' THEN
            DELETE FROM occupancy WHERE time_off = ANY (near);
            FOR away IN
                SELECT * FROM time_off WHERE id = ANY (near) AND retired_at IS NULL ORDER BY first, from_minute, id
            LOOP
                instants := time_off_instants(away);
                CONTINUE WHEN isempty(instants);
                instants := instants - (
                    SELECT coalesce(range_agg(during), '{}') FROM occupancy
                    WHERE bookable = who AND during && range_merge(instants)
                );
                INSERT INTO occupancy (bookable, lane, during, kind, time_off)
                    SELECT who, 0, piece, 'time_off', away.id FROM unnest(instants) AS piece;
            END LOOP;
        END IF;
        FOR above IN
            SELECT * FROM occupancy WHERE bookable = who AND lane > 0 AND during && span
            ORDER BY lane, lower(during), id
        LOOP
            UPDATE occupancy SET lane = 0 WHERE id = above.id AND NOT EXISTS (
                SELECT FROM occupancy o WHERE o.bookable = who AND o.lane = 0 AND o.during && above.during
            );
        END LOOP;
    END $$
    """,
    """
    CREATE FUNCTION keep_time_off() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        span tstzmultirange;
    BEGIN
        PERFORM pg_advisory_xact_lock(bookable_key(NEW.bookable));
        span := time_off_instants(NEW);
        IF TG_OP = 'UPDATE' THEN
            span := span + time_off_instants(OLD);
        END IF;
        IF NOT isempty(span) THEN
            PERFORM settle(NEW.bookable, range_merge(span));
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER occupancy AFTER INSERT OR UPDATE ON time_off FOR EACH ROW EXECUTE FUNCTION keep_time_off()",
    # Somebody's zones are those of their locations; what is past stays as it was.
    """
    CREATE FUNCTION settle_to_come(who bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(bookable_key(who));
        PERFORM settle(who, tstzrange(now() - interval '3 days', now() + interval '20 years'));
    END $$
    """,
    """
    CREATE FUNCTION keep_time_off_zones() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM settle_to_come(NEW.bookable);
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER occupancy AFTER INSERT OR UPDATE OF location, retired_at ON schedule"
    " FOR EACH ROW EXECUTE FUNCTION keep_time_off_zones()",
    """
    CREATE FUNCTION keep_time_off_zone() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        who bigint;
    BEGIN
        FOR who IN SELECT DISTINCT bookable FROM schedule WHERE location = NEW.id ORDER BY bookable LOOP
            PERFORM settle_to_come(who);
        END LOOP;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER occupancy AFTER UPDATE OF zone ON location FOR EACH ROW"
    " WHEN (OLD.zone <> NEW.zone) EXECUTE FUNCTION keep_time_off_zone()",
    "SELECT settle_to_come(id) FROM bookable ORDER BY id",
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
