"""What the database itself guarantees of crews: what they are booked for occupies whoever is in them that day."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-25T20:00:00:000089"
VERSION = "1.38.0"
DESCRIPTION = "constraints and functions of crews"

STATEMENTS = (
    "ALTER TABLE bookable DROP CONSTRAINT bookable_kind_check",
    "ALTER TABLE bookable ADD CONSTRAINT bookable_kind_check"
    " CHECK (kind IN ('person', 'crew', 'room', 'vehicle', 'equipment'))",
    "ALTER TABLE crew_list ADD CONSTRAINT crew_list_members_check CHECK (cardinality(members) <= 20)",
    "CREATE UNIQUE INDEX crew_list_key ON crew_list (crew, valid_from, that_day) WHERE retired_at IS NULL",
    # The list of the very day, else the latest that has begun.
    """
    CREATE FUNCTION crew_on(who bigint, day date) RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT coalesce((
            SELECT members FROM crew_list WHERE crew = who AND retired_at IS NULL
                AND (that_day AND valid_from = day OR NOT that_day AND valid_from <= day)
            ORDER BY that_day DESC, valid_from DESC LIMIT 1
        ), '{}')
    $$
    """,
    # Whom a booking of a bookable occupies on a date: itself, and of a crew its members.
    """
    CREATE FUNCTION occupied_by(who bigint, day date) RETURNS SETOF bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT who UNION SELECT unnest(crew_on(who, day))
    $$
    """,
    # What those of some bookings that stand should occupy; `occupancy` is to hold just this of them.
    """
    CREATE FUNCTION booked(bookings bigint[])
    RETURNS TABLE (booking bigint, bookable bigint, during tstzrange, overbooked boolean)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT b.id, o.bookable, tstzrange(min(i.starts_at - make_interval(mins => i.buffer_before)),
                      max(i.ends_at + make_interval(mins => i.buffer_after))),
            b.overbooked IS NOT NULL
        FROM booking b JOIN location l ON l.id = b.location
        JOIN booking_item i ON i.booking = b.id AND i.retired_at IS NULL
        JOIN assignment a ON a.item = i.id AND a.retired_at IS NULL
        CROSS JOIN LATERAL occupied_by(a.bookable, (i.starts_at AT TIME ZONE l.zone)::date) AS o (bookable)
        WHERE b.id = ANY (bookings) AND b.retired_at IS NULL
            AND b.status IN ('booked', 'confirmed', 'arrived', 'finished')
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
