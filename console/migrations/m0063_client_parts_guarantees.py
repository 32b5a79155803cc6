"""What the database itself guarantees of consents and cards."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-24T12:00:00:000063"
VERSION = "1.38.0"
DESCRIPTION = "the consent log is append-only, a card keeps its number and its check digit"

QUASIGROUP = "0317598642" "7092154863" "4206871359" "1750983426" "6123045978" "3674209581" "5869720134" "8945362017" "9438617205" "2581436790"  # fmt: skip
"""The table of Damm's check digit (2004), row by row."""

STATEMENTS = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON client_consent FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON client_consent EXECUTE FUNCTION append_only()",
    # An undo puts right what was written by mistake.
    "ALTER TABLE client_consent DROP CONSTRAINT client_consent_source_check",
    "ALTER TABLE client_consent ADD CONSTRAINT client_consent_source_check"
    " CHECK (source IN ('in_person', 'by_phone', 'on_paper', 'in_writing', 'import', 'correction'))",
    f"""
    CREATE FUNCTION is_card_number(number text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
        interim int := 0;
        digit text;
    BEGIN
        IF number !~ '^[0-9]{{8}}$' THEN
            RETURN false;
        END IF;
        FOREACH digit IN ARRAY string_to_array(number, NULL) LOOP
            interim := substr('{QUASIGROUP}', interim * 10 + digit::int + 1, 1)::int;
        END LOOP;
        RETURN interim = 0;
    END $$
    """,
    "ALTER TABLE client_card DROP CONSTRAINT client_card_number_check",
    "ALTER TABLE client_card ADD CONSTRAINT client_card_number_check CHECK (is_card_number(number))",
    """
    CREATE FUNCTION keeps_its_number() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a card keeps its number' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER keeps_its_number BEFORE UPDATE ON client_card FOR EACH ROW"
    " WHEN (NEW.number IS DISTINCT FROM OLD.number) EXECUTE FUNCTION keeps_its_number()",
    "ALTER TABLE client_note ADD CONSTRAINT client_note_text_check CHECK (text <> '')",
    "ALTER TABLE client_site ADD CONSTRAINT client_site_address_check CHECK (address <> '')",
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
