"""What clients are found by is kept by the database itself: undo, erasure and imports keep it true as well."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from console.domain import db

ID = "2026-11-24T12:00:00:000053"
VERSION = "1.38.0"
DESCRIPTION = "functions, triggers and indexes of finding clients"

AS_OWNER = "SECURITY DEFINER SET search_path = public, pg_temp"

STATEMENTS = (
    # Ranges of bytes are ranges of beginnings.
    'ALTER TABLE client_word ALTER COLUMN word TYPE text COLLATE "C"',
    'ALTER TABLE client_token ALTER COLUMN word TYPE text COLLATE "C"',
    'ALTER TABLE client_reach ALTER COLUMN value TYPE text COLLATE "C"',
    "ALTER TABLE client_reach ADD CONSTRAINT client_reach_kind_check CHECK (kind IN ('phone', 'email'))",
    "ALTER TABLE client_token ADD CONSTRAINT client_token_key UNIQUE (client, word)",
    "ALTER TABLE client_reach ADD CONSTRAINT client_reach_key UNIQUE (client, kind, value)",
    "ALTER TABLE client_opened ADD CONSTRAINT client_opened_key UNIQUE (actor, client)",
    "CREATE INDEX client_token_word ON client_token (word, retired, client DESC)",
    "CREATE INDEX client_reach_value ON client_reach (kind, value, retired, client DESC)",
    "CREATE INDEX client_opened_at ON client_opened (at DESC)",
    "CREATE INDEX client_opened_client ON client_opened (client, at DESC)",
    "CREATE INDEX client_living ON client (id DESC) WHERE retired_at IS NULL",
    # A word, and the word with each of its letters left out: two words with one of these in common are one typo apart,
    # or seldom two.
    """
    CREATE FUNCTION one_left_out(word text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT CASE WHEN length(word) < 3 THEN '{}' ELSE ARRAY[word] || ARRAY(
            SELECT DISTINCT left(word, i - 1) || substr(word, i + 1) FROM generate_series(1, least(length(word), 30)) i
        ) END
    $$
    """,
    "CREATE INDEX client_word_inside ON client_word USING gin (word gin_trgm_ops) WITH (fastupdate = off)",
    "CREATE INDEX client_word_typo ON client_word USING gin (one_left_out(word)) WITH (fastupdate = off)",
    """
    CREATE FUNCTION words_of(folded text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT DISTINCT left(word, 60) COLLATE "C"
        FROM regexp_split_to_table(folded COLLATE "default", '[^[:alnum:]]+') AS word WHERE word <> ''
    $$
    """,
    """
    CREATE FUNCTION findable_words(who bigint) RETURNS SETOF text LANGUAGE sql STABLE AS $$
        SELECT words_of(folded) FROM client_profile WHERE client = who
        UNION
        SELECT words_of(folded) FROM client_contact WHERE client = who AND retired_at IS NULL
    $$
    """,
    """
    CREATE FUNCTION findable_reaches(who bigint) RETURNS TABLE (kind text, value text) LANGUAGE sql STABLE AS $$
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
        SELECT 'email', substr(address, i) FROM email, generate_series(1, strpos(address, '@')) i
        WHERE i = 1 OR substr(address, i, 1) = '@' OR substr(address, i - 1, 1) ~ '[^[:alnum:]]'
    $$
    """,
    # A word goes with its last token, since a rare name alone is somebody's. Who adds a token holds its word FOR KEY
    # SHARE, who removes one holds it FOR UPDATE and then looks again; all in the order of words, so that nobody waits
    # in a circle. A word that went while we waited is written anew.
    f"""
    CREATE FUNCTION renew_findable(who bigint) RETURNS void LANGUAGE plpgsql {AS_OWNER} AS $$
    DECLARE
        away boolean;
        wanted text[];
        added text[];
        gone text[];
        one text;
    BEGIN
        SELECT retired_at IS NOT NULL INTO away FROM client WHERE id = who FOR NO KEY UPDATE;
        DELETE FROM client_reach r WHERE r.client = who
            AND NOT EXISTS (SELECT FROM findable_reaches(who) f WHERE f.kind = r.kind AND f.value = r.value);
        INSERT INTO client_reach (client, kind, value, retired)
            SELECT who, kind, value, away FROM findable_reaches(who) ORDER BY kind, value ON CONFLICT DO NOTHING;
        wanted := ARRAY(SELECT findable_words(who));
        added := ARRAY(SELECT unnest(wanted) EXCEPT SELECT word FROM client_token WHERE client = who);
        WITH left_over AS (DELETE FROM client_token WHERE client = who AND word <> ALL (wanted) RETURNING word)
            SELECT coalesce(array_agg(word), '{{}}') INTO gone FROM left_over;
        FOR one IN SELECT word FROM unnest(added || gone) AS word ORDER BY word COLLATE "C" LOOP
            IF one = ANY (added) THEN
                LOOP
                    PERFORM FROM client_word WHERE word = one FOR KEY SHARE;
                    EXIT WHEN FOUND;
                    INSERT INTO client_word (word) VALUES (one) ON CONFLICT DO NOTHING;
                END LOOP;
                INSERT INTO client_token (client, word, retired) VALUES (who, one, away);
            ELSE
                PERFORM FROM client_word WHERE word = one FOR UPDATE;
                DELETE FROM client_word w WHERE w.word = one
                    AND NOT EXISTS (SELECT FROM client_token t WHERE t.word = one);
            END IF;
        END LOOP;
    END $$
    """,
    f"""
    CREATE FUNCTION keep_findable() RETURNS trigger LANGUAGE plpgsql {AS_OWNER} AS $$
    BEGIN
        PERFORM renew_findable(NEW.client);
        IF TG_OP = 'UPDATE' AND OLD.client <> NEW.client THEN
            PERFORM renew_findable(OLD.client);
        END IF;
        RETURN NULL;
    END $$
    """,
    f"""
    CREATE FUNCTION keep_findable_retired() RETURNS trigger LANGUAGE plpgsql {AS_OWNER} AS $$
    BEGIN
        UPDATE client_token SET retired = NEW.retired_at IS NOT NULL WHERE client = NEW.id;
        UPDATE client_reach SET retired = NEW.retired_at IS NOT NULL WHERE client = NEW.id;
        IF NEW.erased_at IS NOT NULL THEN
            DELETE FROM client_opened WHERE client = NEW.id;
        END IF;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER findable AFTER INSERT OR UPDATE OF client, folded, phones, emails ON client_profile"
    " FOR EACH ROW EXECUTE FUNCTION keep_findable()",
    "CREATE TRIGGER findable AFTER INSERT OR UPDATE OF client, folded, phone, email, retired_at ON client_contact"
    " FOR EACH ROW EXECUTE FUNCTION keep_findable()",
    "CREATE TRIGGER findable AFTER UPDATE OF retired_at, erased_at ON client"
    " FOR EACH ROW EXECUTE FUNCTION keep_findable_retired()",
    "REVOKE EXECUTE ON FUNCTION renew_findable FROM PUBLIC",
    "SELECT renew_findable(id) FROM client ORDER BY id",
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
