"""What the database itself guarantees of what is given by hand."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000285"
VERSION = "1.38.0"
DESCRIPTION = "stamps and free visits that no visit has earned are told apart in the ledger"

STATEMENTS = (
    "ALTER TABLE loyalty_entry DROP CONSTRAINT loyalty_entry_verb_check,"
    " ADD CONSTRAINT loyalty_entry_verb_check CHECK ((unit, verb) IN ("
    "('stamp', 'earn'), ('stamp', 'consume'), ('stamp', 'expire'), ('stamp', 'withdraw'), ('stamp', 'reverse'),"
    " ('stamp', 'adjust'), ('free_visit', 'issue'), ('free_visit', 'redeem'), ('free_visit', 'expire'),"
    " ('free_visit', 'withdraw'), ('free_visit', 'reverse'), ('free_visit', 'adjust'), ('visit', 'earn'),"
    " ('visit', 'reverse'), ('spend', 'earn'), ('spend', 'reverse')))",
    "ALTER TABLE loyalty_entry DROP CONSTRAINT loyalty_entry_delta_check,"
    " ADD CONSTRAINT loyalty_entry_delta_check"
    " CHECK (CASE unit WHEN 'spend' THEN delta <> 0 WHEN 'visit' THEN delta IN (-1, 1)"
    "  ELSE delta = CASE WHEN verb IN ('earn', 'issue', 'reverse', 'adjust') THEN 1 ELSE -1 END END)",
    "ALTER TABLE loyalty_entry DROP CONSTRAINT loyalty_entry_lot_check,"
    " ADD CONSTRAINT loyalty_entry_lot_check"
    " CHECK (CASE unit WHEN 'free_visit' THEN lot > 0 WHEN 'stamp' THEN lot > 0 OR verb IN ('earn', 'withdraw', 'adjust')"
    "  ELSE lot IS NULL AND visit IS NOT NULL END)",
    "DROP INDEX loyalty_entry_lot_key",
    "CREATE UNIQUE INDEX loyalty_entry_lot_key ON loyalty_entry (client, unit, lot)"
    " WHERE verb IN ('earn', 'issue', 'adjust') AND lot IS NOT NULL",
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
