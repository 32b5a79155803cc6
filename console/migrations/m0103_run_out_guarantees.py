"""What the database itself guarantees of time off where holds have run out: nothing is left open there."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T03:45:00:000103"
VERSION = "1.38.0"
DESCRIPTION = "time off lies where holds have run out"

STATEMENTS = (
    "CREATE INDEX occupancy_held ON occupancy (bookable) WHERE kind = 'hold'",
    # As before, but holds that have run out go first: time off leaves room only for those that stand.
    """
    CREATE OR REPLACE FUNCTION settle(who bigint, span tstzrange) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        away time_off;
        instants tstzmultirange;
        above occupancy;
        near bigint[];
    BEGIN
        WITH gone AS (
            DELETE FROM occupancy WHERE bookable = who AND kind = 'hold' AND expires_at <= clock_timestamp()
            RETURNING during
        )
        SELECT range_merge(range_agg(during)) INTO span
        FROM (SELECT during FROM gone UNION ALL SELECT span) AS touched (during);
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
