"""Of a link that is no longer good it is known how it ended: used, replaced by a newer one, or withdrawn."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T07:30:00:000116"
VERSION = "1.38.0"
DESCRIPTION = "how links to choose a password ended"

# One that ended at the very instant at which its person chose a password was used, unless several ended then.
USED = """
    UPDATE staff_token k SET ended = 'used' WHERE used_at IS NOT NULL
    AND EXISTS (
        SELECT FROM operation o WHERE o.actor = k.staff AND o.kind = 'password.choose' AND o.at = k.used_at
    )
    AND NOT EXISTS (SELECT FROM staff_token t WHERE t.staff = k.staff AND t.used_at = k.used_at AND t.id <> k.id)
"""

STATEMENTS = (
    "ALTER TABLE staff_token ADD COLUMN ended text",
    "ALTER TABLE staff_token DISABLE TRIGGER stays_used",
    USED,
    "ALTER TABLE staff_token ENABLE TRIGGER stays_used",
    "ALTER TABLE staff_token ADD CONSTRAINT staff_token_ended_check"
    " CHECK (ended IS NULL OR ended IN ('used', 'replaced', 'withdrawn') AND used_at IS NOT NULL)",
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
