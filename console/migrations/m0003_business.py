"""Hours that the rules could not have made stay out of the database: every page of the day reads them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-23T09:00:00:000003"
VERSION = "1.38.0"
DESCRIPTION = "checks of the business's texts and of opening hours"

STATEMENTS = (
    # In order, apart, beginning on the day itself, at most a day long.
    """
    CREATE FUNCTION sound_hours(day jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
        pair jsonb;
        earlier numeric := -1;
    BEGIN
        IF jsonb_typeof(day) IS DISTINCT FROM 'array' THEN
            RETURN false;
        END IF;
        FOR pair IN SELECT value FROM jsonb_array_elements(day) LOOP
            IF NOT coalesce(pair @? 'strict $ ? (@.size() == 2 && @[*].type() == "number")', false) THEN
                RETURN false;
            ELSIF NOT (earlier < (pair->>0)::numeric AND (pair->>0)::numeric < (pair->>1)::numeric
                AND (pair->>0)::numeric < 1440 AND (pair->>1)::numeric <= (pair->>0)::numeric + 1440
                AND (pair->>0)::numeric % 1 = 0 AND (pair->>1)::numeric % 1 = 0) THEN
                RETURN false;
            END IF;
            earlier := (pair->>1)::numeric;
        END LOOP;
        RETURN true;
    END $$
    """,
    "ALTER TABLE location ADD CONSTRAINT location_week_check CHECK ("
    + " AND ".join(f"sound_hours(hours -> {day})" for day in range(7))
    + ")",
    "ALTER TABLE holiday ADD CONSTRAINT holiday_day_check CHECK (sound_hours(hours))",
    "ALTER TABLE business ADD CONSTRAINT business_name_check CHECK (name ~ '\\S')",
    "ALTER TABLE location ADD CONSTRAINT location_name_check CHECK (name ~ '\\S')",
    "ALTER TABLE holiday ADD CONSTRAINT holiday_name_check CHECK (name ~ '\\S')",
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
