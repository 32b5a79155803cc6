"""What the database itself guarantees of holds that have run out: they are in nobody's way."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T01:51:00:000102"
VERSION = "1.38.0"
DESCRIPTION = "a hold that has run out may be written over others"

STATEMENTS = (
    # As before, but a hold that has run out is in nobody's way, and nobody is in its way.
    """
    CREATE OR REPLACE FUNCTION refuse_over_others() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.kind = 'hold' AND NEW.expires_at > clock_timestamp() + interval '1 hour' THEN
            RAISE check_violation USING CONSTRAINT = 'occupancy_hold_check', MESSAGE = 'a hold is short';
        END IF;
        IF NEW.kind = 'hold' AND NEW.expires_at <= clock_timestamp() THEN
            RETURN NEW;
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
