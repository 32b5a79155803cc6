"""What the database itself guarantees of time off: nobody is away twice at once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T00:20:00:000093"
VERSION = "1.38.0"
DESCRIPTION = "parts of days off do not overlap"

STATEMENTS = (
    # Those that overlapped before may stay; who writes a time anew is held to all of them. The lock is the one that
    # `keep_time_off` takes: of two at once the second sees the first.
    """
    CREATE FUNCTION refuse_away_twice() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(bookable_key(NEW.bookable));
        PERFORM FROM time_off t WHERE t.bookable = NEW.bookable AND t.retired_at IS NULL AND t.id <> NEW.id
            AND t.first <= NEW.last + 1 AND t.last >= NEW.first - 1
            AND t.first + make_interval(mins => coalesce(t.from_minute, 0))
                < NEW.last + make_interval(mins => coalesce(NEW.to_minute, 1440))
            AND NEW.first + make_interval(mins => coalesce(NEW.from_minute, 0))
                < t.last + make_interval(mins => coalesce(t.to_minute, 1440));
        IF FOUND THEN
            RAISE exclusion_violation USING CONSTRAINT = 'time_off_apart', MESSAGE = 'away twice at once';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER apart BEFORE INSERT OR UPDATE OF bookable, first, last, from_minute, to_minute, retired_at"
    " ON time_off FOR EACH ROW WHEN (NEW.retired_at IS NULL) EXECUTE FUNCTION refuse_away_twice()",
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
