"""Whom many bookings occupy is found by the key of each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000328"
VERSION = "1.38.0"
DESCRIPTION = "whom many bookings occupy is found by the key of each, before anybody analysed the tables as well"

STATEMENTS = (
    # As a condition the whole array went into every single search by the key, which took minutes for 20 000 bookings.
    """
    CREATE OR REPLACE FUNCTION booked(bookings bigint[])
    RETURNS TABLE (booking bigint, bookable bigint, during tstzrange, overbooked boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT b.id, o.bookable, tstzrange(min(i.starts_at - make_interval(mins => i.buffer_before)),
                      max(i.ends_at + make_interval(mins => i.buffer_after))),
            b.overbooked IS NOT NULL
        FROM unnest(bookings) AS asked (id) JOIN booking b ON b.id = asked.id JOIN location l ON l.id = b.location
        JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
        JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
        CROSS JOIN LATERAL occupied_by(a.bookable, (b.starts_at AT TIME ZONE l.zone)::date) AS o (bookable)
        WHERE b.retired_at IS NULL AND b.status IN ('booked', 'confirmed', 'arrived', 'finished')
        GROUP BY b.id, o.bookable ORDER BY min(i.starts_at), b.id, o.bookable
    $$
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
