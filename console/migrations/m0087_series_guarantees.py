"""What the database itself guarantees of recurring bookings."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-25T20:00:00:000087"
VERSION = "1.38.0"
DESCRIPTION = "constraints, triggers and indexes of series"

STATEMENTS = (
    "ALTER TABLE series ADD CONSTRAINT series_services_check CHECK (cardinality(services) BETWEEN 1 AND 8)",
    "ALTER TABLE series ADD CONSTRAINT series_minute_check CHECK (minute BETWEEN 0 AND 1439)",
    "ALTER TABLE series ADD CONSTRAINT series_source_check CHECK (source IN ('desk', 'phone', 'chat', 'mail'))",
    "ALTER TABLE series ADD CONSTRAINT series_every_check CHECK (every BETWEEN 1 AND 52)",
    "ALTER TABLE series ADD CONSTRAINT series_unit_check CHECK (unit IN ('week', 'month'))",
    "ALTER TABLE series ADD CONSTRAINT series_weekdays_check"
    " CHECK (cardinality(weekdays) BETWEEN 1 AND 7 AND weekdays <@ '{0,1,2,3,4,5,6}')",
    "ALTER TABLE series ADD CONSTRAINT series_end_check"
    " CHECK (num_nonnulls(until, times) < 2 AND (times IS NULL OR times BETWEEN 1 AND 260))",
    "ALTER TABLE series ADD CONSTRAINT series_holiday_check CHECK (on_holiday IN ('skip', 'move'))",
    "CREATE INDEX series_client ON series (client)",
    "CREATE INDEX series_to_come ON series (made_until) WHERE retired_at IS NULL",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON series FOR EACH ROW EXECUTE FUNCTION stays_erased()",
    "ALTER TABLE booking ADD CONSTRAINT booking_series_check CHECK ((series IS NULL) = (series_on IS NULL))",
    # A date of a series is booked once, however often the night that makes its bookings runs.
    "CREATE UNIQUE INDEX booking_series_key ON booking (series, series_on) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX series_clash_key ON series_clash (series, \"on\") WHERE retired_at IS NULL",
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
