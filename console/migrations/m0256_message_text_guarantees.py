"""What the database itself guarantees of the texts of messages."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000256"
VERSION = "1.38.0"
DESCRIPTION = "one text for each kind of message and language, and none of it empty"

STATEMENTS = (
    "ALTER TABLE message_text ADD CONSTRAINT message_text_subject_check"
    " CHECK (subject ~ '[^[:space:]]' AND char_length(subject) <= 150)",
    "ALTER TABLE message_text ADD CONSTRAINT message_text_text_check"
    " CHECK (text ~ '[^[:space:]]' AND char_length(text) <= 4000)",
    "ALTER TABLE message_text ADD CONSTRAINT message_text_sms_check"
    " CHECK (sms ~ '[^[:space:]]' AND char_length(sms) <= 600)",
    "CREATE UNIQUE INDEX message_text_key ON message_text (kind, language)",
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
