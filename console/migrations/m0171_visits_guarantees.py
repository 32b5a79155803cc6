"""What the database itself guarantees of visits and of the money taken for them."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000171"
VERSION = "1.38.0"
DESCRIPTION = "one visit a booking, lines that add up to its price, payments that are only added and never beyond it"

LOGS = ("visit_line", "payment")

STATEMENTS = (
    "CREATE UNIQUE INDEX visit_booking_key ON visit (booking) WHERE retired_at IS NULL",
    "CREATE UNIQUE INDEX visit_number_key ON visit (number)",
    "CREATE UNIQUE INDEX visit_currency_key ON visit (id, currency)",
    'CREATE INDEX visit_client ON visit (client, "on") WHERE client IS NOT NULL',
    'CREATE INDEX visit_day ON visit (location, "on")',
    "ALTER TABLE visit ADD CONSTRAINT visit_due_check CHECK (due >= 0)",
    "ALTER TABLE visit ADD CONSTRAINT visit_currency_check CHECK (currency ~ '^[A-Z]{3}$')",
    "ALTER TABLE visit ADD CONSTRAINT visit_off_check CHECK ((off IS NULL) = (off_bp IS NULL)"
    " AND (off_code IS NULL OR off IS NOT NULL) AND off_bp BETWEEN 1 AND 10000)",
    "CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON visit FOR EACH ROW EXECUTE FUNCTION stays_erased()",
    "ALTER TABLE visit_line ADD CONSTRAINT visit_line_item_check CHECK (num_nonnulls(service, product) = 1)",
    "ALTER TABLE visit_line ADD CONSTRAINT visit_line_quantity_check CHECK (quantity BETWEEN 1 AND 99)",
    "ALTER TABLE visit_line ADD CONSTRAINT visit_line_price_check"
    " CHECK (listed >= 0 AND unit >= 0 AND packed >= 0 AND free >= 0 AND discount >= 0"
    "  AND packed + free + discount <= unit * quantity)",
    "ALTER TABLE visit_line ADD CONSTRAINT visit_line_reason_check CHECK ((reason IS NOT NULL) = (unit <> listed))",
    "CREATE UNIQUE INDEX visit_line_position_key ON visit_line (visit, position)",
    "CREATE UNIQUE INDEX visit_line_free_key ON visit_line (visit) WHERE free > 0",
    "CREATE INDEX visit_line_service ON visit_line (service) WHERE service IS NOT NULL",
    "CREATE INDEX visit_line_product ON visit_line (product) WHERE product IS NOT NULL",
    "ALTER TABLE payment ADD CONSTRAINT payment_minor_check CHECK (minor <> 0)",
    "ALTER TABLE payment ADD CONSTRAINT payment_currency_fkey FOREIGN KEY (visit, currency)"
    " REFERENCES visit (id, currency) ON DELETE RESTRICT ON UPDATE RESTRICT",
    "CREATE INDEX payment_visit ON payment (visit)",
    "CREATE INDEX payment_till ON payment (location, at)",
    "ALTER TABLE refund ADD CONSTRAINT refund_minor_check CHECK (minor > 0 AND reason IS NOT NULL)",
    "CREATE INDEX refund_visit ON refund (visit)",
    *(
        statement
        for log in LOGS
        for statement in (
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {log} FOR EACH ROW EXECUTE FUNCTION append_only()",
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {log} EXECUTE FUNCTION append_only()",
        )
    ),
    # Its number, given last, closes a visit: its lines add up to its price, and it stays as it is but for an undo.
    """
    CREATE FUNCTION visit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a visit is only taken back' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'visit_stays';
        END IF;
        IF (NEW.client, NEW.location, NEW.booking, NEW."on", NEW.at, NEW.programme, NEW.off, NEW.off_bp, NEW.off_code,
                NEW.due, NEW.currency) IS DISTINCT FROM (OLD.client, OLD.location, OLD.booking, OLD."on", OLD.at,
                OLD.programme, OLD.off, OLD.off_bp, OLD.off_code, OLD.due, OLD.currency)
            OR OLD.number IS NOT NULL AND NEW.number IS DISTINCT FROM OLD.number
        THEN
            RAISE EXCEPTION 'a visit stays as it is' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'visit_stays';
        END IF;
        IF OLD.number IS NULL AND NEW.number IS NOT NULL AND NEW.due IS DISTINCT FROM
            (SELECT sum(unit * quantity - packed - free - discount) FROM visit_line WHERE visit = NEW.id)
        THEN
            RAISE EXCEPTION 'the lines of a visit add up to its price'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'visit_lines_add_up';
        END IF;
        IF OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL AND EXISTS (
            SELECT FROM payment WHERE visit = NEW.id GROUP BY tip HAVING sum(minor) <> 0
        ) THEN
            RAISE EXCEPTION 'the money for a visit goes back before it is taken back'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'visit_unpaid_when_gone';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER visit_stays BEFORE UPDATE OR DELETE ON visit FOR EACH ROW EXECUTE FUNCTION visit_stays()",
    """
    CREATE FUNCTION visit_line_before_number() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT number IS NOT NULL FROM visit WHERE id = NEW.visit FOR NO KEY UPDATE) THEN
            RAISE EXCEPTION 'a visit stays as it is' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'visit_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER before_number BEFORE INSERT ON visit_line FOR EACH ROW EXECUTE FUNCTION visit_line_before_number()",
    # What was paid of a visit is never below zero, nor more than is left of its price once refunds are taken off it.
    """
    CREATE FUNCTION refuse_wrong_balance(of bigint) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        owing bigint;
        paid bigint;
        tips bigint;
        gone boolean;
    BEGIN
        SELECT due, retired_at IS NOT NULL INTO owing, gone FROM visit WHERE id = of FOR NO KEY UPDATE;
        SELECT owing - coalesce(sum(minor), 0) INTO owing FROM refund WHERE visit = of AND retired_at IS NULL;
        SELECT coalesce(sum(minor) FILTER (WHERE NOT tip), 0), coalesce(sum(minor) FILTER (WHERE tip), 0)
            INTO paid, tips FROM payment WHERE visit = of;
        IF gone THEN
            RAISE EXCEPTION 'the visit was taken back'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payment_of_standing';
        ELSIF paid < 0 OR tips < 0 THEN
            RAISE EXCEPTION 'more goes back than was paid'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payment_below_zero';
        ELSIF paid > owing THEN
            RAISE EXCEPTION 'more is paid than is owed'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payment_beyond_due';
        END IF;
    END $$
    """,
    """
    CREATE FUNCTION balance_is_right() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM refuse_wrong_balance(NEW.visit);
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER balance_is_right AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION balance_is_right()",
    "CREATE TRIGGER balance_is_right AFTER INSERT OR UPDATE ON refund FOR EACH ROW EXECUTE FUNCTION balance_is_right()",
    """
    CREATE FUNCTION refund_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (NEW.visit, NEW.minor, NEW.full, NEW.reason)
            IS DISTINCT FROM (OLD.visit, OLD.minor, OLD.full, OLD.reason)
        THEN
            RAISE EXCEPTION 'a refund is only undone' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'refund_stays';
        END IF;
        RETURN NEW;
    END $$
    """.replace(".full", '."full"'),
    "CREATE TRIGGER refund_stays BEFORE UPDATE OR DELETE ON refund FOR EACH ROW EXECUTE FUNCTION refund_stays()",
    "ALTER TABLE numbering ADD CONSTRAINT numbering_last_check CHECK (last > 0)",
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
