"""What the database itself guarantees of memberships and fixed cards."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T17:00:00:000162"
VERSION = "1.38.0"
DESCRIPTION = "one membership and one fixed card a client; what was accepted stays as it was"

STATEMENTS = (
    "CREATE UNIQUE INDEX membership_client_key ON membership (client) WHERE retired_at IS NULL",
    "CREATE INDEX membership_client ON membership (client, id)",
    "ALTER TABLE membership ADD CONSTRAINT membership_number_fkey FOREIGN KEY (number)"
    " REFERENCES programme_version (number) ON UPDATE RESTRICT ON DELETE RESTRICT",
    """
    CREATE FUNCTION membership_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (NEW.client, NEW.number, NEW.at) IS DISTINCT FROM (OLD.client, OLD.number, OLD.at) THEN
            RAISE EXCEPTION 'what a client accepted stays as it was'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'membership_stays';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER membership_stays BEFORE UPDATE OR DELETE ON membership"
    " FOR EACH ROW EXECUTE FUNCTION membership_stays()",
    "CREATE UNIQUE INDEX fixed_card_client_key ON fixed_card (client) WHERE retired_at IS NULL",
    "CREATE INDEX fixed_card_client ON fixed_card (client, id)",
    "ALTER TABLE fixed_card ADD CONSTRAINT fixed_card_bp_check CHECK (bp BETWEEN 1 AND 10000)",
    "ALTER TABLE fixed_card ADD CONSTRAINT fixed_card_categories_check"
    " CHECK (cardinality(categories) > 0 AND array_position(categories, NULL) IS NULL)",
    *(
        f"CREATE TRIGGER stays_erased BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION stays_erased()"
        for table in ("fixed_card", "membership")
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
