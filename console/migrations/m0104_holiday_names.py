"""A holiday is named in each language that the business speaks, as services are; the trail tells it by that column."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T03:46:00:000104"
VERSION = "1.38.0"
DESCRIPTION = "names of holidays by language"

NAMES = "jsonb_typeof(names) = 'object' AND jsonb_path_exists(names, '$.* ? (@.type() == \"string\" && @ like_regex \"\\\\S\")')"
# The name that it has is one in the business's own language.
NAMED = "jsonb_build_object(coalesce((SELECT language FROM business), 'en'), {})"

STATEMENTS = (
    "ALTER TABLE holiday ADD COLUMN names jsonb",
    f"UPDATE holiday SET names = {NAMED.format('name')}",  # noqa: S608
    "ALTER TABLE holiday ALTER COLUMN names SET NOT NULL, DROP COLUMN name",
    f"ALTER TABLE holiday ADD CONSTRAINT holiday_names_check CHECK ({NAMES})",
    "ALTER TABLE former DISABLE TRIGGER USER",
    "UPDATE former SET values = values - 'name' || jsonb_build_object('names', "  # noqa: S608
    + NAMED.format("values -> 'name'")
    + ") FROM change c WHERE c.id = former.change AND c.entity = 'holiday' AND values ? 'name'",
    "ALTER TABLE former ENABLE TRIGGER USER",
    "ALTER TABLE change DISABLE TRIGGER append_only",
    "UPDATE change SET fields = array_replace(fields, 'name', 'names') WHERE entity = 'holiday' AND 'name' = ANY (fields)",
    "ALTER TABLE change ENABLE TRIGGER append_only",
)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def rename():
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(rename)
    return manager
