"""Mails that say that two-step sign-in was turned on or off, and recovery codes that differ."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-24T12:00:00:000030"
VERSION = "1.38.0"
DESCRIPTION = "notices of two-step sign-in"

STATEMENTS = (
    "ALTER TABLE staff_mail DROP CONSTRAINT staff_mail_purpose_check",
    "ALTER TABLE staff_mail ADD CONSTRAINT staff_mail_purpose_check"
    " CHECK (purpose IN ('invitation', 'reset', 'password_changed', 'two_step_on', 'two_step_off'))",
    "DELETE FROM recovery_code a USING recovery_code b"
    " WHERE a.staff = b.staff AND a.code_hash = b.code_hash AND a.id > b.id",
    "ALTER TABLE recovery_code ADD CONSTRAINT recovery_code_hash_key UNIQUE (staff, code_hash)",
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
