"""What the database itself guarantees of loyalty accounts and their ledger."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T16:00:00:000153"
VERSION = "1.38.0"
DESCRIPTION = "a ledger that is only added to, nothing posted twice, no free visit below zero"

LOGS = ("loyalty_entry", "tier_entry")

STATEMENTS = (
    "CREATE UNIQUE INDEX loyalty_account_client_key ON loyalty_account (client)",
    "CREATE INDEX loyalty_account_due ON loyalty_account (next_night) WHERE next_night IS NOT NULL",
    "ALTER TABLE loyalty_account ADD CONSTRAINT loyalty_account_free_visits_check CHECK (free_visits >= 0)",
    "ALTER TABLE loyalty_account ADD CONSTRAINT loyalty_account_night_check CHECK (next_night > night)",
    "ALTER TABLE loyalty_entry ADD CONSTRAINT loyalty_entry_verb_check CHECK ((unit, verb) IN ("
    "('stamp', 'earn'), ('stamp', 'consume'), ('stamp', 'expire'), ('stamp', 'withdraw'), ('stamp', 'reverse'),"
    " ('free_visit', 'issue'), ('free_visit', 'redeem'), ('free_visit', 'expire'), ('free_visit', 'withdraw'),"
    " ('free_visit', 'reverse'), ('visit', 'earn'), ('visit', 'reverse'), ('spend', 'earn'), ('spend', 'reverse')))",
    "ALTER TABLE loyalty_entry ADD CONSTRAINT loyalty_entry_delta_check"
    " CHECK (CASE unit WHEN 'spend' THEN delta <> 0 WHEN 'visit' THEN delta IN (-1, 1)"
    "  ELSE delta = CASE WHEN verb IN ('earn', 'issue', 'reverse') THEN 1 ELSE -1 END END)",
    "ALTER TABLE loyalty_entry ADD CONSTRAINT loyalty_entry_lot_check"
    " CHECK (CASE unit WHEN 'free_visit' THEN lot > 0 WHEN 'stamp' THEN lot > 0 OR verb IN ('earn', 'withdraw')"
    "  ELSE lot IS NULL AND visit IS NOT NULL END)",
    "CREATE UNIQUE INDEX loyalty_entry_key ON loyalty_entry (client, unit, verb, source, lot) NULLS NOT DISTINCT",
    "CREATE UNIQUE INDEX loyalty_entry_stamp_key ON loyalty_entry (client, source)"
    " WHERE unit = 'stamp' AND verb = 'earn'",
    "CREATE UNIQUE INDEX loyalty_entry_lot_key ON loyalty_entry (client, unit, lot)"
    " WHERE verb IN ('earn', 'issue') AND lot IS NOT NULL",
    "CREATE INDEX loyalty_entry_client ON loyalty_entry (client, id)",
    "CREATE INDEX tier_entry_client ON tier_entry (client, id)",
    *(
        statement
        for log in LOGS
        for statement in (
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {log} FOR EACH ROW EXECUTE FUNCTION append_only()",
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {log} EXECUTE FUNCTION append_only()",
        )
    ),
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
