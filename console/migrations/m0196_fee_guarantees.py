"""What the database itself guarantees of fees."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000196"
VERSION = "1.38.0"
DESCRIPTION = "one fee for what was called off, by the rule of then, and nothing of it changes but that it is waived"

STATEMENTS = (
    "ALTER TABLE reason DROP CONSTRAINT reason_use_check",
    "ALTER TABLE reason ADD CONSTRAINT reason_use_check"
    " CHECK (use IN ('cancellation', 'no_show', 'overbooking', 'price', 'refund', 'fee_waiver', 'till'))",
    "ALTER TABLE fee_rule ADD CONSTRAINT fee_rule_cause_check CHECK (cause IN ('late_cancellation', 'no_show'))",
    "ALTER TABLE fee_rule ADD CONSTRAINT fee_rule_one_check"
    " CHECK (num_nonnulls(minor, bp) <= 1 AND (minor IS NULL) = (currency IS NULL))",
    "ALTER TABLE fee_rule ADD CONSTRAINT fee_rule_minor_check CHECK (minor > 0)",
    "ALTER TABLE fee_rule ADD CONSTRAINT fee_rule_bp_check CHECK (bp BETWEEN 1 AND 10000)",
    "CREATE UNIQUE INDEX fee_rule_key ON fee_rule (location, cause) WHERE retired_at IS NULL",
    "ALTER TABLE fee ADD CONSTRAINT fee_minor_check CHECK (minor > 0)",
    "ALTER TABLE fee ADD CONSTRAINT fee_bp_check CHECK (bp BETWEEN 1 AND 10000)",
    "ALTER TABLE fee ADD CONSTRAINT fee_services_check CHECK (services > 0)",
    "CREATE UNIQUE INDEX fee_status_change_key ON fee (status_change)",
    "CREATE INDEX fee_client ON fee (client, id)",
    "CREATE INDEX fee_booking ON fee (booking)",
    """
    CREATE FUNCTION fee_is_for_what_was_called_off() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT FROM status_change s JOIN booking b ON b.id = s.booking
            WHERE s.id = NEW.status_change AND s.booking = NEW.booking AND b.client = NEW.client
                AND b.location = NEW.location AND NEW.cause = CASE WHEN s.status = 'no_show' THEN 'no_show'
                    WHEN s.late AND s.cancelled_by = 'client' THEN 'late_cancellation' END
        ) THEN
            RAISE EXCEPTION 'a fee is for a late cancellation or a no-show of its client'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'fee_cause_check';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER fee_is_for_what_was_called_off BEFORE INSERT ON fee"
    " FOR EACH ROW EXECUTE FUNCTION fee_is_for_what_was_called_off()",
    """
    CREATE FUNCTION fee_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ARRAY['version', 'operation', 'retired_at', 'waived']
            <> to_jsonb(OLD) - ARRAY['version', 'operation', 'retired_at', 'waived']
        THEN
            RAISE EXCEPTION 'a fee stays as it was asked'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'fee_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER fee_stays BEFORE UPDATE OR DELETE ON fee FOR EACH ROW EXECUTE FUNCTION fee_stays()",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON fee FOR EACH ROW EXECUTE FUNCTION stays_erased()",
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
