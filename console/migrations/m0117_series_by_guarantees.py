"""Each service of a series has its own person, and a rule by months says itself which week of the month it means."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T07:40:00:000117"
VERSION = "1.38.0"
DESCRIPTION = "people of each service of series, weeks of months"

STATEMENTS = (
    'ALTER TABLE series ADD COLUMN "by" bigint[]',
    "ALTER TABLE series ADD COLUMN nth smallint",
    "UPDATE series SET nth = least((extract(day FROM starts_on - shifted)::int - 1) / 7, 4) WHERE unit = 'month'",
    "ALTER TABLE series ADD CONSTRAINT series_by_check"
    ' CHECK ("by" IS NULL OR person IS NULL AND cardinality("by") = cardinality(services))',
    "ALTER TABLE series ADD CONSTRAINT series_nth_check"
    " CHECK ((nth IS NOT NULL) = (unit = 'month') AND nth BETWEEN 0 AND 4)",
    # As of the members of a crew: whoever comes to do a service again and again is a person or a crew that there is.
    """
    CREATE FUNCTION doers_are_there() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        fresh bigint[] := array_remove(NEW."by", NULL);
        there bigint[];
    BEGIN
        there := ARRAY(SELECT id FROM bookable WHERE id = ANY (fresh) AND kind IN ('person', 'crew')
            ORDER BY id FOR KEY SHARE);
        IF NOT fresh <@ there THEN
            RAISE EXCEPTION 'only a person or a crew does a service again and again'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'series_doers_there';
        END IF;
        RETURN NEW;
    END $$
    """,
    'CREATE TRIGGER doers_are_there BEFORE INSERT OR UPDATE OF "by" ON series FOR EACH ROW'
    ' WHEN (NEW."by" IS NOT NULL) EXECUTE FUNCTION doers_are_there()',
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
