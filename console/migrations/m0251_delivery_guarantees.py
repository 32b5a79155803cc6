"""What the database itself guarantees of the delivery of messages."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Timestamptz

from console.domain import db

ID = "2026-11-27T00:30:00:000251"
VERSION = "1.38.0"
DESCRIPTION = "a message is tried when it is due, and is sent, skipped, parked or has failed for a reason"

STATEMENTS = (
    "DROP TRIGGER stays_erased ON message",
    "UPDATE message SET try_at = due_at",
    "ALTER TABLE message DROP CONSTRAINT message_status_check",
    "UPDATE message SET status = 'skipped' WHERE status = 'due' AND retired_at IS NULL AND due_at < now()",
    "UPDATE message SET reason = 'before_delivery' WHERE status = 'skipped'",
    "ALTER TABLE message ADD CONSTRAINT message_status_check CHECK (status IN"
    " ('due', 'claimed', 'sent', 'skipped', 'unknown', 'failed'))",
    "ALTER TABLE message ADD CONSTRAINT message_channel_check CHECK (channel IN ('sms', 'email'))",
    "ALTER TABLE message ADD CONSTRAINT message_went_check CHECK"
    " (channel IS NOT NULL OR status NOT IN ('claimed', 'sent', 'unknown'))",
    "ALTER TABLE message ADD CONSTRAINT message_claimed_check CHECK"
    " ((status = 'claimed') = (claimed_until IS NOT NULL))",
    "ALTER TABLE message ADD CONSTRAINT message_sent_check CHECK ((status = 'sent') = (sent_at IS NOT NULL))",
    "ALTER TABLE message ADD CONSTRAINT message_reason_check CHECK"
    " (reason ~ '^[a-z_]{1,40}$' AND (reason IS NOT NULL OR status NOT IN ('skipped', 'failed')))",
    "ALTER TABLE message ADD CONSTRAINT message_error_check CHECK (char_length(error) <= 500)",
    "ALTER TABLE message ADD CONSTRAINT message_attempts_check CHECK (attempts >= 0)",
    "DROP INDEX message_due",
    "CREATE INDEX message_due ON message (try_at, id) WHERE retired_at IS NULL AND status = 'due'",
    "CREATE INDEX message_claimed ON message (claimed_until) WHERE status = 'claimed'",
    "CREATE INDEX message_troubled ON message (id) WHERE status IN ('unknown', 'failed')",
    # A row is tried when it is due, whoever writes it; what holds up an attempt moves `try_at` alone.
    """
    CREATE FUNCTION message_is_tried() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.try_at := NEW.due_at;
        IF NEW.status = 'due' THEN
            NEW.reason := NULL;
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER message_is_tried BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION message_is_tried()",
    "CREATE TRIGGER message_is_tried_again BEFORE UPDATE ON message FOR EACH ROW"
    " WHEN (NEW.due_at <> OLD.due_at OR NEW.retired_at IS NULL AND OLD.retired_at IS NOT NULL)"
    " EXECUTE FUNCTION message_is_tried()",
    # What a worker notes at a message under way is no word about whom was erased meanwhile.
    "CREATE TRIGGER stays_erased BEFORE INSERT ON message FOR EACH ROW EXECUTE FUNCTION stays_erased()",
    "CREATE TRIGGER stays_erased_told BEFORE UPDATE ON message FOR EACH ROW WHEN"
    " ((NEW.version, NEW.kind, NEW.client, NEW.due_at, NEW.ends_at, NEW.variables, NEW.dedupe_key, NEW.retired_at)"
    "  IS DISTINCT FROM"
    "  (OLD.version, OLD.kind, OLD.client, OLD.due_at, OLD.ends_at, OLD.variables, OLD.dedupe_key, OLD.retired_at)"
    "  OR NEW.status IN ('due', 'claimed') AND NEW.retired_at IS NULL AND NEW.status <> OLD.status)"
    " EXECUTE FUNCTION stays_erased()",
    "ALTER TABLE message_attempt ADD CONSTRAINT message_attempt_channel_check CHECK (channel IN ('sms', 'email'))",
    "ALTER TABLE message_attempt ADD CONSTRAINT message_attempt_outcome_check CHECK"
    " (outcome IN ('sent', 'later', 'failed', 'unknown'))",
    "ALTER TABLE message_attempt ADD CONSTRAINT message_attempt_error_check CHECK (char_length(error) <= 500)",
    "CREATE INDEX message_attempt_message ON message_attempt (message, id)",
    "CREATE INDEX message_attempt_at ON message_attempt (at)",
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON message_attempt"
    " FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON message_attempt EXECUTE FUNCTION append_only()",
    "ALTER TABLE client_profile ADD CONSTRAINT client_profile_channel_check CHECK"
    " (channel IN ('sms', 'email', 'none'))",
    "ALTER TABLE client_profile ADD CONSTRAINT client_profile_zone_check CHECK (zone ~ '^[A-Za-z0-9_+/-]{1,64}$')",
)


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="console", description=DESCRIPTION, wrap_in_transaction=False
    )

    async def guarantee():
        for statement in STATEMENTS:
            await db.execute(statement)

    manager.add_raw(guarantee)

    manager.alter_column(
        table_class_name="Message",
        tablename="message",
        column_name="try_at",
        db_column_name="try_at",
        params={"null": False},
        old_params={"null": True},
        column_class=Timestamptz,
        old_column_class=Timestamptz,
        schema=None,
    )

    return manager
