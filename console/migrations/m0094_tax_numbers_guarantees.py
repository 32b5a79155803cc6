"""Clients are found by their number for the taxes, too."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-26T00:30:00:000094"
VERSION = "1.38.0"
DESCRIPTION = "clients are found by their tax numbers"

STATEMENTS = (
    "ALTER TABLE client_reach DROP CONSTRAINT client_reach_kind_check",
    "ALTER TABLE client_reach ADD CONSTRAINT client_reach_kind_check CHECK (kind IN ('phone', 'email', 'tax'))",
    """
    CREATE OR REPLACE FUNCTION findable_reaches(who bigint) RETURNS TABLE (kind text, value text) LANGUAGE sql STABLE AS $$
        WITH phone (number) AS (
            SELECT one ->> 'number' FROM client_profile, jsonb_array_elements(phones) one WHERE client = who
            UNION
            SELECT phone FROM client_contact WHERE client = who AND retired_at IS NULL
        ), email (address) AS (
            SELECT lower(one ->> 'address') FROM client_profile, jsonb_array_elements(emails) one WHERE client = who
            UNION
            SELECT lower(email) FROM client_contact WHERE client = who AND retired_at IS NULL
        )
        SELECT 'phone', reverse(regexp_replace(number, '[^0-9]', '', 'g')) FROM phone WHERE number ~ '[0-9]'
        UNION
        SELECT 'tax', reverse(regexp_replace(tax_number, '[^0-9]', '', 'g')) FROM client_profile
        WHERE client = who AND tax_number ~ '[0-9]'
        UNION
        SELECT 'email', substr(address, i) FROM email, generate_series(1, strpos(address, '@')) i
        WHERE i = 1 OR substr(address, i, 1) = '@' OR substr(address, i - 1, 1) ~ '[^[:alnum:]]'
    $$
    """,
    "DROP TRIGGER findable ON client_profile",
    "CREATE TRIGGER findable AFTER INSERT OR UPDATE OF client, folded, phones, emails, tax_number ON client_profile"
    " FOR EACH ROW EXECUTE FUNCTION keep_findable()",
    "SELECT renew_findable(client) FROM client_profile WHERE tax_number IS NOT NULL ORDER BY client",
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
