"""The mark of a form is forgotten with the hash of what was asked: erased values could be tried out on it as well."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000310"
VERSION = "1.38.0"
DESCRIPTION = "marks of forms that said something of erased clients are forgotten"

ZEROS = "decode(repeat('00', 32), 'hex')"

STATEMENTS = (
    "DROP TRIGGER append_only ON operation",
    # Those whose hashes were blanked before.
    f"UPDATE operation SET result = result - 'sent' WHERE payload_hash = {ZEROS} AND result ? 'sent'",
    # As before; and with a hash its mark goes.
    f"""
    CREATE TRIGGER append_only BEFORE UPDATE ON operation FOR EACH ROW
    WHEN (
        (OLD.id, OLD.kind, OLD.actor, OLD.intent_id, OLD.at, OLD.undoes, OLD.caused_by, OLD.reason, OLD.deed)
            IS DISTINCT FROM
        (NEW.id, NEW.kind, NEW.actor, NEW.intent_id, NEW.at, NEW.undoes, NEW.caused_by, NEW.reason, NEW.deed)
        OR CASE WHEN NEW.payload_hash = OLD.payload_hash THEN OLD.result IS NOT NULL OR NEW.result IS NULL
            ELSE NEW.payload_hash <> {ZEROS} OR NEW.result IS DISTINCT FROM OLD.result - 'sent' END
    ) EXECUTE FUNCTION append_only()
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
