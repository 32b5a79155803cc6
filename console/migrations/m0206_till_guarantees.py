"""What the database itself guarantees of payments of fees and of closed tills."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000206"
VERSION = "1.38.0"
DESCRIPTION = "a fee is paid once, and a till that was closed stays as it was counted"

LOGS = ("fee_payment", "till_close", "till_count", "till_entry")

STATEMENTS = (
    "ALTER TABLE reason DROP CONSTRAINT reason_use_check",
    "ALTER TABLE reason ADD CONSTRAINT reason_use_check"
    " CHECK (use IN ('cancellation', 'no_show', 'overbooking', 'price', 'refund', 'fee_waiver', 'till'))",
    "ALTER TABLE fee_payment ADD CONSTRAINT fee_payment_minor_check CHECK (minor <> 0)",
    "ALTER TABLE fee_payment ADD CONSTRAINT fee_payment_fee_fkey FOREIGN KEY (fee) REFERENCES fee"
    " ON DELETE RESTRICT ON UPDATE RESTRICT",
    "CREATE INDEX fee_payment_fee ON fee_payment (fee)",
    "CREATE INDEX fee_payment_till ON fee_payment (location, at)",
    """
    CREATE FUNCTION fee_payment_is_right() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        of fee%ROWTYPE;
        paid bigint;
    BEGIN
        SELECT * INTO of FROM fee WHERE id = NEW.fee FOR NO KEY UPDATE;
        SELECT sum(minor) INTO paid FROM fee_payment WHERE fee = NEW.fee;
        IF NEW.minor > 0 AND (of.retired_at IS NOT NULL OR of.waived IS NOT NULL) THEN
            RAISE EXCEPTION 'nothing is owed for the fee'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'fee_payment_of_standing';
        ELSIF paid NOT BETWEEN 0 AND of.minor OR NEW.currency <> of.currency THEN
            RAISE EXCEPTION 'a fee is paid once' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'fee_payment_beyond_due';
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER fee_payment_is_right AFTER INSERT ON fee_payment"
    " FOR EACH ROW EXECUTE FUNCTION fee_payment_is_right()",
    "ALTER TABLE till_close ADD CONSTRAINT till_close_span_check CHECK (from_at < to_at)",
    "CREATE UNIQUE INDEX till_close_span_key ON till_close (location, from_at) NULLS NOT DISTINCT",
    "ALTER TABLE till_close ADD CONSTRAINT till_close_operation_key UNIQUE (id, operation)",
    "ALTER TABLE till_entry ADD CONSTRAINT till_entry_one_check CHECK (num_nonnulls(payment, fee_payment) = 1)",
    "CREATE UNIQUE INDEX till_entry_payment_key ON till_entry (payment)",
    "CREATE UNIQUE INDEX till_entry_fee_payment_key ON till_entry (fee_payment)",
    "CREATE INDEX till_entry_close ON till_entry (till_close)",
    "ALTER TABLE till_entry ADD CONSTRAINT till_entry_close_fkey FOREIGN KEY (till_close, operation)"
    " REFERENCES till_close (id, operation) ON DELETE RESTRICT ON UPDATE RESTRICT",
    "CREATE UNIQUE INDEX till_count_key ON till_count (till_close, method, currency)",
    "ALTER TABLE till_count ADD CONSTRAINT till_count_leaves_check CHECK (leaves BETWEEN 0 AND greatest(counted, 0))",
    "ALTER TABLE till_count ADD CONSTRAINT till_count_reason_check"
    " CHECK ((reason IS NOT NULL) = (counted <> opening + taken))",
    # The first count shuts a close: nothing goes into it any more, and what was taken is what went into it.
    """
    CREATE FUNCTION till_entry_before_count() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM till_count WHERE till_close = NEW.till_close) OR NOT EXISTS (
            SELECT FROM till_close c LEFT JOIN payment p ON p.id = NEW.payment
                LEFT JOIN fee_payment q ON q.id = NEW.fee_payment
            WHERE c.id = NEW.till_close AND c.location = coalesce(p.location, q.location)
        ) THEN
            RAISE EXCEPTION 'a closed till stays as it was counted'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'till_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER before_count BEFORE INSERT ON till_entry FOR EACH ROW EXECUTE FUNCTION till_entry_before_count()",
    """
    CREATE FUNCTION till_count_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.taken <> (
            SELECT coalesce(sum(coalesce(p.minor, q.minor)), 0) FROM till_entry e
                LEFT JOIN payment p ON p.id = e.payment LEFT JOIN fee_payment q ON q.id = e.fee_payment
            WHERE e.till_close = NEW.till_close AND coalesce(p.method, q.method) = NEW.method
                AND coalesce(p.currency, q.currency) = NEW.currency
        ) THEN
            RAISE EXCEPTION 'what was taken is what went into the close'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'till_count_adds_up';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER adds_up BEFORE INSERT ON till_count FOR EACH ROW EXECUTE FUNCTION till_count_adds_up()",
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
