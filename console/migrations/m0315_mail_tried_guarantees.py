"""What the database itself guarantees of mails of one name, and of the mail that is being tried."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000315"
VERSION = "1.38.0"
DESCRIPTION = "a mail comes in once by its name and what it says, and one is tried at a time"

STATEMENTS = (
    "DROP INDEX ticket_mail_key",
    "CREATE UNIQUE INDEX ticket_mail_key ON ticket_mail (key, content) NULLS NOT DISTINCT",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_content_check CHECK (octet_length(content) = 32)",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_origin_check CHECK (octet_length(origin) = 32)",
    "ALTER TABLE ticket_mail ADD CONSTRAINT ticket_mail_uid_check CHECK (uid > 0)",
    "CREATE INDEX ticket_mail_origin ON ticket_mail (origin, at) WHERE origin IS NOT NULL",
    "ALTER TABLE mailbox_position ADD CONSTRAINT mailbox_position_trying_check"
    " CHECK (num_nonnulls(trying, tries) IN (0, 2) AND tries > 0)",
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
