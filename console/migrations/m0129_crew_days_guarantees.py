"""What a crew does past midnight is done by whoever was in it on the date on which it began."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T12:10:00:000129"
VERSION = "1.38.0"
DESCRIPTION = "a booking of a crew is by the list of its first day"

STATEMENTS = (
    # What those of some bookings that stand should occupy; `occupancy` is to hold just this of them.
    """
    CREATE OR REPLACE FUNCTION booked(bookings bigint[])
    RETURNS TABLE (booking bigint, bookable bigint, during tstzrange, overbooked boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT b.id, o.bookable, tstzrange(min(i.starts_at - make_interval(mins => i.buffer_before)),
                      max(i.ends_at + make_interval(mins => i.buffer_after))),
            b.overbooked IS NOT NULL
        FROM booking b JOIN location l ON l.id = b.location
        JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
        JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
        CROSS JOIN LATERAL occupied_by(a.bookable, (b.starts_at AT TIME ZONE l.zone)::date) AS o (bookable)
        WHERE b.id = ANY (bookings) AND b.retired_at IS NULL
            AND b.status IN ('booked', 'confirmed', 'arrived', 'finished')
        GROUP BY b.id, o.bookable ORDER BY min(i.starts_at), b.id, o.bookable
    $$
    """,
    # Those that were by the lists of two days. One whose first day's people are taken then is left to `doctor`.
    """
    DO $$
    DECLARE
        one bigint;
        was occupancy[];
    BEGIN
        FOR one IN
            SELECT DISTINCT b.id FROM booking b JOIN location l ON l.id = b.location
            JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
                AND (i.starts_at AT TIME ZONE l.zone)::date <> (b.starts_at AT TIME ZONE l.zone)::date
            JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
            JOIN bookable k ON k.id = a.bookable AND k.kind = 'crew'
            WHERE b.retired_at IS NULL AND b.overbooked IS NULL
        LOOP
            BEGIN
                was := ARRAY(SELECT o FROM occupancy o WHERE booking = one);
                DELETE FROM occupancy WHERE booking = one;
                INSERT INTO occupancy (bookable, lane, during, kind, booking)
                    SELECT o.bookable, 0, o.during, 'booking', o.booking FROM booked(ARRAY[one]) o;
                PERFORM settle(o.bookable, o.during) FROM unnest(was) AS o;
            EXCEPTION WHEN exclusion_violation THEN
                NULL;
            END;
        END LOOP;
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
