"""What the database itself guarantees of what remedies give and may give."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-27T00:30:00:000287"
VERSION = "1.38.0"
DESCRIPTION = "what a remedy gives fits what went wrong, and is given once where it can be"

WAYS = (
    "(cause, gives) IN (('missing_stamp', 'stamp'), ('wrong_tier', 'tier'), ('reward_lapsed', 'free_visit_back'),"
    " ('we_cancelled', 'free_visit_back'), ('we_cancelled', 'fee'), ('bad_service', 'refund'), ('bad_service', 'debt'),"
    " ('bad_service', 'stamps'), ('bad_service', 'free_visit'))"
)

STATEMENTS = (
    "ALTER TABLE ticket_remedy ADD COLUMN gives text, ADD COLUMN amount bigint, ADD COLUMN minor bigint,"
    " ADD COLUMN currency text, ADD COLUMN stamps int,"
    " ADD COLUMN reason bigint CONSTRAINT ticket_remedy_reason_fkey REFERENCES reason (id)"
    "  ON DELETE RESTRICT ON UPDATE RESTRICT",
    "ALTER TABLE ticket_remedy DISABLE TRIGGER ticket_remedy_stays, DISABLE TRIGGER stays_erased",
    "UPDATE ticket_remedy SET gives = CASE cause WHEN 'missing_stamp' THEN 'stamp' ELSE 'free_visit_back' END,"
    " amount = 1, minor = 0, stamps = 1",
    "ALTER TABLE ticket_remedy ENABLE TRIGGER ticket_remedy_stays, ENABLE TRIGGER stays_erased",
    "ALTER TABLE ticket_remedy ALTER COLUMN gives SET NOT NULL, ALTER COLUMN amount SET NOT NULL,"
    " ALTER COLUMN minor SET NOT NULL, ALTER COLUMN stamps SET NOT NULL",
    "ALTER TABLE ticket_remedy DROP CONSTRAINT ticket_remedy_cause_check",
    f"ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_gives_check CHECK ({WAYS})",
    "ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_amount_check CHECK (amount > 0"
    " AND (amount = 1 OR gives IN ('stamps', 'fee', 'refund', 'debt')))",
    "ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_money_check CHECK ((gives IN ('fee', 'refund', 'debt'))"
    " = (currency IS NOT NULL) AND (currency IS NULL) = (reason IS NULL)"
    " AND CASE WHEN currency IS NULL THEN minor = 0 ELSE minor >= amount AND stamps = 0 END)",
    "ALTER TABLE ticket_remedy ADD CONSTRAINT ticket_remedy_stamps_check CHECK (stamps >= 0)",
    "DROP INDEX ticket_remedy_of_key",
    "CREATE UNIQUE INDEX ticket_remedy_of_key ON ticket_remedy (client, cause, of, gives)"
    " WHERE status = 'proposed' AND retired_at IS NULL",
    "CREATE UNIQUE INDEX ticket_remedy_given_key ON ticket_remedy (of, gives) WHERE cause = 'bad_service'"
    " AND gives IN ('stamps', 'free_visit') AND status = 'posted' AND retired_at IS NULL",
    """
    CREATE OR REPLACE FUNCTION ticket_remedy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.status <> 'proposed'
            OR (NEW.ticket, NEW.client, NEW.cause, NEW.of, NEW.gives, NEW.amount, NEW.minor, NEW.stamps,
                NEW.proposed_by) <> (OLD.ticket, OLD.client, OLD.cause, OLD.of, OLD.gives, OLD.amount, OLD.minor,
                OLD.stamps, OLD.proposed_by)
            OR (NEW.currency, NEW.reason) IS DISTINCT FROM (OLD.currency, OLD.reason)
        THEN
            RAISE EXCEPTION 'a remedy stays as it was proposed, and as it was posted'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_remedy_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "ALTER TABLE ticket_limit ADD CONSTRAINT ticket_limit_role_check"
    " CHECK (role IN ('support', 'manager', 'owner'))",
    "ALTER TABLE ticket_limit ADD CONSTRAINT ticket_limit_minor_check CHECK (minor BETWEEN 0 AND 10000000000)",
    "ALTER TABLE ticket_limit ADD CONSTRAINT ticket_limit_stamps_check CHECK (stamps BETWEEN 0 AND 1000)",
    "ALTER TABLE ticket_limit ADD CONSTRAINT ticket_limit_tiers_check CHECK (tiers BETWEEN 0 AND 1000)",
    "CREATE UNIQUE INDEX ticket_limit_role_key ON ticket_limit (role) WHERE retired_at IS NULL",
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
