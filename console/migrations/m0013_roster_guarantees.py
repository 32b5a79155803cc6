"""What the database itself guarantees of what can be booked."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-24T12:00:00:000013"
VERSION = "1.38.0"
DESCRIPTION = "constraints and indexes of the roster and of skills"

STATEMENTS = (
    "ALTER TABLE bookable ADD CONSTRAINT bookable_kind_check"
    " CHECK (kind IN ('person', 'room', 'vehicle', 'equipment'))",
    "ALTER TABLE bookable ADD CONSTRAINT bookable_name_check CHECK (name ~ '\\S')",
    "ALTER TABLE bookable ADD CONSTRAINT bookable_staff_check CHECK (staff IS NULL OR kind = 'person')",
    "CREATE UNIQUE INDEX bookable_name_key ON bookable (kind, lower(name)) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX bookable_staff_key ON bookable (staff) WHERE retired_at IS NULL",
    "ALTER TABLE schedule ADD CONSTRAINT schedule_hours_check CHECK (hours IS NULL OR"
    " jsonb_typeof(hours) = 'array' AND jsonb_array_length(hours) = 7 AND "
    + " AND ".join(f"sound_hours(hours -> {day})" for day in range(7))
    + ")",
    "CREATE UNIQUE INDEX schedule_key ON schedule (bookable, location, valid_from) WHERE retired_at IS NULL",
    "CREATE INDEX schedule_location ON schedule (location)",
    "ALTER TABLE time_off ADD CONSTRAINT time_off_kind_check"
    " CHECK (kind IN ('vacation', 'sick', 'training', 'repair', 'other'))",
    "ALTER TABLE time_off ADD CONSTRAINT time_off_days_check CHECK (last BETWEEN first AND first + 400)",
    "ALTER TABLE time_off ADD CONSTRAINT time_off_hours_check CHECK ((from_minute IS NULL) = (to_minute IS NULL)"
    " AND (from_minute IS NULL OR first = last AND 0 <= from_minute AND from_minute < to_minute"
    " AND to_minute <= 2880))",
    # Whole days of one bookable never overlap.
    "ALTER TABLE time_off ADD CONSTRAINT time_off_days_excl EXCLUDE USING gist"
    " (bookable WITH =, daterange(first, last, '[]') WITH &&) WHERE (retired_at IS NULL AND from_minute IS NULL)",
    "CREATE INDEX time_off_bookable ON time_off (bookable, last) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX skill_key ON skill (bookable, service) WHERE retired_at IS NULL",
    "CREATE INDEX skill_service ON skill (service) WHERE retired_at IS NULL",
    "ALTER TABLE skill ADD CONSTRAINT skill_minutes_check CHECK (minutes BETWEEN 1 AND 720)",
    "ALTER TABLE skill ADD CONSTRAINT skill_price_check CHECK ((minor IS NULL) = (currency IS NULL)"
    " AND minor BETWEEN 0 AND 1000000000000 AND currency ~ '^[A-Z]{3}$')",
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
